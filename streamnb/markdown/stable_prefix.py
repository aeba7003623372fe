"""The stable prefix: the part of a growing text whose blocks can no longer change.

A Markdown text is a row of top-level blocks.  The block parser carries nothing from one block to the next,
and it decides where a block ends by the lines up to the one that ends it, never by later ones.  So in a text
of *complete* lines every block but the last is final, and a parse that starts at the last block gives the
same as the end of a parse of everything.  Links may still change when a definition arrives below: that is
``segments``' business.

Four cases need care, each with its line of code here:

- An incomplete line proves nothing (``***`` may go on as ``***bold***``): only text up to the last newline is
  judged.
- A link definition may take the next lines as its title: what follows one is a boundary only below a blank
  line, or if it is a definition again.
- ``$$``, ``\\[`` or an environment opens a formula that swallows blocks down to a blank line: below one that
  is no block of its own, only a blank line is a boundary.
- Some blocks are over although nothing follows yet: a fence at its closing line, and after a blank line every
  paragraph, heading, rule, table, quote, formula and definition.  Lists, indented code and footnotes may go
  on.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .code import is_closed_fence
from .link_references import References
from .maths_blocks import FORMULA_OPENING

__all__ = ["find_last_list_item", "stable_length"]

_DEFINITION_KIND = "definition"
_CLOSED_FENCE_KIND = "closed fence"
_OVER_AT_A_BLANK_LINE = frozenset(
    {
        "paragraph_open",
        "heading_open",
        "hr",
        "table_open",
        "blockquote_open",
        "math_block",
        _CLOSED_FENCE_KIND,
        _DEFINITION_KIND,
    }
)


class _TopBlock(NamedTuple):
    """A top-level block.

    Attributes
    ----------
    start, end
        The lines that it covers, from 0, ``end`` not among them.
    kind
        The type of its first token; a fence that is closed and a definition have kinds of their own.
    """

    start: int
    end: int
    kind: str


def stable_length(md: MarkdownIt, text: str) -> int:
    """Return how many characters at the start of ``text`` are final.

    ``text`` starts at a boundary.  Only the block phase of the parser runs; it reads no definitions.
    """
    complete = text[: text.rfind("\n") + 1]
    lines = complete.split("\n")[:-1]
    final = _final_line_count(lines, _top_blocks(md, complete)) if lines else 0
    return sum(len(line) + 1 for line in lines[:final])


def find_last_list_item(md: MarkdownIt, text: str) -> tuple[int, int | None]:
    """Return the position and number of the last item of a text that is one list.

    It begins at 0 where the text is no list or has one item only.  What stands before it cannot change any
    more, but for how far the items stand apart.
    """
    complete = text[: text.rfind("\n") + 1]
    tokens: list[Token] = []
    md.block.parse(complete, md, {}, tokens)
    if not tokens or tokens[0].type not in ("bullet_list_open", "ordered_list_open"):
        return 0, None
    starts = [
        token.map[0] for token in tokens if token.type == "list_item_open" and token.level == 1 and token.map
    ]
    length = sum(len(line) + 1 for line in complete.split("\n")[: starts[-1]])
    if tokens[0].type == "bullet_list_open":
        return length, None
    return length, int(tokens[0].attrGet("start") or 1) + len(starts) - 1


def _top_blocks(md: MarkdownIt, text: str) -> list[_TopBlock]:
    """Return the top-level blocks of a text in order, its definitions among them."""
    tokens: list[Token] = []
    references = References({}, {})
    duplicates: list[dict[str, Any]] = []
    md.block.parse(text, md, {"references": references, "duplicate_refs": duplicates}, tokens)
    blocks = [
        _TopBlock(token.map[0], token.map[1], _block_kind(token))
        for token in tokens
        if token.level == 0 and token.map
    ]
    covered_lines = {line for block in blocks for line in range(block.start, block.end)}
    maps = [definition["map"] for definition in (*references.own_definitions.values(), *duplicates)]
    blocks += [_TopBlock(start, end, _DEFINITION_KIND) for start, end in maps if start not in covered_lines]
    return sorted(blocks)


def _block_kind(token: Token) -> str:
    return _CLOSED_FENCE_KIND if token.type == "fence" and is_closed_fence(token) else token.type


def _final_line_count(lines: list[str], blocks: list[_TopBlock]) -> int:
    """Return how many of these complete lines are final."""
    last = blocks[-1] if blocks else _TopBlock(0, 0, _DEFINITION_KIND)
    if last.kind in _OVER_AT_A_BLANK_LINE and last.end < len(lines) and _is_blank(lines[last.end]):
        return len(lines) if _is_blank(lines[-1]) else last.end
    first_formula = _first_open_formula_line(lines, blocks)
    if last.kind == _CLOSED_FENCE_KIND and last.start <= first_formula:
        return last.end
    for index in range(len(blocks) - 1, -1, -1):
        block = blocks[index]
        if block.start and _is_blank(lines[block.start - 1]):
            return block.start
        if index and _is_final_boundary(blocks[index - 1], block) and block.start <= first_formula:
            return block.start
    return 0


def _is_final_boundary(previous: _TopBlock, block: _TopBlock) -> bool:
    """Tell whether one block ends for good where the other begins."""
    return previous.end == block.start and (
        previous.kind != _DEFINITION_KIND or block.kind == _DEFINITION_KIND
    )


def _first_open_formula_line(lines: list[str], blocks: list[_TopBlock]) -> int:
    """Return the first line in which a formula may open that is still open; one that is a block has ended."""
    ended = {line for block in blocks if block.kind == "math_block" for line in range(block.start, block.end)}
    openings = (
        number for number, line in enumerate(lines) if number not in ended and FORMULA_OPENING.search(line)
    )
    return next(openings, len(lines))


def _is_blank(line: str) -> bool:
    return not line.strip(" \t")
