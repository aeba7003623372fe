"""What a model may call, with what, and what it is told."""

from __future__ import annotations

import json
import time

import pytest

from streamnb.core.errors import UsageError
from streamnb.core.reply import ToolCall
from streamnb.streaming.tools import Outcome, Tool, Toolbox, run, tool


def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@tool(approve=False)
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


async def slowly(text: str) -> str:
    return text[::-1]


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall(name, dict(arguments), "call-1")


def test_a_schema_is_made_of_signature_and_docstring() -> None:
    spec = Tool("add", add).spec
    assert spec.description == "Add two numbers."
    assert spec.parameters["properties"]["a"]["type"] == "integer"
    assert spec.parameters["required"] == ["a"]
    assert spec.parameters["additionalProperties"] is False


def test_a_marked_function_is_still_the_function_and_asks_no_more() -> None:
    assert shout("hey") == "HEY"
    assert not Tool("shout", shout).asks
    assert Tool("add", add).asks


def test_a_call_gives_the_result_and_what_the_model_reads() -> None:
    assert run(Tool("add", add), {"a": 2, "b": 3}) == Outcome("5", 5)


def test_a_default_stays_the_functions_own() -> None:
    assert run(Tool("add", add), {"a": 2}).result == 3


@pytest.mark.parametrize(
    "arguments", [{"a": "two"}, {"b": 1}, {"a": 1, "c": 2}, {"a": 1.5}, "no json", "[1, 2]", {}]
)
def test_arguments_that_do_not_fit_are_not_called_and_the_model_is_told(arguments: object) -> None:
    called: list[int] = []

    def probe(a: int) -> None:
        called.append(a)

    found = Toolbox([probe]).find(ToolCall("probe", arguments))  # type: ignore[arg-type]
    assert isinstance(found, Outcome)
    assert "do not fit" in found.content
    assert not called


def test_a_name_that_was_not_given_is_answered_with_those_that_were() -> None:
    found = Toolbox([add]).find(call("rm_rf"))
    assert isinstance(found, Outcome)
    assert "there is no tool rm_rf; there are: add" in found.content


def test_an_exception_is_an_outcome_that_names_it() -> None:
    def fail() -> None:
        raise KeyError("gone")

    outcome = run(Tool("fail", fail), {})
    assert outcome.error is not None
    assert "KeyError" in outcome.content


def test_an_asynchronous_function_is_awaited() -> None:
    assert run(Tool("slowly", slowly), {"text": "abc"}).result == "cba"


def test_a_function_that_does_not_return_is_left_behind() -> None:
    def wait() -> None:
        time.sleep(5)

    outcome = run(Tool("wait", wait), {}, seconds=0.05)
    assert outcome.error is not None
    assert "did not return" in outcome.error


def test_a_result_that_is_no_json_is_given_as_its_text() -> None:
    def kinds() -> set[int]:
        return {1}

    assert run(Tool("kinds", kinds), {}).content == "{1}"
    assert json.loads(run(Tool("add", add), {"a": 1}).content) == 2


def test_what_cannot_be_a_tool_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match="no function with a name"):
        Toolbox([lambda: 1])
    with pytest.raises(UsageError, match="two tools are called add"):
        Toolbox([add, add])
    with pytest.raises(UsageError, match="write its parameters out"):
        _ = Toolbox([lambda_like]).specs


def lambda_like(*values: int) -> int:
    return sum(values)
