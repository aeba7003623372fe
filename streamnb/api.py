"""The Python functions: ``stream``, ``astream``, ``stream_events``, ``astream_events``.

All four take the same keywords, each named as its option of the magic.  They make a plan, choose
a view and leave the rest to ``run_plan``.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Unpack

from .core.errors import StreamError, StreamInterrupted
from .core.events import FAULT_STATES, Event
from .core.reply import Reply
from .core.text import sanitize_line
from .request.keywords import Keywords, Prompt, checked_prompt, hide_key, options_from, show_keywords
from .streaming.plan import Plan
from .streaming.planner import plan
from .streaming.runner import aiter_events, arun_plan, iter_events, run_plan
from .views.base import View
from .views.choose import view_for
from .views.current_cell import current_cell

__all__ = [
    "Plan",
    "arun_plan",
    "astream",
    "astream_events",
    "checked_prompt",
    "hide_key",
    "options_from",
    "plan",
    "raise_for_state",
    "run_plan",
    "stream",
    "stream_events",
]


@show_keywords
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
    view, plan_ = _prepare(prompt, keywords, blocking=blocking)
    return raise_for_state(run_plan(plan_, view))


@show_keywords
async def astream(prompt: Prompt, **keywords: Unpack[Keywords]) -> Reply:
    """Do what ``stream`` does on a running event loop.

    It never raises ``KeyboardInterrupt``: cancelled, it closes the connection, keeps the reply
    as ``.reply`` on the ``CancelledError`` and lets that go on.
    """
    hide_key(keywords)
    view, plan_ = _prepare(prompt, keywords)
    return raise_for_state(await arun_plan(plan_, view))


@show_keywords
def stream_events(prompt: Prompt, **keywords: Unpack[Keywords]) -> Iterator[Event]:
    """Yield the events of an answer; the last is ``Finished``, whatever happened.

    Nothing is displayed, and no fault raises; a refused request raises ``UsageError`` at once.
    Leaving the loop closes the connection.
    """
    hide_key(keywords)
    return iter_events(plan(checked_prompt(prompt), options_from(keywords), cell_run=current_cell()))


@show_keywords
def astream_events(prompt: Prompt, **keywords: Unpack[Keywords]) -> AsyncIterator[Event]:
    """Do what ``stream_events`` does, for ``async for``."""
    hide_key(keywords)
    return aiter_events(plan(checked_prompt(prompt), options_from(keywords), cell_run=current_cell()))


def raise_for_state(reply: Reply) -> Reply:
    """Return a reply that is one; raise the fault or the interrupt that another stands for."""
    if reply.state in FAULT_STATES:
        raise StreamError(sanitize_line(f"{reply.model}: {reply.error or reply.state}"), reply)
    if reply.state == "interrupted":
        raise StreamInterrupted(sanitize_line(f"{reply.model}: {reply.error}"), reply)
    return reply


def _prepare(prompt: Prompt, keywords: Keywords, *, blocking: bool = False) -> tuple[View, Plan]:
    options = options_from(keywords)
    plan_ = plan(checked_prompt(prompt), options, cell_run=current_cell())
    view = view_for(
        plan_.model_spec, display=options.display, blocking=blocking, schema=plan_.extras.schema_name
    )
    return view, plan_
