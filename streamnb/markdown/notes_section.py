"""Incremental rendering of the footnotes section at the end of a growing answer.

Sources are listed at the end of an answer, often by the hundred.  Each definition that is complete is sealed;
as long as nothing but definitions follows, its HTML in the section changes no more, and only the notes behind
it are rendered.
"""

from __future__ import annotations

import re
from typing import Any

from .footnotes import FIRST_NOTE_KEY, SECTION_CLOSING, SECTION_OPENING, Notes, footnote_labels
from .patch import AppendBuffer

__all__ = ["NotesSection"]

_NOTE = re.compile(r'<li class="snb-note" data-snb-note="(\d+)">')


class NotesSection:
    """The start of the footnotes section, which no later text changes.

    Parameters
    ----------
    notes
        The footnotes of the text that is sealed.
    """

    def __init__(self, notes: Notes) -> None:
        self._origin = notes.origin
        self._labels: frozenset[str] = frozenset()
        self._count = 0
        self.html = AppendBuffer()

    def is_valid(self, notes: Notes, text: str) -> bool:
        """Tell whether the start stays the same with ``text`` as the open tail below ``notes``."""
        return notes.origin is self._origin and not self._labels & footnote_labels(text)

    def env_behind_start(self) -> dict[str, Any]:
        """Return the entries of the parser environment that render only the notes behind the start."""
        return {FIRST_NOTE_KEY: self._count}

    def html_behind_start(self, html: str) -> str | None:
        """Return the part of ``html`` behind the start; ``None`` if more than the section was rendered."""
        if not html:
            return SECTION_CLOSING
        return html[len(SECTION_OPENING) :] if html.startswith(SECTION_OPENING) else None

    def extend_start(self, notes: Notes, end: str) -> None:
        """Move the complete notes from ``end``, the HTML behind the start, to the start."""
        numbers = list(_NOTE.finditer(end))
        if len(numbers) < 2 or not (self._count or end.startswith(SECTION_OPENING)):
            return
        labels = notes.labels_in_order()
        complete = 0
        for match in numbers[:-1]:
            if int(match[1]) != self._count + complete + 1 or self._count + complete >= len(labels):
                break
            complete += 1
        if complete:
            self._count += complete
            self._labels = frozenset(f":{label}" for label in labels[: self._count])
            self.html.append(end[: numbers[complete].start()])
