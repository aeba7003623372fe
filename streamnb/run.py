"""The Python functions: ``stream``, ``astream``, ``stream_events``, ``astream_events``.

All four take the same keywords, each named as its option of the magic.  They make a plan, choose
a view and leave the rest to ``conduct``.
"""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

from .asking.checks import READERS
from .asking.options import Options
from .asking.place import here
from .display.base import View
from .display.choose import view_for
from .errors import StreamError, StreamInterrupted, UsageError, one_line
from .events import Event
from .reply import Reply
from .secret import Secret
from .streaming.conduct import aconduct, aevents, conduct, events
from .streaming.plan import Plan, plan

__all__ = [
    "Plan",
    "aconduct",
    "astream",
    "astream_events",
    "checked_prompt",
    "conduct",
    "hide_key",
    "options_from",
    "plan",
    "settle",
    "stream",
    "stream_events",
]

Prompt = str | Sequence[Any]
_F = TypeVar("_F", bound=Callable[..., Any])


class Keywords(TypedDict, total=False):
    """The keywords of all four functions; what is left out is as the option's default."""

    model: str | None
    system: str | None
    temperature: float | None
    max_tokens: int | None
    options: Mapping[str, Any]
    attach: Sequence[Any]
    chat: str | None
    tools: Sequence[Callable[..., Any]]
    approve: bool | Callable[..., Any] | None
    schema: Any
    sync: bool
    timeout: float | None
    retries: int
    base_url: str | None
    api_key: str | None
    record: str | os.PathLike[str] | None
    replay: str | os.PathLike[str] | None
    speed: float
    display: bool | None


def _keywords_shown(function: _F) -> _F:
    """Give ``function`` a signature that names the keywords, for ``?`` and Tab."""
    first, *_ = inspect.signature(function).parameters.values()
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Keywords.__annotations__.items()
    ]
    function.__signature__ = inspect.Signature([first, *keywords])  # type: ignore[attr-defined]
    return function


@_keywords_shown
def stream(prompt: Prompt, **keywords: Unpack[Keywords]) -> Reply:
    """Stream an answer, live in a notebook or a terminal, and return it.

    Parameters
    ----------
    prompt
        A text, or a list of parts in order: str, Path, bytes, a PIL image, a figure, a
        DataFrame, or the provider's own part.
    **keywords
        Each as the option of the same name: ``model``, ``system``, ``temperature``,
        ``max_tokens``, ``options`` (a dict), ``attach``, ``chat``, ``tools``, ``approve``,
        ``schema``, ``sync``, ``timeout`` and ``speed`` (seconds; a factor), ``retries``,
        ``base_url``, ``api_key``, ``record``, ``replay``, ``display`` (``None``: where there
        is somebody to see it).

    Returns
    -------
    Reply
        The answer, its state ``complete``, ``length``, ``filtered``, ``unfinished`` or ``capped``.

    Raises
    ------
    UsageError
        Nothing was sent; one line says what to type.
    StreamError
        The stream was lost, timed out or ended in an error; ``.reply`` has what had come.
    StreamInterrupted
        It was stopped by hand; ``.reply`` has what had come.

    Examples
    --------
    >>> stream("What is streaming?", model="demo", speed=0, display=False).state
    'complete'
    """
    hide_key(keywords)
    # In a kernel's main thread this call keeps the kernel from hearing a page's clicks.
    blocking = threading.current_thread() is threading.main_thread()
    view, planned = _prepare(prompt, keywords, blocking=blocking)
    return settle(conduct(planned, view))


@_keywords_shown
async def astream(prompt: Prompt, **keywords: Unpack[Keywords]) -> Reply:
    """Do what ``stream`` does on a running event loop.

    It never raises ``KeyboardInterrupt``: cancelled, it closes the connection, keeps the reply
    as ``.reply`` on the ``CancelledError`` and lets that go on.
    """
    hide_key(keywords)
    view, planned = _prepare(prompt, keywords)
    return settle(await aconduct(planned, view))


