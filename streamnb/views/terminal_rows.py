"""Growing text on a terminal, folded between words, that can be taken back as long as all of it is in sight.

Each row is ended here and never by the terminal's edge, so the rows are known and the cursor can go up to the
first of them.  A row that the terminal draws wider than it was counted would break that, and terminals differ
about emoji of several parts, flags and the vowel signs of Indian scripts: those are counted by their parts,
as the widest terminal draws them, and one cell is kept free.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable
from typing import TextIO

__all__ = ["GrowingRows", "fold_lines", "terminal_size"]

_WORDS = re.compile(r"\s*\S+|\s+")
_TAB_CELLS = 4
_ZERO_WIDTH_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"


def terminal_size(out: TextIO) -> tuple[int, int] | None:
    """Return how many columns and lines the terminal behind ``out`` has; ``None`` where there is none."""
    try:
        columns, lines = os.get_terminal_size(out.fileno())
    except (AttributeError, OSError, ValueError):
        return None
    return (columns, lines) if columns > 0 and lines > 0 else None


def fold_lines(text: str, columns: int) -> str:
    """Return a text with its lines folded between words for a terminal of so many columns."""
    rows: list[str] = []
    GrowingRows(rows.append, columns).feed(text)
    return "".join(rows)


class GrowingRows:
    """Draws a text that only grows; it begins at the start of a row.

    Parameters
    ----------
    put
        Writes to the terminal.
    columns
        How wide the terminal is, in cells.
    """

    def __init__(self, put: Callable[[str], None], columns: int) -> None:
        self._put = put
        self._width = max(2, columns - 1)
        self._line = ""  # the last line of the text
        self._last = ""  # the last row on the screen
        self.rows = 1  # on the screen, the one that grows included
        self._is_refolded = False  # the last row is where the terminal has put it

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn."""
        return self.rows == 1 and not self._last

    def feed(self, text: str, most: int | None = None) -> str:
        """Draw the next piece; return what was not drawn, since there would be more than ``most`` rows."""
        if self._is_refolded:
            text = self._end_row_after_resize(text)
        if self._is_refolded:
            return ""
        lines = text.split("\n")
        for index, line in enumerate(lines):
            rows = self._fold_line((self._line if index == 0 else "") + line.expandtabs(_TAB_CELLS))
            if most is not None and self.rows + len(rows) - (index == 0) > most:
                return ("\n" if index else "") + "\n".join(lines[index:])
            if index:
                self._put("\n")
                self._last = ""
            self._draw_last_line(rows)
            self.rows += len(rows) - (index == 0)
        return ""

    def resize(self, columns: int) -> None:
        """Take another width of the terminal; text goes on below what the terminal has folded anew."""
        self._width = max(2, columns - 1)
        self._is_refolded = _cell_count(self._last) > self._width

    def _end_row_after_resize(self, text: str) -> str:
        """Finish the word and the row that the terminal has folded anew; return the text after them."""
        blank = re.search(r"\s", text)
        self._put(text[: blank.start()] if blank else text)
        if blank is None:
            return ""
        self._put("\n")
        self._is_refolded, self._line, self._last = False, "", ""
        return text[blank.start() :].lstrip(" \t").removeprefix("\n")

    def _draw_last_line(self, rows: list[str]) -> None:
        """Draw the rows of the last line; a word that does not fit any more moves to the next row."""
        if rows[0].startswith(self._last):
            self._put(rows[0][len(self._last) :])
        else:
            self._put(f"\r\x1b[K{rows[0]}")
        for row in rows[1:]:
            self._put(f"\n{row}")
        self._last = self._line = rows[-1]

    def _fold_line(self, line: str) -> list[str]:
        """Return the rows of a line: cut before a word, or in one that is longer than a row."""
        if line.isascii() and len(line) <= self._width:
            return [line]
        rows, row_cells = [""], 0
        for word in _WORDS.findall(line):
            length = _cell_count(word)
            if row_cells + length > self._width and rows[-1].strip():
                rows.append("")
                word, row_cells = word.lstrip(), 0
                length = _cell_count(word)
            if length <= self._width:
                rows[-1] += word
                row_cells += length
                continue
            for cluster in _grapheme_clusters(word):
                length = _cell_count(cluster)
                if row_cells + length > self._width and row_cells:
                    rows.append("")
                    row_cells = 0
                rows[-1] += cluster
                row_cells += length
        return rows

    def erase(self) -> None:
        """Take back all that was drawn; the next text begins where this one did."""
        # Row by row: a screen that is cleared as a whole goes into the history of tmux.
        self._put("\r\x1b[K" + "\x1b[A\x1b[K" * (self.rows - 1))
        self._line = self._last = ""
        self.rows = 1


def _grapheme_clusters(word: str) -> list[str]:
    """Return the letters of a word, each with its marks, and emoji of several parts in one piece."""
    clusters: list[str] = []
    for letter in word:
        is_part = clusters and (
            letter == _ZERO_WIDTH_JOINER
            or clusters[-1][-1] == _ZERO_WIDTH_JOINER
            or unicodedata.category(letter)[0] == "M"
            or "\U0001f3fb" <= letter <= "\U0001f3ff"  # colours of skin
        )
        if is_part:
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _cell_count(text: str) -> int:
    """Return how many cells a text takes at most."""
    return len(text) if text.isascii() else sum(map(_cell_count_of_letter, text))


def _cell_count_of_letter(letter: str) -> int:
    if letter == _EMOJI_STYLE:  # makes some signs as wide as an emoji
        return 1
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" or "\U0001f1e6" <= letter <= "\U0001f1ff" else 1
