"""Positions in the text of a paragraph or heading at which a cut changes no block.

A cut may be made at a blank within a line, at the end of a line, or between two characters that stay text.
What is left may begin nothing of its own: no item, no heading, no row that makes a table of the line above.
"""

from __future__ import annotations

import re

__all__ = ["DELIMITER_ROW", "LONG_LINE_CHARACTERS", "harmless_position_before"]

DELIMITER_ROW = re.compile(r"[ \t>]*[|:-][|:\- \t>]*\Z")
"""The row below the head of a table, or the start of one."""

LONG_LINE_CHARACTERS = 200
"""So far into a line its start can no longer turn into a block of its own."""

# Nor can it where the line begins with words, in a quote or an item.
_WORDS_AT_START = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)]) +)?[^\W\d_]{2,}[,;:.]? [^\W\d_]")

# Two letters of a long word, or characters that stay text without a partner before them; looked for from the
# end, so the second character comes first.
_REVERSED_SAFE_PAIR = re.compile(
    r"[^\W_]{2}|[\U0001f000-\U0001faff]{2}|([].!#(){}+:;,?<>&|-])\1|<>|\[\[|!\[|\\[(\[]"
)


def harmless_position_before(opening: str, remaining: str, end: int) -> tuple[int, str]:
    """Return the last harmless position before ``end``, and what separates both sides there.

    Parameters
    ----------
    opening, remaining
        The text that is parsed first, and the one behind it, which is to be cut.
    end
        Characters of ``remaining`` before which the position is looked for.

    Returns
    -------
    tuple[int, str]
        The position, 0 where there is none, and a blank, a newline or nothing.
    """
    newline = remaining.rfind("\n", 0, max(end, 0))
    while newline > 0:
        line, line_end, _ = remaining[newline + 1 :].partition("\n")
        if line_end and line.strip() and not ("-" in line and DELIMITER_ROW.match(line)):  # no delimiter row
            break
        newline = remaining.rfind("\n", 0, newline)
    space = remaining.rfind(" ", 0, max(end, 0))
    start = remaining.rfind("\n", 0, max(space, 0)) + 1
    line = remaining[start:].partition("\n")[0]
    is_single = space > 0 and remaining[space - 1] not in " \t\n" and remaining[space + 1] not in " \t\n"
    # Far enough into the line that its start can no longer turn into a block of its own.
    is_begun = opening and not opening.endswith("\n") and newline < 0
    far = 0 if is_begun or _WORDS_AT_START.match(line) else LONG_LINE_CHARACTERS
    if space > max(newline, start) + far and is_single and not DELIMITER_ROW.match(line):
        return space, " "
    if newline > 0:
        return newline, "\n"
    start = remaining.rfind("\n", 0, max(end, 0)) + 1
    if DELIMITER_ROW.match(remaining[start:].partition("\n")[0]) and (start or opening.endswith("\n")):
        return 0, ""
    between = _REVERSED_SAFE_PAIR.search(remaining[:end][::-1])
    position = end - between.start() - 1 if between else 0
    return (position, "") if position > start + far else (0, "")