@_keywords_shown
def stream_events(prompt: Prompt, **keywords: Unpack[Keywords]) -> Iterator[Event]:
    """Yield the events of an answer; the last is ``Finished``, whatever happened.

    Nothing is displayed, and no fault raises; a refused request raises ``UsageError`` at once.
    Leaving the loop closes the connection.
    """
    hide_key(keywords)
    return events(plan(checked_prompt(prompt), options_from(keywords), place=here()))


@_keywords_shown
def astream_events(prompt: Prompt, **keywords: Unpack[Keywords]) -> AsyncIterator[Event]:
    """Do what ``stream_events`` does, for ``async for``."""
    hide_key(keywords)
    return aevents(plan(checked_prompt(prompt), options_from(keywords), place=here()))


def settle(reply: Reply) -> Reply:
    """Return a reply that is one; raise the fault or the interrupt that another stands for."""
    if reply.state in ("lost", "error", "timed-out"):
        raise StreamError(one_line(f"{reply.model}: {reply.error or reply.state}"), reply)
    if reply.state == "interrupted":
        raise StreamInterrupted(one_line(f"{reply.model}: {reply.error}"), reply)
    return reply


def options_from(keywords: Mapping[str, Any]) -> Options:
    """Return the options that keywords stand for.

    Raises
    ------
    TypeError
        A keyword that there is not, with the nearest that there is.
    """
    given = {name: value for name, value in keywords.items() if value is not None}
    for name in given.keys() - Keywords.__annotations__.keys():
        near = get_close_matches(name, Keywords.__annotations__, 1)
        hint = f"; did you mean {near[0]}=?" if near else ""
        raise TypeError(f"there is no keyword {name}={hint}")
    _check(given)
    model = given.pop("model", None)
    for name in ("record", "replay"):
        if name in given:
            given[name] = Path(given[name])
    for name in ("attach", "tools"):
        if name in given:
            given[name] = tuple(given[name])
    return Options(models=(model,) if model else (), **given)


_TYPED = ("temperature", "max_tokens", "timeout", "retries", "speed", "base_url", "chat")
"""What reads alike in a line and in Python, so that both are checked and refused in the same words."""


def _check(given: dict[str, Any]) -> None:
    """Refuse values that no request can carry, before anything is sent."""
    for name in ("model", "system", "base_url", "chat"):
        if not isinstance(given.get(name, ""), str):
            raise UsageError(f"{name}= is a text, not {type(given[name]).__name__}")
    for name in ("attach", "tools"):
        if isinstance(given.get(name, ()), str) or not isinstance(given.get(name, ()), Iterable):
            raise UsageError(f"{name}= is a list: write {name}=[…]")
    if not isinstance(given.get("options", {}), Mapping):
        raise UsageError('options= is a dict, for example options={"seed": 7}')
    for name in given.keys() & set(_TYPED):
        given[name] = READERS[name](str(given[name]), str)


def hide_key(keywords: Keywords) -> None:
    """Keep the key out of tracebacks that show variables: every frame from here on holds ``keywords``."""
    if key := keywords.get("api_key"):
        keywords["api_key"] = Secret(key)


def _prepare(prompt: Prompt, keywords: Keywords, *, blocking: bool = False) -> tuple[View, Plan]:
    options = options_from(keywords)
    planned = plan(checked_prompt(prompt), options, place=here())
    view = view_for(
        planned.spec, display=options.display, blocking=blocking, schema=planned.extras.schema_name
    )
    return view, planned


def checked_prompt(prompt: Prompt) -> str | list[Any]:
    """Return a prompt that is a text or a list; anything else is refused in one line."""
    if isinstance(prompt, str):
        return prompt
    if isinstance(prompt, Sequence) and not isinstance(prompt, bytes):
        return list(prompt)
    raise UsageError(f"a prompt is a text or a list of parts, not {type(prompt).__name__}")
