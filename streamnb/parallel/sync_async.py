"""Comparison of an SDK's asynchronous and synchronous client: one prompt on each, one after the other.

The result is two answers and a table of how smoothly each came; see ``comparison.pace_table``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ..core.errors import StreamInterrupted
from ..core.events import Event
from ..core.reply import Reply, ToolCall
from ..render import comparison
from ..request.options import Options
from ..streaming.painter import OutputGuard
from ..streaming.planner import make_plan
from ..streaming.runner import run_plan
from ..streaming.sigint import SigintGate
from ..views.base import View
from ..views.columns import Columns
from .errors import ParallelInterrupted, interrupt_message
from .variants import refuse_single_stream_options

__all__ = ["compare_sync_async"]


def compare_sync_async(prompt: str | list[Any], options: Options, columns: Columns) -> dict[str, Reply]:
    """Ask twice, show both answers and the table; return them by the client's kind.

    Parameters
    ----------
    prompt
        A text, or a list of parts.
    options
        Of the request; ``sync`` is set for each of both.
    columns
        Shows both answers.

    Returns
    -------
    dict[str, Reply]
        The replies, by ``asynchronous`` and ``synchronous``.

    Raises
    ------
    UsageError
        It cannot be sent; nothing was.
    ParallelInterrupted
        It was stopped by hand, after which nothing more is asked; ``replies`` has what had come.
    """
    refuse_single_stream_options(options, "comparing both clients of the SDK")
    plans = {
        way: make_plan(prompt, replace(options, sync=sync))
        for way, sync in (("asynchronous", False), ("synchronous", True))
    }
    views = {
        way: _FlushingView(columns.add_column(way, plan_.model_spec, plan_.extras.schema_name), columns)
        for way, plan_ in plans.items()
    }
    replies: dict[str, Reply] = {}
    with SigintGate() as gate:  # an interrupt between the two must not cost the first
        guard = OutputGuard()
        with guard:
            columns.open()
        try:
            for way, plan_ in plans.items():
                if not gate.has_deferred:
                    replies[way] = run_plan(plan_, views[way])
        except StreamInterrupted as stopped:
            replies[way] = stopped.reply
            gate.has_deferred = True
        finally:
            guard.close(lambda: columns.close(comparison.pace_table(replies)))
        if gate.has_deferred:
            raise ParallelInterrupted(interrupt_message(replies), replies)
    return replies


class _FlushingView:
    """A view of one column that has every frame seen at once."""

    def __init__(self, view: View, columns: Columns) -> None:
        self._view = view
        self._columns = columns

    def open(self, stop: Callable[[], None]) -> None:
        self._view.open(stop)

    def show(self, events: Sequence[Event]) -> None:
        self._view.show(events)
        self._columns.flush()

    def ask(self, call: ToolCall) -> bool | None:
        return self._view.ask(call)

    def close(self, reply: Reply) -> None:
        self._view.close(reply)
        self._columns.flush()
