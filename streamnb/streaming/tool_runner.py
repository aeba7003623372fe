"""The calls that a model asked for, between two requests: approved, made and answered.

All of it happens in a thread of its own, so that the waiting side goes on painting and can stop;
the results arrive in the inbox like any traffic.  In this order for each call: is there such
a tool, do the arguments fit, does the person agree, what does it give.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from ..core.content import ToolResultPart
from ..core.reply import ToolCall
from ..core.text import sanitize_line
from ..views.base import View
from .tools import Outcome, Toolbox, refused_outcome, run

__all__ = ["Approve", "ToolResults", "ToolRunner", "approval"]

Approve: TypeAlias = "Callable[[ToolCall], bool | None]"
"""Says whether a call may run; ``None`` where there is nobody to ask."""

NOBODY = "nobody is here to agree to it; --yes (approve=True) runs tools without asking"


@dataclass(frozen=True, slots=True)
class ToolResults:
    """Results of the calls of one round, in their order: an error is ``None`` where there was none."""

    at: float
    calls: tuple[ToolCall, ...]
    contents: tuple[ToolResultPart, ...]
    errors: tuple[str | None, ...]

    def notices(self) -> list[str]:
        """Return what the person is told."""
        pairs = zip(self.calls, self.errors, strict=True)
        return [sanitize_line(f"{call.name}: {error}") for call, error in pairs if error]


class ToolRunner:
    """Runs the tools of one stream."""

    is_over = False  # there is always somebody who can answer a call; see ``Replay``

    def __init__(self, toolbox: Toolbox, approve: Approve) -> None:
        self._toolbox = toolbox
        self._approve = approve

    def start(self, calls: Sequence[ToolCall], put: Callable[[ToolResults], object]) -> None:
        """Answer ``calls`` in the background and put the results."""
        context = contextvars.copy_context()
        work = threading.Thread(
            target=context.run, args=(self._answer, tuple(calls), put), name="streamnb tools", daemon=True
        )
        work.start()

    def _answer(self, calls: tuple[ToolCall, ...], put: Callable[[ToolResults], object]) -> None:
        outcomes = [self._outcome(call) for call in calls]
        done = tuple(
            replace(call, result=outcome.result if outcome.error is None else outcome.error)
            for call, outcome in zip(calls, outcomes, strict=True)
        )
        answers = tuple(
            ToolResultPart(call.id or call.name, call.name, outcome.content)
            for call, outcome in zip(calls, outcomes, strict=True)
        )
        put(ToolResults(time.perf_counter(), done, answers, tuple(outcome.error for outcome in outcomes)))

    def _outcome(self, call: ToolCall) -> Outcome:
        tool = self._toolbox.find(call)
        if isinstance(tool, Outcome):
            return tool
        if tool.asks:
            agreed = self._approve(call)
            if not agreed:
                return refused_outcome("the person said no" if agreed is False else NOBODY)
        return run(tool, call.arguments)


def approval(wish: bool | Callable[..., object] | None, view: View | None) -> Approve:
    """Return who is asked before a call: a wish said beforehand, or the person in front of the view."""
    if callable(wish):
        return lambda call: bool(wish(call))
    if wish is not None:
        return lambda call: bool(wish)
    return view.ask if view is not None else lambda call: None
