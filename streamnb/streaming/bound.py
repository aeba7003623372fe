"""The bound on an answer's size: what is within it passes, what is beyond is cut off, to the character."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..core.events import Citation, Event, Image, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta

__all__ = ["SizeLimit"]


class SizeLimit:
    """Lets ``most`` characters of content pass.

    >>> limit = SizeLimit(3)
    >>> limit.feed([TextDelta("ab")]), limit.feed([TextDelta("cd")]), limit.broken
    (([TextDelta(text='ab')], 2), ([TextDelta(text='c')], 2), True)

    Attributes
    ----------
    broken
        Something had to be left out; no content passes any more.
    """

    def __init__(self, most: int) -> None:
        self.broken = False
        self._most = self._left = most

    @property
    def message(self) -> str:
        """What a person is told of a broken bound."""
        return f"the answer is longer than {self._most:,} characters (max_text); the rest was left out"

    def feed(self, events: list[Event]) -> tuple[list[Event], int]:
        """Return the events as far as the bound allows, and how much content was in them."""
        size = 0
        for event in events:
            size += _size(event)
        if size > self._left:
            self.broken = True
            events = self._cut(events)
        self._left -= size
        return events, size

    def _cut(self, events: Sequence[Event]) -> list[Event]:
        """Keep what fits, the beginning of the first text that does not, and what is no content."""
        left, kept = max(0, self._left), list[Event]()
        for event in events:
            size = _size(event)
            if size <= left:
                kept.append(event)
                left -= size
                continue
            if isinstance(event, TextDelta | ReasoningDelta) and left:
                kept.append(replace(event, text=event.text[:left]))
            left = 0
        return kept


def _size(event: Event) -> int:
    """Return how much content an event brings, 0 for none: what keeps a stream alive."""
    match event:
        case TextDelta(text) | ReasoningDelta(text):
            return len(text)
        case ToolCallDelta():
            return len(event.arguments) + len(event.name or "") + len(event.id or "")
        case StepDelta():
            return len(event.arguments) + len(event.result) + len(event.name or "")
        case Image():
            return len(event.data)
        case Citation():
            return 1
        case _:
            return 0
