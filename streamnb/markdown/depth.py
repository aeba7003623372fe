"""How deep a text may nest: deeper marks stay text, so that nothing is lost and Python's stack holds.

markdown-it drops what is nested deeper than its ``maxNesting``, and its images nest without any bound:
each parses its words anew.  Here a quote, a list, a note or an image simply no longer begins below a
certain depth.  The answer depends on the block at hand alone, as sealing needs it.
"""

from __future__ import annotations

from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_inline import StateInline, image
from mdit_py_plugins.footnote.index import footnote_def

__all__ = ["MAX_NESTING", "limit_nesting"]

MAX_NESTING = 40  # the time for "[[[[…" grows with it; for blocks it is never reached
_BLOCKS = MAX_NESTING - 2  # a list takes two levels
_IMAGES = 10
_DEPTH = "streamnb images"

BlockRule = Callable[[StateBlock, int, int, bool], bool]


def limit_nesting(md: MarkdownIt) -> None:
    """Replace the rules that nest by bounded ones."""
    interrupts = ["paragraph", "reference", "blockquote"]
    md.block.ruler.at("blockquote", _bounded(blockquote), {"alt": [*interrupts, "list"]})
    md.block.ruler.at("list", _bounded(list_block), {"alt": interrupts})
    md.block.ruler.at("footnote_def", _bounded(footnote_def), {"alt": ["paragraph", "reference"]})
    md.inline.ruler.at("image", _image)


def _bounded(rule: BlockRule) -> BlockRule:
    def bounded(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        return state.level < _BLOCKS and rule(state, first, end, silent)

    return bounded


def _image(state: StateInline, silent: bool) -> bool:
    """Begin an image, unless this text is the words of an image of an image of an …"""
    if state.src[state.pos] != "!":
        return False
    depth = state.env.get(_DEPTH, 0)
    if depth >= _IMAGES:
        return False
    state.env[_DEPTH] = depth + 1
    try:
        return image(state, silent)
    finally:
        state.env[_DEPTH] = depth
