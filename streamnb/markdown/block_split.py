"""Freezing of the finished HTML within one long open block.

Say a list has grown to 500 items.  All but the last are final, but to render the last alone would be wrong:
it needs a list around it, tight or loose as this one is.  So what remains of the block is rendered behind a
short *opening* that puts the parser into the same state, here ``- x``; the HTML of the opening is skipped,
and the frozen HTML stands in its place::

    text = frozen text + remaining text
    html = frozen HTML + html(opening + remaining text) without the HTML of the opening

This holds whenever a split is made (both sides are rendered and compared) and with every frame: if the
opening looks different with the remaining text behind it (the list became loose, the paragraph turned out
to be a heading), or a piece of text comes that the split does not allow (``SplitPoint.is_valid``), the split
does not count and what was frozen behind that opening is given up.  ``split_points`` knows what may be frozen
in which block, and behind which opening the remaining text goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from .footnotes import Notes, footnote_labels, may_have_footnotes
from .incomplete_inline import LITERAL_OPENERS_KEY
from .patch import AppendBuffer
from .split_points import SplitPoint, find_split_point

__all__ = ["Env", "PartlyFrozenBlock", "Render"]

# Characters of text, and half of those of its HTML:
MIN_CHARACTERS = 700  # before it is worth a try, for most blocks have ended by then;
MIN_GROWTH_CHARACTERS = 150  # after a try, in vain or not: not before there is so much more,
GROWTH_FACTOR = 1.6  # and this many times as much
MAX_UNTRIED_CHARACTERS = 1_000  # of text alone, whatever its HTML was
MAX_THAWED_CHARACTERS = 1_000  # of text that are thawed at once where the opening looks different
MAX_DOUBTFUL_CHARACTERS = 40  # a line's first letters may make a heading of the paragraph, for one frame
_CLOSING_TAGS = re.compile(r"(?:</[a-z0-9]+>\n?)*\Z")

Env = dict[str, Any]
Render = Callable[[str, Env], str]


class _Opening(NamedTuple):
    """Text that the remaining text is parsed behind, and its HTML."""

    text: str
    html: str

    def remove_from(self, html: str) -> str | None:
        """Return ``html`` without the opening's at its start, ``None`` where it begins differently."""
        return html[len(self.html) :] if html.startswith(self.html) else None


class _FrozenText(NamedTuple):
    """Frozen text, its HTML, and the split behind it.

    Attributes
    ----------
    text
        The text that is frozen; empty at first.
    html
        Grows on when more is frozen: of this text are its first ``length`` characters.
    opening
        What the remaining text is parsed behind, ``None`` where nothing is open.
    split
        Where it ends, ``None`` while nothing is frozen.
    notes
        The footnotes up to its end, ``None`` if it has none.
    labels
        All footnotes that it may use.
    length
        Characters of its HTML.
    """

    text: str = ""
    html: AppendBuffer = AppendBuffer()  # nothing is ever added to this one
    opening: _Opening | None = None
    split: SplitPoint | None = None
    notes: Notes | None = None
    labels: frozenset[str] = frozenset()
    length: int = 0

    def with_notes_above(self, notes: Notes) -> _FrozenText | None:
        """Return the text with ``notes`` above it, ``None`` if they change its HTML."""
        if self.notes is None:
            return self
        if self.notes.origin is not notes.origin or self.labels & (self.notes.labels ^ notes.labels):
            return None
        same = self.notes.labels == notes.labels
        return self if same else self._replace(notes=self.notes.copy_with_labels(notes.labels))


