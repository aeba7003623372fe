"""The loops that run a plan with a view, or yield its events; blocking and asynchronous.

``run_plan`` and ``iter_events`` block, ``arun_plan`` and ``aiter_events`` await.  Each is a short loop over a
``StreamDriver``, which holds the logic and does not wait itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

from ..core.errors import StreamInterrupted
from ..core.events import Event
from ..core.reply import Reply
from ..views.base import View
from ..views.pacing import FRAMES_PER_SECOND
from .driver import StreamDriver
from .plan import Plan
from .sigint import SigintGate

__all__ = ["aiter_events", "arun_plan", "iter_events", "run_plan"]

HEAD_START_S = 0.005  # of the request, which would wait for the interpreter while its view is made


def run_plan(plan: Plan, view: View, frames_per_second: float = FRAMES_PER_SECOND) -> Reply:
    """Run a plan to its end, whatever that is; a fault is the reply's state.

    Parameters
    ----------
    plan
        What is streamed.
    view
        Where it is shown.
    frames_per_second
        How often the view is painted at most.

    Returns
    -------
    Reply
        The reply, whatever its state.

    Raises
    ------
    StreamInterrupted
        The person stopped it, by a signal or by the view's button.
    """
    driver = StreamDriver(plan, view, frames_per_second)
    with SigintGate() as gate:
        try:
            with gate.open():
                driver.open()
            while not driver.done:
                with gate.open():
                    driver.inbox.wait(*driver.sleep_bounds_s())
                    driver.step()
        except KeyboardInterrupt:  # what has come is kept; ``finish`` ends the stream as interrupted
            pass
        finally:
            reply = driver.finish()
        if reply.state == "interrupted" or gate.has_deferred:
            raise StreamInterrupted(_interrupt_message(reply), reply)
    return reply


async def arun_plan(plan: Plan, view: View, frames_per_second: float = FRAMES_PER_SECOND) -> Reply:
    """Do the same on a running event loop.

    A reply whose state is ``interrupted`` was stopped by the view's button.  Cancelled, the
    stream is closed and the ``CancelledError`` goes on with the reply as its ``reply``.

    Parameters
    ----------
    plan, view, frames_per_second
        As for ``run_plan``.

    Returns
    -------
    Reply
        The reply, whatever its state.
    """
    driver = StreamDriver(plan, view, frames_per_second)
    try:
        driver.send_request()
        try:
            await driver.inbox.wait_async(HEAD_START_S, 0.0)
        finally:
            driver.open()
        while not driver.done:
            await driver.inbox.wait_async(*driver.sleep_bounds_s())
            driver.step()
    except asyncio.CancelledError as cancelled:
        cancelled.reply = _finish_driver(driver)  # type: ignore[attr-defined]
        raise
    finally:
        reply = _finish_driver(driver)
    return reply


def iter_events(plan: Plan) -> Iterator[Event]:
    """Yield every event; ``Finished`` is the last. Left early, the connection is closed.

    Raises
    ------
    StreamInterrupted
        The person stopped it by a signal while it waited.
    """
    driver = StreamDriver(plan, None)
    try:
        while not driver.done:
            driver.inbox.wait(*driver.sleep_bounds_s())
            yield from driver.step()
    except KeyboardInterrupt:
        reply = _finish_driver(driver)
        raise StreamInterrupted(_interrupt_message(reply), reply) from None
    finally:
        driver.finish()


async def aiter_events(plan: Plan) -> AsyncIterator[Event]:
    """Do the same on a running event loop."""
    driver = StreamDriver(plan, None)
    try:
        while not driver.done:
            await driver.inbox.wait_async(*driver.sleep_bounds_s())
            for event in driver.step():
                yield event
    except asyncio.CancelledError as cancelled:
        cancelled.reply = _finish_driver(driver)  # type: ignore[attr-defined]
        raise
    finally:
        _finish_driver(driver)


def _finish_driver(driver: StreamDriver) -> Reply:
    """Finish, also where a second Ctrl-C comes in between: the text must not be lost to it."""
    with SigintGate():
        return driver.finish()


def _interrupt_message(reply: Reply) -> str:
    return f"stopped by hand after {len(reply):,} characters; the text so far is kept"
