"""Holding back of the end of a growing text, as long as it is undecided and short."""

from __future__ import annotations

import re

from markdown_it.rules_inline import StateInline

__all__ = ["MAX_HELD_CHARACTERS", "hold_back_from_here", "reaches_end_of_text"]

MAX_HELD_CHARACTERS = 78
"""How many letters may be held back: with a blank before and one for good measure, a line of 80."""

_MAX_SCANNED_CHARACTERS = 2_000  # letters among which addresses are looked for
_LINK_DESTINATION = re.compile(r"(?<=\])\([^\s()]*")


def reaches_end_of_text(state: StateInline) -> bool:
    """Tell whether what is parsed now, perhaps only a link's text, ends where the whole text ends."""
    return state.posMax == len(state.src)


def hold_back_from_here(state: StateInline) -> bool:
    """Skip all text from ``state.pos`` on if it is short; addresses of links do not count."""
    waiting = state.posMax - state.pos
    if MAX_HELD_CHARACTERS < waiting <= _MAX_SCANNED_CHARACTERS and state.src.find("](", state.pos) >= 0:
        waiting = len(_LINK_DESTINATION.sub("", state.src[state.pos : state.posMax]))
    if waiting > MAX_HELD_CHARACTERS:
        return False
    state.pos = state.posMax
    return True
