"""The painter: gathers events into frames and gives them to a view when one is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ..core.events import Event
from ..core.reply import Reply
from ..views.base import View
from ..views.pacing import Pacer

__all__ = ["Painter"]


class Painter:
    """Paints one stream into a view, ``frames_per_second`` times at most."""

    def __init__(self, view: View, frames_per_second: float) -> None:
        self._view = view
        self._pacer = Pacer(frames_per_second, time.perf_counter())

    def open(self, stop: Callable[[], None]) -> None:
        """Let the view appear; ``stop`` ends the stream."""
        self._view.open(stop)

    def feed(self, events: Iterable[Event]) -> None:
        """Take events for the next frame."""
        self._pacer.feed(events, time.perf_counter())

    def min_sleep(self, now: float) -> float:
        """Return the seconds for which no frame will be due, whatever comes."""
        return self._pacer.min_sleep(now)

    def paint(self, now: float, *, always: bool = False) -> None:
        """Show the next frame if one is due, or ``always``, an empty one included."""
        if always or self._pacer.due(now):
            began = time.perf_counter()
            self._view.show(self._pacer.take())
            self._pacer.painted(began, time.perf_counter())

    def close(self, reply: Reply) -> None:
        """Show what is left, and the end."""
        if events := self._pacer.take():
            self._view.show(events)
        self._view.close(reply)
