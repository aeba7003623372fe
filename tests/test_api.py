"""The Python functions refuse what no request can carry, in one line and before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb.api import options_from_keywords, stream
from streamnb.core.errors import UsageError


@pytest.mark.parametrize(
    "given",
    [
        {"model": 3},
        {"model": ["demo"]},
        {"system": 3},
        {"temperature": "hot"},
        {"max_tokens": 0},
        {"timeout": "x"},
        {"timeout": -1},
        {"retries": -1},
        {"retries": 1.5},
        {"speed": -1},
        {"base_url": "localhost:80"},
        {"chat": ""},
        {"chat": 3},
        {"options": [1]},
        {"attach": "notes.md"},
        {"tools": print},
    ],
    ids=str,
)
def test_a_value_that_cannot_be_sent_is_refused_by_its_name(given: dict[str, Any]) -> None:
    keywords: dict[str, Any] = {"model": "demo", "display": False, **given}
    with pytest.raises(UsageError) as refused:
        stream("hello", **keywords)
    (name,) = given
    assert name in str(refused.value).replace("-", "_")
    assert len(str(refused.value).splitlines()) == 1


def test_a_picture_alone_is_a_prompt_and_blanks_are_none() -> None:
    picture = b"\x89PNG\r\n\x1a\n"
    assert stream([picture], model="demo", speed=0, display=False).state == "complete"
    assert stream("", attach=[picture], model="demo", speed=0, display=False).state == "complete"
    with pytest.raises(UsageError, match="the prompt is empty"):
        stream(["", " "], model="demo", display=False)


def test_numbers_of_any_kind_are_taken() -> None:
    class Half(float):
        """A number of another library."""

    options = options_from_keywords({"temperature": Half(0.5), "timeout": 3, "max_tokens": 7})
    assert (options.temperature, options.timeout, options.max_tokens) == (0.5, 3.0, 7)


def test_a_key_with_a_foreign_character_is_refused_without_repeating_it() -> None:
    with pytest.raises(UsageError, match="copy it once more") as refused:
        stream(
            "hello", model="openai:x", base_url="http://127.0.0.1:9/v1", api_key="schlüssel", display=False
        )
    assert "schl" not in str(refused.value)
