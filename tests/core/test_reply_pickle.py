"""Replies and the exceptions that carry them go through pickle, copy and json."""

from __future__ import annotations

import copy
import io
import json
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

from streamnb.core.errors import StreamError, StreamInterrupted, UsageError
from streamnb.core.events import Citation, Image, Usage
from streamnb.core.reply import Reply, ToolCall
from streamnb.core.timing import Timing

ABOUT: dict[str, Any] = {
    "reasoning": "let me see",
    "tool_calls": [ToolCall("weather", {"city": "Paris"}, "call_0", "21 °C", "signature")],
    "citations": [Citation("A title", "https://example.org")],
    "images": [Image("image/png", b"\x89PNG")],
    "usage": Usage(7, 20, 3, None, 27),
    "timing": Timing(0.1, 0.2, 1.5, 31.0, 4, (0.1, 0.2, 0.3)),
    "state": "length",
    "finish_reason": "max_tokens",
    "model": "openai:gpt-4.1-mini",
    "error": "stopped at the limit",
    "parsed": {"a": 1},
    "chat": "talk",
    "cost": 0.25,
}
REPLY = Reply("Grüße, \U0001f600 **bold**", **ABOUT)


def _pickled(protocol: int) -> Callable[[Any], Any]:
    return lambda value: pickle.loads(pickle.dumps(value, protocol))


WAYS: dict[str, Callable[[Any], Any]] = {
    **{f"pickle {protocol}": _pickled(protocol) for protocol in range(2, 6)},
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_reply_comes_back_with_everything_it_knew(way: str) -> None:
    back = WAYS[way](REPLY)
    assert type(back) is Reply
    assert back == REPLY == back.text
    assert {name: getattr(back, name) for name in ABOUT} == ABOUT


def test_a_result_that_cannot_go_elsewhere_goes_as_its_text() -> None:
    reply = Reply("ok", tool_calls=[ToolCall("lock", {}, result=(lock := threading.Lock()))])
    for way in (_pickled(5), copy.deepcopy):
        assert way(reply).tool_calls[0].result.startswith("<unlocked _thread.lock object")
    assert copy.copy(reply).tool_calls[0].result is lock


def test_a_pickle_names_nothing_of_ours_but_what_is_public() -> None:
    names = {
        (module, name)
        for protocol in range(2, 6)
        for module, name in _globals(pickle.dumps(StreamError("x", REPLY), protocol))
    }
    assert {name for name in names if name[0].startswith("streamnb")} == {
        ("streamnb", "Reply"),
        ("streamnb", "StreamError"),
    }


def _globals(data: bytes) -> list[tuple[str, str]]:
    class Noting(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            names.append((module, name))
            return super().find_class(module, name)

    names: list[tuple[str, str]] = []
    Noting(io.BytesIO(data)).load()
    return names


def test_a_field_of_a_later_version_is_passed_over() -> None:
    reply = Reply("text")
    reply.__setstate__({"state": "length", "later": 1, "usage": {"input_tokens": 3, "later": 2}})
    assert (reply.state, reply.usage) == ("length", Usage(3))


def test_a_reply_is_its_text_in_json() -> None:
    assert json.loads(json.dumps({"answer": REPLY})) == {"answer": str(REPLY)}


def test_a_deep_copy_shares_no_list_with_the_original() -> None:
    copied = copy.deepcopy(REPLY)
    copied.tool_calls.clear()
    assert REPLY.tool_calls == ABOUT["tool_calls"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [StreamError, StreamInterrupted])
def test_an_exception_comes_back_with_its_message_and_its_reply(
    kind: type[StreamError] | type[StreamInterrupted], way: str
) -> None:
    back = WAYS[way](kind("the connection broke", REPLY))
    assert type(back) is kind
    assert str(back) == "the connection broke"
    assert back.reply == REPLY
    assert back.reply.usage == REPLY.usage


def test_a_usage_error_comes_back_with_its_message() -> None:
    assert str(pickle.loads(pickle.dumps(UsageError("no model was named")))) == "no model was named"


def test_a_real_fault_can_be_sent_to_another_process() -> None:
    from streamnb.api import stream
    from tests.upstream import Upstream

    with Upstream(status=404, text="no such model") as server, pytest.raises(StreamError) as caught:
        stream("why?", model="openai:m", base_url=server.openai_url, display=False)
    back = pickle.loads(pickle.dumps(caught.value))
    assert (back.reply.state, str(back)) == ("error", str(caught.value))
