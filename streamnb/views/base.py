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
        """Appear; ``stop`` ends the stream and may be called from any thread, at any time."""
        ...

    def show(self, events: Sequence[Event]) -> None:
        """Paint what has come since the last frame; an empty frame is a chance to count seconds."""
        ...

    def ask(self, call: ToolCall) -> bool | None:
        """Ask the person whether a tool may be called, and wait; ``None`` where nobody can answer.

        It is called in a thread of its own, while the view goes on being shown frames.
        """
        ...

    def close(self, reply: Reply) -> None:
        """Paint the rest, then leave what lasts: text, footer, state."""
        ...


class NoView:
    """Shows nothing: ``display=False`` and ``--no-display``."""

    def open(self, stop: Callable[[], None]) -> None:
        """Stay away."""

    def show(self, events: Sequence[Event]) -> None:
        """Show nothing."""

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody."""
        return None

    def close(self, reply: Reply) -> None:
        """Leave nothing."""
