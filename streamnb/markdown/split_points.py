"""Split points: where one long open block may be cut, for each kind of block.

A split point must be such that no later text changes the HTML before it, and that what remains, behind the
right opening, is parsed as in its place.

===========  =============================================  ==========================================
block        what may be frozen                             opening
===========  =============================================  ==========================================
table        all rows but the last complete one             head, delimiter row, one row
list         all items but the last                         an item, indented most
quote, item  all blocks in it but the last                  what ``containers`` makes of its containers
paragraph    text up to a blank, a line's end, or between   a word, and the emphasis that is open
             letters of a script without blanks
heading      the same                                       the same behind its marker
code         all lines but the last complete one            the line of the fence, a word
===========  =============================================  ==========================================

The block may stand in quotes and items of lists: the opening then begins with those containers.

Three invariants; the first two are checked by rendering when a block is cut (``block_split``), the third
with every piece of text that comes (``SplitPoint.is_valid``):

- the HTML before the split point is the start of the HTML of the whole block;
- what remains has the same HTML behind the opening as in its place;
- nothing in the remaining text calls either in question: no character that would close what is open before
  the split point, no row that makes a head of a table of it.

No cut is made where a line since the last blank one opens a formula: that may swallow what looks like blocks.
One that has been open for very long is taken for none until something comes that would close it.
Open code fences have a way of their own (``fences``), where they stand in nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from markdown_it import MarkdownIt

from .code import is_closed_fence
from .containers import ContainerPath, is_loose_list, line_range
from .harmless_positions import DELIMITER_ROW, LONG_LINE_CHARACTERS, harmless_position_before
from .maths_blocks import may_have_open_formula
from .open_block import OpenBlock
from .open_inline import open_inline_state

__all__ = ["SplitPoint", "find_split_point"]

MAX_TABLE_CELLS = 65_536  # of a table whose rows are short: markdown-it fills in no more
MARGIN_CHARACTERS = 40  # characters at the end that stay: the next letters may belong to them
MAX_FORMULA_CHARACTERS = 1_000
_FORMULA_CLOSERS = (r"\$\$", r"\\\]", r"\\end")
# A line that is not complete, and yet begins an item or a row, whatever follows.
_BEGUN_ITEM_OR_ROW = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)]) +[^\W_]{2}|\| *[^\W_])")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_MAX_STEPS_BACK = 8
_MAX_POSITIONS = 3  # in a text; each takes a parse up to it
_ADDRESS_CONTINUATION = re.compile(r"[A-Za-z0-9.+_-]*@|[A-Za-z]{0,5}://")  # that makes an address of it

NewEnv = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SplitPoint:
    """A position at which an open block can be split into a frozen and a live part.

    Attributes
    ----------
    length
        Characters of the remaining text that may be frozen.
    opening
        What the new remaining text goes behind.
    sample, closer
        The opening's own HTML is that of ``opening + sample`` up to the last ``closer``; without a closer,
        up to the ``x`` of the sample.
    columns
        Columns of a table, 0 for other blocks.
    inside_line
        The cut is not at the start of a line.
    inside_text
        The cut is in the text of a paragraph or a heading.
    inside_word
        The cut is between two characters: an address may begin right behind it, or have begun before.
    possible_closers
        Regular expressions of what may end something that is cut while it is open: then nothing is frozen
        any more.
    """

    length: int
    opening: str
    closer: str = ""
    sample: str = ""
    columns: int = 0
    inside_line: bool = False
    inside_text: bool = False
    inside_word: bool = False
    possible_closers: tuple[str, ...] = ()

    def is_valid(self, frozen: str, remaining: str) -> bool:
        """Tell whether the cut still holds between ``frozen`` and ``remaining``.

        A table stops when too many of its cells are filled in, counted from its head.  The row below a line
        with a bar may turn that line into the head of a table, with as many columns as the whole line has.
        """
        if self.columns:
            return self.columns * (frozen.count("\n") + remaining.count("\n") + 1) <= MAX_TABLE_CELLS
        if self.possible_closers and re.search("|".join(self.possible_closers), remaining):
            return False
        if self.inside_word and _ADDRESS_CONTINUATION.match(remaining):
            return False
        if self.inside_line:
            end_of_line, newline, below = remaining.partition("\n")
            if not newline or not DELIMITER_ROW.match(below.partition("\n")[0]):
                return True
            return "|" not in frozen[frozen.rfind("\n") + 1 :] + end_of_line
        return True

    @property
    def cuts_open_syntax(self) -> bool:
        """Whether something open before the cut, code or a formula, is taken for text."""
        return not {r"\]", r"\)"}.issuperset(self.possible_closers)

    def with_closers_of(self, earlier: SplitPoint, between: str) -> SplitPoint:
        """Return the split with the closers of ``earlier`` that are still possible behind ``between``."""
        possible_closers = set(earlier.possible_closers)
        if not (self.inside_text and earlier.inside_text):  # not of the same text
            possible_closers = set() if "\n\n" in between else possible_closers.intersection(_FORMULA_CLOSERS)
        return replace(self, possible_closers=(*possible_closers.union(self.possible_closers),))


def find_split_point(md: MarkdownIt, new_env: NewEnv, opening: str, remaining: str) -> SplitPoint | None:
    """Return where ``remaining``, the text behind ``opening``, can be split; ``None`` for nowhere.

    Parameters
    ----------
    md, new_env
        The exact parser, and what makes a fresh environment for it.
    opening, remaining
        The text that is parsed first, and the one behind it that is not frozen.
    """
    complete = remaining[: remaining.rfind("\n") + 1]
    if complete and _BEGUN_ITEM_OR_ROW.match(remaining, len(complete)):
        complete = remaining
    block, split = None, None
    if complete and len(remaining) - len(complete) <= LONG_LINE_CHARACTERS:
        block = OpenBlock(md, new_env(), opening, complete)
        split = _split_in_blocks(block)
    if split is None:
        if block is None or complete is not remaining:
            block = OpenBlock(md, new_env(), opening, remaining)
        split = _split_in_text(md, new_env, block)
    if split is None or split.length <= 0:
        return None
    closers = _formula_closers(remaining[: split.length])
    return None if closers is None else replace(split, possible_closers=(*split.possible_closers, *closers))


def _formula_closers(text: str) -> tuple[str, ...] | None:
    """Return the closers of a formula still open at the end of ``text``, ``None`` where no cut can be made.

    A blank line ends every formula.
    """
    *_, last = _BLANK_LINE.split(text)
    if not may_have_open_formula(last):
        return ()
    return _FORMULA_CLOSERS if len(last) > MAX_FORMULA_CHARACTERS else None


def _split_in_blocks(block: OpenBlock) -> SplitPoint | None:
    """Cut the last block, the innermost first, or else before it."""
    for path in reversed(block.paths_to_last_block()):
        finder = _SPLIT_BY_BLOCK_TYPE.get(path.last_block.type)
        split = (finder(block, path) if finder else None) or _split_before_last_block(block, path)
        if split:
            return split
    return None


def _split_in_table(block: OpenBlock, path: ContainerPath) -> SplitPoint | None:
    start, _ = line_range(path.last_block)
    _, *rows = block.token_start_lines("tr_open", path.last_block)
    head, delimiters = (path.line_content(block.lines, line) for line in (start, start + 1))
    if len(rows) < 2 or rows[-1] <= block.first or head is None or delimiters is None:
        return None
    opening = path.opening + "".join(f"{path.indent}{line}\n" for line in (head, delimiters, "|x|"))
    columns = len(block.token_start_lines("th_open", path.last_block))
    closer = f"</tbody>\n</table>\n{path.closer}"
    return SplitPoint(block.length_before_line(rows[-1]), opening, closer, columns=columns)


def _split_in_list(block: OpenBlock, path: ContainerPath) -> SplitPoint | None:
    outer = path.last_block
    items = block.token_start_lines("list_item_open", outer)
    loose = is_loose_list(block.tokens, block.lines, outer)
    if len(items) < 2 or items[-1] <= block.first or loose is None:
        return None
    # Indented by three, so that no item of the list, whatever its own indentation, falls into this one.
    item = f"   1{outer.markup}" if outer.markup in ".)" else f"   {outer.markup}"
    task = "[x] " if "class" in outer.attrs else ""
    second = f"\n{path.indent}" + " " * (len(item) + 1) + "x\n"  # a second paragraph makes the list loose
    opening = f"{path.opening}{path.indent}{item} {task}x\n{second if loose else ''}"
    return SplitPoint(block.length_before_line(items[-1]), opening, f"</{outer.tag}>\n{path.closer}")


def _split_in_code(block: OpenBlock, path: ContainerPath) -> SplitPoint | None:
    code = path.last_block
    start, _ = line_range(code)
    first = path.line_content(block.lines, start)
    last = max((line for line, text in enumerate(block.lines) if text.strip(" \t>")), default=0)
    fenced = code.type == "fence"
    if last <= max(start + 1, block.first) or first is None or (fenced and is_closed_fence(code)):
        return None
    opening = path.opening + "".join(
        f"{path.indent}{line}\n" for line in ((first, "x") if fenced else ("    x",))
    )
    closer = f"</code></pre>\n{path.closer}"
    return SplitPoint(
        block.length_before_line(last), opening, closer, possible_closers=(code.markup[:3],) if fenced else ()
    )


_SPLIT_BY_BLOCK_TYPE: dict[str, Callable[[OpenBlock, ContainerPath], SplitPoint | None]] = {
    "table_open": _split_in_table,
    "bullet_list_open": _split_in_list,
    "ordered_list_open": _split_in_list,
    "fence": _split_in_code,
    "code_block": _split_in_code,
}


def _split_before_last_block(block: OpenBlock, path: ContainerPath) -> SplitPoint | None:
    """Cut before the last block in a quote or an item; a footnote shows nothing there, and proves no cut."""
    if len(path.blocks) < 2 or not path.containers or path.last_block.type == "footnote_reference_open":
        return None
    start, _ = line_range(path.last_block)
    covered = line_range(path.blocks[-2])[1] == start
    blank = not block.lines[start - 1].strip(" \t>")
    if start <= block.first or not (blank or covered) or path.line_content(block.lines, start) is None:
        return None
    return SplitPoint(block.length_before_line(start), path.opening_with_placeholder, path.closer)


def _split_in_text(md: MarkdownIt, new_env: NewEnv, block: OpenBlock) -> SplitPoint | None:
    """Cut the text of the last block, a paragraph or heading that begins no later than the remaining text."""
    path = block.path_to_open_text()
    if path is None:
        return None
    marker = f"{path.last_block.markup} " if path.last_block.type == "heading_open" else ""
    for position, separator in islice(_text_positions(block.opening, block.text), _MAX_POSITIONS):
        text = block.last_block_text_before(path, position)
        if text is None or (marker and separator == "\n"):
            break
        end = open_inline_state(md, new_env(), text)
        is_closed_below = end.possible_closers and re.search(
            "|".join(end.possible_closers), block.text[position:]
        )
        if is_closed_below or not (separator or end.is_plain):
            continue
        return SplitPoint(
            position + len(separator),
            f"{path.opening}{path.indent}{marker}{end.reopening_text}{separator}",
            sample=f"{path.indent}x" if separator == "\n" else "x",
            inside_line=separator != "\n",
            inside_text=True,
            inside_word=not separator,
            possible_closers=end.possible_closers,
        )
    return None


def _text_positions(opening: str, remaining: str) -> Iterator[tuple[int, str]]:
    """Yield harmless positions that no formula goes over, and what separates both sides there."""
    for share in (1, 0.6, 0.3):
        end = int((len(remaining) - MARGIN_CHARACTERS) * share)
        for _ in range(_MAX_STEPS_BACK):
            end, separator = harmless_position_before(opening, remaining, end)
            if end <= 0:
                return
            if _formula_closers(remaining[:end]) is not None:
                yield end, separator
