"""The implementations of ``%%stream`` and ``%stream``, which ``magics`` imports at their first use.

All that a stream needs is imported from here on: at the first use, or by the warm-up before it, so that
``%load_ext`` does not wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..core.reply import Reply
from ..parallel.variants import unused_name
from ..request.line_words import split_keeping_braces
from ..streaming.background import BackgroundStream
from ..streaming.runner import run_plan
from ..views.comms import hears_clicks_while_awaiting
from . import commands
from .cell_errors import usage_errors_for_ipython
from .cell_run import CellRun, ParallelCellRun
from .code_cell import subscript_text
from .commands import fix
from .each import EachCellRun
from .notebook_context import FIX_PROMPT
from .prepare import prepare_cell_run
from .state import MagicState

__all__ = ["arun_cell", "arun_fix", "run_cell", "run_command"]


def run_command(magics: MagicState, line: str) -> None:
    """Run a ``%stream`` line."""
    with usage_errors_for_ipython("%stream"):
        commands.run(magics, line)


def run_cell(magics: MagicState, line: str, cell: str) -> None:
    """Run a ``%%stream`` cell, and block until it has ended.

    Parameters
    ----------
    magics
        The defaults and the shell.
    line
        What stands behind ``%%stream``.
    cell
        The text below it.
    """
    cell_run = _prepare_run(magics, line, cell, blocking=True)
    if cell_run is not None:
        cell_run.run(magics.shell.user_ns, magics.frames_per_second)


async def arun_cell(magics: MagicState, line: str, cell: str) -> None:
    """Run a ``%%stream`` cell on the running event loop, so that clicks in its output arrive.

    Parameters
    ----------
    magics, line, cell
        As for ``run_cell``.
    """
    cell_run = _prepare_run(magics, line, cell, blocking=not hears_clicks_while_awaiting())
    if cell_run is not None:
        async with _keep_loop_ticking():
            await cell_run.arun(magics.shell.user_ns, magics.frames_per_second)


async def arun_fix(magics: MagicState, line: str) -> None:
    """Run a ``%stream fix`` line in a cell that awaits."""
    with usage_errors_for_ipython("%stream"):
        cell_line = fix.prepare_fix_line(magics, split_keeping_braces(line))
    await arun_cell(magics, cell_line, FIX_PROMPT)


def _prepare_run(
    magics: MagicState, line: str, cell: str, *, blocking: bool
) -> CellRun | ParallelCellRun | EachCellRun | None:
    """Return the run of a cell; ``None`` for --help, --dry-run, and --bg, which is started here."""
    with usage_errors_for_ipython("%%stream"):
        cell_run = prepare_cell_run(magics, line, cell, blocking=blocking)
    if cell_run is not None and magics.history is not None:
        magics.history.set_answer_variable(cell_run.variable)
    if isinstance(cell_run, CellRun):
        magics.plans[cell_run.variable] = cell_run.plan
        if cell_run.background:
            _start_in_background(magics, cell_run)
            return None
    elif isinstance(cell_run, ParallelCellRun):
        magics.plans |= {
            subscript_text(cell_run.variable, name): plan for name, plan in cell_run.plans.items()
        }
    return cell_run


def _start_in_background(magics: MagicState, cell_run: CellRun) -> None:
    names, into = magics.shell.user_ns, cell_run.variable

    def keep(reply: Reply) -> None:
        if names.get(into) is running:  # the person may have put something else there
            names[into] = reply
        if cell_run.code_inserter is not None:
            cell_run.code_inserter.insert_or_report(reply)

    running = BackgroundStream(
        cell_run.plan.model_spec,
        lambda view: run_plan(cell_run.plan, view, magics.frames_per_second),
        cell_run.view,
        keep,
    )

    def is_taken(name: str) -> bool:  # an earlier stream into the same variable may still run
        return name in magics.running and magics.running[name].state == "running"

    # First named, then begun: an answer may have come before the next line.
    names[into] = magics.running[unused_name(into, is_taken)] = running
    running.start()


@asynccontextmanager
async def _keep_loop_ticking() -> AsyncIterator[None]:
    """Keep the loop ticking: an interrupt schedules a cancellation without waking the loop."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.1)

    ticker = asyncio.ensure_future(tick())
    try:
        yield
    finally:
        ticker.cancel()
