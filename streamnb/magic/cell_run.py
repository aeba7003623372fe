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
from .code_cell import CodeInserter
from .xray import show_xray_of_answer

__all__ = ["CellRun", "ParallelCellRun"]

Variables = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class CellRun:
    """One stream and the variable that gets its answer.

    Attributes
    ----------
    plan
        What is streamed.
    view
        Where it is shown.
    variable
        The name that gets the reply.
    background
        Whether the cell returns at once.
    code_inserter
        Puts the answer's code into a cell below, ``None`` without ``--code``.
    """

    plan: Plan
    view: View
    variable: str
    background: bool = False
    code_inserter: CodeInserter | None = None

    def run(self, variables: Variables, frames_per_second: float) -> None:
        """Stream, block until it has ended, store the reply in the variable."""
        with SigintGate():  # an interrupt after the first must not cost the variable
            try:
                reply = run_plan(self.plan, self.view, frames_per_second)
            except StreamInterrupted as stopped:
                reply = stopped.reply
            variables[self.variable] = reply
        self._finish_cell(reply)

    async def arun(self, variables: Variables, frames_per_second: float) -> None:
        """Stream on the running event loop, await the end, store the reply in the variable."""
        try:
            reply = await arun_plan(self.plan, self.view, frames_per_second)
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            reply = cancelled.reply  # type: ignore[attr-defined]
        variables[self.variable] = reply
        if self.code_inserter is not None and reply.state != "interrupted":
            await self.code_inserter.wait_for_page()
        self._finish_cell(reply)

    def _finish_cell(self, reply: Reply) -> None:
        if self.code_inserter is not None:
            self.code_inserter.insert_or_report(reply)
        if self.plan.options.xray:
            show_xray_of_answer(reply, self.variable)
        raise_for_state(reply, self.variable, self.view)


@dataclass(frozen=True, slots=True)
class ParallelCellRun:
    """Several streams and the variable that gets the dict of their answers.

    Attributes
    ----------
    plans, variants
        What is streamed, and in what the streams differ, by the name of the answer.
    columns
        Where they are shown, side by side.
    variable
        The name that gets the dict.
    code_inserter
        As in ``CellRun``.
    """

    plans: Mapping[str, Plan]
    variants: Mapping[str, Variant]
    columns: Columns
    variable: str
    code_inserter: CodeInserter | None = None

    def run(self, variables: Variables, frames_per_second: float) -> None:
        """Stream all, block until all have ended, store the replies in the variable."""
        stopped = False
        with SigintGate():
            try:
                replies = side_by_side.run_plans(self.plans, self.variants, self.columns, frames_per_second)
            except ParallelInterrupted as interrupt:
                replies, stopped = interrupt.replies, True
            variables[self.variable] = replies
        self._finish_cell(replies, stopped)

    async def arun(self, variables: Variables, frames_per_second: float) -> None:
        """Stream all on the running event loop, await their end, store the replies in the variable."""
        stopped = False
        try:
            replies = await side_by_side.arun_plans(
                self.plans, self.variants, self.columns, frames_per_second
            )
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            replies, stopped = cancelled.replies, True  # type: ignore[attr-defined]
        variables[self.variable] = replies
        self._finish_cell(replies, stopped)

    def _finish_cell(self, replies: dict[str, Reply], stopped: bool) -> None:
        if self.code_inserter is not None:
            self.code_inserter.print_answer_choice_hint(replies)
        if any(plan.options.xray for plan in self.plans.values()):
            show_xray_of_answer(replies, self.variable)
        raise_for_states(replies, self.variable, self.columns, stopped=stopped)
