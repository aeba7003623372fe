"""Rules for a link, an image or an address whose end has not come; see ``incomplete_inline``."""

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it.rules_inline import StateInline

from .forward_references import NO_HREF_KEY, push_link_without_href
from .hold_back import MAX_HELD_CHARACTERS, hold_back_from_here, reaches_end_of_text

__all__ = [
    "InlineRule",
    "incomplete_autolink_rule",
    "incomplete_image_rule",
    "incomplete_link_rule",
    "incomplete_web_address_rule",
]

InlineRule = Callable[[StateInline, bool], bool]
"""A rule of the inline parser: a state and whether it only looks ahead -> whether it has matched."""

_AUTOLINK_START = re.compile(r"<((?:https?|mailto):[^\s<>]*)\Z", re.IGNORECASE)


def incomplete_link_rule(state: StateInline, silent: bool) -> bool:
    """Hold back ``[text``, and show ``[text](half an addr`` as a link without an address."""
    if silent or state.src[state.pos] != "[" or not reaches_end_of_text(state):
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos)
    if _is_undecided_label(state, end):
        return hold_back_from_here(state)
    if not _is_incomplete_destination(state, end + 1):
        return False
    push_link_without_href(state, state.pos + 1, end)
    state.pos = state.posMax
    return True


def incomplete_image_rule(state: StateInline, silent: bool) -> bool:
    """Hold back an incomplete image."""
    if silent or not state.src.startswith("![", state.pos) or not reaches_end_of_text(state):
        return False
    end = state.md.helpers.parseLinkLabel(state, state.pos + 1)
    if _is_undecided_label(state, end):
        return hold_back_from_here(state)
    if not _is_incomplete_destination(state, end + 1):
        return False
    state.pos = state.posMax
    return True


def _is_undecided_label(state: StateInline, end: int) -> bool:
    """Tell whether later text decides what ``[…]`` is; ``end`` is its closing bracket or -1."""
    if end < 0 or end + 1 == state.posMax:
        return True
    following = state.src[end + 1]
    if following == ":" and not state.src[end + 2 : state.posMax].strip():
        return state.pos == 0  # a definition, where a paragraph begins
    return following == "[" and state.md.helpers.parseLinkLabel(state, end + 1) < 0


def _is_incomplete_destination(state: StateInline, start: int) -> bool:
    """Tell whether an incomplete ``(address "title"`` begins at ``start``."""
    src, end = state.src, state.posMax
    if not src.startswith("(", start):
        return False
    inside = src[start + 1 : end].lstrip()
    if not inside or not re.search(r"[\s)]", inside):
        return (
            inside.isascii() or len(inside) <= MAX_HELD_CHARACTERS
        )  # long words of other letters are no address
    destination = state.md.helpers.parseLinkDestination(inside, 0, len(inside))
    if not destination.ok:
        # (a_(b has a bracket to close; <a b lacks its mark; everything else is no address.
        return not re.search(r"\s", inside) or bool(re.fullmatch(r"<[^<>\n]*", inside))
    remaining = inside[destination.pos :]
    title = remaining.lstrip()
    if not title:
        return True
    if remaining == title or title[0] not in "\"'(" or len(title) > MAX_HELD_CHARACTERS:
        return False
    closed = state.md.helpers.parseLinkTitle(title, 0, len(title))
    return not closed.ok or not title[closed.pos :].strip()


def incomplete_autolink_rule(state: StateInline, silent: bool) -> bool:
    """Show an incomplete ``<https://half`` as a link without an address."""
    address = _AUTOLINK_START.match(state.src, state.pos)
    if silent or not address or not reaches_end_of_text(state):
        return False
    token = state.push("link_open", "a", 1)
    token.attrs, token.meta = {"href": ""}, {NO_HREF_KEY: True}
    state.push("text", "", 0).content = address.group(1)
    state.push("link_close", "a", -1)
    state.pos = state.posMax
    return True


def incomplete_web_address_rule(web_address: InlineRule) -> InlineRule:
    """Wrap the parser's rule: an address at the end of the text is a link without an address yet."""

    def rule(state: StateInline, silent: bool) -> bool:
        is_address = web_address(state, silent)
        if is_address and state.pos == len(state.src):
            state.tokens[-3].meta = {NO_HREF_KEY: True}
        return is_address

    return rule
