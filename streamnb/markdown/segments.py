"""The sealed part of a text: segments, and what could still change their HTML.

The text of a segment is final; its HTML is, too, unless a link definition or a footnote arrives below it.  So
each segment notes the labels it asked for and the answers it got, and is rendered again when an answer
changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt

from .footnotes import Notes, has_notes
from .forward_references import EXPECTED, ForwardReferences
from .link_references import Definition, References, same

__all__ = ["Segments"]


@dataclass(slots=True)
class _Segment:
    text: str
    notes: bool
    html: str = ""
    asked: dict[str, Definition | None] = field(default_factory=dict)


class Segments:
    """Sealed segments in order, the definitions in them, and the footnotes up to their end.

    With ``expecting``, what uses a definition that has not come is shown as if it were about to come.
    """

    def __init__(self, md: MarkdownIt, expecting: bool = False) -> None:
        self._md = md
        self._segments: list[_Segment] = []
        self._asked_by: dict[str, set[int]] = defaultdict(set)
        self._unsettled: set[str] = set()  # labels whose answer may have changed since the last ``settle``
        self._below: dict[str, Definition] = {}
        self.definitions: dict[str, Definition] = {}
        self.notes = Notes()
        self.expecting = expecting
        self._expected_notes: set[str] = set()
        self._hopeful: set[int] = set()  # segments that show a link without an address

    def __len__(self) -> int:
        return len(self._segments)

    def html(self, index: int) -> str:
        """Return the HTML of one segment."""
        return self._segments[index].html

    def append(self, text: str) -> None:
        """Seal ``text``."""
        self._segments.append(_Segment(text, has_notes(text)))
        own = self._render(len(self._segments) - 1)
        for label, definition in own.items():
            self.definitions.setdefault(label, definition)
        self._unsettled.update(own)

    def expect_no_more(self) -> None:
        """The text has ended: what is not defined stays text."""
        self.expecting = False
        self._expected_notes.clear()

    def settle(self, tail: dict[str, Any]) -> set[int]:
        """Make every segment right for the tail that was rendered in the environment ``tail``.

        Returns
        -------
        set of int
            The segments whose HTML has changed.
        """
        self._unsettled.update(tail["references"].defined, self._below)
        self._below = tail["references"].defined
        stale = set(self._stale())
        self._unsettled.clear()
        self._expected_notes |= _expected(tail).notes
        labels = self.notes.labels_with(tail) | self._expected_notes
        if labels != self.notes.labels or any(self._segments[i].notes for i in stale):
            self.notes = Notes(labels)
            stale.update(i for i, segment in enumerate(self._segments) if segment.notes)
        return {index for index in sorted(stale) if self._render_again(index)}

    def _stale(self) -> Iterable[int]:
        if not self.expecting:
            yield from self._hopeful
        for label in self._unsettled:
            answer = self.definitions.get(label) or self._below.get(label)
            for index in self._asked_by.get(label, ()):
                if not same(self._segments[index].asked.get(label), answer):
                    yield index

    def _render_again(self, index: int) -> bool:
        before = self._segments[index].html
        self._render(index)
        return self._segments[index].html != before

    def _render(self, index: int) -> dict[str, Definition]:
        """Render one segment from its text, note its questions, return its own definitions."""
        segment = self._segments[index]
        lookups = References(self.definitions, self._below)
        env: dict[str, Any] = {"references": lookups}
        if segment.notes:
            env |= self.notes.segment_env()
        if self.expecting:
            env[EXPECTED] = ForwardReferences()
        segment.html = self._md.render(segment.text, env)
        (self._hopeful.add if _expected(env).links else self._hopeful.discard)(index)
        self._expected_notes |= _expected(env).notes
        for label in segment.asked.keys() - lookups.queried.keys():
            self._asked_by[label].discard(index)
        for label in lookups.queried:
            self._asked_by[label].add(index)
        segment.asked = lookups.queried
        return lookups.defined


def _expected(env: dict[str, Any]) -> ForwardReferences:
    """Return what a text expected that was rendered in ``env``."""
    expected = env.get(EXPECTED)
    return expected if isinstance(expected, ForwardReferences) else ForwardReferences()
