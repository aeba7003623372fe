"""One run of a ``%%stream`` cell: its plan is streamed, the reply stored in the variable, the cell ended.

``CellRun`` is a cell with one stream, ``ParallelCellRun`` one with several side by side.  Both can be run
blocking (``run``) or awaited (``arun``); a reply with a fault then ends the cell with an error.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import StreamInterrupted
from ..core.reply import Reply
from ..parallel import side_by_side
from ..parallel.errors import ParallelInterrupted
from ..parallel.variants import Variant
from ..streaming.plan import Plan
from ..streaming.runner import arun_plan, run_plan
from ..streaming.sigint import SigintGate
from ..views.base import View
from ..views.columns import Columns
from .cell_errors import raise_for_state, raise_for_states
from .code_cell import CodeCell
from .xray import show_xray_of_answer

__all__ = ["CellRun", "ParallelCellRun"]

Names = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class CellRun:
    """One stream and the variable that gets its answer.

    With ``background`` the cell returns at once; ``code`` is the cell below that gets the answer's code,
    ``None`` without ``--code``.
    """

    plan: Plan
    view: View
    variable: str
    background: bool = False
    code: CodeCell | None = None

    def run(self, names: Names, frames_per_second: float) -> None:
        """Stream, block until it has ended, keep the reply."""
        with SigintGate():  # an interrupt after the first must not cost the variable
            try:
                reply = run_plan(self.plan, self.view, frames_per_second)
            except StreamInterrupted as stopped:
                reply = stopped.reply
            names[self.variable] = reply
        self._store_reply(reply)

    async def arun(self, names: Names, frames_per_second: float) -> None:
        """Do the same in a cell that awaits."""
        try:
            reply = await arun_plan(self.plan, self.view, frames_per_second)
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            reply = cancelled.reply  # type: ignore[attr-defined]
        names[self.variable] = reply
        if self.code is not None and reply.state != "interrupted":
            await self.code.wait_until_page_is_present()
        self._store_reply(reply)

    def _store_reply(self, reply: Reply) -> None:
        if self.code is not None:
            self.code.insert_or_report(reply)
        if self.plan.options.xray:
            show_xray_of_answer(reply, self.variable)
        raise_for_state(reply, self.variable, self.view)


@dataclass(frozen=True, slots=True)
class ParallelCellRun:
    """Several streams and the variable that gets the dict of their answers; ``code`` as in ``CellRun``."""

    plans: Mapping[str, Plan]
    variants: Mapping[str, Variant]
    columns: Columns
    variable: str
    code: CodeCell | None = None

    def run(self, names: Names, frames_per_second: float) -> None:
        """Stream all, block until all have ended, keep the replies."""
        stopped = False
        with SigintGate():
            try:
                replies = side_by_side.run_plans(self.plans, self.variants, self.columns, frames_per_second)
            except ParallelInterrupted as interrupt:
                replies, stopped = interrupt.replies, True
            names[self.variable] = replies
        self._store_replies(replies, stopped)

    async def arun(self, names: Names, frames_per_second: float) -> None:
        """Do the same in a cell that awaits."""
        stopped = False
        try:
            replies = await side_by_side.arun_plans(
                self.plans, self.variants, self.columns, frames_per_second
            )
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            replies, stopped = cancelled.replies, True  # type: ignore[attr-defined]
        names[self.variable] = replies
        self._store_replies(replies, stopped)

    def _store_replies(self, replies: dict[str, Reply], stopped: bool) -> None:
        if self.code is not None:
            self.code.print_how_to_choose_code(replies)
        if any(plan.options.xray for plan in self.plans.values()):
            show_xray_of_answer(replies, self.variable)
        raise_for_states(replies, self.variable, self.columns, stopped=stopped)
