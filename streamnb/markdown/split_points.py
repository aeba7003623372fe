"""Where one long open block may be cut, for each kind of block.

A place must be such that no later text changes the HTML before it, and that the rest, behind the right
opening, is parsed as in its place.

===========  ===========================================  ==================================
block        what may be put aside                        opening
===========  ===========================================  ==================================
table        all rows but the last complete one           head, delimiter row, one row
list         all items but the last                       an item, indented most
quote, item  all blocks in it but the last                what ``nesting`` makes of its walls
paragraph    text up to a blank where no syntax is open   a word
code         all lines but the last complete one          the line of the fence, a word
===========  ===========================================  ==================================

The block may stand in quotes and items of lists: the opening then begins with their walls.

No cut is made where a line since the last blank one begins with ``$$``: a formula may swallow what looks like
blocks.  Open code fences have a way of their own (``fences``), where they stand in nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .code import fence_is_closed
from .containers import ContainerPath, container_paths, is_loose, lines_of, onwards
from .inline_complete import is_complete

__all__ = ["SplitPoint", "find_split_point"]

_MOST_CELLS = 65_536  # of a table whose rows are short: markdown-it fills in no more
LONG_LINE_CHARACTERS = 200
MARGIN = 40  # characters at the end that stay: the next letters may belong to them
_DEPTHS = {"list_item_open": 1, "tr_open": 2, "th_open": 3}  # how far below the block's own token
_BLANK = re.compile(r"\n[ \t]*\n")
_FORMULA = re.compile(r"^[ \t>*+\-\d.)\[\]xX]*\$\$", re.MULTILINE)
_DELIMITERS = re.compile(r"[ \t>]*[|:-][|:\- \t>]*\Z")

NewEnv = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SplitPoint:
    """A place to cut.

    Attributes
    ----------
    length
        Characters of the rest that may be put aside.
    judged
        Characters of the rest that prove it: only complete lines, where an incomplete one could still change.
    opening
        What the new rest goes behind.
    sample, closer
        The opening's own HTML is that of ``opening + sample`` up to the last ``closer``.
    columns
        Columns of a table, 0 for other blocks.
    inside_line
        The cut is not at the start of a line.
    ends
        What may end the code that is cut: all of it gets colours then.
    """

    length: int
    judged: int
    opening: str
    closer: str
    sample: str = ""
    columns: int = 0
    inside_line: bool = False
    ends: str = ""

    def holds(self, aside: str, rest: str) -> bool:
        """Tell whether nothing in the rest calls the cut in question, with ``aside`` before it.

        A table stops when too many of its cells are filled in, counted from its head.  The row below a line
        may turn that line into the head of a table, with as many columns as the whole line has.
        """
        if self.columns:
            return self.columns * (aside.count("\n") + rest.count("\n") + 1) <= _MOST_CELLS
        if self.ends and self.ends in rest:
            return False
        if self.inside_line:
            _, newline, below = rest.partition("\n")
            return not (newline and _DELIMITERS.match(below.partition("\n")[0]))
        return True


class _Block:
    """The block structure of the rest behind its opening."""

    def __init__(self, md: MarkdownIt, env: dict[str, Any], opening: str, text: str) -> None:
        self.opening = opening
        self.text = text
        self.lines = (opening + text).split("\n")
        self.first = opening.count("\n")  # the line where the rest starts
        self.tokens: list[Token] = []
        md.block.parse(opening + text, md, env, self.tokens)

    def nests(self) -> list[ContainerPath]:
        """Return what stands around the last block, if all is one block up to the end."""
        found = container_paths(self.tokens, self.lines)
        return found if found and len(found[0].blocks) == 1 and not lines_of(found[0].last)[0] else []

    def starts(self, kind: str, within: Token) -> list[int]:
        """Return the first lines of the tokens of a kind from the opening token of the last block on."""
        inside = onwards(self.tokens, within)
        level = within.level + _DEPTHS[kind]
        return [lines_of(token)[0] for token in inside if token.type == kind and token.level == level]

    def length(self, line: int) -> int:
        """Return how many characters of the rest stand before a line."""
        return sum(len(text) + 1 for text in self.lines[:line]) - len(self.opening)


def find_split_point(md: MarkdownIt, new_env: NewEnv, opening: str, rest: str) -> SplitPoint | None:
    """Return where ``rest``, which stands behind ``opening``, can be cut; ``None`` where it cannot."""
    complete = rest[: rest.rfind("\n") + 1]
    place = None
    if len(rest) - len(complete) <= LONG_LINE_CHARACTERS:
        place = _in_blocks(_Block(md, new_env(), opening, complete))
    place = place or _in_paragraph(md, new_env, opening, rest)
    return place if place and place.length > 0 and not _formula_open(rest[: place.length]) else None


def _formula_open(text: str) -> bool:
    """Tell whether a ``$$`` formula may go on behind ``text``: it begins a line, and a blank line ends it."""
    *_, last = _BLANK.split(text)
    return bool(_FORMULA.search(last))


def _in_blocks(block: _Block) -> SplitPoint | None:
    """Cut the last block, the innermost first, or else before it."""
    for nest in reversed(block.nests()):
        finder = _FINDERS.get(nest.last.type)
        place = (finder(block, nest) if finder else None) or _between(block, nest)
        if place:
            return place
    return None


def _in_table(block: _Block, nest: ContainerPath) -> SplitPoint | None:
    start, _ = lines_of(nest.last)
    _, *rows = block.starts("tr_open", nest.last)
    head, delimiters = (nest.content(block.lines, line) for line in (start, start + 1))
    if len(rows) < 2 or rows[-1] <= block.first or head is None or delimiters is None:
        return None
    opening = nest.opening + "".join(f"{nest.indent}{line}\n" for line in (head, delimiters, "|x|"))
    columns = len(block.starts("th_open", nest.last))
    closer = f"</tbody>\n</table>\n{nest.closer}"
    return SplitPoint(block.length(rows[-1]), len(block.text), opening, closer, columns=columns)


def _in_list(block: _Block, nest: ContainerPath) -> SplitPoint | None:
    outer = nest.last
    items, loose = block.starts("list_item_open", outer), is_loose(block.tokens, outer)
    if len(items) < 2 or items[-1] <= block.first or loose is None:
        return None
    # Indented by three, so that no item of the list, whatever its own indentation, falls into this one.
    item = f"   1{outer.markup}" if outer.markup in ".)" else f"   {outer.markup}"
    task = "[x] " if "class" in outer.attrs else ""
    second = f"\n{nest.indent}" + " " * (len(item) + 1) + "x\n"  # a second paragraph makes the list loose
    opening = f"{nest.opening}{nest.indent}{item} {task}x\n{second if loose else ''}"
    return SplitPoint(block.length(items[-1]), len(block.text), opening, f"</{outer.tag}>\n{nest.closer}")


def _in_code(block: _Block, nest: ContainerPath) -> SplitPoint | None:
    code = nest.last
    start, _ = lines_of(code)
    first = nest.content(block.lines, start)
    last = max((line for line, text in enumerate(block.lines) if text.strip(" \t>")), default=0)
    fenced = code.type == "fence"
    if last <= max(start + 1, block.first) or first is None or (fenced and fence_is_closed(code)):
        return None
    opening = nest.opening + "".join(
        f"{nest.indent}{line}\n" for line in ((first, "x") if fenced else ("    x",))
    )
    closer = f"</code></pre>\n{nest.closer}"
    return SplitPoint(block.length(last), len(block.text), opening, closer, ends=code.markup[:3])


_FINDERS: dict[str, Callable[[_Block, ContainerPath], SplitPoint | None]] = {
    "table_open": _in_table,
    "bullet_list_open": _in_list,
    "ordered_list_open": _in_list,
    "fence": _in_code,
    "code_block": _in_code,
}


def _between(block: _Block, nest: ContainerPath) -> SplitPoint | None:
    """Cut before the last block in a quote or an item."""
    if len(nest.blocks) < 2 or not nest.walls:
        return None
    start, _ = lines_of(nest.last)
    covered = lines_of(nest.blocks[-2])[1] == start
    blank = not block.lines[start - 1].strip(" \t>")
    if start <= block.first or not (blank or covered) or nest.content(block.lines, start) is None:
        return None
    return SplitPoint(block.length(start), len(block.text), nest.opening, nest.closer)


def _in_paragraph(md: MarkdownIt, new_env: NewEnv, opening: str, rest: str) -> SplitPoint | None:
    """Cut the text of the paragraph that is the last block and all that there is since the opening."""
    nest = _around_paragraph(_Block(md, new_env(), opening, rest))
    if nest is None:
        return None
    for share in (1, 0.6, 0.3):
        position, inside_line = _blank_before(rest, int((len(rest) - MARGIN) * share))
        if position <= 0:
            break
        piece = _Block(md, new_env(), opening, rest[:position])
        same = _around_paragraph(piece)
        if same and same.opening == nest.opening and is_complete(md, new_env(), piece.tokens):
            opening = f"{nest.opening}{nest.indent}x" + (" " if inside_line else "\n")
            sample = "x" if inside_line else f"{nest.indent}x"
            closer = ("x" if nest.last.hidden else "x</p>\n") + nest.closer
            return SplitPoint(position + 1, len(rest), opening, closer, sample, inside_line=inside_line)
    return None


def _around_paragraph(block: _Block) -> ContainerPath | None:
    """Return what stands around the open paragraph, ``None`` if there is none that began above the rest."""
    found = block.nests()
    if not found or found[-1].last.type != "paragraph_open" or lines_of(found[-1].last)[0] > block.first:
        return None
    _, text, *_ = onwards(block.tokens, found[-1].last)
    # What begins like a link definition may still become one.
    return None if text.content.startswith("[") else found[-1]


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
    if space > max(newline, start) + LONG_LINE_CHARACTERS and alone and not _DELIMITERS.match(line):
        return space, True
    return newline, False
