"""Rules for an incomplete last line of a growing answer: whether it waits, and which block it begins.

A line of markers only (``-``, ``==``, ``#``, ``1.``, ``| --``), the first line of a fence and a link
definition wait for the letters that decide them: they have no text to show yet.  A table is a table from its
first row, a formula from its first line, a fold from its summary.

What is unfinished within a line is the matter of ``incomplete_inline``.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .compat import split_row
from .details import push_details
from .hold_back import MAX_HELD_CHARACTERS
from .maths_blocks import FORMULA_OPENING, line_numbers_inside_formulas, push_paragraph
from .maths_inline import ENVIRONMENT_BEGIN, find_formula_end
from .maths_preview import readable_start
from .tex_heuristics import is_prose

__all__ = ["add_incomplete_block_rules", "ends_with_blank_line", "hold_last_line_rule"]

_MARKERS_ONLY = re.compile(
    r"(?:[-+*=_#~`|:$>\[\]!<&\\^\s]|\d{1,9}(?:[.)]?\Z|[.)](?=\s)))+\Z",  # 1. and what may become it
    re.ASCII,
)
_FENCE = re.compile(r"[\s>]*(?:(?:[-+*]|\d{1,9}[.)])\s+)*(?:`{3}|~{3})", re.ASCII)
_DEFINITION = re.compile(  # [label]: address "half a title
    r"[\s>]*\[(?!\^)[^\[\]]+\]:\s*[!-~]*(?:\s+(?:\"[^\"]{0,80}|'[^']{0,80}|\([^)]{0,80}))?\Z"
)
_DELIMITER_ROW = re.compile(r"[|:\- \t]*\Z")
_MAX_TABLE_HEAD_CHARACTERS = 1_000  # of the head of a table: a longer line waits for its delimiter row
_MATH_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*math[ \t]*\n")
_INCOMPLETE_DETAILS = re.compile(
    r"<details>\s*(?:<(?:summary>((?:(?!</summary>)[^\n])*?)(?:</?[a-z]{0,8})?|[a-z]{0,7}))?", re.IGNORECASE
)


def ends_with_blank_line(text: str) -> bool:
    """Tell whether ``text`` is empty or ends with a blank line, which ends all inline syntax."""
    last_line = text[text.rfind("\n", 0, -1) + 1 :]
    return not text or (last_line.endswith("\n") and not last_line.strip(" \t\n"))


def hold_last_line_rule(state: StateCore) -> None:
    """Cut an undecided last line off the text before its blocks are parsed."""
    start = state.src.rfind("\n") + 1
    line = state.src[start:]
    is_short = len(line) <= MAX_HELD_CHARACTERS
    if not (_DEFINITION.match(line) or (is_short and (_MARKERS_ONLY.match(line) or _FENCE.match(line)))):
        return
    if _is_undecided_line(line, state.src.count("\n"), _last_text_block(state.md, state.src)):
        state.src = state.src[:start]


def _last_text_block(md: MarkdownIt, text: str) -> Token | None:
    """Return the token of the last block with text: a paragraph's text, a fence, indented code."""
    tokens: list[Token] = []
    md.block.parse(text, md, {}, tokens)
    return next((token for token in reversed(tokens) if not token.nesting and token.map), None)


def _is_undecided_line(line: str, number: int, leaf: Token | None) -> bool:
    """Tell whether the last line, line ``number``, is undecided; ``leaf`` is its token so far."""
    if leaf is None or leaf.map is None or leaf.map[1] <= number:
        return True  # a marker that holds no block yet, or a definition
    if leaf.type in ("code_block", "math_block"):
        return False
    if leaf.type == "fence":
        return leaf.map[0] == number or _may_close_fence(line, leaf)
    return bool(_MARKERS_ONLY.match(line)) or (leaf.map[0] == number and bool(_DEFINITION.match(line)))


def _may_close_fence(line: str, fence: Token) -> bool:
    """Tell whether the line may become the closing line of the fence."""
    mark = line.strip(" >")
    return 0 < len(mark) < len(fence.markup) and not mark.strip(fence.markup[0])


def add_incomplete_block_rules(block: ParserBlock) -> None:
    """Add the rules for incomplete tables, formulas and ``<details>``."""
    names = block.ruler.get_active_rules()
    if "table" in names:
        block.ruler.after(
            "table", "unfinished_table", _incomplete_table_rule, {"alt": ["paragraph", "reference"]}
        )
    if "math_block" in names:
        block.ruler.after("math_block", "unfinished_formula", _incomplete_formula_rule)
        block.ruler.before("fence", "unfinished_math_fence", _incomplete_math_fence_rule)
        block.ruler.before("lheading", "unfinished_paragraph", _incomplete_formula_in_paragraph_rule)
    if "details" in names:
        block.ruler.before("details", "unfinished_details", _incomplete_details_rule)


