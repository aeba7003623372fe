r"""Formulas that go over lines: ``$$…$$``, ``\[…\]`` and environments, alone or within a paragraph.

A formula that begins a block and ends with its line is a block.  One within a paragraph keeps its lines from
becoming something else: ``= b`` no heading, ``- b`` no list.  Both end at a blank line, at a fence, and where
their quote or item ends; what is not closed by then is what CommonMark says.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock

from .containers import line_text
from .maths_inline import ENVIRONMENT_BEGIN, find_environment_end, find_formula_end
from .tex_heuristics import is_bracketed_tex, is_display_tex, is_prose

__all__ = [
    "FORMULA_OPENING",
    "add_maths_blocks",
    "line_numbers_inside_formulas",
    "may_have_open_formula",
    "push_paragraph",
]

FORMULA_OPENING = re.compile(r"\$\$|\\\\?\[|\\begin\{")
"""What may open a formula that swallows the lines below it."""

_FENCE = re.compile(r"`{3}|~{3}")
_CODE_OR_FORMULA_MARK = re.compile(r"`+|\$\$|\\begin\{|\\\\\[|\\.", re.DOTALL)
_QUOTE_MARKERS = re.compile(r"(?m)^(?:[ \t]*>)*(?!\Z)")
_CONTAINER_MARKER_BELOW = re.compile(r"\n[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t]))")
_SETEXT_UNDERLINE = re.compile(r"(=+|-+)[ \t]*\Z")


def add_maths_blocks(md: MarkdownIt) -> None:
    """Add the rules for formulas of several lines to a parser."""
    md.block.ruler.before("fence", "math_block", _formula_block_rule)
    md.block.ruler.before("lheading", "math_paragraph", _paragraph_rule)


def _formula_lines(state: StateBlock, start: int, end: int) -> list[str]:
    """Return the lines from ``start`` on that a formula may cover: up to a blank line or a fence."""
    lines = [line_text(state, start)]
    for number in range(start + 1, end):
        line = line_text(state, number)
        if not line.strip() or _FENCE.match(line):
            break
        lines.append(line)
    return lines


def _formula_block_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a formula that begins a block and ends at a line's end."""
    first = line_text(state, start)
    if (
        silent
        or first[:1] not in ("$", "\\")
        or not FORMULA_OPENING.match(first)
        or state.is_code_block(start)
    ):
        return False
    text = first + "\n"  # a row of formulas of one line each would look at all lines below with each
    formula = _block_formula_at(text, 0)
    if formula is None:
        lines = _formula_lines(state, start, end)
        for number in range(1, len(lines)):
            if state.sCount[start + number] < state.blkIndent:
                del lines[number:]
                break
        text = "\n".join(lines)
        formula = _block_formula_at(text, 0)
    if formula is None:
        return False
    mark, source, length = formula
    if text[length:].partition("\n")[0].strip():
        return False
    token = state.push("math_block", "math", 0)
    state.line = start + text.count("\n", 0, length) + 1
    token.block, token.content, token.markup, token.map = True, source, mark, [start, state.line]
    return True


def _block_formula_at(text: str, start: int) -> tuple[str, str, int] | None:
    """Return mark, source and end of the formula that begins at ``start``."""
    if opening := ENVIRONMENT_BEGIN.match(text, start):
        end = find_environment_end(text, opening, len(text))
        return ("", text[start:end], end) if end > 0 and "`" not in text[start:end] else None
    opening = FORMULA_OPENING.match(text, start)
    if not opening or opening[0] not in ("$$", r"\[", r"\\["):
        return None
    mark, first = opening[0], opening.end()
    last = find_formula_end(text, mark, first, len(text))
    if last < 0:
        return None
    source, end = text[first:last], last + len(mark)
    if mark == "$$":
        fits = is_display_tex(source)
    else:
        is_alone = mark == r"\[" and not text[end:].partition("\n")[0].strip() and not start
        fits = is_bracketed_tex(source, r"\(" if is_alone else mark, text[end : end + 1])
    return (mark, source, end) if fits else None


