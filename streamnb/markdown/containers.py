"""The containers around the last block of a text: quotes, list items and ``<details>``, the outermost first.

``split_points`` cuts a block within them, and the rest needs the same containers around it: the *opening*
of a ``ContainerPath`` makes them with as few words as may be.  In each item stands ``x`` and below
it a heading: the paragraph shows whether the list is tight or loose, the heading keeps it apart from what
comes.  A quote needs no words: its marker before the next line opens it.  Nor does an open ``<details>``;
once its end comes, it looks different, and nothing was frozen in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

__all__ = ["ContainerPath", "is_loose_list", "line_range", "line_text", "paths_to_last_block", "tokens_from"]

_LIST_TOKENS = ("bullet_list_open", "ordered_list_open")
_QUOTE_MARKER = re.compile(r" {0,3}> ?")
_ITEM_MARKER = re.compile(r" {0,3}(?:[-+*]|\d{1,9}[.)])(?: {1,4}(?=[^ \t])| (?= {4})|(?=\Z))")


@dataclass(frozen=True, slots=True)
class _Container:
    """One quote, list item or ``<details>``.

    Attributes
    ----------
    line
        Its first line, counted from 0.
    marker
        An item's, with the blanks behind it; empty for the others.
    is_details
        Whether it is a ``<details>``.
    """

    line: int
    marker: str = ""
    is_details: bool = False

    def strip_marker(self, text: str, line: int) -> str | None:
        """Return ``text``, a line, without the container's marker; ``None`` where the line is outside."""
        if self.is_details:
            return text if line > self.line else None
        pattern = _QUOTE_MARKER if not self.marker else _ITEM_MARKER if line == self.line else None
        if pattern:
            match = pattern.match(text)
            return text[match.end() :] if match else None
        blank = " " * len(self.marker)
        return text[len(blank) :] if text.startswith(blank) else None if text.strip() else ""


@dataclass(frozen=True, slots=True)
class ContainerPath:
    """The containers around a place, the outermost first, and the blocks in the innermost.

    Attributes
    ----------
    blocks
        The first tokens of the blocks in it.
    opening
        Text that makes such containers.
    indent
        How each line within them begins.
    closer
        The HTML that closes them.
    containers
        The containers, whose markers a line within them begins with.
    """

    blocks: tuple[Token, ...]
    opening: str = ""
    indent: str = ""
    closer: str = ""
    containers: tuple[_Container, ...] = ()

    @property
    def opening_with_placeholder(self) -> str:
        """The opening, with a heading where the innermost is a quote, which is none without content."""
        return (
            f"{self.opening}{self.indent}# x\n"
            if self.containers and not self.containers[-1].marker and not self.containers[-1].is_details
            else self.opening
        )

    @property
    def last_block(self) -> Token:
        """The opening token of the last block; there is always one."""
        return self.blocks[-1]

    def line_content(self, lines: Sequence[str], line: int) -> str | None:
        """Return a line without the containers' markers; ``None`` where it is outside of them."""
        text: str | None = lines[line]
        for container in self.containers:
            text = container.strip_marker(text, line) if text is not None else None
        return text

    def nested_path(
        self, container: _Container, blocks: tuple[Token, ...], outer: Token, loose: bool
    ) -> ContainerPath:
        """Return the path into a quote, a ``<details>`` or an item of the list ``outer``.

        Parameters
        ----------
        container
            The quote, ``<details>`` or item.
        blocks
            The first tokens of the blocks in it.
        outer
            The opening token of the list, or of the container itself.
        loose
            Whether the list is loose.

        Returns
        -------
        ContainerPath
            The path with the container at its end.
        """
        if container.is_details:
            opening = f"{self.opening}{self.indent}<details>\n{self.indent}\n"
            return ContainerPath(
                blocks, opening, self.indent, f"</details>\n{self.closer}", (*self.containers, container)
            )
        if not container.marker:
            closer = f"</blockquote>\n{self.closer}"
            return ContainerPath(
                blocks, self.opening, f"{self.indent}> ", closer, (*self.containers, container)
            )
        indent = self.indent + " " * len(container.marker)
        task = "[x] " if "class" in outer.attrs else ""
        gap = "\n" if loose else ""
        # A bullet needs nothing between the words of an item and itself.
        is_bullet = container.marker.lstrip()[0] in "-+*"
        outside = self.opening.removesuffix(f"{self.indent}# x\n") if is_bullet else self.opening
        opening = f"{outside}{self.indent}{container.marker}{task}x\n{gap}{indent}# x\n"
        closer = f"</li>\n</{outer.tag}>\n{self.closer}"
        return ContainerPath(blocks, opening, indent, closer, (*self.containers, container))


