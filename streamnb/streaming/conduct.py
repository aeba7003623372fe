"""The loops: a plan is run under a view, or its events are handed out; always closed.

``conduct`` and ``events`` block, ``aconduct`` and ``aevents`` await.  Each is a short loop over a
``Stage``, which holds the logic and does not wait itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

from ..display.base import View
from ..errors import StreamInterrupted
from ..events import Event
from ..reply import Reply
from .plan import Plan
from .stage import FRAMES_PER_SECOND, Stage

__all__ = ["aconduct", "aevents", "conduct", "events"]


def conduct(plan: Plan, view: View, frames_per_second: float = FRAMES_PER_SECOND) -> Reply:
    """Run a plan to its end, whatever that is; a fault is the reply's state.

    Raises
    ------
    StreamInterrupted
        The person stopped it, by a signal or by the view's button.
    """
    stage = Stage(plan, view, frames_per_second)
    try:
        stage.open()
        while not stage.done:
            stage.inbox.wait(*stage.sleep())
            stage.step()
    except KeyboardInterrupt:  # what has come is kept; ``finish`` ends the stream as interrupted
        pass
    finally:
        reply = _finished(stage)
    if reply.state == "interrupted":
        raise StreamInterrupted(_interrupted(reply), reply)
    return reply


async def aconduct(plan: Plan, view: View, frames_per_second: float = FRAMES_PER_SECOND) -> Reply:
    """Do the same on a running event loop.

    A reply whose state is ``interrupted`` was stopped by the view's button.  Cancelled, the
    stream is closed and the ``CancelledError`` goes on with the reply as its ``reply``.
    """
    stage = Stage(plan, view, frames_per_second)
    try:
        stage.open()
        while not stage.done:
            await stage.inbox.await_(*stage.sleep())
            stage.step()
    except asyncio.CancelledError as cancelled:
        cancelled.reply = stage.finish()  # type: ignore[attr-defined]
        raise
    finally:
        reply = stage.finish()
    return reply


def events(plan: Plan) -> Iterator[Event]:
    """Yield every event; ``Finished`` is the last. Left early, the connection is closed."""
    stage = Stage(plan, None)
    try:
        while not stage.done:
            stage.inbox.wait(*stage.sleep())
            yield from stage.step()
    finally:
        stage.finish()


async def aevents(plan: Plan) -> AsyncIterator[Event]:
    """Do the same on a running event loop."""
    stage = Stage(plan, None)
    try:
        while not stage.done:
            await stage.inbox.await_(*stage.sleep())
            for event in stage.step():
                yield event
    except asyncio.CancelledError as cancelled:
        cancelled.reply = stage.finish()  # type: ignore[attr-defined]
        raise
    finally:
        stage.finish()


def _finished(stage: Stage) -> Reply:
    """Finish, also where a second Ctrl-C comes in between: the text must not be lost to it."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            return stage.finish()


def _interrupted(reply: Reply) -> str:
    return f"stopped by hand after {len(reply):,} characters; the text so far is kept"
