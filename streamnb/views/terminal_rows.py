"""Growing text on a terminal, folded between words, that can be taken back as long as all of it is in sight.

Each row is ended here and never by the terminal's edge, so the rows are known and the cursor can go up to the
first of them.  A character that the terminal draws wider than it should be finds one cell of room.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TextIO

__all__ = ["GrowingRows", "fold", "terminal_size"]

_WORDS = re.compile(r"\s*\S+|\s+")
_TAB_CELLS = 4


def terminal_size(out: TextIO) -> tuple[int, int] | None:
    """Return how many columns and lines the terminal behind ``out`` has; ``None`` where there is none."""
    try:
        columns, lines = os.get_terminal_size(out.fileno())
    except (AttributeError, OSError, ValueError):
        return None
    return (columns, lines) if columns > 0 and lines > 0 else None


def fold(text: str, columns: int) -> str:
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

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn."""
        return self.rows == 1 and not self._last

    def feed(self, text: str, most: int | None = None) -> str:
        """Draw the next piece; return what was not drawn, since there would be more than ``most`` rows."""
        lines = text.split("\n")
        for index, line in enumerate(lines):
            rows = self._fold((self._line if index == 0 else "") + line.expandtabs(_TAB_CELLS))
            if most is not None and self.rows + len(rows) - (index == 0) > most:
                return ("\n" if index else "") + "\n".join(lines[index:])
            if index:
                self._put("\n")
                self._last = ""
            self._draw(rows)
            self.rows += len(rows) - (index == 0)
        return ""

    def _draw(self, rows: list[str]) -> None:
        """Draw the rows of the last line; a word that does not fit any more moves to the next row."""
        if rows[0].startswith(self._last):
            self._put(rows[0][len(self._last) :])
        else:
            self._put(f"\r\x1b[K{rows[0]}")
        for row in rows[1:]:
            self._put(f"\n{row}")
        self._last = self._line = rows[-1]

    def _fold(self, line: str) -> list[str]:
        """Return the rows of a line: cut before a word, or in one that is longer than a row."""
        if line.isascii() and len(line) <= self._width:
            return [line]
        from rich.cells import cell_len, chop_cells

        rows, used = [""], 0
        for word in _WORDS.findall(line):
            length = cell_len(word)
            if used + length > self._width and rows[-1].strip():
                rows.append("")
                word, used = word.lstrip(), 0
                length = cell_len(word)
            if length > self._width:
                *whole, word = chop_cells(word, self._width)
                rows[-1:] = [rows[-1] + piece for piece in whole] + [""]
                length = cell_len(word)
            rows[-1] += word
            used += length
        return rows

    def erase(self) -> None:
        """Take back all that was drawn; the next text begins where this one did."""
        up = f"\x1b[{self.rows - 1}A" if self.rows > 1 else ""
        self._put(f"\r{up}\x1b[J")
        self._line = self._last = ""
        self.rows = 1