def paths_to_last_block(tokens: Sequence[Token], lines: Sequence[str]) -> list[ContainerPath]:
    """Return the paths to the last block, from the top level to the innermost; empty without a block.

    Parameters
    ----------
    tokens
        Of the block phase.
    lines
        Of the text; containers that are made with tabs are left alone.

    Returns
    -------
    list[ContainerPath]
        Paths, each one container longer than the one before.
    """
    paths: list[ContainerPath] = []
    inner: ContainerPath | None = ContainerPath(_block_openers(tokens, 0))
    while inner and inner.blocks:
        paths.append(inner)
        inner = _step_into_last_block(inner, tokens, lines)
    return paths


def line_range(token: Token) -> tuple[int, int]:
    """Return the first line of a block and the one behind its last."""
    return (token.map[0], token.map[1]) if token.map else (0, 0)


def tokens_from(tokens: Sequence[Token], first: Token) -> Sequence[Token]:
    """Return the tokens from ``first`` on."""
    return tokens[next(position for position, token in enumerate(tokens) if token is first) :]


def _block_openers(tokens: Sequence[Token], level: int, within: Token | None = None) -> tuple[Token, ...]:
    """Return the opening tokens of the blocks at a level, from the token ``within`` on."""
    onward = tokens_from(tokens, within) if within else tokens
    return tuple(token for token in onward if token.level == level and token.nesting >= 0 and token.map)


def _step_into_last_block(
    path: ContainerPath, tokens: Sequence[Token], lines: Sequence[str]
) -> ContainerPath | None:
    """Return the path into the last block, if it is a quote, a ``<details>`` or a list."""
    outer = path.last_block
    if outer.type == "details_open" and path.line_content(lines, line_range(outer)[0]) is not None:
        container = _Container(line_range(outer)[0], is_details=True)
        return path.nested_path(container, _block_openers(tokens, outer.level + 1, outer), outer, False)
    if outer.type not in (*_LIST_TOKENS, "blockquote_open"):
        return None
    item = outer.type in _LIST_TOKENS
    loose = is_loose_list(tokens, lines, outer) if item else False
    opener = _block_openers(tokens, outer.level + 1, outer)[-1] if item else outer
    line, _ = line_range(opener)
    text = path.line_content(lines, line)
    start = (_ITEM_MARKER if item else _QUOTE_MARKER).match(text) if text is not None else None
    if not start or loose is None:
        return None
    marker = start[0] if start[0].endswith(" ") else start[0] + " "
    container = _Container(line, marker if item else "")
    blocks = _block_openers(tokens, opener.level + 1, opener)
    return path.nested_path(container, blocks, outer, loose)


def is_loose_list(tokens: Sequence[Token], lines: Sequence[str], outer: Token) -> bool | None:
    """Tell whether a list is loose, as the paragraphs of its items show; ``None`` where nothing shows it."""
    blocks = _block_openers(tokens, outer.level + 2, outer)
    looseness = {not token.hidden for token in blocks if token.type == "paragraph_open"}
    if looseness:
        return True in looseness
    start, end = line_range(outer)
    return False if all(line.strip(" \t>") for line in lines[start:end]) else None


def line_text(state: StateBlock, number: int) -> str:
    """Return a line as a block rule sees it, without the indentation and the marks of its containers."""
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]
