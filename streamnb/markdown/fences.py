"""Rendering of an open code fence, whose HTML only grows.

Until its closing line has come, a fence is plain text, escaped; so what arrives is escaped and added, and
nothing is rendered twice.  Once a line closes it, the whole fence is rendered with colours, by the usual way.

Three traps, each with its line of code here: a last line of blanks only is no line yet; an indented fence
takes as much indentation off its lines; a line that may become the closing one is shown, unless the repair is
asked for.
"""

from __future__ import annotations

import re

from .code import fence_language, fence_opening_html
from .maths_preview import MAX_READABLE_CHARACTERS
from .patch import AppendBuffer
from .sanitizer import escape

__all__ = ["CLOSING_HTML", "OpenFence", "match_opening_fence"]

_FENCE_OPENING = re.compile(r"( {0,3})(`{3,}|~{3,})([^\n]*)\n")
_MAX_EARLY_CLOSE_CHARACTERS = 4_000  # of a fence that is shown as closed before its last line has ended
CLOSING_HTML = "</code></pre>\n"
"""The HTML that ends a fence."""


def match_opening_fence(text: str) -> OpenFence | None:
    """Return the fence that ``text`` begins with; ``None`` for no fence and for a short ``math`` one."""
    opening = _FENCE_OPENING.match(text)
    if not opening or (opening[2][0] == "`" and "`" in opening[3]):
        return None
    if fence_language(opening[3]) == "math" and len(text) <= MAX_READABLE_CHARACTERS:
        return None
    return OpenFence(opening[0], len(opening[1]), opening[2], opening[3])


class OpenFence:
    """A code fence without its closing line.

    Parameters
    ----------
    line
        The opening line with its newline.
    indent
        Its indentation, in spaces.
    marker, info
        What it consists of.
    """

    def __init__(self, line: str, indent: int, marker: str, info: str) -> None:
        self.html = AppendBuffer(fence_opening_html(info))
        self._pieces = [line]
        self._indent = indent
        self._letter = marker[0]
        self._closing = re.compile(rf" {{0,3}}{marker}{marker[0]}*[ \t]*\Z")
        self._line = ""  # of the last line, what has not been added yet
        self._has_line_start = False  # whether the start of the last line has been added

    @property
    def source(self) -> str:
        """The source text, from the opening line on."""
        return "".join(self._pieces) + self._line

    def try_append_code(self, text: str) -> str | None:
        """Append ``text`` if it can only be code, and return its HTML, ``None`` if it was not appended.

        Blanks at the start of the last line wait for the rest of it.
        """
        if self._letter in text or self._indent or self._line.strip(" \t"):
            return None
        code = self._line + text
        start = code.rfind("\n") + 1
        begins_line = start > 0 or not self._has_line_start
        waits = begins_line and not code[start:].strip(" \t")
        self._has_line_start = not waits
        self._line, code = (code[start:], code[:start]) if waits else ("", code)
        html = escape(code)
        self._pieces.append(code)
        self.html.append(html)
        return html

    def append(self, text: str) -> bool:
        """Append ``text``; return ``False`` if a line in it closes the fence."""
        *complete, last = (self._line + text).split("\n")
        for number, line in enumerate(complete):
            if not self._has_line_start and self._closing.match(line):
                self._line = "\n".join([*complete[number:], last])
                return False
            self._append_line(line, "\n")
            self._has_line_start = False
        if self._has_line_start or (last.strip(" \t") and last.lstrip(" ")[0] != self._letter):
            self._append_line(last)
            self._has_line_start, last = True, ""
        self._line = last
        return True

    def tail_html(self, repair: bool) -> str | None:
        """Return the HTML after ``html``; ``None`` if the last line closes the fence unless more follows."""
        line = self._line
        if not line.strip(" \t"):
            return CLOSING_HTML
        if self._closing.match(line):  # a row of such lines would render a long fence with each of them
            return CLOSING_HTML if repair and self.html.length > _MAX_EARLY_CLOSE_CHARACTERS else None
        if repair and not line.strip(" ").strip(self._letter):  # it may go on to close the fence
            return CLOSING_HTML
        return escape(self._without_indent(line)) + CLOSING_HTML

    def _append_line(self, line: str, newline: str = "") -> None:
        self._pieces.append(line + newline)
        self.html.append(escape((line if self._has_line_start else self._without_indent(line)) + newline))

    def _without_indent(self, line: str) -> str:
        """Return a line without the fence's indentation; what is left of a tab becomes blanks."""
        column = index = 0
        while column < self._indent and line[index : index + 1] in (" ", "\t"):
            column += 1 if line[index] == " " else 4 - column % 4
            index += 1
        return " " * max(0, column - self._indent) + line[index:]