class PartlyFrozenBlock:
    """One open block, a part of which is frozen.

    Parameters
    ----------
    md
        The exact parser, which finds the blocks.
    new_env
        Makes a fresh environment for it, with the definitions and footnotes above; footnotes may be given.
    render
        What makes the HTML that is shown, exact or repaired.
    notes_above
        Gives the footnotes up to the block.
    """

    def __init__(
        self, md: MarkdownIt, new_env: Callable[..., Env], render: Render, notes_above: Callable[[], Notes]
    ) -> None:
        self._md = md
        self._new_env = new_env
        self._render = render
        self._notes_above = notes_above
        self._next_try = self._next_length = MIN_CHARACTERS
        self._doubtful_from: int | None = None  # text length since when the opening looks different
        self._defines_links = False  # in what was rendered last; they may change what stands above them
        self._openings: dict[tuple[str, str, str], _Opening | None] = {}
        self._frozen = self._earlier = _FrozenText()  # earlier: what was frozen behind another opening

    @property
    def frozen_text(self) -> str:
        """The frozen text."""
        return self._frozen.text

    @property
    def frozen_html_buffer(self) -> AppendBuffer:
        """The HTML of the frozen text."""
        return self._frozen.html

    @property
    def opening_text(self) -> str:
        """The text behind which the remaining text is parsed, empty as long as nothing is frozen."""
        return self._frozen.opening.text if self._frozen.opening else ""

    @property
    def notes(self) -> Notes | None:
        """The footnotes up to the end of the frozen text, ``None`` where it has none."""
        return self._frozen.notes

    def update_notes_above(self, remaining: str) -> str:
        """Take over the footnotes above the block; return ``remaining`` behind what they thawed."""
        above = self._notes_above()
        frozen, earlier = self._frozen.with_notes_above(above), self._earlier.with_notes_above(above)
        if earlier is None:
            return self.thaw(remaining)
        self._earlier = earlier
        if frozen is None:
            return self.undo_last_split(remaining)
        self._frozen = frozen
        return remaining

    def render_remaining(self, remaining: str, env: Env) -> str | None:
        """Return the HTML behind the frozen HTML, ``None`` where the whole text must be rendered."""
        opening = self._frozen.opening
        if self._frozen.split and self._frozen.split.cuts_open_syntax:
            env[LITERAL_OPENERS_KEY] = True
        html = self._render(self.opening_text + remaining, env)
        self._defines_links = bool(env["references"].own_definitions)
        if opening is None:
            return html
        return None if self._defines_links else opening.remove_from(html)

    def undo_invalid_splits(self, remaining: str) -> str:
        """Undo splits until one is valid; return ``remaining`` behind what they had frozen."""
        while (split := self._frozen.split) and not split.is_valid(self._frozen.text, remaining):
            remaining = self.undo_last_split(remaining)
        return remaining

    @property
    def is_last_split_cheap(self) -> bool:
        """Whether little is thawed when the last split is undone, and more stays frozen."""
        return bool(
            self._earlier.text and len(self._frozen.text) - len(self._earlier.text) <= MAX_THAWED_CHARACTERS
        )

    def undo_last_split(self, remaining: str) -> str:
        """Undo the last split; return ``remaining`` behind what it had frozen."""
        remaining = self._frozen.text[len(self._earlier.text) :] + remaining
        html = AppendBuffer(str(self._earlier.html)[: self._earlier.length])
        self._frozen, self._earlier = self._earlier._replace(html=html), _FrozenText()
        return remaining

    def thaw(self, remaining: str) -> str:
        """Undo all splits; return the whole text."""
        text, self._frozen, self._earlier = self._frozen.text + remaining, _FrozenText(), _FrozenText()
        return text

    def freeze(self, remaining: str, end: str | None, length: int) -> str:
        """Freeze the start of ``remaining`` if it can be; return what remains, more if a split was wrong.

        Parameters
        ----------
        remaining
            The text that is not frozen.
        end
            Its HTML, as ``render_remaining`` has just returned it.
        length
            Characters of HTML that were rendered, many where the text is short: a table's empty cells.

        Returns
        -------
        str
            The end of the text that may still change, empty where nothing may.
        """
        if self._is_doubtful(remaining, end) or (
            _size(remaining, length) < self._next_try and len(remaining) < self._next_length
        ):
            return remaining
        while True:
            split = find_split_point(self._md, self._new_env, self.opening_text, remaining)
            after = self._try_split(split, remaining, end) if split else None
            if split and after is not None:
                remaining, length = remaining[split.length :], len(after)
                break
            if end is not None or not self.opening_text:
                break
            remaining = self.undo_last_split(remaining)
            end = self.render_remaining(remaining, self._new_env())
        size = _size(remaining, length)
        self._next_try = max(
            size + MIN_GROWTH_CHARACTERS,
            int(size * GROWTH_FACTOR),
            0 if self._frozen.opening else MIN_CHARACTERS,
        )
        # Less HTML may be shown by then.
        self._next_length = max(int(len(remaining) * GROWTH_FACTOR), MAX_UNTRIED_CHARACTERS)
        return remaining

    def _is_doubtful(self, remaining: str, end: str | None) -> bool:
        """Tell whether the opening looks different, but not for long: the next letters may put that right."""
        if end is not None or not self.opening_text:
            self._doubtful_from = None
            return False
        if self._doubtful_from is None:
            self._doubtful_from = len(remaining)
        return len(remaining) - self._doubtful_from <= MAX_DOUBTFUL_CHARACTERS

    def _try_split(self, split: SplitPoint, remaining: str, end: str | None) -> str | None:
        """Render with and without the split, and freeze what is before it if both give the same HTML.

        Returns
        -------
        str or None
            The HTML of the text behind the split, as far as it proves it.
        """
        frozen, before = self._frozen, remaining[: split.length]
        if frozen.split:
            split = split.with_closers_of(frozen.split, before)
        text = frozen.text + before
        if not split.is_valid(text, remaining[split.length :]):
            return None
        opening = self._opening_of(split)
        if not end or not opening or self._defines_links:
            return None
        notes = self._notes_after(before) if frozen.notes or may_have_footnotes(before) else None
        if notes and may_have_footnotes(opening.text):  # it would count them once more
            return None
        env = self._new_env(notes) | ({LITERAL_OPENERS_KEY: True} if split.cuts_open_syntax else {})
        after = opening.remove_from(self._render(opening.text + remaining[split.length :], env))
        if after is None or not end.endswith(after):
            return None
        html = frozen.html if frozen.opening else AppendBuffer()
        if opening is not frozen.opening:
            self._earlier = frozen
        html.append(end[: len(end) - len(after)])
        labels = frozen.labels | footnote_labels(before)
        self._frozen = _FrozenText(text, html, opening, split, notes, labels, html.length)
        return after

    def _notes_after(self, text: str) -> Notes:
        """Return the footnotes at the end of ``text``, which follows the frozen text."""
        notes = self._frozen.notes or self._notes_above()
        notes = notes.copy_with_labels(notes.labels)
        self._md.parse(self.opening_text + text, self._new_env() | notes.segment_env())
        return notes

    def _opening_of(self, split: SplitPoint) -> _Opening | None:
        """Return the opening of a split with its HTML, ``None`` if it is rendered as something else."""
        key = split.opening, split.sample, split.closer
        if key not in self._openings:
            html = self._render(split.opening + split.sample, self._new_env(Notes()))
            start, closer, end = html.rpartition(split.closer or "x")
            is_opening = closer and (split.closer or _CLOSING_TAGS.match(end))
            self._openings[key] = _Opening(split.opening, start) if is_opening else None
        return self._openings[key]


def _size(text: str, html_length: int) -> int:
    """Return the characters of a text and half of those of its HTML, which take less time."""
    return len(text) + html_length // 2
