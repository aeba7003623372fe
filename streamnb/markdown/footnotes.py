"""Footnotes, whose numbers run over the whole text.

The parser numbers a footnote where it is first used and puts all of them below the text.  In pieces the same
is reached by replay: a ``Notes`` holds the numbers given so far, every sealed segment with footnotes goes on
from it, and the tail goes on from there and shows the section.  A footnote counts only where its definition
is known, and a definition may come late: when the set of known labels changes, the segments with footnotes
are replayed in order. Only pieces that hold ``[^`` or ``^[`` take part.
"""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from mdit_py_plugins.footnote.index import footnote_tail

__all__ = ["Notes", "has_notes", "resume_notes"]

_NOTES = "streamnb notes"


def has_notes(text: str) -> bool:
    """Tell whether a piece of text may hold footnotes."""
    return "[^" in text or "^[" in text


class _Numbers(dict[str, int]):
    """Label -> number, -1 until its first use; ``defined`` are the labels whose definition has been read."""

    defined: frozenset[str] = frozenset()

    def __setitem__(self, label: str, number: int) -> None:
        if number < 0:
            self.defined |= {label}
        if number >= 0 or label not in self:  # reading a definition again takes no number back
            super().__setitem__(label, number)


class Notes:
    """Numbers and definitions of the footnotes up to some place in the text.

    ``labels`` are those that the whole text defines, as far as it has come.
    """

    def __init__(self, labels: frozenset[str] = frozenset()) -> None:
        self.labels = labels
        self._numbers = _Numbers(dict.fromkeys(labels, -1))
        self._list: dict[int, dict[str, Any]] = {}
        self._definitions: list[Token] = []  # parsed, so that showing them changes them no more

    def segment_env(self) -> dict[str, Any]:
        """Return the environment for the next sealed piece: it moves these notes on and shows no section."""
        return {"footnotes": {"refs": self._numbers, "list": self._list}, _NOTES: self._definitions}

    def tail_env(self) -> dict[str, Any]:
        """Return the environment for the open tail: it shows the section and leaves these notes alone."""
        numbers = _Numbers(self._numbers)
        notes = {number: dict(note) for number, note in self._list.items()}
        return {"footnotes": {"refs": numbers, "list": notes}, _NOTES: tuple(self._definitions)}

    def labels_with(self, tail_env: dict[str, Any]) -> frozenset[str]:
        """Return every label that is defined here or in a tail which was rendered with ``tail_env``."""
        tail = tail_env.get("footnotes", {}).get("refs")
        return self._numbers.defined | (tail.defined if isinstance(tail, _Numbers) else frozenset())

    @property
    def used(self) -> bool:
        """Whether any footnote has been used so far, so that the section has to be shown."""
        return bool(self._list)


def resume_notes(md: MarkdownIt) -> None:
    """Teach a parser to end a piece: collect its definitions, or show those of the pieces before."""

    def rule(state: StateCore) -> None:
        earlier = state.env.get(_NOTES)
        if isinstance(earlier, list):
            _collect(state, earlier)
            return
        if earlier is not None:
            state.tokens = [*earlier, *state.tokens]
        footnote_tail(state)

    md.core.ruler.at("footnote_tail", rule)


def _collect(state: StateCore, definitions: list[Token]) -> None:
    """Move the definitions of a sealed piece out of its tokens."""
    rest: list[Token] = []
    inside = False
    for token in state.tokens:
        if token.type in ("footnote_reference_open", "footnote_reference_close"):
            inside = token.type == "footnote_reference_open"
            definitions.append(token)
        else:
            (definitions if inside else rest).append(token)
    state.tokens = rest
