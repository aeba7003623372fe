"""Where the text of a link ends, looked for once.

markdown-it looks for the bracket that closes ``[`` each time a rule asks, anew for every bracket around it:
``[[[[…`` takes it as many times longer as links may nest.  Here every answer is kept as long as one inline
text is read.  A bracket within brackets that has no end of its own leaves none for those around it, one that
has is jumped over; so each letter is looked at once, and the answers are the parser's own.
"""

from __future__ import annotations

from types import ModuleType
from weakref import WeakKeyDictionary

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

__all__ = ["cache_link_labels"]

_Label = tuple[int, bool]  # where it ends, -1 for nowhere; whether there is a link in it


def cache_link_labels(md: MarkdownIt) -> None:
    """Replace the parser's way to find the end of a label."""
    helpers = ModuleType(md.helpers.__name__)  # of this parser's own: the parser calls what it finds in it
    vars(helpers).update(vars(md.helpers), parseLinkLabel=_Labels().end)
    md.helpers = helpers


class _Labels:
    """The labels of the inline texts that are being read just now."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[StateInline, dict[int, _Label]] = WeakKeyDictionary()

    def end(self, state: StateInline, start: int, disableNested: bool = False) -> int:  # noqa: N803
        """Return where the label ends that begins at ``start``, or -1; the parser's own signature."""
        known = self._known.setdefault(state, {})
        end, holds_link = known.get(start) or _find(state, start, known)
        return -1 if end >= state.posMax or (disableNested and holds_link) else end


def _find(state: StateInline, start: int, known: dict[int, _Label]) -> _Label:
    """Find the end of one label and keep it; brackets within it are in ``known`` once they were skipped."""
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
        inner, inner_link = known.get(here) or _find(state, here, known)
        if inner < 0:
            break
        holds_link |= inner_link
        state.pos = inner + 1
    state.pos = before
    known[start] = end, holds_link
    return end, holds_link
