"""Link definitions, with a record of the labels that each piece of text looked up.

``[label]: url`` may stand anywhere, also far below the link that uses it, and the first of several counts.
The parser keeps definitions in ``env["references"]``; ours is a ``References``, which answers from the whole
text and notes every question.  A piece of text whose questions get the same answers has the same HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["Definition", "Definitions", "References", "is_same_link"]

Definition: TypeAlias = dict[str, Any]
Definitions: TypeAlias = Mapping[str, Definition]


class References:
    """The definitions that one piece of text sees, with a note of every label that it asked for.

    Parameters
    ----------
    above
        Definitions that stand before the piece: they count before its own.
    below
        Definitions known from later text: they count after its own.
    """

    def __init__(self, above: Definitions, below: Definitions) -> None:
        self._above = above
        self._below = below
        self.defined: dict[str, Definition] = {}
        self.lookups: dict[str, Definition | None] = {}
        self.questions = 0  # how often anything was asked

    def get(self, label: str, default: Definition | None = None) -> Definition | None:
        """Answer the parser and note what was asked."""
        self.questions += 1
        answer = self._above.get(label) or self.defined.get(label) or self._below.get(label)
        self.lookups[label] = answer
        return answer or default

    def __contains__(self, label: str) -> bool:
        return label in self.defined

    def __setitem__(self, label: str, definition: Definition) -> None:
        self.defined[label] = definition


def is_same_link(one: Definition | None, other: Definition | None) -> bool:
    """Tell whether two answers give the same link."""
    if one is None or other is None:
        return one is other
    return bool(one["href"] == other["href"] and one["title"] == other["title"])
