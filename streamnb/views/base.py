"""The interface of a view: opened once, given frames of events, closed with the reply.

``pacing`` decides when a frame is due and what is in it; a view only paints.  It is closed
once, whatever happens, and never raises for a front end that has gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from ..core.events import Event
from ..core.reply import Reply, ToolCall

__all__ = ["NoView", "View"]


class View(Protocol):
    """Shows one stream."""

    def open(self, stop: Callable[[], None]) -> None:
        """Show the view, still empty; ``stop`` ends the stream, from any thread and at any time."""
        ...

    def show(self, events: Sequence[Event]) -> None:
        """Show the events of one frame; an empty frame lets the view update its clock."""
        ...

    def ask(self, call: ToolCall) -> bool | None:
        """Ask the person whether a tool may be called, and wait; ``None`` where nobody can answer.

        It is called in a thread of its own, while the view goes on being shown frames.
        """
        ...

    def close(self, reply: Reply) -> None:
        """Show what is missing of the reply, then what stays of the view: text, footer, state."""
        ...


class NoView:
    """Shows nothing: ``display=False`` and ``--no-display``."""

    def open(self, stop: Callable[[], None]) -> None:
        """Show nothing."""

    def show(self, events: Sequence[Event]) -> None:
        """Show nothing."""

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody."""
        return None

    def close(self, reply: Reply) -> None:
        """Show nothing."""
