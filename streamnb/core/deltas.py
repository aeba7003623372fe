"""Deltas: the events whose texts go on from one to the next, and how one more is made."""

from __future__ import annotations

from typing import Final

from .events import Event, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta

__all__ = ["GROWING_FIELDS", "make_delta"]

GROWING_FIELDS: Final[dict[type[Event], tuple[str, ...]]] = {
    TextDelta: ("text",),
    ReasoningDelta: ("text",),
    ToolCallDelta: ("arguments",),
    StepDelta: ("arguments", "result"),
}
"""The fields that go on from one event to the next, by the kind of event."""


def make_delta(kind: type[Event], index: int, name: str, text: str) -> Event:
    """Return an event of one of those kinds that adds ``text`` to its field ``name``.

    Parameters
    ----------
    kind
        The class of the event.
    index
        The number of its call or step; of text and reasoning it is not used.
    name
        The field that gets the text.
    text
        The piece.
    """
    if kind is ToolCallDelta:
        return ToolCallDelta(index, None, None, text)
    if kind is StepDelta:
        return StepDelta(index, None, **{name: text})
    return TextDelta(text) if kind is TextDelta else ReasoningDelta(text)
