"""Link definitions, with a record of the labels that each piece of text looked up.

``[label]: url`` may stand anywhere, also far below the link that uses it, and the first of several counts.
The parser keeps definitions in ``env["references"]``; ours is a ``References``, which answers from the whole
text and records every lookup.  A piece of text whose lookups find the same has the same HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

__all__ = ["LinkDefinition", "LinkDefinitions", "References", "is_same_link"]

LinkDefinition: TypeAlias = dict[str, Any]
LinkDefinitions: TypeAlias = Mapping[str, LinkDefinition]


class References:
    """The definitions for one piece of text, with a record of every label that was looked up.

    Parameters
    ----------
    above
        Definitions that stand before the piece: they count before its own.
    below
        Definitions known from later text: they count after its own.
    """

    def __init__(self, above: LinkDefinitions, below: LinkDefinitions) -> None:
        self._above = above
        self._below = below
        self.own_definitions: dict[str, LinkDefinition] = {}
        self.lookups: dict[str, LinkDefinition | None] = {}
        self.lookup_count = 0

    def get(self, label: str, default: LinkDefinition | None = None) -> LinkDefinition | None:
        """Return the definition of ``label`` and record the lookup."""
        self.lookup_count += 1
        answer = self._above.get(label) or self.own_definitions.get(label) or self._below.get(label)
        self.lookups[label] = answer
        return answer or default

    def __contains__(self, label: str) -> bool:
        return label in self.own_definitions

    def __setitem__(self, label: str, definition: LinkDefinition) -> None:
        self.own_definitions[label] = definition


def is_same_link(one: LinkDefinition | None, other: LinkDefinition | None) -> bool:
    """Tell whether two definitions give the same link; ``None`` is no definition."""
    if one is None or other is None:
        return one is other
    return bool(one["href"] == other["href"] and one["title"] == other["title"])
