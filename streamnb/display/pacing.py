"""When the next frame is due, and what is in it.

A pacer is fed events as they come and told when a frame was painted; it has no clock of its own and
paints nothing.  The first piece is due at once, later ones at a steady rate.  A costly frame is
followed by a longer pause, so that painting takes a tenth of the time at most, whatever the answer
looks like; text that waits for a frame is kept whole, and the caller takes the rest at the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ..events import Event, ReasoningDelta, TextDelta, Usage

__all__ = ["Pacer"]

REST = 10.0  # pause after a frame, in multiples of what the frame cost


class Pacer:
    """Gathers events into frames.

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

    def feed(self, events: Iterable[Event], now: float) -> None:
        """Take events that arrived ``now``."""
        self._pending.extend(events)

    def due(self, now: float) -> bool:
        """Say whether there is something to show and it may be shown ``now``."""
        return bool(self._pending) and now >= self._not_before

    def wait(self, now: float) -> float | None:
        """Return the seconds until a frame is due, 0 if one is, ``None`` if nothing is pending."""
        return max(0.0, self._not_before - now) if self._pending else None

    def rest(self, now: float) -> float:
        """Return the seconds for which nothing will be due, whatever comes."""
        return max(0.0, self._not_before - now)

    def take(self) -> list[Event]:
        """Return what is pending as one frame, whether or not it is due."""
        frame, self._pending = _merged(self._pending), []
        return frame

    def painted(self, began: float, ended: float) -> None:
        """Note that a frame was painted between these times."""
        self._not_before = max(began + self._interval, ended + REST * (ended - began))


def _merged(events: list[Event]) -> list[Event]:
    """Join neighbouring deltas; of several usages, each of which repeats the last, keep the last."""
    latest = next((event for event in reversed(events) if isinstance(event, Usage)), None)
    kept = [event for event in events if not isinstance(event, Usage) or event is latest]
    merged: list[Event] = []
    for kind, run in groupby(kept, key=type):
        if kind is TextDelta:
            merged.append(TextDelta("".join(event.text for event in run if isinstance(event, TextDelta))))
        elif kind is ReasoningDelta:
            merged.append(
                ReasoningDelta("".join(event.text for event in run if isinstance(event, ReasoningDelta)))
            )
        else:
            merged.extend(run)
    return merged
