"""Limits for the nesting of blocks and images, and for the search for the end of a link's text.

Deeper marks stay text, so that nothing is lost and Python's stack holds.  markdown-it drops what is nested
deeper than its ``maxNesting``, and its images nest without any bound: each parses its words anew.  Here a
quote, a list, a note or an image simply no longer begins below a certain depth.  The answer depends on the
block at hand alone, as sealing needs it.

markdown-it looks for the bracket that closes ``[`` each time a rule asks, anew for every bracket around it:
``[[[[…`` takes it as many times longer as links may nest.  Here every answer is kept as long as one inline
text is read.  A bracket within brackets that has no end of its own leaves none for those around it, one that
has is jumped over; so each letter is looked at once, and the answers are the parser's own.
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary, ref

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_inline import StateInline, image

from .compat import footnote_def, set_label_parser

__all__ = ["MAX_DETAILS_NESTING", "MAX_NESTING", "cache_link_labels", "limit_nesting"]

MAX_NESTING = 40  # the time for "[[[[…" grows with it; for blocks it is never reached
MAX_DETAILS_NESTING = 12  # each looks for its end through all that is in it
_MAX_BLOCK_NESTING = MAX_NESTING - 2  # a list takes two levels
_MAX_QUOTE_LEVELS = 12  # each frame sends the ends of all that are open
_MAX_LIST_LEVELS = 20  # two for each list; a line in ten of them is looked at by the rules of each
_MAX_IMAGE_NESTING = 10
_IMAGE_DEPTH_KEY = "streamnb images"

BlockRule = Callable[[StateBlock, int, int, bool], bool]
_LabelEnd = tuple[int, bool]  # where it ends, -1 for nowhere; whether there is a link in it


def limit_nesting(md: MarkdownIt) -> None:
    """Replace the rules for quotes, lists, footnotes and images by ones with a maximum depth."""
    interrupts = ["paragraph", "reference", "blockquote"]
    quote_rule = _limit_depth(blockquote, _MAX_QUOTE_LEVELS)
    md.block.ruler.at("blockquote", quote_rule, {"alt": [*interrupts, "list"]})
    md.block.ruler.at("list", _limit_depth(list_block, _MAX_LIST_LEVELS), {"alt": interrupts})
    md.block.ruler.at("footnote_def", _limit_depth(footnote_def), {"alt": ["paragraph", "reference"]})
    md.inline.ruler.at("image", _image_rule)


def _limit_depth(rule: BlockRule, levels: int = _MAX_BLOCK_NESTING) -> BlockRule:
    def bounded(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        return state.level < levels and rule(state, first, end, silent)

    return bounded


def _image_rule(state: StateInline, silent: bool) -> bool:
    """Parse an image, unless it is in the alternative text of too many images."""
    if state.src[state.pos] != "!":
        return False
    depth = state.env.get(_IMAGE_DEPTH_KEY, 0)
    if depth >= _MAX_IMAGE_NESTING:
        return False
    state.env[_IMAGE_DEPTH_KEY] = depth + 1
    try:
        return image(state, silent)
    finally:
        state.env[_IMAGE_DEPTH_KEY] = depth


def cache_link_labels(md: MarkdownIt) -> None:
    """Make the parser look for the end of each link label only once."""
    set_label_parser(md, _LabelEndCache().find_end)


class _LabelEndCache:
    """The ends of the link labels in the inline texts that are parsed now."""

    def __init__(self) -> None:
        self._all_label_ends: WeakKeyDictionary[StateInline, dict[int, _LabelEnd]] = WeakKeyDictionary()
        self._state: Callable[[], StateInline | None] = lambda: None  # the one that was asked for last,
        self._label_ends: dict[int, _LabelEnd] = {}  # its labels
        self._last_bracket = -1  # and its last "]"

    def find_end(self, state: StateInline, start: int, disableNested: bool = False) -> int:  # noqa: N803
        """Return where the label that begins at ``start`` ends, or -1, with the parser's own signature."""
        if self._state() is not state:
            self._state = ref(state)
            self._label_ends = self._all_label_ends.setdefault(state, {})
            self._last_bracket = state.src.rfind("]")
        if start >= self._last_bracket:  # nothing can end it, and there is no need to look
            return -1
        label_ends = self._label_ends
        end, holds_link = label_ends.get(start) or _find_label_end(state, start, label_ends)
        return -1 if end >= state.posMax or (disableNested and holds_link) else end


def _find_label_end(state: StateInline, start: int, label_ends: dict[int, _LabelEnd]) -> _LabelEnd:
    """Return the end of one label, and cache it and those of the labels within it."""
    src, skip, before = state.src, state.md.inline.skipToken, state.pos
    end, holds_link = -1, False
    state.pos = start + 1
    while state.pos < state.posMax:
        here = state.pos
        if src[here] == "]":
            end = here
            break
        skip(state)
        if src[here] != "[":
            continue
        if state.pos > here + 1:
            holds_link = True
            continue
        inner, inner_link = label_ends.get(here) or _find_label_end(state, here, label_ends)
        if inner < 0:
            break
        holds_link |= inner_link
        state.pos = inner + 1
    state.pos = before
    label_ends[start] = end, holds_link
    return end, holds_link
