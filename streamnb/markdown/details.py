"""``<details>`` and ``<summary>``: a fold with Markdown in it, as GitHub has it.

It begins with a line ``<details>``, with the summary on the same line or below, and ends with a line
that ends in ``</details>``.  One that has not ended is a fold all the same, and open, so that nothing is
hidden.  Fences win: what stands in one ends no fold.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from .containers import line_text

__all__ = ["add_details", "push_details"]

_OPENING_TAG = re.compile(
    r"<details>[ \t]*(?:<summary>(?P<summary>.*?)</summary>[ \t]*)?(?P<text>.*?)[ \t]*", re.I
)
_SUMMARY = re.compile(r"<summary>(.*?)</summary>[ \t]*", re.IGNORECASE)
_MAX_SUMMARY_LINES = 4
_MAX_BLANK_LINES = 2  # above the summary
_CLOSING_TAG = re.compile(r"</details>[ \t]*\Z", re.IGNORECASE)
_FENCE = re.compile(r"(`{3,}|~{3,})(.*)")


def add_details(md: MarkdownIt, max_depth: int) -> None:
    """Add the rule for ``<details>`` to a parser; at level ``max_depth`` the tag is text."""

    def rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < max_depth and _details_rule(state, start, end, silent)

    md.block.ruler.before(
        "heading", "details", rule, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def _details_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = line_text(state, start)
    opening = (
        _OPENING_TAG.fullmatch(first)
        if first[:2].lower() == "<d" and not state.is_code_block(start)
        else None
    )
    if not opening or (opening["text"] and not _CLOSING_TAG.search(opening["text"])):
        return False
    if silent:
        return True
    token = state.push("details_open", "details", 1)
    summary, line = opening["summary"], start + 1
    if opening["text"]:
        _push_text(state, "summary", summary if summary is not None else "Details", start)
        if text := _CLOSING_TAG.sub("", opening["text"]).strip():
            _push_text(state, "p", text, start)
        state.line = line
    else:
        if summary is None:
            summary, line = _summary_at(state, line, end)
        _push_text(state, "summary", summary if summary is not None else "Details", line - 1)
        if not _parse_content(state, line, end):
            token.attrs = {"open": ""}
    token.map = [start, state.line]
    state.push("details_close", "details", -1)
    return True


def _summary_at(state: StateBlock, start: int, end: int) -> tuple[str | None, int]:
    """Return the summary that begins at line ``start`` or ``None``, and the line behind it."""
    first, text = start, ""
    while first < end and first < start + _MAX_BLANK_LINES and state.isEmpty(first):
        first += 1
    for number in range(first, min(end, first + _MAX_SUMMARY_LINES)):
        text = f"{text} {line_text(state, number).strip()}".strip()
        if text[:9].lower() != "<summary>":
            break
        if match := _SUMMARY.fullmatch(text):
            return match[1].strip(), number + 1
    return None, start


def push_details(state: StateBlock, summary: str, lines: tuple[int, int]) -> None:
    """Push the tokens of an open ``<details>`` that has only a summary.

    Parameters
    ----------
    state
        Of the block parser.
    summary
        The text of the summary.
    lines
        First line and the line behind the last.
    """
    token = state.push("details_open", "details", 1)
    token.attrs, token.map = {"open": ""}, list(lines)
    _push_text(state, "summary", summary, lines[1] - 1)
    state.push("details_close", "details", -1)


def _push_text(state: StateBlock, tag: str, text: str, line: int) -> None:
    name = "paragraph" if tag == "p" else tag
    state.push(f"{name}_open", tag, 1).map = [line, line + 1]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = text.strip(), [line, line + 1], []
    state.push(f"{name}_close", tag, -1)


def _parse_content(state: StateBlock, start: int, end: int) -> bool:
    """Parse the blocks of a ``<details>``, and tell whether its closing tag was met."""
    stop, closed = _find_details_end(state, start, end)
    mark = state.eMarks[stop] if closed else 0
    within = stop
    if closed and (text := _CLOSING_TAG.sub("", line_text(state, stop))).strip():
        state.eMarks[stop] = state.bMarks[stop] + state.tShift[stop] + len(text)
        within = stop + 1
    limit, state.lineMax = state.lineMax, within
    parent, state.parentType = state.parentType, "root"
    state.md.block.tokenize(state, start, within)
    state.lineMax, state.parentType = limit, parent
    if closed:
        state.eMarks[stop] = mark
    state.line = stop + closed
    return closed


def _find_details_end(state: StateBlock, start: int, end: int) -> tuple[int, bool]:
    """Return the line that ends the ``<details>`` and whether that is a closing tag."""
    depth, fence = 1, ""
    for number in range(start, end):
        line = line_text(state, number)
        if line and state.sCount[number] < state.blkIndent:
            return number, False
        marker = _FENCE.match(line)
        if fence:
            if marker and marker[1].startswith(fence) and not marker[2].strip():
                fence = ""
            continue
        if marker:
            fence = marker[1]
            continue
        depth += line[:9].lower() == "<details>"
        if _CLOSING_TAG.search(line):
            depth -= 1
            if not depth:
                return number, True
    return end, False
