"""What a view is: something that is shown frames of events and is closed with the reply.

``pacing`` decides when a frame is due and what is in it; a view only paints.  It is closed
once, whatever happens, and never raises for a front end that has gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ..events import Event
from ..reply import Reply

__all__ = ["NoView", "View"]


class View(Protocol):
    """Shows one stream."""

    def show(self, events: Sequence[Event]) -> None:
        """Paint what has come since the last frame; an empty frame is a chance to tick."""
        ...

    def close(self, reply: Reply) -> None:
        """Paint the rest, then leave what lasts: text, footer, state."""
        ...


class NoView:
    """Shows nothing: ``display=False`` and ``--no-display``."""

    def show(self, events: Sequence[Event]) -> None:
        """Show nothing."""

    def close(self, reply: Reply) -> None:
        """Leave nothing."""
