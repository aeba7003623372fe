"""What a model may call, with what, and what it is told."""

from __future__ import annotations

import asyncio
import functools
import json
import math
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from streamnb.core.errors import UsageError
from streamnb.core.reply import ToolCall
from streamnb.streaming.tool_runner import approval_check
from streamnb.streaming.tools import Outcome, Tool, Toolbox, call_tool, tool


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
    assert not Tool("shout", shout).needs_approval
    assert Tool("add", add).needs_approval


def test_a_call_gives_the_result_and_what_the_model_reads() -> None:
    assert call_tool(Tool("add", add), {"a": 2, "b": 3}) == Outcome("5", 5)


def test_a_default_stays_the_functions_own() -> None:
    assert call_tool(Tool("add", add), {"a": 2}).result == 3


@pytest.mark.parametrize(
    "arguments", [{"a": "two"}, {"b": 1}, {"a": 1, "c": 2}, {"a": 1.5}, "no json", "[1, 2]", {}]
)
def test_arguments_that_do_not_fit_are_not_called_and_the_model_is_told(arguments: object) -> None:
    called: list[int] = []

    def probe(a: int) -> None:
        called.append(a)

    outcome = Toolbox([probe]).find_tool(ToolCall("probe", arguments))  # type: ignore[arg-type]
    assert isinstance(outcome, Outcome)
    assert "do not fit" in outcome.content
    assert not called


def test_a_name_that_was_not_given_is_answered_with_those_that_were() -> None:
    outcome = Toolbox([add]).find_tool(call("rm_rf"))
    assert isinstance(outcome, Outcome)
    assert "there is no tool rm_rf; there are: add" in outcome.content


def test_an_exception_is_an_outcome_that_names_it() -> None:
    def fail() -> None:
        raise KeyError("gone")

    outcome = call_tool(Tool("fail", fail), {})
    assert outcome.error is not None
    assert "KeyError" in outcome.content


def test_an_asynchronous_function_is_awaited() -> None:
    assert call_tool(Tool("slowly", slowly), {"text": "abc"}).result == "cba"


def test_a_function_that_does_not_return_is_left_behind() -> None:
    def wait() -> None:
        time.sleep(5)

    outcome = call_tool(Tool("wait", wait), {}, seconds=0.05)
    assert outcome.error is not None
    assert "did not return" in outcome.error


def test_a_result_that_is_no_json_is_given_as_its_text() -> None:
    def kinds() -> set[int]:
        return {1}

    assert call_tool(Tool("kinds", kinds), {}).content == "{1}"
    assert json.loads(call_tool(Tool("add", add), {"a": 1}).content) == 2


def test_what_cannot_be_a_tool_is_refused_in_one_line() -> None:
    with pytest.raises(UsageError, match="no function with a name"):
        Toolbox([lambda: 1])
    with pytest.raises(UsageError, match="two tools are called add"):
        Toolbox([add, add])
    with pytest.raises(UsageError, match="write its parameters out"):
        _ = Toolbox([lambda_like]).specs


def lambda_like(*values: int) -> int:
    return sum(values)


class Station:
    def weather(self, city: str) -> str:
        """The weather of a city."""
        return f"sun in {city}"

    async def tomorrow(self, city: str) -> str:
        return f"rain in {city}"


def test_methods_are_tools() -> None:
    station = Station()
    assert call_tool(Tool("weather", station.weather), {"city": "Bern"}).result == "sun in Bern"
    assert call_tool(Tool("tomorrow", station.tomorrow), {"city": "Bern"}).result == "rain in Bern"
    with pytest.raises(UsageError, match="a method without its object"):
        _ = Toolbox([Station.weather]).specs


def test_a_partial_is_a_tool_of_what_it_leaves_open() -> None:
    fixed = functools.partial(add, b=10)
    (spec,) = Toolbox([fixed]).specs
    assert (spec.name, spec.description, list(spec.parameters["properties"])) == (
        "add",
        "Add two numbers.",
        ["a"],
    )
    assert call_tool(Tool("add", fixed), {"a": 1}).result == 11


def test_a_method_can_be_marked() -> None:
    marked = tool(approve=False)(Station().weather)
    assert not Tool("weather", marked).needs_approval
    assert Toolbox([marked]).specs[0].description == "The weather of a city."


def leave() -> None:
    sys.exit(3)


def interrupt() -> None:
    raise KeyboardInterrupt


async def cancel() -> None:
    raise asyncio.CancelledError


class Shy:
    def __repr__(self) -> str:
        raise RuntimeError("not me")


def shy() -> Shy:
    return Shy()


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (leave, "SystemExit: 3"),
        (interrupt, "KeyboardInterrupt"),
        (cancel, "CancelledError"),
        (shy, "RuntimeError: not me"),
    ],
)
def test_whatever_ends_a_function_has_failed_at_once_and_by_name(function: Any, name: str) -> None:
    began = time.monotonic()
    outcome = call_tool(Tool("f", function), {})
    assert outcome.error == name
    assert outcome.content == f"the call failed: {name}"
    assert time.monotonic() - began < 5


