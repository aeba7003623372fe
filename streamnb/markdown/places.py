"""Where one long open block may be cut, for each kind of block.

A place must be such that no later text changes the HTML before it, and that the rest, behind the right
opening, is parsed as in its place.

=========  ===============================================  ============================
block      what may be put aside                            opening
=========  ===============================================  ============================
table      all rows but the last complete one               head, delimiter row, one row
list       all items but the last                           an item, indented most
quote      all blocks in it but the last                    a paragraph in a quote
paragraph  text up to a blank where no syntax is open       a word, in a quote or not
=========  ===============================================  ============================

Nothing that holds ``$$`` is put aside: a formula may swallow what looks like blocks.  Open code fences have a
way of their own (``fences``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .settled import settled

__all__ = ["Place", "find_place"]

_MOST_CELLS = 65_536  # of a table whose rows are short: markdown-it fills in no more
LONG_LINE = 200
MARGIN = 40  # characters at the end that stay: the next letters may belong to them
_DELIMITERS = re.compile(r"[ \t>]*[|:-][|:\- \t>]*\Z")

NewEnv = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Place:
    """A place to cut.

    Attributes
    ----------
    length
        Characters of the rest that may be put aside.
    judged
        Characters of the rest that prove it: only complete lines, where an incomplete one could still change.
    openings
        What the new rest may go behind: one text, or one for each form of the block, the first that fits
        counts.
    sample, closer
        The opening's own HTML is that of ``opening + sample`` up to the last ``closer``.
    columns
        Columns of a table, 0 for other blocks.
    inside_line
        The cut is not at the start of a line.
    """

    length: int
    judged: int
    openings: tuple[str, ...]
    closer: str
    sample: str = ""
    columns: int = 0
    inside_line: bool = False

    def holds(self, lines_aside: int, rest: str) -> bool:
        """Tell whether nothing in the rest calls the cut in question.

        A table stops when too many of its cells are filled in, counted from its head.  The row below a line
        may turn that line into the head of a table, with as many columns as the whole line has.
        """
        if self.columns:
            return self.columns * (lines_aside + rest.count("\n") + 1) <= _MOST_CELLS
        if self.inside_line:
            _, newline, below = rest.partition("\n")
            return not (newline and _DELIMITERS.match(below.partition("\n")[0]))
        return True


class _Block:
    """The block structure of the rest behind its opening, if it is one block up to the end."""

    def __init__(self, md: MarkdownIt, env: dict[str, Any], opening: str, text: str) -> None:
        self.opening = opening
        self.text = text
        self.lines = (opening + text).split("\n")
        self.first = opening.count("\n")  # the line where the rest starts
        self.tokens: list[Token] = []
        md.block.parse(opening + text, md, env, self.tokens)
        top = [token for token in self.tokens if token.level == 0 and token.map]
        self.kind = top[0].type if len(top) == 1 and top[0].map and not top[0].map[0] else ""

    def starts(self, kind: str, level: int) -> list[int]:
        """Return the first lines of the tokens of a kind at a level."""
        return [t.map[0] for t in self.tokens if t.type == kind and t.level == level and t.map]

    def length(self, line: int) -> int:
        """Return how many characters of the rest stand before a line."""
        return sum(len(text) + 1 for text in self.lines[:line]) - len(self.opening)


def find_place(md: MarkdownIt, new_env: NewEnv, opening: str, rest: str) -> Place | None:
    """Return where ``rest``, which stands behind ``opening``, can be cut; ``None`` where it cannot."""
    complete = rest[: rest.rfind("\n") + 1]
    place = None
    if len(rest) - len(complete) <= LONG_LINE:
        block = _Block(md, new_env(), opening, complete)
        finder = _FINDERS.get(block.kind)
        place = finder(block) if finder else None
    place = place or _in_paragraph(md, new_env, opening, rest)
    if place and (place.length <= 0 or "$$" in rest[: place.length]):
        return None
    return place


def _in_table(block: _Block) -> Place | None:
    rows = block.starts("tr_open", 2)
    if len(rows) < 3 or rows[-1] <= max(block.first, 2):
        return None
    opening = block.opening or "".join(line + "\n" for line in [*block.lines[:2], "|x|"])
    columns = sum(token.type == "th_open" for token in block.tokens)
    return Place(block.length(rows[-1]), len(block.text), (opening,), "</tbody>", columns=columns)


def _in_list(block: _Block) -> Place | None:
    items = block.starts("list_item_open", 1)
    if items[-1] <= block.first:
        return None
    marker = block.tokens[0].markup
    # Indented by three, so that no item of the list, whatever its own indentation, falls into this one.
    item = f"   1{marker}" if marker in ".)" else f"   {marker}"
    second = "\n" + " " * (len(item) + 1) + "x\n"  # a second paragraph makes the list loose
    forms = tuple(f"{item} {task}x\n{more}" for task in ("", "[x] ") for more in ("", second))
    closer = "</ol>" if marker in ".)" else "</ul>"
    openings = (block.opening,) if block.opening else forms
    return Place(block.length(items[-1]), len(block.text), openings, closer)


def _in_quote(block: _Block) -> Place | None:
    inner = [token.map for token in block.tokens if token.level == 1 and token.map]
    if len(inner) < 2:
        return None
    start, covered = inner[-1][0], inner[-2][1] == inner[-1][0]
    blank = not block.lines[start - 1].strip(" \t>")
    if start <= block.first or not (blank or covered) or not block.lines[start].lstrip(" ").startswith(">"):
        return None
    return Place(block.length(start), len(block.text), ("> x\n>\n",), "</blockquote>")


_FINDERS: dict[str, Callable[[_Block], Place | None]] = {
    "table_open": _in_table,
    "bullet_list_open": _in_list,
    "ordered_list_open": _in_list,
    "blockquote_open": _in_quote,
}


def _in_paragraph(md: MarkdownIt, new_env: NewEnv, opening: str, rest: str) -> Place | None:
    """Cut the text of a paragraph that is the whole block, or all that is in a quote since its opening."""
    whole = _Block(md, new_env(), opening, rest)
    prefix = _paragraph_prefix(whole)
    if prefix is None:
        return None
    for share in (1, 0.6, 0.3):
        position, inside_line = _blank_before(rest, int((len(rest) - MARGIN) * share))
        if position <= 0:
            break
        piece = _Block(md, new_env(), opening, rest[:position])
        if _paragraph_prefix(piece) == prefix and settled(md, new_env(), piece.tokens):
            opening = f"{prefix}x " if inside_line else f"{prefix}x\n"
            sample = "x" if inside_line else f"{prefix}x"
            return Place(position + 1, len(rest), (opening,), "x</p>", sample, inside_line=inside_line)
    return None


def _paragraph_prefix(block: _Block) -> str | None:
    """Return what a line of the open paragraph begins with, ``None`` if the block is no open paragraph."""
    names = [token.type for token in block.tokens]
    if names[:2] == ["blockquote_open", "paragraph_open"] and len(names) == 5:
        prefix, content = "> ", block.tokens[2].content
    elif names[:1] == ["paragraph_open"] and len(names) == 3:
        prefix, content = "", block.tokens[1].content
    else:
        return None
    # What begins like a link definition may still become one.
    return None if block.kind == "" or content.startswith("[") else prefix


def _blank_before(rest: str, end: int) -> tuple[int, bool]:
    """Return the last blank before ``end`` where a cut is harmless, and whether it is inside a line."""
    newline = rest.rfind("\n", 0, max(end, 0))
    while newline > 0:
        line, ended, _ = rest[newline + 1 :].partition("\n")
        if ended and line.strip() and not _DELIMITERS.match(line):
            break
        newline = rest.rfind("\n", 0, newline)
    space = rest.rfind(" ", 0, max(end, 0))
    start = rest.rfind("\n", 0, max(space, 0)) + 1
    line = rest[start:].partition("\n")[0]
    alone = space > 0 and rest[space - 1] not in " \t\n" and rest[space + 1] not in " \t\n"
    # Far enough into the line that its start can no longer turn into a block of its own.
    if space > max(newline, start) + LONG_LINE and alone and not _DELIMITERS.match(line):
        return space, True
    return newline, False
