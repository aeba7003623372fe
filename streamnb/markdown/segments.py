"""The finished part of a text: its segments, and the references that may still change their HTML.

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

from .footnotes import Notes, footnote_labels, may_have_footnotes
from .forward_references import FORWARD_REFERENCES_KEY, ForwardReferences, expected_note_labels
from .link_references import LinkDefinition, References, is_same_link

__all__ = ["Segments"]


@dataclass(slots=True)
class _Segment:
    """Final text and its HTML.

    Attributes
    ----------
    text
        As it came.
    has_notes
        Whether it may have footnotes.
    html
        What stands for it now: a definition that comes later may change it.
    lookups
        The link definitions looked up for it, ``None`` where there was none.
    """

    text: str
    has_notes: bool
    html: str = ""
    lookups: dict[str, LinkDefinition | None] = field(default_factory=dict)


class Segments:
    """Sealed segments in order, the definitions in them, and the footnotes up to their end.

    With ``expects_definitions``, a reference without a definition is shown as if one were about to come.

    After each ``resolve_references``, and between two of them for every segment that is not in ``_dirty``:

    - the HTML of a segment is what the parser makes of its text with the definitions of the whole text;
    - ``_users`` has, for each label, exactly the segments that asked for it;
    - ``notes`` has gone through every segment that holds footnotes, in order, with the labels known now.
    """

    def __init__(self, md: MarkdownIt, expects_definitions: bool = False) -> None:
        self._md = md
        self._segments: list[_Segment] = []
        self._users: dict[str, set[int]] = defaultdict(set)
        self._dirty: set[int] = set()  # segments whose HTML may be wrong
        self._below: dict[str, LinkDefinition] = {}  # definitions in the tail
        self.definitions: dict[str, LinkDefinition] = {}
        self.notes = Notes()
        self.expects_definitions = expects_definitions
        self.rendered_characters = 0  # characters of text, each as often as it was rendered
        self._note_labels: set[str] = set()  # of all footnotes that may be used in segments
        self._expected_notes: set[str] = set()
        self._expects_notes = expects_definitions
        self._expected_links: set[int] = set()  # segments that show a link without an address

    def __len__(self) -> int:
        return len(self._segments)

    def html(self, index: int) -> str:
        """Return the HTML of one segment."""
        return self._segments[index].html

    def append(self, text: str) -> None:
        """Add ``text`` as a new segment and render it."""
        self._segments.append(_Segment(text, may_have_footnotes(text)))
        new_labels = (expected_note_labels(text) if self._expects_notes else set()) - self.notes.labels
        if new_labels and not new_labels & self._note_labels:  # or all above would be numbered again for them
            self._expected_notes |= new_labels
            self.notes = self.notes.copy_with_labels(self.notes.labels | new_labels)
        self._note_labels |= footnote_labels(text)
        new = self._render_segment(len(self._segments) - 1)
        for label, definition in new.items():
            self.definitions.setdefault(label, definition)
        self._mark_users_of(new)

    def mark_end_of_text(self) -> None:
        """Expect no definitions any more, for the text has ended: what is not defined is text."""
        self.expects_definitions = False
        self.stop_expecting_notes()
        self._dirty |= self._expected_links

    def stop_expecting_notes(self) -> None:
        """Expect no definitions of footnotes any more: a reference to none is text."""
        self._expects_notes = False
        self._expected_notes.clear()

    def resolve_references(self, tail: dict[str, Any]) -> set[int]:
        """Render the segments again whose links or footnotes change by the definitions in the tail.

        Parameters
        ----------
        tail
            The environment that the tail was rendered with.

        Returns
        -------
        set of int
            The segments whose HTML has changed.
        """
        before, self._below = self._below, tail["references"].own_definitions
        self._mark_users_of(before)
        self._mark_users_of(self._below)
        if self._expects_notes:
            self._expected_notes |= _forward_references_from_env(tail).notes
        labels = self.notes.defined_labels_with(tail) | self._expected_notes
        news = labels ^ self.notes.labels
        if news & self._note_labels or any(self._segments[index].has_notes for index in self._dirty):
            self.notes = Notes(labels)
            self._dirty.update(index for index, segment in enumerate(self._segments) if segment.has_notes)
        elif news:  # they mean nothing to the segments
            self.notes = self.notes.copy_with_labels(labels)
        changed = set()
        for index in sorted(self._dirty):
            html = self._segments[index].html
            self._render_segment(index)
            if self._segments[index].html != html:
                changed.add(index)
        self._dirty.clear()
        return changed

    def _mark_users_of(self, labels: Iterable[str]) -> None:
        """Mark the segments that use one of these labels and saw another definition of it."""
        for label in labels:
            answer = self.definitions.get(label) or self._below.get(label)
            for index in self._users.get(label, ()):
                if not is_same_link(self._segments[index].lookups.get(label), answer):
                    self._dirty.add(index)

    def _render_segment(self, index: int) -> dict[str, LinkDefinition]:
        """Render one segment, record the labels it looked up, return the definitions in it."""
        segment = self._segments[index]
        references = References(self.definitions, self._below)
        env: dict[str, Any] = {"references": references}
        if segment.has_notes:
            env |= self.notes.segment_env()
        if self.expects_definitions:
            env[FORWARD_REFERENCES_KEY] = ForwardReferences()
        segment.html = self._md.render(segment.text, env)
        self.rendered_characters += len(segment.text)
        (
            self._expected_links.add
            if _forward_references_from_env(env).links
            else self._expected_links.discard
        )(index)
        if self._expects_notes:
            self._expected_notes |= _forward_references_from_env(env).notes
        for label in segment.lookups.keys() - references.lookups.keys():
            self._users[label].discard(index)
        for label in references.lookups:
            self._users[label].add(index)
        segment.lookups = references.lookups
        return references.own_definitions


def _forward_references_from_env(env: dict[str, Any]) -> ForwardReferences:
    """Return the references without a definition in a text that was rendered with ``env``."""
    expected = env.get(FORWARD_REFERENCES_KEY)
    return expected if isinstance(expected, ForwardReferences) else ForwardReferences()
