"""Analysis of inline syntax that is still open at the end of a text.

Inline syntax is read from left to right, and only an opener looks ahead: a star or a backtick for its like,
``[`` for ``](``, ``$`` for ``$``.  If the parser has paired every opener within a piece, and the piece ends
before a blank, then no text behind it changes what it has become.  Emphasis that is open can be opened again
before what follows; all else that is open stays text until what would close it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .autolinks import may_end_in_address
from .inline_html import OPENING_TAG

__all__ = ["OpenInlineState", "open_inline_state"]

_MAX_OPENERS = 6
_BRACKET_PAIR = re.compile(r"\[([^\[\]]*)\](?!\()")  # brackets that are no link and have no address begun
_TOKEN_PLACEHOLDER = "\x01"
_FORMULA_ESCAPES = (r"\(", r"\[", r"\b", r"\\")  # may open a formula
# What found no partner yet ("$5 dollars" is money and looks for none), and how its partner begins.
_CLOSERS = (
    (re.compile("`"), "`"),
    (re.compile(r"\$(?!\s*\n|\d[\d.,]*[kKmMbB]?\s+[A-Za-z]{2,})"), r"\$"),
    (re.compile(r"\\\("), r"\\\)"),
    (re.compile(r"\\\["), r"\\\]"),
    (re.compile(r"\\b"), r"\\end"),
    (re.compile("[]\x01]\\("), r"\)"),  # an address begun, also behind what is a link for another reason
    (re.compile(r"\["), r"\]"),
    (OPENING_TAG, "</"),
)
_INCOMPLETE_TAG_OR_ENTITY = re.compile(r"(?:<[^<>\s]+|&[#\w]+)\Z")  # of an address, an entity


@dataclass(frozen=True, slots=True)
class OpenInlineState:
    """The state of inline syntax at the end of a text.

    Attributes
    ----------
    reopening_text
        Text that leaves the same emphasis open, of words ``x``.
    possible_closers
        What else is open stays text as long as none of these regular expressions finds anything.
    is_plain
        The last letters are text outside of links, and belong to no ``<address`` or ``&entity``.
    """

    reopening_text: str
    possible_closers: tuple[str, ...]
    is_plain: bool


_Opener = tuple[str, int, bool]  # marker, length of its run, whether it may close as well


def open_inline_state(md: MarkdownIt, env: dict[str, Any], content: str) -> OpenInlineState:
    """Return the state of inline syntax at the end of ``content``, the text of a block.

    Parameters
    ----------
    md
        The exact parser.
    env
        Its environment, with the definitions above.
    content
        The text of a paragraph or a heading so far.

    Returns
    -------
    OpenInlineState
        What it leaves open for the text that is to come.
    """
    openers, tokens = _parse_inline(md, env, content)
    text, pairs = "".join(_plain_text_pieces(tokens)), 1
    is_plain = bool(tokens) and tokens[-1].type in ("text", "text_special") and not tokens[-1].level
    is_plain = is_plain and not (_INCOMPLETE_TAG_OR_ENTITY.search(text) or may_end_in_address(content))
    while pairs:
        text, pairs = _BRACKET_PAIR.subn(rf"{_TOKEN_PLACEHOLDER}\1{_TOKEN_PLACEHOLDER}", text)
    possible_closers = tuple(closer for opening, closer in _CLOSERS if opening.search(text))
    again = _reopening_text(md, env, openers)
    if again is None:
        markers = {re.escape(marker[0]) for marker, *_ in openers}
        ends = (rf"(?<=[^\s{marker}]){marker}" for marker in sorted(markers))
        return OpenInlineState("x", (*possible_closers, *ends), is_plain)
    return OpenInlineState(again, possible_closers, is_plain)


def _parse_inline(md: MarkdownIt, env: dict[str, Any], content: str) -> tuple[list[_Opener], list[Token]]:
    """Return the openers of emphasis without a closer, and all tokens."""
    state = StateInline(content, md, env, [])
    md.inline.tokenize(state)
    markers = [state.tokens[delimiter.token].content for delimiter in state.delimiters]
    for rule in md.inline.ruler2.getRules(""):
        rule(state)
    pairs = zip(markers, state.delimiters, strict=True)
    return [
        (marker, one.length, one.close) for marker, one in pairs if one.open and one.end < 0
    ], state.tokens


def _reopening_text(md: MarkdownIt, env: dict[str, Any], openers: list[_Opener]) -> str | None:
    """Return a text that ends with exactly these openers open."""
    if not openers:
        return "x"
    text, position = "x", 0
    while position < len(openers) <= _MAX_OPENERS:
        marker, length, is_closer = openers[position]
        text += ("" if is_closer else " ") + marker * (length or 1) + "x"
        position += length or 1
    return text if position and _parse_inline(md, env, text)[0] == openers else None


def _plain_text_pieces(tokens: Iterable[Token]) -> Iterable[str]:
    """Yield the text that the parser left as plain text, and a placeholder for every other token."""
    for token in tokens:
        yield from _plain_text_pieces(token.children or ())
        if token.type == "text":
            yield token.content
        elif token.type == "text_special" and token.markup in _FORMULA_ESCAPES:
            yield token.markup
        else:
            yield _TOKEN_PLACEHOLDER
