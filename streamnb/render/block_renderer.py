"""Rendering of an answer block by block, for a terminal that prints each before the rest has come.

A footnote cannot be numbered then, and its definition may come in another block.  So it goes by its label
where it is used and where it is defined, and is drawn where its definition stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from typing import Any

from ..markdown.parser import new_parser
from ..markdown.stable_prefix import find_last_list_item, stable_length

__all__ = ["BlockRenderer", "footnote_mark"]

_FOOTNOTE_REFERENCE = re.compile(r'<sup class="snb-note-ref"><a href="#snb-note-(\d+)"[^>]*>[^<]*</a></sup>')
_FOOTNOTE_NUMBER = re.compile(r'(?<=<li class="snb-note" data-snb-note=")\d+')


class BlockRenderer:
    """Finds the final blocks of a growing text and renders them as HTML; not for two threads at once."""

    def __init__(self) -> None:
        self._parser = new_parser(images="never")

    def final_length(self, text: str) -> int:
        """Return how many characters at the start of ``text`` are final; it starts where a block does."""
        return stable_length(self._parser, text)

    def find_last_item(self, text: str) -> tuple[int, int | None]:
        """Return where the last item begins of the list that ``text`` is, 0 for none, and its number."""
        return find_last_list_item(self._parser, text)

    def render(self, text: str) -> str:
        """Return the HTML of ``text``, its footnotes marked by their labels."""
        html, notes = self._render_with_footnotes(text)
        if unused := [label for label, number in notes.get("refs", {}).items() if number < 0]:
            uses = "".join(f"[^{label[1:]}]" for label in unused)
            html, notes = self._render_with_footnotes(
                f"{uses}\n\n{text}"
            )  # what nobody uses would not be shown
            html = html.partition("</p>\n")[2]
        labels: dict[int, str] = {
            number + 1: footnote_mark(note.get("label") or str(number + 1))
            for number, note in notes.get("list", {}).items()
        }
        mark: Callable[[re.Match[str]], str] = lambda match: escape(labels[int(match[match.lastindex or 0])])
        return _FOOTNOTE_NUMBER.sub(mark, _FOOTNOTE_REFERENCE.sub(mark, html)) if labels else html

    def _render_with_footnotes(self, text: str) -> tuple[str, dict[str, Any]]:
        environment: dict[str, Any] = {}
        return str(self._parser.render(text, environment)), environment.get("footnotes", {})


def footnote_mark(label: str) -> str:
    """Return the mark of a footnote: a word keeps its ``^``, since ``[^word]`` may be a pattern.

    >>> footnote_mark("1"), footnote_mark("word")
    ('[1]', '[^word]')
    """
    return f"[{label}]" if label.isdecimal() else f"[^{label}]"
