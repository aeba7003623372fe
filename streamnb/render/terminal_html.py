"""The HTML of a part of an answer that a terminal prints for good, before the rest has come.

A footnote cannot be numbered then, and its definition may come in another part.  So it goes by its label
where it is used and where it is defined, and is drawn where its definition stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from ..markdown.parser import new_parser
from ..markdown.stable_prefix import find_last_list_item, stable_length

__all__ = ["PartRenderer", "footnote_mark"]

_USE = re.compile(r'<sup class="snb-note-ref"><a href="#snb-note-(\d+)"[^>]*>[^<]*</a></sup>')
_NOTE = re.compile(r'(?<=<li class="snb-note" data-snb-note=")\d+')


class PartRenderer:
    """Says how much of a text is final, and renders that; not for two threads at once."""

    def __init__(self) -> None:
        self._parser = new_parser(images="never")

    def final_length(self, text: str) -> int:
        """Return how many characters at the start are final; ``text`` starts where a block does."""
        return stable_length(self._parser, text)

    def find_last_item(self, text: str) -> tuple[int, int | None]:
        """Return where the last item of the list that ``text`` is begins, 0 for nowhere, and its number."""
        return find_last_list_item(self._parser, text)

    def render(self, text: str) -> str:
        """Return the HTML of ``text``, its footnotes called by their labels."""
        html, notes = self._render_with_notes(text)
        if unused := [label for label, number in notes.get("refs", {}).items() if number < 0]:
            uses = "".join(f"[^{label[1:]}]" for label in unused)
            html, notes = self._render_with_notes(f"{uses}\n\n{text}")  # what nobody uses would not be shown
            html = html.partition("</p>\n")[2]
        labels: dict[int, str] = {
            number + 1: footnote_mark(note.get("label") or str(number + 1))
            for number, note in notes.get("list", {}).items()
        }
        mark: Callable[[re.Match[str]], str] = lambda match: escape(labels[int(match[match.lastindex or 0])])
        return _NOTE.sub(mark, _USE.sub(mark, html)) if labels else html

    def _render_with_notes(self, text: str) -> tuple[str, dict[str, Any]]:
        environment: dict[str, Any] = {}
        return str(self._parser.render(text, environment)), environment.get("footnotes", {})


def footnote_mark(label: str) -> str:
    """Return how a footnote is called: a word keeps its ``^``, since ``[^word]`` may be a pattern.

    >>> footnote_mark("1"), footnote_mark("word")
    ('[1]', '[^word]')
    """
    return f"[{label}]" if label.isdecimal() else f"[^{label}]"
