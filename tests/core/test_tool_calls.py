"""Calls and steps are put together from their pieces, whatever the pieces hold."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb.core.events import StepDelta, ToolCallDelta
from streamnb.core.tool_calls import StepBuilder, ToolCallBuilder


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('{"a": 1}', {"a": 1}),
        ("", {}),
        (" \n", {}),
        ("[1]", "[1]"),
        ("null", {}),
        ('"{\\"a\\": 1}"', {"a": 1}),
        ('{"a": 1}{"a": 1}', {"a": 1}),
        ('{"a": 1}{"a": 2}', '{"a": 1}{"a": 2}'),
        ('"Oslo"', '"Oslo"'),
        ('{"a":', '{"a":'),
        ("[" * 100_000, "[" * 100_000),
    ],
    ids=["object", "nothing", "space", "list", "null", "as text", "twice", "two", "a text", "cut", "deep"],
)
def test_arguments_are_an_object_or_the_text_that_came(text: str, arguments: Any) -> None:
    call, step = ToolCallBuilder(), StepBuilder()
    for piece in (text[: len(text) // 2], text[len(text) // 2 :]):
        call.feed(ToolCallDelta(0, "id", "name", piece))
        step.feed(StepDelta(0, "name", piece))
    assert (call.build_call().name, call.build_call().arguments) == ("name", arguments)
    assert (step.build_step().name, step.build_step().arguments, step.build_step().result) == (
        "name",
        arguments,
        None,
    )


def test_a_steps_result_is_joined() -> None:
    step = StepBuilder()
    for result in ("4", "2"):
        step.feed(StepDelta(0, None, "", result))
    assert step.build_step().result == "42"
