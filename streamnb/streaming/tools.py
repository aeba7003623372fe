"""Functions of the notebook as tools: their schema, the check of what a model passes, the call.

A model can only ask for what the person named.  What it passes is checked against the
function's signature first, strictly; what does not fit goes back to the model as text and is
not called.  Whether a call may run at all is asked elsewhere, before ``run``.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ParamSpec, TypeVar, overload

from ..core.errors import UsageError
from ..core.reply import ToolCall
from ..core.text import sanitize_line
from ..providers.base import ToolSpec

__all__ = ["CALL_TIMEOUT_S", "Outcome", "Tool", "Toolbox", "tool"]

CALL_TIMEOUT_S = 30.0
MAX_RESULT_CHARACTERS = 100_000  # characters of a result that the model is given

_APPROVE = "__streamnb_approve__"
_P = ParamSpec("_P")
_R = TypeVar("_R")


@overload
def tool(function: Callable[_P, _R], /) -> Callable[_P, _R]: ...
@overload
def tool(*, approve: bool = True) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]: ...
def tool(function: Any = None, /, *, approve: bool = True) -> Any:
    """Mark a function as a tool; with ``approve=False`` it may run without being asked for.

    Examples
    --------
    >>> @tool(approve=False)
    ... def add(a: int, b: int) -> int:
    ...     "Add two numbers."
    ...     return a + b
    >>> add(1, 2)
    3
    """

    def mark(function: Any) -> Any:
        setattr(function, _APPROVE, approve)
        return function

    return mark if function is None else mark(function)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call: ``result`` as the function gave it, ``content`` as the model reads it.

    ``error`` is a sentence for a person where there is no result.
    """

    content: str
    result: Any = None
    error: str | None = None


@dataclass(frozen=True)
class Tool:
    """One function that a model may ask for."""

    name: str
    function: Callable[..., Any]

    @property
    def asks(self) -> bool:
        """Whether a person has to say yes to each call."""
        return bool(getattr(self.function, _APPROVE, True))

    @cached_property
    def spec(self) -> ToolSpec:
        """The function as the model is told of it: signature and docstring."""
        schema = self._arguments.model_json_schema()
        schema.pop("title", None)
        about = inspect.getdoc(self.function) or f"The function {self.name}."
        return ToolSpec(self.name, about, schema)

    def check(self, arguments: dict[str, Any] | str) -> dict[str, Any]:
        """Return arguments that the function takes.

        Raises
        ------
        ValueError
            What is wrong with them, in words that a model can act on.
        """
        from pydantic import ValidationError

        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        try:
            checked = self._arguments.model_validate_json(text, strict=True)
        except ValidationError as error:
            faults = [
                f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
                for fault in error.errors()
            ]
            raise ValueError("; ".join(faults)) from None
        return {name: getattr(checked, name) for name in checked.model_fields_set}

    @cached_property
    def _arguments(self) -> Any:
        """A pydantic model of the signature; built when first needed, pydantic is heavy to import."""
        from pydantic import ConfigDict, create_model

        fields: dict[str, Any] = {}
        signature = inspect.signature(self.function, eval_str=True)
        for name, parameter in signature.parameters.items():
            if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                raise UsageError(
                    f"the tool {self.name} takes *{name}: write its parameters out, each with a name"
                )
            kind = Any if parameter.annotation is parameter.empty else parameter.annotation
            fields[name] = (kind, ... if parameter.default is parameter.empty else parameter.default)
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)


class Toolbox:
    """The tools of one request, by name."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        self._tools: dict[str, Tool] = {}
        for function in functions:
            name = getattr(function, "__name__", "")
            if not callable(function) or not name.isidentifier():
                raise UsageError(
                    f"{sanitize_line(repr(function), 60)} is no function with a name; "
                    "a tool is one made by def"
                )
            if name in self._tools:
                raise UsageError(f"two tools are called {name}; rename one of them, or leave it out")
            self._tools[name] = Tool(name, function)

    def __bool__(self) -> bool:
        return bool(self._tools)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told."""
        return tuple(tool.spec for tool in self._tools.values())

    def find(self, call: ToolCall) -> Tool | Outcome:
        """Return the tool that a call means, or what the model is told instead."""
        found = self._tools.get(call.name)
        if found is None:
            known = ", ".join(self._tools)
            return refused_outcome(f"there is no tool {sanitize_line(call.name, 60)}; there are: {known}")
        try:
            found.check(call.arguments)
        except ValueError as error:
            return refused_outcome(
                f"not called, the arguments of {call.name} do not fit: {sanitize_line(str(error), 400)}"
            )
        return found


def refused_outcome(why: str) -> Outcome:
    """Return the outcome of a call that was not made; the model reads why."""
    return Outcome(why, error=why)


def run(tool: Tool, arguments: dict[str, Any] | str, seconds: float = CALL_TIMEOUT_S) -> Outcome:
    """Call the function and wait for it, ``seconds`` at most; an exception is an outcome too.

    It runs in a thread with a copy of the caller's context, so that what it prints lands in the
    caller's output, and so that a function that never returns can be left behind.  An interrupt
    reaches the waiting side at once.
    """
    outcome: list[Outcome] = []
    context = contextvars.copy_context()

    def call() -> None:
        outcome.append(context.run(_call, tool.function, tool.check(arguments)))

    thread = threading.Thread(target=call, name=f"streamnb tool {tool.name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        return refused_outcome(f"{tool.name} did not return within {seconds:g} s and was left behind")
    return outcome[0]


def _call(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Outcome:
    try:
        result = function(**arguments)
        if inspect.isawaitable(result):
            result = asyncio.run(_awaited(result))
    except Exception as error:  # whatever a function of the notebook raises is for the model to read
        why = sanitize_line(f"{type(error).__name__}: {error}", 400)
        return Outcome(f"the call failed: {why}", error=why)
    return Outcome(_as_text(result), result)


async def _awaited(result: Any) -> Any:
    return await result


def _as_text(result: Any) -> str:
    """Return what the model reads: JSON where that is possible, else the text of the value."""
    if isinstance(result, str):
        text = str.__str__(result)
    else:
        try:
            text = json.dumps(result, ensure_ascii=False)
        except (TypeError, ValueError):
            text = str(result)
    if len(text) > MAX_RESULT_CHARACTERS:
        return f"{text[:MAX_RESULT_CHARACTERS]}\n[cut: {len(text):,} characters in all]"
    return text
