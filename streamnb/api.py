"""The Python functions: ``stream``, ``astream``, ``stream_events``, ``astream_events``.

All four take the same keywords, each named as its option of the magic.  They make a plan, choose
a view and hand both to ``run_plan``.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from typing import Unpack

from .core.errors import StreamError, StreamInterrupted
from .core.events import FAULT_STATES, Event
from .core.reply import Reply
from .core.text import sanitize_line
from .request.keywords import (
    Keywords,
    Prompt,
    check_prompt,
    hide_api_key,
    options_from_keywords,
    with_keyword_signature,
)
from .streaming.plan import Plan
from .streaming.planner import make_plan
from .streaming.runner import aiter_events, arun_plan, iter_events, run_plan
from .views.base import NoView, View
from .views.cell_result import note_shown_result
from .views.choose import view_for
from .views.current_cell import current_cell

__all__ = [
    "Plan",
    "arun_plan",
    "astream",
    "astream_events",
    "check_prompt",
    "hide_api_key",
    "make_plan",
    "options_from_keywords",
    "raise_for_state",
    "run_plan",
    "stream",
    "stream_events",
]


@with_keyword_signature
def stream(prompt: Prompt, **keywords: Unpack[Keywords]) -> Reply:
    """Stream an answer, live in a notebook or a terminal, and return it.

    Parameters
    ----------
    prompt
        A text, or a list of parts in order: str, Path, bytes, a PIL image, a figure, a
        DataFrame, or the provider's own part.
    model
        ``provider:model``; left out, the variable ``STREAMNB_MODEL``.
    system
        The system prompt; ``None`` for none.
    temperature
        How freely the model chooses its words, from 0 on; ``None`` leaves it to the provider.
    max_tokens
        The longest answer, in tokens; ``None`` leaves it to the provider.
    effort
        How much the model may think: ``none``, ``minimal``, ``low``, ``medium`` or ``high``; ``None`` leaves
        it to the provider.
    options
        Further parameters of the provider, by its own names; they win over all others.
    attach
        Values, paths and addresses that are sent along; ``https:`` and ``gs:`` are never fetched here.
    chat
        The name of a conversation that goes on; ``None`` for a prompt by itself.
    tools
        Functions that the model may ask for.
    approve
        Whether a call that the model asks for is made: ``True`` all, ``False`` none, a function of a
        ``ToolCall`` decides and returns a bool; ``None`` asks the person.
    schema
        A Pydantic model, or a type, that the answer is checked against; the result is ``.parsed``.
    search
        Whether the model may search the web, with the provider's own tool.
    sync
        Whether the SDK's synchronous client is used, and not its asynchronous one.
    timeout
        Seconds without content after which the stream ends; ``None``: 600 before the first, 60 after.
    retries
        Tries after the first, while nothing has been received; left out, 2.
    base_url
        The address of another endpoint that speaks the provider's language.
    api_key
        The key for that endpoint; no other key goes there.
    record
        A file that the stream is written to, with its timing.
    replay
        A recording that is played back; no model is asked.
    speed
        The pace of a replay, a factor: 0 does not wait, ``"auto"`` waits only where somebody watches;
        left out, the variable ``STREAMNB_SPEED``, else 1.
    display
        ``True`` shows the answer, ``False`` does not; ``None`` shows it in a notebook and in a terminal.

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
    hide_api_key(keywords)
    # In a kernel's main thread this call keeps the kernel from hearing a page's clicks.
    blocking = threading.current_thread() is threading.main_thread()
    view, plan_ = _view_and_plan(prompt, keywords, blocking=blocking)
    return _note_shown_result(view, raise_for_state(run_plan(plan_, view)))


@with_keyword_signature
async def astream(prompt: Prompt, **keywords: Unpack[Keywords]) -> Reply:
    """Do what ``stream`` does on a running event loop.

    Parameters
    ----------
    prompt, **keywords
        As for ``stream``.

    Returns
    -------
    Reply
        The answer, as from ``stream``.

    Raises
    ------
    UsageError, StreamError
        As from ``stream``.
    StreamInterrupted
        The button of its view was pressed.
    asyncio.CancelledError
        The task was cancelled: the connection is closed, and ``.reply`` has what had come.
    """
    hide_api_key(keywords)
    view, plan_ = _view_and_plan(prompt, keywords)
    return _note_shown_result(view, raise_for_state(await arun_plan(plan_, view)))


@with_keyword_signature
def stream_events(prompt: Prompt, **keywords: Unpack[Keywords]) -> Iterator[Event]:
    """Yield the events of an answer; the last is ``Finished``, whatever happened.

    Nothing is displayed.  Leaving the loop closes the connection.

    Parameters
    ----------
    prompt, **keywords
        As for ``stream``; ``display`` has no effect.

    Returns
    -------
    Iterator[Event]
        The events in the order of arrival; joining every ``TextDelta.text`` gives the answer.

    Raises
    ------
    UsageError
        Nothing was sent; raised by the call, not by the loop.  A fault of the stream raises nothing: it
        is the state of ``Finished``.
    """
    hide_api_key(keywords)
    return iter_events(
        make_plan(check_prompt(prompt), options_from_keywords(keywords), cell_run_id=current_cell())
    )


@with_keyword_signature
def astream_events(prompt: Prompt, **keywords: Unpack[Keywords]) -> AsyncIterator[Event]:
    """Yield the events of an answer to ``async for``; the last is ``Finished``, whatever happened.

    Parameters
    ----------
    prompt, **keywords
        As for ``stream``; ``display`` has no effect.

    Returns
    -------
    AsyncIterator[Event]
        As from ``stream_events``.

    Raises
    ------
    UsageError
        Nothing was sent; raised by the call, not by the loop.
    asyncio.CancelledError
        The task was cancelled in the loop; ``.reply`` has what had come.
    """
    hide_api_key(keywords)
    return aiter_events(
        make_plan(check_prompt(prompt), options_from_keywords(keywords), cell_run_id=current_cell())
    )


def raise_for_state(reply: Reply) -> Reply:
    """Return a reply without a fault; raise the error of one that failed or was interrupted.

    Raises
    ------
    StreamError
        The stream was lost, timed out, or ended in an error.
    StreamInterrupted
        It was stopped by hand.
    """
    if reply.state in FAULT_STATES:
        raise StreamError(sanitize_line(f"{reply.model}: {reply.error or reply.state}"), reply)
    if reply.state == "interrupted":
        raise StreamInterrupted(sanitize_line(f"{reply.model}: {reply.error}"), reply)
    return reply


def _view_and_plan(prompt: Prompt, keywords: Keywords, *, blocking: bool = False) -> tuple[View, Plan]:
    options = options_from_keywords(keywords)
    plan_ = make_plan(check_prompt(prompt), options, cell_run_id=current_cell())
    view = view_for(
        plan_.model_spec, display=options.display, blocking=blocking, schema=plan_.extras.schema_name
    )
    return view, plan_


def _note_shown_result(view: View, reply: Reply) -> Reply:
    if not isinstance(view, NoView):
        note_shown_result(reply)
    return reply
