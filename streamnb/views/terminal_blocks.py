"""Markdown on a terminal: the open block as plain text, taken back and drawn for good when it has ended.

In order, with every piece: what has become final (``stable_prefix``) is taken off the screen and printed as
``terminal_markdown`` draws it; the remaining text is drawn below as it is.  What has left the screen at the
top cannot be taken back, nor what a terminal of another width has folded anew: such a block stays as it is.
So lists, tables and code that are taller than the screen are drawn in parts: items, rows and lines.

What draws is loaded in a thread once the first text is there, since that text waits for nothing.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from .terminal_rows import GrowingRows, fold_lines, terminal_size

if TYPE_CHECKING:
    from ..render.block_renderer import BlockRenderer

__all__ = ["TerminalBlocks"]

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
_ENDS_BLANK = re.compile(r"\n[ \t]*\n\Z")
_ENDS_WITH_FOOTNOTE = re.compile(r"^\[\^[^\n]*\n(?:[ \t][^\n]*\n)*\Z", re.MULTILINE)
_NUMBER = re.compile(r"\d+")
_POSSIBLE_BLOCK_END = re.compile(r"\n[ \t]*(?:\n|```|~~~)")
LONG_BLOCK_CHARACTERS = (
    2_000  # a longer open block is looked at when something may have ended, not with every line
)
MAX_TABLE_LINES = 400  # of a table that is drawn in parts: each part takes all of its lines, for the columns
MIN_COLUMNS, MIN_LINES = 20, 4


class TerminalBlocks:
    """Draws one answer's Markdown, block by block.

    Parameters
    ----------
    out
        A terminal, for its size.
    put, flush
        Write to it and make that seen.
    """

    def __init__(self, out: TextIO, put: Callable[[str], None], flush: Callable[[], None]) -> None:
        self._out, self._put, self._flush = out, put, flush
        self._size = terminal_size(out) or (80, 24)
        self._source = ""  # of the open block
        self._drawn_characters = 0  # characters of it that are on the screen
        self._rows: GrowingRows | None = None  # where they are, ``None`` for nowhere
        self._is_erasable = True  # whether they can be taken back
        self._lines_drawn = 0  # of the open block that were drawn for good
        self._is_first = self._is_settled = True
        self._goes_on = False  # the open block goes on with the list or the notes above it
        self._renderer: BlockRenderer | None = None  # once that is loaded
        self._loading: threading.Thread | None = None

    @staticmethod
    def can_draw_on(out: TextIO) -> bool:
        """Say whether ``out`` is a terminal with room for drawn blocks."""
        size = terminal_size(out)
        return size is not None and size[0] >= MIN_COLUMNS and size[1] >= MIN_LINES

    @property
    def is_at_line_start(self) -> bool:
        """Whether the cursor stands at the start of a row."""
        return self._rows is None or self._rows.is_empty

    @property
    def has_drawn(self) -> bool:
        """Whether anything was drawn."""
        return not self._is_first

    def feed(self, text: str) -> None:
        """Take the next piece and draw what there is."""
        self._update_size()
        self._source += text
        if self._rows is None and not self._lines_drawn:
            self._source = (
                _BLANK_LINES.sub("", self._source, count=1)
                if _BLANK_LINES.match(self._source)
                else self._source
            )
        if not self._source:
            return
        if self._loading is None and self._renderer is None:
            self._draw_open_block()
            self._flush()
            self._loading = threading.Thread(target=self._load_renderer, daemon=True)
            self._loading.start()
        recent = self._source[-len(text) - 8 :]
        if "\n" in text and (len(self._source) < LONG_BLOCK_CHARACTERS or _POSSIBLE_BLOCK_END.search(recent)):
            self._is_settled = False
        if not self._is_settled and self._renderer is not None:
            self._draw_final_blocks()
        self._draw_open_block()

    def mark_unerasable(self) -> None:
        """Note that what is drawn cannot be taken back any more: other rows may have come below it."""
        self._is_erasable = self._is_erasable and self._rows is None

    def end_block(self, *, more: bool = False) -> None:
        """End the open block, whatever it is; with ``more`` an open fence goes on below."""
        self._update_size()
        opening = _open_fence_line(self._source) if more else ""
        if self._source.strip() or not self.is_at_line_start:
            self._wait_for_renderer()
            self._draw_final_text(self._source)
        self._begin_next_block()
        self._source = opening

    def _load_renderer(self) -> None:
        from ..render import terminal_markdown  # noqa: F401 - so that nobody waits for it later
        from ..render.block_renderer import BlockRenderer

        self._renderer = BlockRenderer()

    def _wait_for_renderer(self) -> BlockRenderer:
        """Wait until the renderer is loaded; return it."""
        self._flush()
        if self._loading is not None:
            self._loading.join()
        if self._renderer is None:
            self._load_renderer()
        assert self._renderer is not None
        return self._renderer

    def _update_size(self) -> None:
        size = terminal_size(self._out) or self._size
        if size[0] != self._size[0]:
            self.mark_unerasable()
            if self._rows is not None:
                self._rows.resize(size[0])
        self._size = size

    @property
    def _max_rows(self) -> int:
        return self._size[1] - 2

    def _draw_final_blocks(self, *, crowded: bool = False) -> None:
        """Draw for good what is final; where the screen is too small, the items of an open list too."""
        self._is_settled = True
        renderer, is_item, number = self._wait_for_renderer(), False, None
        length = renderer.final_length(self._source)
        if not length and (crowded or not self._is_erasable):
            length, number = renderer.find_last_item(self._source)
            is_item = True
        if not length:
            return
        final, self._source = self._source[:length], self._source[length:]
        self._draw_final_text(final)
        if self._drawn_characters > length:  # what cannot be taken back has the start of the next block in it
            self._drawn_characters -= length
            return
        self._begin_next_block()
        is_note = _ENDS_WITH_FOOTNOTE.search(final) is not None and self._source.startswith("[^")
        self._goes_on = (is_item or is_note) and not _ENDS_BLANK.search(final)
        if number is not None:  # models count "1. 1. 1."
            self._source = _NUMBER.sub(str(number), self._source, count=1)

    def _draw_final_text(self, final: str) -> None:
        """Replace the open block by its final drawing; one that cannot be erased is completed as it is."""
        from ..render import terminal_markdown

        if not self._is_erasable:
            if missing := final[self._drawn_characters :].rstrip():
                self._rows_of_open_block().feed(missing)
            if self._drawn_characters <= len(final):
                self._put("\n")
            return
        html = self._wait_for_renderer().render(final)
        drawing = terminal_markdown.draw_html(html, self._size[0], self._lines_drawn)
        if not self._lines_drawn:
            # A definition shows nothing, and nothing is lost.
            drawing = drawing or fold_lines(final.strip(), self._size[0])
        self._rows_of_open_block().erase()
        self._put(f"{drawing}\n" if drawing else "")
        self._drawn_characters = 0

    def _begin_next_block(self) -> None:
        """Begin the next block."""
        self._rows = None
        self._drawn_characters = self._lines_drawn = 0
        self._is_erasable = True
        self._goes_on = False

    def _rows_of_open_block(self) -> GrowingRows:
        """Return the rows of the open block; the first begins below a blank one."""
        if self._rows is None:
            self._put("" if self._is_first or self._lines_drawn or self._goes_on else "\n")
            self._is_first = False
            self._rows = GrowingRows(self._put, self._size[0])
        return self._rows

    def _draw_open_block(self) -> None:
        """Draw what is new of the open block."""
        if not self._source:
            return
        missing = self._source[self._drawn_characters :]
        if self._is_erasable:
            missing = self._rows_of_open_block().feed(missing, self._max_rows)
            self._drawn_characters = len(self._source) - len(missing)
        if missing and self._is_erasable:
            self._draw_complete_lines()
            self._draw_open_block()
        elif missing:
            self._rows_of_open_block().feed(missing)
            self._drawn_characters = len(self._source)

    def _draw_complete_lines(self) -> None:
        """Draw for good, on a full screen, what is final, and the complete lines of an open table or code."""
        from ..render import terminal_markdown

        before = len(self._source)
        self._draw_final_blocks(crowded=True)
        if len(self._source) < before:
            return
        end = self._source.find("\n", self._drawn_characters, self._drawn_characters + 1)
        visible = self._source[: end if end >= 0 else self._source.rfind("\n", 0, self._drawn_characters)]
        opening = _open_fence_line(visible + "\n")
        closing = re.sub(r"[^`~].*", "", opening.strip())  # closed, so that it is coloured
        html = self._wait_for_renderer().render(f"{visible}\n{closing}")
        lines = visible.count("\n")
        is_table = 1 < lines <= MAX_TABLE_LINES and html.startswith("<table>")
        if not (opening or is_table) or lines <= self._lines_drawn:
            self._is_erasable = False
            return
        drawing = terminal_markdown.draw_html(html, self._size[0], self._lines_drawn)
        self._rows_of_open_block().erase()
        self._put(f"{drawing}\n")
        self._lines_drawn = lines
        self._drawn_characters = len(visible) + 1
        self._rows = None


def _open_fence_line(source: str) -> str:
    """Return the line that opens the fence which ``source`` is in, nothing if it is in none."""
    from ..markdown.fences import match_opening_fence

    fence = match_opening_fence(source)
    if fence is None:
        return ""
    opening = fence.source
    is_open = fence.append(source[len(opening) :]) and fence.tail_html(False) is not None
    return opening if is_open else ""
