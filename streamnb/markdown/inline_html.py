"""The few HTML tags that answers use within a line: ``H<sub>2</sub>O``, ``<kbd>Ctrl</kbd>``, ``<br>``.

Only tags without attributes count, and only in pairs within one inline text; an opening tag whose partner has
not come is text, as every other tag is.  What stands between two tags is read by itself, as the text of a
link is, so whatever is in it, the elements nest.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

__all__ = ["OPENING_TAG", "PAIRED_TAGS", "VOID_TAGS", "add_inline_html"]

PAIRED_TAGS = ("b", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "small", "strong", "sub", "sup", "u")
"""The tags that come in pairs."""

VOID_TAGS = ("br", "wbr")
"""The tags that stand alone."""

_MAX_TAG_NESTING = 12  # elements in each other; deeper ones are text
OPENING_TAG = re.compile(rf"<({'|'.join(PAIRED_TAGS)})>", re.IGNORECASE)
"""How an element begins."""

_VOID_TAG = re.compile(rf"<({'|'.join(VOID_TAGS)}) ?/?>|</(br)>", re.IGNORECASE)
# What stands between two tags that are only named: "<b> and </b> are tags".
_WORD_BETWEEN_TAGS = re.compile(r"\s*(?:and|or|,|/|와|과|및|또는|和|与|或|と|や)\s*")
_TAG_OR_CODE = re.compile(rf"\\[!-/:-@\[-`{{-~]|`+|<(/?)({'|'.join(PAIRED_TAGS)})>", re.IGNORECASE)
_BACKTICKS = re.compile("`+")


def add_inline_html(md: MarkdownIt) -> None:
    """Add the rule for tags within a line to a parser."""
    md.inline.ruler.before("autolink", "inline_html", _tag_rule)


def _tag_rule(state: StateInline, silent: bool) -> bool:
    text, start, limit = state.src, state.pos, state.posMax
    if text[start] != "<":
        return False
    if single := _VOID_TAG.match(text, start, limit):
        if not silent:
            state.push("inline_html", (single[1] or single[2]).lower(), 0)
        state.pos = single.end()
        return True
    opening = OPENING_TAG.match(text, start, limit)
    first, end = _tag_pairs(text).get(start, (0, 0)) if opening else (0, 0)
    if not opening or not end or end > limit:
        return False
    if not silent:
        name = opening[1].lower()
        state.push("small_html_open", name, 1)
        state.pos, state.posMax = opening.end(), first
        state.md.inline.tokenize(state)
        state.push("small_html_close", name, -1)
        state.posMax = limit
    state.pos = end
    return True


@lru_cache(maxsize=4)
def _tag_pairs(text: str) -> Mapping[int, tuple[int, int]]:
    """Return opening tag -> start and end of its closing tag, by index; tags in code do not count."""
    ticks: dict[int, list[int]] = {}
    for run in _BACKTICKS.finditer(text):
        ticks.setdefault(len(run[0]), []).append(run.start())
    partners: dict[int, tuple[int, int]] = {}
    stack: list[tuple[str, int]] = []
    names: Counter[str] = Counter()
    position = 0
    while mark := _TAG_OR_CODE.search(text, position):
        position = mark.end()
        if mark[0][0] == "`":
            runs = ticks.get(len(mark[0]), [])
            index = bisect_right(runs, mark.start())
            position = runs[index] + len(mark[0]) if index < len(runs) else position
        elif mark[2] and not mark[1]:
            if len(stack) < _MAX_TAG_NESTING:
                stack.append((mark[2].lower(), mark.start()))
                names[stack[-1][0]] += 1
        elif mark[2] and names[name := mark[2].lower()]:
            while stack[-1][0] != name:  # these have no partner
                names[stack.pop()[0]] -= 1
            names[name] -= 1
            opening = stack.pop()[1]
            content = text.find(">", opening) + 1
            if not _WORD_BETWEEN_TAGS.fullmatch(text, content, mark.start()):
                partners[opening] = mark.start(), mark.end()
    return partners
