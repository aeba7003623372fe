"""The rule: which part of a growing text can no longer change.

A Markdown text is a row of top-level blocks.  The block parser carries nothing from one block to the next, and it
decides where a block ends by the lines up to the one that ends it, never by later ones.  So in a text of *complete*
lines every block but the last is final, and a parse that starts at the last block gives the same as the end of a
parse of everything.  Links may still change when a definition arrives below: that is ``definitions``' business.

Four cases need care, each with its line of code here:

- An incomplete line proves nothing (``***`` may go on as ``***bold***``): only text up to the last newline is judged.
- A link definition leaves no token and may take the next line as its title: a boundary must follow a blank line or
  the very end of the block before.
- ``$$`` opens a formula that swallows blocks down to a blank line: below one, only a blank line is a boundary.
- Some blocks are over although nothing follows yet: after a blank line no paragraph, heading, rule, table, quote,
  formula or closed fence goes on.  Lists, indented code and footnotes may.
"""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .code import fence_is_closed
from .definitions import Lookups

__all__ = ["boundary"]

_OVER_AT_A_BLANK_LINE = frozenset(
    {"paragraph_open", "heading_open", "hr", "table_open", "blockquote_open", "fence", "math_block"}
)


def boundary(md: MarkdownIt, text: str) -> int:
    """Return how many characters at the start of ``text`` are final.

    ``text`` starts at a boundary.  Only the block phase of the parser runs; it reads no definitions.
    """
    lines = text[: text.rfind("\n") + 1].split("\n")[:-1]
    tokens: list[Token] = []
    md.block.parse("".join(line + "\n" for line in lines), md, {"references": Lookups({}, {})}, tokens)
    blocks = [token for token in tokens if token.level == 0 and token.map is not None]
    return sum(len(line) + 1 for line in lines[: _final_lines(lines, blocks)])


def _final_lines(lines: list[str], blocks: list[Token]) -> int:
    """Return how many of these complete lines are final."""
    if not lines:
        return 0
    end = _end(blocks[-1]) if blocks else 0
    if _blank(lines[-1]) and (not blocks or _over(blocks[-1], lines)):
        return len(lines)
    if blocks and blocks[-1].type == "fence" and fence_is_closed(blocks[-1]) and not _formula(lines[: _start(blocks[-1])]):
        return end
    for index in range(len(blocks) - 1, -1, -1):
        start = _start(blocks[index])
        if start and _blank(lines[start - 1]):
            return start
        if index and _end(blocks[index - 1]) == start and not _formula(lines[:start]):
            return start
    return 0


def _over(block: Token, lines: list[str]) -> bool:
    """Tell whether a blank line has ended the last block."""
    end = _end(block)
    return block.type in _OVER_AT_A_BLANK_LINE and end < len(lines) and _blank(lines[end])


def _formula(lines: list[str]) -> bool:
    return any("$$" in line for line in lines)


def _blank(line: str) -> bool:
    return not line.strip(" \t")


def _start(block: Token) -> int:
    return block.map[0] if block.map else 0


def _end(block: Token) -> int:
    return block.map[1] if block.map else 0
