"""Input transformer that turns a ``%%stream`` cell into an awaited call.

IPython does not await magics, and a click in an output reaches a kernel only while its cell
awaits.  So the cell is rewritten before IPython sees it.  Where awaiting cannot work (a
terminal, ``%autoawait off``, below ``%%time``, inside a running cell) it becomes the plain,
synchronous call of the magic.  Either way the prompt stays exactly as it was typed.
"""

from __future__ import annotations

import re

from IPython.core.interactiveshell import InteractiveShell

from .compat import is_inside_a_cell

__all__ = ["AwaitStreamTransformer"]

_STREAM_LINE = re.compile(r"[ \t]*%%stream(?:[ \t]+(?P<line>.*?))?\s*$")

_FIX_LINE = re.compile(r"[ \t]*%stream[ \t]+fix\b(?P<line>.*?)\s*$")  # a cell of this one line

_MAGICS_EXPRESSION = "get_ipython().magics_manager.registry['StreamMagics']"

_OTHER_CELL_MAGIC = re.compile(r"[ \t]*%%(?P<name>\w+)(?: (?P<line>.*?))?\s*$")


class AwaitStreamTransformer:
    """An input transformer: lines of a cell in, lines out."""

    # Keeps IPython from calling it to find out whether a cell is complete: in a terminal a
    # cell would otherwise run after its first line.
    has_side_effects = True

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell

    def __call__(self, lines: list[str]) -> list[str]:
        """Rewrite a cell that begins with ``%%stream``; leave any other alone."""
        first, body = _split_first_line(lines)
        opening = _STREAM_LINE.match(first)
        if opening is None:
            fix = None if any(map(str.strip, body)) else _FIX_LINE.match(first)
            if fix and self._can_await():
                return [f"await {_MAGICS_EXPRESSION}.await_fix({fix['line']!r})\n"]
            return _rewrite_below_other_magics(lines)
        arguments = f"{opening['line'] or ''!r}, {''.join(body)!r}"
        if self._can_await():
            return [f"await {_MAGICS_EXPRESSION}.await_stream({arguments})\n"]
        return [f"get_ipython().run_cell_magic('stream', {arguments})\n"]

    def _can_await(self) -> bool:
        # Without a kernel there is nothing to click, and Ctrl-C ends a synchronous wait at once.
        return (
            getattr(self._shell, "kernel", None) is not None
            and self._shell.autoawait
            and not is_inside_a_cell()
        )


def _split_first_line(lines: list[str]) -> tuple[str, list[str]]:
    """Return the first line that is neither blank nor a comment, and the lines below it."""
    for at, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            return line, lines[at + 1 :]
    return "", []


def _rewrite_below_other_magics(lines: list[str]) -> list[str]:
    """Rewrite a cell in which other magics stand above ``%%stream``, as IPython itself would.

    IPython takes prompts (``>>>``) out of such a cell before it looks for magics.
    """
    first, body = _split_first_line(lines)
    if (above := _OTHER_CELL_MAGIC.match(first)) is None:
        return lines
    below, remaining = _split_first_line(body)
    while _STREAM_LINE.match(below) is None:
        if _OTHER_CELL_MAGIC.match(below) is None:
            return lines
        below, remaining = _split_first_line(remaining)
    return [f"get_ipython().run_cell_magic({above['name']!r}, {above['line'] or ''!r}, {''.join(body)!r})\n"]
