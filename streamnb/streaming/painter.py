"""The painter: collects events into frames and passes them to a view when one is due.

An answer is worth more than its picture: what goes wrong while an output is made or sent ends the
output and not the stream, and is said in one line when all is over.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from types import TracebackType

from ..core.events import Event
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..views.base import View
from ..views.pacing import Pacer

__all__ = ["OutputGuard", "Painter"]


class OutputGuard:
    """Keeps what an output raises away from the stream: a context manager for each piece of painting.

    A closed pipe is no fault of the output but the end of it: nobody reads any more.

    Attributes
    ----------
    error
        The last that was raised, ``None`` while nothing was.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception) or isinstance(error, BrokenPipeError):
            return False
        self.error = error
        return True

    def close(self, paint: Callable[[], None]) -> None:
        """Paint for the last time; if that fails, say so in one line."""
        self.error = None
        with self:
            paint()
        if self.error is not None:
            why = f"{type(self.error).__name__}: {self.error}".encode("utf-8", "replace").decode()
            line = sanitize_line(f"the output could not be shown, the answer is whole ({why})")
            print(line, file=sys.stderr)


class Painter:
    """Paints one stream into a view, ``frames_per_second`` times at most."""

    def __init__(self, view: View, frames_per_second: float) -> None:
        self._view = view
        self._pacer = Pacer(frames_per_second, time.perf_counter())
        self._guard = OutputGuard()

    def open(self, stop: Callable[[], None]) -> None:
        """Let the view appear; ``stop`` ends the stream."""
        with self._guard:
            self._view.open(stop)

    def feed(self, events: Iterable[Event]) -> None:
        """Take events for the next frame."""
        self._pacer.feed(events, time.perf_counter())

    def min_sleep(self, now: float) -> float:
        """Return the seconds for which no frame will be due, whatever comes."""
        return self._pacer.min_sleep(now)

    def paint(self, now: float, *, always: bool = False) -> None:
        """Show the next frame if one is due, or ``always``, an empty one included."""
        if not (always or self._pacer.is_due(now)):
            return
        began, events = time.perf_counter(), self._pacer.take_frame()
        if self._guard.error is None:
            with self._guard:
                self._view.show(events)
        self._pacer.note_painted(began, time.perf_counter())

    def close(self, reply: Reply) -> None:
        """Show what is left, and the end."""
        events = self._pacer.take_frame()
        if events and self._guard.error is None:
            with self._guard:
                self._view.show(events)
        self._guard.close(lambda: self._view.close(reply))
