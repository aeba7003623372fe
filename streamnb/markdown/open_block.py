"""The block structure of a text that ends in an open block, behind the opening that it is parsed with."""

from __future__ import annotations

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .containers import ContainerPath, line_range, paths_to_last_block, tokens_from

__all__ = ["OpenBlock"]

_DEPTH_IN_BLOCK = {"list_item_open": 1, "tr_open": 2, "th_open": 3}  # how far below the block's own token
_TEXT_BLOCKS = ("paragraph_open", "heading_open")
_MAYBE_DEFINITION = re.compile(r"\[(?:\^|(?:[^\[\]\\]|\\.)*(?:\](?::|\Z)|\\?\Z))", re.DOTALL)


class OpenBlock:
    """The block structure of the remaining text behind its opening."""

    def __init__(self, md: MarkdownIt, env: dict[str, Any], opening: str, text: str) -> None:
        self.opening = opening
        self.text = text
        self.lines = (opening + text).split("\n")
        self.first = opening.count("\n")  # the line where the remaining text starts
        self.tokens: list[Token] = []
        md.block.parse(opening + text, md, env, self.tokens)

    def paths_to_last_block(self) -> list[ContainerPath]:
        """Return the paths to the last block, empty unless the text is one block up to its end."""
        paths = paths_to_last_block(self.tokens, self.lines)
        return paths if paths and len(paths[0].blocks) == 1 and not line_range(paths[0].last_block)[0] else []

    def token_start_lines(self, kind: str, within: Token) -> list[int]:
        """Return the first lines of the items, rows or cells in the block that ``within`` opens."""
        inside = tokens_from(self.tokens, within)
        level = within.level + _DEPTH_IN_BLOCK[kind]
        return [line_range(token)[0] for token in inside if token.type == kind and token.level == level]

    def length_before_line(self, line: int) -> int:
        """Return how many characters of the remaining text come before a line."""
        return sum(len(text) + 1 for text in self.lines[:line]) - len(self.opening)

    def path_to_open_text(self) -> ContainerPath | None:
        """Return the path to the paragraph or heading that is all of the remaining text, or ``None``."""
        paths = self.paths_to_last_block()
        if (
            not paths
            or paths[-1].last_block.type not in _TEXT_BLOCKS
            or line_range(paths[-1].last_block)[0] > self.first
        ):
            return None
        if paths[-1].last_block.type == "heading_open" and (
            not paths[-1].last_block.markup.startswith("#") or "\n" in self.text
        ):
            return None
        # What begins like a link definition may still become one.
        return None if _MAYBE_DEFINITION.match(self.last_block_text(paths[-1])) else paths[-1]

    def last_block_text(self, path: ContainerPath) -> str:
        """Return the source text of the last block on ``path``, a paragraph or heading."""
        _, text, *_ = tokens_from(self.tokens, path.last_block)
        return text.content

    def last_block_text_before(self, path: ContainerPath, position: int) -> str | None:
        """Return the part of that text before a position of the remaining text, ``None`` where none is."""
        lines = self.last_block_text(path).split("\n")
        line = self.first + self.text.count("\n", 0, position) - line_range(path.last_block)[0]
        end_of_line = self.text[position:].partition("\n")[0].rstrip()
        if not 0 <= line < len(lines) or not lines[line].rstrip().endswith(end_of_line):
            return None
        return "\n".join([*lines[:line], lines[line].rstrip().removesuffix(end_of_line)]).rstrip()