def may_have_open_formula(text: str) -> bool:
    """Tell whether a formula that begins in ``text`` may go on in the lines below.

    Parameters
    ----------
    text
        complete lines without a blank one, with the marks of the quotes and items that they stand in

    Returns
    -------
    bool
        ``True`` also where it only may be: the lines below decide.
    """
    if not FORMULA_OPENING.search(text):
        return False
    if len({quote_marker[0].count(">") for quote_marker in _QUOTE_MARKERS.finditer(text)}) > 1:
        return True
    text, position = _QUOTE_MARKERS.sub("", text), 0
    while opening := FORMULA_OPENING.search(text, position):
        formula = _block_formula_at(text, opening.start())
        if formula is None or formula[2] >= len(text):
            return True
        position = formula[2]
        # All its lines have to stand in what its first one stands in.
        if _CONTAINER_MARKER_BELOW.search(text[opening.start() : position]):
            return True
    return False


@lru_cache(maxsize=4)
def _formula_starts(text: str) -> list[int]:
    """Return the positions where a formula may begin."""
    return [opening.start() for opening in FORMULA_OPENING.finditer(text)]


def _paragraph_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Parse a paragraph, or a heading with an underline, that has a formula of several lines."""
    openings = _formula_starts(state.src)
    position = state.bMarks[start]
    index = bisect_left(openings, position)
    if silent or index == len(openings) or state.is_code_block(start):
        return False
    if 0 <= state.src.find("\n\n", position) < openings[index]:
        return False
    covered = set(line_numbers_inside_formulas(_formula_lines(state, start, state.lineMax)))
    if not covered:
        return False
    push_paragraph(state, start, covered)
    return True


def push_paragraph(state: StateBlock, start: int, covered: set[int]) -> None:
    """Push the tokens of a paragraph in which formulas cover some lines.

    Parameters
    ----------
    state
        Of the block parser.
    start
        The paragraph's first line.
    covered
        Lines that a formula goes on in, counted from ``start``: they begin nothing else.
    """
    line, level = _paragraph_end_and_level(state, start, {start + number for number in covered})
    tag = f"h{level}" if level else "p"
    kind = "heading" if level else "paragraph"
    opening = state.push(f"{kind}_open", tag, 1)
    text = state.push("inline", "", 0)
    text.content = mdTrim(state.getLines(start, line, state.blkIndent, False))  # as every other paragraph
    text.map, text.children = [start, line], []
    state.line = line + (1 if level else 0)
    opening.map = [start, state.line]
    closing = state.push(f"{kind}_close", tag, -1)
    if level:
        opening.markup = closing.markup = "=-"[level - 1]


def line_numbers_inside_formulas(lines: list[str], is_growing: bool = False) -> Iterator[int]:
    """Yield the numbers of the lines inside formulas, the first line of each not among them.

    Parameters
    ----------
    lines
        of a paragraph
    is_growing
        the text ends here, and a formula that is open goes on to its end

    Yields
    ------
    int
        Numbers from 0, in ascending order.
    """
    if len(lines) < 2:
        return
    text = "\n".join(lines)
    position = 0
    while mark := _CODE_OR_FORMULA_MARK.search(text, position):
        position = mark.end()
        if mark[0][0] == "`":
            code = re.compile(rf"(?<!`){mark[0]}(?!`)").search(text, position)
            position = code.end() if code else position
        elif mark[0] in ("$$", r"\[", r"\\[") or (
            mark[0] == r"\begin{" and not text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()].strip()
        ):
            formula = _block_formula_at(text, mark.start())
            is_open = is_growing and mark[0] not in text[position:] and not is_prose(text[position:])
            if formula or (is_open and find_formula_end(text, mark[0], position, len(text)) < 0):
                position = formula[2] if formula else len(text)
                yield from range(text.count("\n", 0, mark.start()) + 1, text.count("\n", 0, position) + 1)


def _paragraph_end_and_level(state: StateBlock, start: int, covered: set[int]) -> tuple[int, int]:
    """Return the line behind the paragraph's last, and the level of a heading with an underline or 0."""
    terminators = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    line, level = start + 1, 0
    while line < state.lineMax and not state.isEmpty(line):
        outside = state.sCount[line] < state.blkIndent
        if (line not in covered or outside) and state.sCount[line] - state.blkIndent <= 3:
            underline = None if outside else _SETEXT_UNDERLINE.fullmatch(line_text(state, line))
            if underline:
                level = 1 if underline[1][0] == "=" else 2
                break
            if state.sCount[line] >= 0 and any(
                rule(state, line, state.lineMax, True) for rule in terminators
            ):
                break
        line += 1
    state.parentType = parent
    return line, level
