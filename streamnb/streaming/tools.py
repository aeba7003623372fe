"""Functions of the notebook as tools: their schema, the check of what a model passes, the call.

A model can only ask for what the person named.  What it passes is checked against the
function's signature first (``tool_arguments``); what does not fit goes back to the model as text and
is not called.  Whether a call may run at all is asked elsewhere, before ``call_tool``.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ParamSpec, TypeVar, overload

from ..core.errors import UsageError
from ..core.text import error_line, sanitize_line, with_article
from ..core.tool_calls import ToolCall, result_to_text
from ..providers.base import ToolSpec
from .tool_arguments import Parameters

__all__ = ["CALL_TIMEOUT_S", "Outcome", "Tool", "Toolbox", "tool"]

CALL_TIMEOUT_S = 30.0
MAX_RESULT_CHARACTERS = 100_000  # characters of a result that the model is given

_APPROVE_ATTRIBUTE = "__streamnb_approve__"
_P = ParamSpec("_P")
_R = TypeVar("_R")


@overload
def tool(function: Callable[_P, _R], /) -> Callable[_P, _R]: ...
@overload
def tool(*, approve: bool = True) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]: ...
def tool(function: Any = None, /, *, approve: bool = True) -> Any:
    """Mark a function as a tool that a model may ask for.

    Parameters
    ----------
    function
        The function; left out where the decorator is given ``approve``.
    approve
        Whether each call needs somebody's yes; with ``False``, and nothing else, it runs without.

    Returns
    -------
    Callable
        The function itself; one that takes no marks, such as a method, in a ``functools.partial``.

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
        try:
            setattr(function, _APPROVE_ATTRIBUTE, approve)
        except AttributeError:  # a method, a builtin: they take no marks
            function = functools.partial(function)
            setattr(function, _APPROVE_ATTRIBUTE, approve)
        return function

    return mark if function is None else mark(function)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call.

    Attributes
    ----------
    content
        What the model reads.
    result
        What the function gave; ``None`` also where there is no result.
    error
        A sentence for a person where there is no result, else ``None``.
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
    def needs_approval(self) -> bool:
        """Whether a person has to say yes to each call."""
        return getattr(self.function, _APPROVE_ATTRIBUTE, True) is not False

    @cached_property
    def spec(self) -> ToolSpec:
        """The function as the model is told of it: signature and docstring."""
        about = inspect.getdoc(_unwrap_partial(self.function)) or f"The function {self.name}."
        return ToolSpec(self.name, about, self._parameters.schema)

    def check_arguments(self, arguments: dict[str, Any] | str) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and named arguments that the function takes.

        Raises
        ------
        ValueError
            What is wrong with them, in words that a model can act on.
        """
        return self._parameters.check_arguments(arguments)

    @cached_property
    def _parameters(self) -> Parameters:
        """The signature; read when first needed, pydantic is heavy to import."""
        return Parameters(self.name, self.function)


class Toolbox:
    """The tools of one request, by name."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        self._tools: dict[str, Tool] = {}
        for function in functions:
            name = getattr(_unwrap_partial(function), "__name__", "")
            if not callable(function) or isinstance(function, type) or not name.isidentifier():
                raise UsageError(
                    f"{_describe_value(function)} is no function with a name; a tool is one made by def"
                )
            if name in self._tools:
                raise UsageError(f"two tools are called {name}; rename one of them, or leave it out")
            self._tools[name] = Tool(name, function)

    def __bool__(self) -> bool:
        return bool(self._tools)

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """Name, description and schema of each tool, as the model is told them."""
        return tuple(tool.spec for tool in self._tools.values())

    def find_tool(self, call: ToolCall) -> Tool | Outcome:
        """Return the tool that a call means, or what the model is told instead."""
        tool = self._tools.get(call.name)
        if tool is None:
            names = ", ".join(self._tools)
            return refused_outcome(f"there is no tool {sanitize_line(call.name, 60)}; there are: {names}")
        try:
            tool.check_arguments(call.arguments)
        except Exception as error:  # a validator of the person's own may raise anything
            return refused_outcome(
                f"not called, the arguments of {call.name} do not fit: {sanitize_line(str(error), 400)}"
            )
        return tool


def _unwrap_partial(function: Any) -> Any:
    """Return the function that a ``functools.partial`` calls, or the function itself."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _describe_value(value: Any) -> str:
    """Name a value that is no tool, for a sentence."""
    name = getattr(value, "__name__", None)
    if name == "<lambda>":
        return "a lambda"
    if isinstance(name, str):
        return sanitize_line(f"{name} ({with_article(type(value).__name__)})", 60)
    try:
        text = repr(value)
    except BaseException:  # of a class of the person's own, which may raise anything
        text = with_article(type(value).__name__)
    return sanitize_line(text.replace("<", "‹").replace(">", "›"), 60)


def refused_outcome(why: str) -> Outcome:
    """Return the outcome of a call that was not made; the model reads why."""
    return Outcome(why, error=why)


def call_tool(tool: Tool, arguments: dict[str, Any] | str, seconds: float = CALL_TIMEOUT_S) -> Outcome:
    """Call the function and wait for it, ``seconds`` at most; an exception is an outcome too.

    It runs in a thread with a copy of the caller's context, so that what it prints lands in the
    caller's output, and so that a function that never returns can be left behind.  An interrupt
    reaches the waiting side at once.

    Parameters
    ----------
    tool
        What is called.
    arguments
        As the model passed them.
    seconds
        How long is waited for it.

    Returns
    -------
    Outcome
        What the function returned, as text for the model, or why there is no result.
    """
    outcome: list[Outcome] = []
    context = contextvars.copy_context()
    thread = threading.Thread(
        target=lambda: outcome.append(context.run(_call_function, tool, arguments)),
        name=f"streamnb tool {tool.name}",
        daemon=True,
    )
    thread.start()
    thread.join(seconds)
    if not outcome:
        return refused_outcome(f"{tool.name} did not return within {seconds:g} s and was left behind")
    return outcome[0]


def _call_function(tool: Tool, arguments: dict[str, Any] | str) -> Outcome:
    try:
        positional, keywords = tool.check_arguments(arguments)
        result = tool.function(*positional, **keywords)
        if inspect.isawaitable(result):
            result = asyncio.run(as_coroutine(result))
        return Outcome(_result_content(result), result)
    except BaseException as error:  # sys.exit and cancellations too: whatever a function raises ends only it
        why = sanitize_line(error_line(error), 400)
        return Outcome(f"the call failed: {why}", error=why)


async def as_coroutine(value: Any) -> Any:
    """Make a coroutine of anything that can be awaited, for ``asyncio.run``."""
    return await value


def _result_content(result: Any) -> str:
    """Return what the model reads; what cannot be shown is a failure now, not when the output is made."""
    if inspect.isgenerator(result) or inspect.isasyncgen(result):
        raise TypeError("it yields and so has no result: return a list instead")
    text = result_to_text(result)
    if len(text) > MAX_RESULT_CHARACTERS:
        return f"{text[:MAX_RESULT_CHARACTERS]}\n[cut: {len(text):,} characters in all]"
    return text
