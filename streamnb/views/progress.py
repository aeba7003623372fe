"""Progress of many requests: a line in a terminal, a bar in a notebook, a bar above a live table in a page.

It is painted a few times a second, and less often where painting takes long.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, TextIO

from ..core.replies import Replies
from ..render import footer, number_format, portable_markdown
from ..render.inline_css import inline_styles
from ..render.replies_table import (
    LiveRow,
    replies_to_html,
    replies_to_markdown,
    replies_to_text,
    visible_row_cells,
)
from ..render.snapshot import ROOT_TAG, MimeBundle
from . import choose
from .cell_result import note_shown_result

if TYPE_CHECKING:
    from ..markdown.maths import MathsFormat
    from .marimo_output import MarimoOutput
    from .output import Output

__all__ = ["Progress", "ProgressSnapshot", "progress_for"]

UPDATE_INTERVAL_S = 0.25
PAUSE_PER_COST = 20.0  # pause after painting, in multiples of what it took


@dataclass(frozen=True, slots=True)
class ProgressSnapshot:
    """How far many requests are.

    Attributes
    ----------
    total
        How many there are.
    answered, failed
        How many are answered, and how many of those failed.
    wait_s
        Seconds that a provider asked to wait, 0 where none did.
    elapsed_s
        Seconds since the first went out.
    cost
        US dollars so far.
    rows
        What the table shows of each.
    replies
        What came of them in the end; ``None`` before it.
    """

    total: int
    answered: int = 0
    failed: int = 0
    wait_s: float = 0.0
    elapsed_s: float = 0.0
    cost: float = 0.0
    rows: Sequence[LiveRow] = ()
    replies: Replies | None = None

    @property
    def percent(self) -> float:
        """How many of the requests are answered, in per cent."""
        return 100 * self.answered / self.total if self.total else 100.0

    def to_line(self) -> str:
        """Return the progress as one line of text.

        >>> ProgressSnapshot(12, answered=5, failed=1, elapsed_s=3.21).to_line()
        '5 of 12 · 1 failed · 3.21 s'
        """
        parts = [f"{self.answered:,} of {self.total:,}"]
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        if self.wait_s > 0:
            parts.append(f"asked to wait {self.wait_s:.0f} s")
        if self.cost > 0:
            parts.append(f"≈ {number_format.format_money(self.cost)}")
        return footer.SEPARATOR.join([*parts, number_format.format_seconds(self.elapsed_s)])


class Progress(Protocol):
    """Shows how far many requests are."""

    def show(self, progress: ProgressSnapshot) -> None:
        """Show the progress, unless that was done a moment ago."""
        ...

    def close(self, progress: ProgressSnapshot) -> None:
        """Show the last progress, which stays."""
        ...


class _NoProgress:
    def show(self, progress: ProgressSnapshot) -> None:
        pass

    def close(self, progress: ProgressSnapshot) -> None:
        pass


class _ThrottledProgress:
    """Paints progress a few times a second, and the last always; with ``only_last`` that alone."""

    def __init__(self, paint: Callable[[ProgressSnapshot], None], *, only_last: bool = False) -> None:
        self._paint = paint
        self._next = float("inf" if only_last else "-inf")

    def show(self, progress: ProgressSnapshot) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._paint(progress)
            self._next = max(now + UPDATE_INTERVAL_S, now + PAUSE_PER_COST * (time.monotonic() - now))

    def close(self, progress: ProgressSnapshot) -> None:
        self._paint(progress)


class _TerminalProgressLine:
    """One line of a terminal, written over and over."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._width = 0
        self._throttled = _ThrottledProgress(self._paint)

    def show(self, progress: ProgressSnapshot) -> None:
        self._throttled.show(progress)

    def close(self, progress: ProgressSnapshot) -> None:
        self._throttled.close(progress)
        self._write_and_flush("\n")

    def _paint(self, progress: ProgressSnapshot) -> None:
        line = progress.to_line()
        self._write_and_flush("\r" + line.ljust(self._width))
        self._width = len(line)

    def _write_and_flush(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody reads on: the answers come all the same
            self._out.write(text)
            self._out.flush()


def _output_painter(
    output: Output | MarimoOutput | None = None, maths: MathsFormat = "tex"
) -> Callable[[ProgressSnapshot], None]:
    """Return a function that paints progress into one output, by default a new one of the running cell."""
    if output is None:
        from .output import Output

        output = Output()
    is_shown = False

    def paint(progress: ProgressSnapshot) -> None:
        nonlocal is_shown
        put = output.update if is_shown else output.show
        is_shown = True
        put(_progress_bundle(progress, maths))
        if progress.replies is not None:
            note_shown_result(progress.replies)

    return paint


def _widget_painter() -> Callable[[ProgressSnapshot], None]:
    """Return a function that paints progress and rows into a widget, and in the end the table of replies."""
    from .widget_table import TableView

    view = TableView()

    def paint(progress: ProgressSnapshot) -> None:
        if progress.replies is not None:
            view.close(_progress_bundle(progress))
            note_shown_result(progress.replies)
            return
        rows, note = visible_row_cells(progress.rows)
        view.paint({"share": progress.percent, "line": progress.to_line(), "note": note, "rows": rows})

    return paint


def _progress_html(progress: ProgressSnapshot, maths: MathsFormat) -> str:
    bar = f'<div class="snb-done-part" style="width:{progress.percent:.1f}%"></div>'
    line = f'<div class="snb-scale">{escape(progress.to_line())}</div>'
    head = inline_styles(f'{ROOT_TAG}<div class="snb-progress">{bar}</div>{line}')
    return f"{head}{replies_to_html(progress.replies, maths=maths) if progress.replies else ''}</div>"


def _progress_bundle(progress: ProgressSnapshot, maths: MathsFormat = "tex") -> MimeBundle:
    data = {"text/html": _progress_html(progress, maths), "text/plain": progress.to_line()}
    if progress.replies:
        data["text/plain"] += f"\n\n{replies_to_text(progress.replies)}"
        data["text/markdown"] = (
            f"{portable_markdown.escape(progress.to_line())}\n\n{replies_to_markdown(progress.replies)}"
        )
    return MimeBundle(data, {})


def progress_for(*, display: bool | None) -> Progress:
    """Return the progress view for where the code runs; ``None`` shows it where somebody sees it."""
    if display is False:
        return _NoProgress()
    shell = choose.current_shell()
    if shell is not None and hasattr(shell, "kernel"):
        if choose.is_console(shell):  # it prints, but replaces nothing; the table is the value of the call
            return _TerminalProgressLine(sys.stdout)
        if choose.is_capturing(shell):
            return _ThrottledProgress(_output_painter(), only_last=True)
        return _ThrottledProgress(
            _widget_painter() if choose.is_page(shell) and find_spec("anywidget") else _output_painter()
        )
    from .marimo_output import MarimoOutput, is_marimo

    if is_marimo():
        return _ThrottledProgress(_output_painter(MarimoOutput(), "mathml"))
    is_wanted = sys.stderr is not None and (display or sys.stderr.isatty())
    return _TerminalProgressLine(sys.stderr) if is_wanted else _NoProgress()
