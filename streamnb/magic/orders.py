"""A cell that can be streamed: everything is checked, nothing is sent; then run, kept and ended.

``Order`` is a cell with one stream, ``Orders`` one with several side by side.  Both are run in a cell that
blocks (``run``) or awaits (``arun``), put what came into the variable, and end the cell as that asks for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from ..display.base import View
from ..display.columns import Columns
from ..errors import StreamInterrupted
from ..reply import Reply
from ..several import many
from ..several.lanes import Lane
from ..streaming.conduct import aconduct, conduct
from ..streaming.plan import Plan
from . import inside
from .endings import settle, settle_all

__all__ = ["Order", "Orders"]

Names = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """One stream and the variable that gets its answer."""

    plan: Plan
    view: View
    into: str
    background: bool = False

    def run(self, names: Names, frames_per_second: float) -> None:
        """Stream, block until it has ended, keep the reply."""
        try:
            reply = conduct(self.plan, self.view, frames_per_second)
        except StreamInterrupted as stopped:
            reply = stopped.reply
        self._keep(names, reply)

    async def arun(self, names: Names, frames_per_second: float) -> None:
        """Do the same in a cell that awaits."""
        try:
            reply = await aconduct(self.plan, self.view, frames_per_second)
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            reply = cancelled.reply  # type: ignore[attr-defined]
        self._keep(names, reply)

    def _keep(self, names: Names, reply: Reply) -> None:
        names[self.into] = reply
        if self.plan.options.xray:
            inside.show(reply, self.into)
        settle(reply, self.into)


@dataclass(frozen=True, slots=True)
class Orders:
    """Several streams and the variable that gets the dict of their answers."""

    plans: Mapping[str, Plan]
    lanes: Mapping[str, Lane]
    columns: Columns
    into: str

    def run(self, names: Names, frames_per_second: float) -> None:
        """Stream all, block until all have ended, keep the replies."""
        stopped = False
        try:
            replies = many.conduct(self.plans, self.lanes, self.columns, frames_per_second)
        except many.Interrupted as interrupt:
            replies, stopped = interrupt.replies, True
        self._keep(names, replies, stopped)

    async def arun(self, names: Names, frames_per_second: float) -> None:
        """Do the same in a cell that awaits."""
        stopped = False
        try:
            replies = await many.aconduct(self.plans, self.lanes, self.columns, frames_per_second)
        except asyncio.CancelledError as cancelled:  # the kernel's interrupt
            replies, stopped = cancelled.replies, True  # type: ignore[attr-defined]
        self._keep(names, replies, stopped)

    def _keep(self, names: Names, replies: dict[str, Reply], stopped: bool) -> None:
        names[self.into] = replies
        if any(plan.options.xray for plan in self.plans.values()):
            inside.show(replies, self.into)
        settle_all(replies, self.into, stopped=stopped)
