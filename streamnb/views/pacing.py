"""Pacing of a view: when the next frame is due, and what events are in it.

A pacer is fed events as they come and told when a frame was painted; it has no clock of its own and
paints nothing.  The first piece is due at once, later ones at a steady rate.  A costly frame is
followed by a longer pause, so that painting takes a tenth of the time at most, whatever the answer
looks like; text that waits for a frame is kept whole, and the caller takes the rest at the end.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.events import Event, ReasoningDelta, TextDelta, Usage

__all__ = ["FRAMES_PER_SECOND", "Pacer"]

FRAMES_PER_SECOND = 25.0
"""How often an output is painted at most, where nobody said otherwise."""
PAUSE_PER_COST = 10.0  # pause after a frame, in multiples of what the frame cost


class Pacer:
    """Gathers events into frames, and says when one is due.

    Parameters
    ----------
    frames_per_second
        The rate that is never exceeded.
    now
        Seconds on any monotonic clock; every later time is on the same one.
    """

    def __init__(self, frames_per_second: float, now: float) -> None:
        self._interval = 1.0 / frames_per_second
        self._not_before = now
        self._pending: list[Event] = []
        self._run: list[str] = []  # the texts of the last few deltas, which are all of one kind
        self._kind: type[TextDelta | ReasoningDelta] = TextDelta
        self._usage: Usage | None = None  # each repeats the last

    def feed(self, events: Iterable[Event], now: float) -> None:
        """Take events that arrived ``now``."""
        # Joined here and not in ``take_frame``: many small objects would keep the garbage collector busy.
        for event in events:
            if isinstance(event, TextDelta | ReasoningDelta):
                if type(event) is not self._kind:
                    self._join_run()
                    self._kind = type(event)
                self._run.append(event.text)
            elif isinstance(event, Usage):
                self._usage = event
            else:
                self._join_run()
                self._pending.append(event)

    @property
    def _has_pending(self) -> bool:
        return bool(self._run or self._pending or self._usage)

    def _join_run(self) -> None:
        if self._run:
            self._pending.append(self._kind("".join(self._run)))
            self._run = []

    def is_due(self, now: float) -> bool:
        """Say whether there is something to show and it may be shown ``now``."""
        return self._has_pending and now >= self._not_before

    def min_sleep(self, now: float) -> float:
        """Return the seconds for which nothing will be due, whatever comes."""
        return max(0.0, self._not_before - now)

    def take_frame(self) -> list[Event]:
        """Return what is pending as one frame, whether or not it is due."""
        self._join_run()
        frame = [*self._pending, self._usage] if self._usage else self._pending
        self._pending, self._usage = [], None
        return frame

    def note_painted(self, start: float, end: float) -> None:
        """Note that a frame was painted between these times."""
        self._not_before = max(start + self._interval, end + PAUSE_PER_COST * (end - start))
