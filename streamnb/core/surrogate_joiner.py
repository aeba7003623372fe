"""Surrogate pairs whose halves come in two events: joined, so that no event has half a character.

A first half at the end of a piece is held back until the next piece; one that stays alone becomes U+FFFD.
Every text of every event passes through here.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from .deltas import GROWING_FIELDS, make_delta
from .events import Event, ReasoningDelta, TextDelta
from .surrogates import find_surrogate, split_open_half, without_surrogates

__all__ = ["SurrogateJoiner"]

_EMPTY_DELTAS = (TextDelta(""), ReasoningDelta(""))


class SurrogateJoiner:
    """Joins surrogate halves across events, and replaces lone ones.

    >>> joiner = SurrogateJoiner()
    >>> joiner.feed([TextDelta("a\\ud83d")]), joiner.feed([TextDelta("\\ude00b")])
    ([TextDelta(text='a')], [TextDelta(text='😀b')])
    """

    def __init__(self) -> None:
        self._pending: dict[tuple[type[Event], int, str], str] = {}  # by kind, index and field

    def feed(self, events: list[Event]) -> list[Event]:
        """Return the events of one chunk, mended."""
        if not self._pending:
            for event in events:
                if type(event) is TextDelta and event.text.isascii():  # nearly always
                    continue
                if _needs_mending(event):
                    break
            else:
                return events
        joined_events = map(self._mend, events)
        return [event for event in joined_events if event not in _EMPTY_DELTAS]

    def close(self) -> list[Event]:
        """Return a replacement character for each half that was held back."""
        pending, self._pending = self._pending, {}
        return [make_delta(kind, index, name, "\ufffd") for kind, index, name in pending]

    def _mend(self, event: Event) -> Event:
        changes: dict[str, Any] = {}
        growing = GROWING_FIELDS.get(type(event), ())
        for name in growing:
            key = (type(event), getattr(event, "index", 0), name)
            before = getattr(event, name)
            text, half = split_open_half(self._pending.pop(key, "") + before)
            if half:
                self._pending[key] = half
            if (text := without_surrogates(text)) != before:
                changes[name] = text
        for name, value in _field_names_and_values(event):
            if name not in growing and (clean := without_surrogates(value)) is not value:
                changes[name] = clean
        return replace(event, **changes) if changes else event


def _field_names_and_values(event: Event) -> list[tuple[str, Any]]:
    return [(field.name, getattr(event, field.name)) for field in fields(event)]


def _needs_mending(event: Event) -> bool:
    if type(event) in (TextDelta, ReasoningDelta):
        return not event.text.isascii() and find_surrogate(event.text) is not None  # type: ignore[union-attr]
    return any(type(value) is str and find_surrogate(value) for _, value in _field_names_and_values(event))