def _lines_to_the_end(state: StateBlock, start: int, end: int) -> list[str]:
    """Return the lines of a block if it reaches to the end of the text, else an empty list."""
    if ends_with_blank_line(state.src) or state.eMarks[end - 1] < len(state.src.rstrip()):
        return []
    lines = [state.src[state.bMarks[n] + state.tShift[n] : state.eMarks[n]] for n in range(start, end)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def _incomplete_table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Show a line that begins with ``|`` as the head of a table before its delimiter row is complete."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("|", first) or state.is_code_block(start) or end - start > 3:
        return False
    lines = _lines_to_the_end(state, start, end)
    if (
        not lines
        or len(lines) > 2
        or len(lines[0]) > _MAX_TABLE_HEAD_CHARACTERS
        or not all(_DELIMITER_ROW.match(line) for line in lines[1:])
    ):
        return False
    if not silent:
        cells = split_row(lines[0].strip())[1:]
        _push_table_head(state, cells[:-1] if len(cells) > 1 and not cells[-1] else cells, start)
        state.line = end
    return True


def _push_table_head(state: StateBlock, cells: list[str], line: int) -> None:
    for name, tag in (("table_open", "table"), ("thead_open", "thead"), ("tr_open", "tr")):
        state.push(name, tag, 1).map = [line, line + 1]
    for cell in cells:
        state.push("th_open", "th", 1)
        token = state.push("inline", "", 0)
        token.map, token.content, token.children = [line, line + 1], cell.strip(), []
        state.push("th_close", "th", -1)
    for name, tag in (("tr_close", "tr"), ("thead_close", "thead"), ("table_close", "table")):
        state.push(name, tag, -1)


def _incomplete_formula_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Show the readable start of a formula block whose end has not come."""
    first = state.bMarks[start] + state.tShift[start]
    if silent or state.src[first : first + 1] not in ("$", "\\") or state.is_code_block(start):
        return False
    opening = FORMULA_OPENING.match(state.src, first)
    mark = opening[0] if opening and opening[0] in ("$$", r"\[", r"\\[") else ""
    if not opening or not (mark or ENVIRONMENT_BEGIN.match(state.src, first)):
        return False
    text = "\n".join(_lines_to_the_end(state, start, end))
    source = text[len(mark) :]
    closes = mark and find_formula_end(text, mark, len(mark), len(text)) >= 0
    if not text or closes or "\n\n" in text or "`" in source or (mark == "$$" and is_prose(source)):
        return False
    return _push_readable_formula(state, source.rstrip(mark[0] if mark else "\\"), mark, (start, end))


def _push_readable_formula(state: StateBlock, source: str, mark: str, lines: tuple[int, int]) -> bool:
    """Push the readable start of a formula, or hold it back; ``False`` if it is too long for that."""
    readable = readable_start(source)
    if not readable and len(source) > MAX_HELD_CHARACTERS:
        return False
    if readable:
        token = state.push("math_block", "math", 0)
        token.block, token.content, token.markup, token.map = True, readable, mark, list(lines)
    state.line = lines[1]
    return True


def _incomplete_math_fence_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Show an open ``math`` fence as a formula."""
    first = state.bMarks[start] + state.tShift[start]
    opening = None if silent or state.is_code_block(start) else _MATH_FENCE.match(state.src, first)
    if not opening:
        return False
    first_line, *lines = _lines_to_the_end(state, start, end) or [""]
    if not first_line or any(line.startswith(opening[1]) for line in lines):
        return False
    return _push_readable_formula(state, "\n".join(lines).rstrip(opening[1][0]), "", (start, end))


def _incomplete_formula_in_paragraph_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Keep the lines of an open formula within the paragraph in which it begins."""
    if silent or state.is_code_block(start) or not ("$$" in state.src or "\\" in state.src):
        return False  # each item of a list asks this, and all lines below it would be looked at
    lines = _lines_to_the_end(state, start, end)
    covered = (
        set(line_numbers_inside_formulas(lines, is_growing=True)) if len(lines) > 1 and all(lines) else set()
    )
    if covered:
        push_paragraph(state, start, covered)
    return bool(covered)


def _incomplete_details_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Show an incomplete ``<details>`` with its summary so far."""
    first = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<", first) or state.is_code_block(start):
        return False
    half = _INCOMPLETE_DETAILS.fullmatch("\n".join(_lines_to_the_end(state, start, end)))
    if not half:
        return False
    if not silent:
        if half[1]:
            push_details(state, half[1], (start, end))
        state.line = end
    return True
