r"""Formulas in table cells: the bars of ``$|x|$`` and ``\(P(A|B)\)`` do not separate cells.

GitHub parts a row at every bar that no backslash stands before, and so does the parser.  While it reads a
table, the bars within formulas are another character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .maths_inline import formula_at
from .render_rules import constant_html_rule

__all__ = ["add_tables"]

_BAR_PLACEHOLDER = "\ue000"  # of a formula; a character for private use
_DELIMITER_ROW = re.compile(r"[|:-][|:\- \t]*")
_ROW = re.compile(r"[^\n]*\|[^\n]*")
_INLINE_FORMULA_OPENING = re.compile(r"\\\(|\$")
_BRACKET_GROUP = re.compile(r"[({\[][^()\[\]{}]*[)}\]]")


def add_tables(md: MarkdownIt) -> None:
    """Replace the parser's rule for tables."""
    md.block.ruler.at("table", _table_rule, {"alt": ["paragraph", "reference"]})
    for name in ("td_open", "th_open"):
        md.add_render_rule(name, _render_cell_open)
    for tag in ("td", "th", "tr"):
        md.add_render_rule(f"{tag}_close", constant_html_rule(f"</{tag}>\n"))


def _table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a table whose cells may hold formulas with bars in them."""
    if start + 2 > end:
        return False
    if state.src.find("|", state.bMarks[start], state.eMarks[start]) < 0:  # as in nearly every line
        return False
    below = state.bMarks[start + 1] + state.tShift[start + 1]
    if not _DELIMITER_ROW.fullmatch(state.src, below, state.eMarks[start + 1]):
        return False
    source, count = state.src, len(state.tokens)
    state.src = _mask_bars_in_formulas(source)
    is_table = table(state, start, end, silent)
    if state.src is not source:
        state.src = source
        for token in state.tokens[count:]:
            token.content = token.content.replace(_BAR_PLACEHOLDER, "|")
    return is_table


def _render_cell_open(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return f"<{tokens[index].tag}{self.renderAttrs(tokens[index])}>"


@lru_cache(maxsize=4)
def _mask_bars_in_formulas(text: str) -> str:
    """Return a text with each bar in its formulas replaced by a placeholder."""
    if "|" not in text or _BAR_PLACEHOLDER in text or not _INLINE_FORMULA_OPENING.search(text):
        return text
    return _ROW.sub(lambda row: _mask_row(row[0]), text)


def _mask_row(row: str) -> str:
    pieces: list[str] = []
    done = position = ticks = 0
    while opening := _INLINE_FORMULA_OPENING.search(row, position):
        ticks += row.count("`", position, opening.start())
        position = opening.end()
        formula = None if ticks % 2 else formula_at(row, opening.start(), len(row))
        if formula:
            mark, source, position = formula
            # Bars between blanks, outside of brackets, may part two cells.
            if mark != "$" or not re.search(r"\s\|\s", _BRACKET_GROUP.sub("", source)):
                bars = re.sub(r"(?<!\\)\|", _BAR_PLACEHOLDER, row[opening.start() : position])
                pieces += row[done : opening.start()], bars
                done = position
    return "".join((*pieces, row[done:]))
