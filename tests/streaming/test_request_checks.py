"""Half a character cannot be sent; the line that says so says where it is, before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb import stream
from streamnb.core.errors import StreamError, UsageError
from streamnb.streaming.tools import tool
from tests.upstream import Dialect, Upstream
from tests.upstream.stream_helpers import EACH_DIALECT, stream_keywords


@EACH_DIALECT
@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"prompt": "an emoji \ud83d, cut"}, "the prompt has half a character (U+D83D, after 'an emoji')"),
        ({"prompt": ["a", "\udc00"]}, "the prompt has"),
        ({"system": "\ud800"}, "the system prompt has"),
        ({"options": {"user": "\ud800"}}, "--option user has"),
    ],
)
def test_half_a_character_is_refused_with_its_place(
    dialect: Dialect, given: dict[str, Any], where: str
) -> None:
    with Upstream() as server:
        with pytest.raises(UsageError) as caught:
            stream(**{"prompt": "why?"} | given, **stream_keywords(server, dialect), display=False)
        assert server.requests == []
    message = str(caught.value)
    assert message.startswith(where)
    assert len(message) <= 200
    message.encode()


def test_a_whole_emoji_is_sent_as_it_is() -> None:
    with Upstream() as server:
        assert stream("\U0001f600", **stream_keywords(server, "chat"), display=False)
        assert "\U0001f600" in str(server.requests[0].json)


def test_half_a_character_beside_the_prompt_is_one_line_as_well() -> None:
    def add(a: int) -> int:
        return a

    add.__doc__ = "Add \ud800."
    with Upstream() as server, pytest.raises(StreamError, match="half a character"):
        stream("why?", tools=[tool(add)], **stream_keywords(server, "chat"), display=False)
