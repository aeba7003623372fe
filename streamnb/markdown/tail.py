"""The open tail of a growing text, and how to show it without rendering all of it each time.

A tail is rendered as a whole while it is short.  One long block would make that quadratic, so what can no longer
change *inside* the block is put aside (``cuts``), and an open code fence only grows (``fences``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from markdown_it import MarkdownIt

from .cuts import Cut
from .definitions import Lookups
from .footnotes import has_notes
from .patch import Rope
from .sealing import boundary
from .segments import Segments

__all__ = ["Shape", "Tail"]

Env = dict[str, Any]


class Shape(NamedTuple):
    """How a tail looks: HTML that only grows, HTML that may change, and the environment it was rendered with."""

    rope: Rope
    end: str
    env: Env


class Tail:
    """The text after the last segment.

    Parameters
    ----------
    md
        The exact parser: it finds boundaries and renders what is put aside.
    segments
        What stands above: its definitions and footnotes count here.
    """

    def __init__(self, md: MarkdownIt, segments: Segments) -> None:
        self._md = md
        self._segments = segments
        self._rest = ""
        self._cut = Cut(md, self._env)

    def add(self, text: str) -> None:
        """Append ``text``."""
        self._rest = self._cut.checked(self._rest + text)

    def split(self) -> str:
        """Cut off what can no longer change and return it, or an empty text."""
        opening = self._cut.opening
        end = boundary(self._md, opening + self._rest) - len(opening)
        if end <= 0:
            return ""
        final = self._cut.text + self._rest[:end]
        self._rest = self._rest[end:]
        self._cut = Cut(self._md, self._env)
        return final

    def shape(self, render: Callable[[str, Env], str]) -> Shape:
        """Render the tail with the exact parser's ``render``, or the repair's."""
        env = self._env()
        end = self._cut.end(self._rest, lambda text: render(text, env))
        if end is not None and not env["references"].own:
            return Shape(self._cut.html, end, env)
        env = self._env()
        return Shape(Rope(), render(self._cut.text + self._rest, env), env)

    def put_aside(self) -> None:
        """After a frame: spare the next ones what can no longer change inside a long open block."""
        self._rest = self._cut.move(self._rest)

    def _env(self) -> Env:
        env: Env = {"references": Lookups(self._segments.definitions, {})}
        notes = self._segments.notes
        if notes.used or has_notes(self._rest):
            env |= notes.tail_env()
        return env
