"""Whether a piece of inline text is complete in itself: nothing in it waits for a partner.

Inline syntax is read from left to right, and only an opener looks ahead: a star or a backtick for its like,
``[`` for ``](``, ``$`` for ``$``.  If the parser has paired every opener within a
piece, and the piece ends before a blank, then no text behind it changes what it has become.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

__all__ = ["is_complete"]

_PAIR = re.compile(r"\[[^\[\]]*\](?!\()")  # brackets that are no link and have no address begun
_OTHER = "\x01"
# A backtick or a dollar sign that found no partner yet ("$ " and "$5 dollars" are money and look for none),
# or an address begun behind what is a link for another reason.
_ALONE = re.compile(r"`|\x01\(|\$(?!\s|\Z|\d[\d.,]*[kKmMbB]?\s+[A-Za-z]{2,})")


def is_complete(md: MarkdownIt, env: dict[str, Any], blocks: Sequence[Token]) -> bool:
    """Tell whether every inline text of ``blocks``, tokens of the block phase, is complete in itself."""
    return all(_complete(md, env, token.content) for token in blocks if token.type == "inline")


def _complete(md: MarkdownIt, env: dict[str, Any], content: str) -> bool:
    state = StateInline(content, md, env, [])
    md.inline.tokenize(state)
    for rule in md.inline.ruler2.getRules(""):
        rule(state)
    if any(delimiter.open and delimiter.end < 0 for delimiter in state.delimiters):
        return False
    text, pairs = "".join(_plain(state.tokens)), 1
    if _ALONE.search(text):
        return False
    while pairs:
        text, pairs = _PAIR.subn(_OTHER, text)
    return "[" not in text


def _plain(tokens: Iterable[Token]) -> Iterable[str]:
    """Yield the text that the parser left as it was, and a placeholder for everything else."""
    for token in tokens:
        yield from _plain(token.children or ())
        yield token.content if token.type == "text" else _OTHER