def test_half_a_character_in_a_result_is_replaced() -> None:
    def half() -> str:
        return "ab\ud83d"

    assert call_tool(Tool("half", half), {}).content == "ab\ufffd"


def test_parameters_may_be_called_anything() -> None:
    def odd(
        _x: int, model_config: str, schema: str, model_fields_set: int, self: str = "me", p0: int = 0
    ) -> Any:
        return (_x, model_config, schema, model_fields_set, self, p0)

    odd_tool = Tool("odd", odd)
    assert list(odd_tool.spec.parameters["properties"]) == [
        "_x",
        "model_config",
        "schema",
        "model_fields_set",
        "self",
        "p0",
    ]
    given = {"_x": 1, "model_config": "c", "schema": "s", "model_fields_set": 2}
    assert call_tool(odd_tool, given).result == (1, "c", "s", 2, "me", 0)


def test_positional_only_parameters_are_passed_by_position() -> None:
    def place(a: int, b: int = 2, c: int = 3, /, d: int = 4) -> tuple[int, ...]:
        return (a, b, c, d)

    assert call_tool(Tool("place", place), {"a": 1, "c": 9, "d": 8}).result == (1, 2, 9, 8)
    assert call_tool(Tool("place", place), {"a": 1}).result == (1, 2, 3, 4)


def takes_unknown(frame: NoSuchType) -> None:  # type: ignore[name-defined]  # noqa: F821
    pass


def takes_function(function: Callable[[int], int]) -> None:
    pass


class Opaque:
    pass


def takes_opaque(value: Opaque) -> None:
    pass


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (takes_unknown, "NoSuchType"),
        (takes_function, "function: "),
        (takes_opaque, "value: "),
        (getattr, "getattr"),
        (max, "max"),
    ],
)
def test_a_parameter_that_cannot_be_described_is_one_line(function: Any, word: str) -> None:
    with pytest.raises(UsageError) as caught:
        _ = Toolbox([function]).specs
    assert "\n" not in str(caught.value)
    assert word in str(caught.value)
    assert len(str(caught.value)) <= 200


def test_what_is_no_function_is_named() -> None:
    for value, name in ((math, "math"), (object(), "‹object"), (lambda: 1, "lambda")):
        with pytest.raises(UsageError, match=name):
            Toolbox([value])  # type: ignore[list-item]


def test_the_check_is_never_stricter_than_the_schema_that_was_sent() -> None:
    def forecast(
        days: int,
        unit: str = None,  # type: ignore[assignment]  # noqa: RUF013
        hours: list[int] | None = None,
    ) -> Any:
        return (days, unit, hours)

    weather = Tool("forecast", forecast)
    assert call_tool(weather, {"days": 5.0, "unit": None, "hours": [1.0, 2]}).result == (5, None, [1, 2])
    assert type(call_tool(weather, {"days": 5.0}).result[0]) is int
    for arguments in ({"days": 5.5}, {"days": "5"}, {"days": None}, {"days": 1, "hours": [0.5]}):
        assert isinstance(Toolbox([forecast]).find_tool(call("forecast", **arguments)), Outcome)


class SilentError(Exception):
    def __str__(self) -> str:
        raise SystemExit


def raises_a_silent_error() -> None:
    raise SilentError


def test_an_error_whose_text_raises_has_failed_at_once_whether_of_the_tool_or_of_the_approval() -> None:
    outcome = call_tool(Tool("f", raises_a_silent_error), {}, seconds=5)
    assert outcome.error == "SilentError"

    def approve(_call: ToolCall) -> bool:
        raise SilentError

    assert approval_check(approve, None)(call("f")) == "not called, approve failed with SilentError"


def test_a_function_that_yields_has_failed_and_says_what_to_return() -> None:
    def count() -> Any:
        yield 1

    assert "return a list instead" in str(call_tool(Tool("count", count), {}).error)


def test_a_default_that_json_does_not_hold_costs_neither_the_schema_nor_a_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    def measure(limit: float = float("nan"), top: float = float("inf"), mark: Any = math) -> float:
        return limit

    (spec,) = Toolbox([measure]).specs
    json.dumps(dict(spec.parameters), allow_nan=False)
    assert list(recwarn) == []


@pytest.mark.parametrize("mark", [None, 0, "", []])
def test_nothing_but_false_takes_the_question_away(mark: Any) -> None:
    assert Tool("f", tool(approve=mark)(lambda: None)).needs_approval


def returns_what_is_not_there(n: "int") -> "NoSuchFrame":  # type: ignore[name-defined] # noqa: F821, UP037
    """Count."""
    return n


def test_what_a_function_returns_need_not_be_known() -> None:
    for function in (returns_what_is_not_there, functools.partial(returns_what_is_not_there)):
        (spec,) = Toolbox([function]).specs
        assert spec.parameters["properties"] == {"n": {"title": "N", "type": "integer"}}
