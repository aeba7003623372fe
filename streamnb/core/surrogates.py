"""Halves of surrogate pairs, put together: JSON can cut an emoji in two, one half an event.

A half that waits for the other is held back; one that stays alone becomes U+FFFD, since no file
and no browser takes it.
"""

from __future__ import annotations

import re

from .events import Event, ReasoningDelta, TextDelta

__all__ = ["SurrogateJoiner"]

_HALF = re.compile("[\ud800-\udfff]")
_TEXTS = (TextDelta, ReasoningDelta)
_EMPTY = (TextDelta(""), ReasoningDelta(""))


class SurrogateJoiner:
    """Passes events on, their text free of halves.

    >>> halves = Halves()
    >>> halves.feed([TextDelta("a\\ud83d")]), halves.feed([TextDelta("\\ude00b")])
    ([TextDelta(text='a')], [TextDelta(text='😀b')])
    """

    def __init__(self) -> None:
        self._held: dict[type[TextDelta | ReasoningDelta], str] = {}

    def feed(self, events: list[Event]) -> list[Event]:
        """Return the events of one chunk, mended."""
        if not self._held and not any(_HALF.search(getattr(event, "text", "")) for event in events):
            return events
        mended = (self._mend(event) if isinstance(event, _TEXTS) else event for event in events)
        return [event for event in mended if event not in _EMPTY]

    def close(self) -> list[Event]:
        """Return what waited in vain."""
        held, self._held = self._held, {}
        return [kind("\ufffd") for kind in held]

    def _mend(self, event: TextDelta | ReasoningDelta) -> Event:
        kind = type(event)
        text = self._held.pop(kind, "") + event.text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._held[kind], text = text[-1], text[:-1]
        return kind(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))
