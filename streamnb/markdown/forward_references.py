"""Forward references: ``[text][label]`` and ``[^label]`` whose definitions have not come yet.

Until the definition comes, the specification takes both for plain text, brackets and all.  In an answer that
still grows they are shown as what they are about to be: the text of a link that leads nowhere yet, the number
of a footnote.  Once the answer has ended, nothing is expected any more.

Not every pair of brackets is a reference: ``m[i][j]``, ``[1][2]`` and ``[^a-z]`` stay as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

__all__ = [
    "FORWARD_REFERENCES_KEY",
    "NO_HREF_KEY",
    "ForwardReferences",
    "add_forward_reference_rules",
    "drop_empty_hrefs",
    "expected_note_labels",
    "push_link_without_href",
]

FORWARD_REFERENCES_KEY = "streamnb expected"
"""The key of ``env`` under which a caller that expects definitions gives an ``ForwardReferences``."""

NO_HREF_KEY = "nowhere"
"""The key of ``meta`` that marks the opening token of a link without an address yet."""

_NOTE_LABEL = re.compile(r"\[\^(\d{1,3}|[A-Za-z][A-Za-z0-9]{2,})\]")
_WORD = re.compile(r"[^\W\d_]{2}")


@dataclass(slots=True)
class ForwardReferences:
    """The labels that one piece of text uses and nothing defines so far.

    The ``links`` are shown as links at once.  The ``notes``, labels as the parser keeps them (behind a
    colon), are text until the caller counts them among the known ones: their numbers run over all pieces.
    """

    links: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)


def expected_note_labels(text: str) -> set[str]:
    """Return the labels in ``text`` that look like footnotes still to be defined, in code and links too."""
    return {f":{label}" for label in _NOTE_LABEL.findall(text)}


def add_forward_reference_rules(md: MarkdownIt) -> None:
    """Add the rules for references without a definition, active where ``env`` has the key."""
    md.inline.ruler.after("link", "expected_link", _forward_link_rule)
    md.inline.ruler.after("footnote_ref", "expected_note", _forward_note_rule)
    md.inline.ruler2.push("expected_addresses", drop_empty_hrefs)


def _forward_link_rule(state: StateInline, silent: bool) -> bool:
    """Show ``[text][label]`` without a definition as a link without an address."""
    expected = state.env.get(FORWARD_REFERENCES_KEY)
    src, start = state.src, state.pos
    if silent or expected is None or src[start] != "[" or state.linkLevel:
        return False
    if start and (src[start - 1].isalnum() or src[start - 1] in "])!_"):
        return False
    end = state.md.helpers.parseLinkLabel(state, start, True)
    last = state.md.helpers.parseLinkLabel(state, end + 1) if end > 0 and src.startswith("][", end) else -1
    if last < 0 or src[start + 1] == "^" or not _WORD.search(src, start, end):
        return False
    expected.links.add(src[end + 2 : last] or src[start + 1 : end])
    push_link_without_href(state, start + 1, end)
    state.pos = last + 1
    return True


def _forward_note_rule(state: StateInline, silent: bool) -> bool:
    """Record the label of a footnote without a definition; it stays text."""
    expected = state.env.get(FORWARD_REFERENCES_KEY)
    if silent or expected is None or state.linkLevel or not state.src.startswith("[^", state.pos):
        return False
    label = _NOTE_LABEL.match(state.src, state.pos)
    if label:
        expected.notes.add(f":{label.group(1)}")
    return False


def drop_empty_hrefs(state: StateInline) -> None:
    """Remove the empty address of links that have none yet."""
    for token in state.tokens:
        if token.type == "link_open" and token.meta.get(NO_HREF_KEY):
            token.attrs = {}


def push_link_without_href(state: StateInline, start: int, end: int) -> None:
    """Push a link without an address, with the text from ``start`` to ``end``.

    Parameters
    ----------
    state
        The parser's state, moved to where it was when this is done.
    start, end
        Where the text of the link stands in ``state.src``.
    """
    pos_max, state.pos, state.posMax = state.posMax, start, end
    token = state.push("link_open", "a", 1)
    token.attrs, token.meta = {"href": ""}, {NO_HREF_KEY: True}
    state.linkLevel += 1
    state.md.inline.tokenize(state)
    state.linkLevel -= 1
    state.push("link_close", "a", -1)
    state.posMax = pos_max
