"""What a ``%%stream`` cell and a ``%stream`` line do.

All that a stream needs is imported from here on: at the first use, or by the warm-up before it, so that
``%load_ext`` does not wait for it.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ..core.reply import Reply
from ..streaming.background import BackgroundStream
from ..streaming.runner import run_plan
from ..views.comms import while_awaiting
from . import commands
from .cell_errors import usage_errors_for_ipython
from .cell_run import CellRun, ParallelCellRun
from .each import EachCellRun
from .prepare import prepare

if TYPE_CHECKING:
    from .state import MagicState

__all__ = ["command", "run", "run_awaited"]


def command(magics: MagicState, line: str) -> None:
    """Run a ``%stream`` line."""
    with usage_errors_for_ipython("%stream"):
        commands.run(magics, line)


def run(magics: MagicState, line: str, cell: str) -> None:
    """Run a ``%%stream`` cell, and block until it has ended."""
    order = _begun(magics, line, cell, blocking=True)
    if order is not None:
        order.run(magics.shell.user_ns, magics.frames_per_second)


async def run_awaited(magics: MagicState, line: str, cell: str) -> None:
    """Do the same in a cell that awaits, so that clicks in its output arrive."""
    order = _begun(magics, line, cell, blocking=not while_awaiting())
    if order is not None:
        async with _awake():
            await order.arun(magics.shell.user_ns, magics.frames_per_second)


def _begun(
    magics: MagicState, line: str, cell: str, *, blocking: bool
) -> CellRun | ParallelCellRun | EachCellRun | None:
    """Return what is to be waited for, ``None`` where nothing is: help, --dry-run, --bg."""
    with usage_errors_for_ipython("%%stream"):
        order = prepare(magics, line, cell, blocking=blocking)
    if isinstance(order, CellRun):
        magics.plans[order.variable] = order.plan
        if order.background:
            _start(magics, order)
            return None
    return order


def _start(magics: MagicState, order: CellRun) -> None:
    names, into = magics.shell.user_ns, order.variable

    def ended(reply: Reply) -> None:
        if names.get(into) is running:  # the person may have put something else there
            names[into] = reply

    running = BackgroundStream(
        order.plan.model_spec,
        lambda view: run_plan(order.plan, view, magics.frames_per_second),
        order.view,
        ended,
    )
    names[into] = magics.running[_free_name(magics, into)] = running


def _free_name(magics: MagicState, into: str) -> str:
    """Return a name for ``%stream stop``; an earlier stream into the same variable may still run."""
    names = itertools.chain([into], (f"{into} #{number}" for number in itertools.count(2)))
    return next(
        name for name in names if name not in magics.running or magics.running[name].state != "running"
    )


@asynccontextmanager
async def _awake() -> AsyncIterator[None]:
    """Keep the loop ticking: an interrupt schedules a cancellation without waking the loop."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.1)

    ticker = asyncio.ensure_future(tick())
    try:
        yield
    finally:
        ticker.cancel()
