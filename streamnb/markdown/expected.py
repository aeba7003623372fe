"""What an answer uses before it says what it is: ``[text][label]`` and ``[^label]``, defined far below.

Until the definition comes, the specification takes both for plain text, brackets and all.  In an answer that
still grows they are shown as what they are about to be: the text of a link that leads nowhere yet, the number
of a footnote.  Once the answer has ended, nothing is expected any more.

Not every pair of brackets is a reference: ``m[i][j]``, ``[1][2]`` and ``[^a-z]`` stay as they are.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

__all__ = ["EXPECTED", "NOWHERE", "expect_definitions", "expected_notes", "lead_nowhere"]

EXPECTED = "streamnb expected"
"""A list under this key of ``env`` turns the rule for links on, and gets every label that it waits for."""

NOWHERE = "nowhere"
"""A mark in the ``meta`` of a link's opening token: it has no address yet."""

_NOTE = re.compile(r"\[\^(\d{1,3}|[A-Za-z][A-Za-z0-9]{2,})\]")
_WORD = re.compile(r"[^\W\d_]{2}")


def expected_notes(text: str) -> frozenset[str]:
    """Return the labels of the footnotes that ``text`` uses, as the parser keeps them: behind a colon."""
    return frozenset(f":{label}" for label in _NOTE.findall(text))


def expect_definitions(md: MarkdownIt) -> None:
    """Teach a parser to take a reference without a definition for a link, where ``env`` asks for it."""
    md.inline.ruler.after("link", "expected_link", _link)
    md.inline.ruler2.push("expected_addresses", lead_nowhere)


def _link(state: StateInline, silent: bool) -> bool:
    expected = state.env.get(EXPECTED)
    src, start = state.src, state.pos
    if silent or expected is None or src[start] != "[" or state.linkLevel:
        return False
    if start and (src[start - 1].isalnum() or src[start - 1] in "])!_"):
        return False
    end = state.md.helpers.parseLinkLabel(state, start, True)
    last = state.md.helpers.parseLinkLabel(state, end + 1) if src.startswith("][", end) and end > 0 else -1
    if last < 0 or not _WORD.search(src, start, end) or src[start + 1] == "^":
        return False
    expected.append(src[end + 2 : last])
    whole, state.pos, state.posMax = state.posMax, start + 1, end
    token = state.push("link_open", "a", 1)
    token.attrs, token.meta = {"href": ""}, {NOWHERE: True}
    state.linkLevel += 1
    state.md.inline.tokenize(state)
    state.linkLevel -= 1
    state.push("link_close", "a", -1)
    state.pos, state.posMax = last + 1, whole
    return True


def lead_nowhere(state: StateInline) -> None:
    """Take the address off links that have none yet."""
    for token in state.tokens:
        if token.type == "link_open" and token.meta.get(NOWHERE):
            token.attrs = {}
