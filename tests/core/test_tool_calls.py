"""Calls and steps are put together from their pieces, whatever the pieces hold."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from streamnb.core.events import StepDelta, ToolCallDelta
from streamnb.core.tool_calls import StepBuilder, ToolCallBuilder, parse_arguments


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


@pytest.mark.parametrize("levels", [101, 600, 980, 100_000])
def test_arguments_of_many_levels_are_kept_as_the_text_that_they_are(levels: int) -> None:
    for text in ('{"x": ' + "[" * levels + "]" * levels + "}", '{"x": ' * levels + "1" + "}" * levels):
        call = ToolCallBuilder()
        call.feed(ToolCallDelta(0, "c", "f", text))
        assert call.build_call().arguments == text


def test_arguments_of_a_hundred_levels_are_an_object() -> None:
    arguments = parse_arguments('{"x": ' + "[" * 99 + "]" * 99 + "}")
    assert isinstance(arguments, dict)
    assert copy.deepcopy(arguments) == arguments
