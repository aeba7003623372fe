"""Pipe tables of Markdown whose columns share a page: pandoc gives each the part that its dashes have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["pipe_table"]

_LEFT, _RIGHT = {"left": ":", "center": ":"}, {"right": ":", "center": ":"}
_TABLE_CHARACTERS = 72  # in a row, where columns share a page
_SHORT_COLUMN_CHARACTERS = 8
_TEX_COMMAND = re.compile(r"\\[A-Za-z]+ ?")
_MARKUP = re.compile(r"\\|\]\([^)]*\)|[$*{}^`]|&#?\w+(?=;)")


def pipe_table(rows: Sequence[Sequence[str]], alignments: Sequence[str]) -> str:
    """Return a table of cells in Markdown, the first row its head.

    Parameters
    ----------
    rows
        The cells of each row, one row at least; line breaks in them become blanks.
    alignments
        Of each column: ``left``, ``center``, ``right``, or nothing.

    Returns
    -------
    str
        The lines of the table, without a line feed at the end.
    """
    lines = [[" ".join(cell.split()) for cell in row] for row in rows]
    # Where a line is long, pandoc gives each column the share that its dashes have.
    columns = [[row[index] for row in lines if index < len(row)] for index in range(len(alignments))]
    widths = _fit_widths_to_page([max(3, *map(_visible_width, column)) for column in columns])
    rules = [
        f"{_LEFT.get(alignment, '-')}{'-' * width}{_RIGHT.get(alignment, '-')}"
        for alignment, width in zip(alignments, widths, strict=True)
    ]
    head, *body = (f"| {' | '.join(line)} |" for line in lines)
    return "\n".join([head, f"|{'|'.join(rules)}|", *body])


def _visible_width(cell: str) -> int:
    text = _MARKUP.sub("", _TEX_COMMAND.sub("x", cell))
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def _fit_widths_to_page(widths: Sequence[int]) -> list[int]:
    """Return widths that fit on a page: the widest give way, and short words stay whole."""
    room = _TABLE_CHARACTERS - 2 * len(widths)
    limits = range(room, _SHORT_COLUMN_CHARACTERS, -1)
    limit = next((limit for limit in limits if sum(min(width, limit) for width in widths) <= room), 0)
    return [min(width, max(limit, _SHORT_COLUMN_CHARACTERS)) for width in widths]
