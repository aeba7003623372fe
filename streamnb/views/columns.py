"""Columns: several streams shown together, one view for each.

Each stream has a ``View`` of its own, made by ``add_column``; ``flush`` follows every round of frames,
``close`` comes once all have ended and leaves a table.  Here: the role, the one that shows nothing, the
one for a terminal, and which of them suits.  For notebooks there are ``display_update_columns`` and
``widget_columns``.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, TextIO

from ..core.events import Event
from ..core.reply import Reply, ToolCall
from ..render import comparison
from ..render.terminal_escape import sanitize_for_terminal
from . import choose
from .base import NoView, View
from .terminal import TerminalView

if TYPE_CHECKING:
    from ..markdown.images import ImagePolicy

__all__ = ["Columns", "NoColumns", "TerminalColumns", "columns_for"]


class Columns(Protocol):
    """Shows several streams."""

    def add_column(self, name: str, label: str, schema: str | None = None) -> View:
        """Return the view of one more stream.

        Parameters
        ----------
        name
            The name of the answer.
        label
            In what the stream differs from its neighbours; empty where in nothing.
        schema
            What the answer is JSON of; ``None`` for text.

        Returns
        -------
        View
            Takes the events of that stream.
        """
        ...

    def open(self) -> None:
        """Show the columns that were added, still empty."""
        ...

    def flush(self) -> None:
        """Send to the page or the terminal what the views have shown since the last flush."""
        ...

    def close(self, table: comparison.ComparisonTable) -> None:
        """Show what stays: every answer, and the table that compares them."""
        ...


class NoColumns:
    """Shows nothing."""

    def add_column(self, name: str, label: str, schema: str | None = None) -> View:
        """Return a view that shows nothing; as ``Columns.add_column``."""
        return NoView()

    def open(self) -> None:
        """Show nothing."""

    def flush(self) -> None:
        """Show nothing."""

    def close(self, table: comparison.ComparisonTable) -> None:
        """Show nothing."""


class TerminalColumns:
    """Prints one stream after the other, in their order: live where it is a stream's turn.

    What the others say meanwhile is kept, and printed when their turn has come.
    """

    def __init__(
        self,
        out: TextIO,
        about: TextIO | None = None,
        *,
        closing: Callable[[Reply], str] | None = None,
        table: TextIO | None = None,
        plain: bool = False,
    ) -> None:
        self._plain = plain
        self._out = out
        self._about = about or out
        self._table = table or self._about
        self._closing = closing
        self._turns: list[_QueuedView] = []
        self._labels: dict[str, str] = {}

    @property
    def write_error(self) -> Exception | None:
        """The error after which nothing can be written any more, else ``None``."""
        return next((turn.view.write_error for turn in self._turns if turn.view.write_error), None)

    def add_column(self, name: str, label: str, schema: str | None = None) -> View:
        """Return the view of one more stream, to be shown after the others; as ``Columns.add_column``."""
        self._labels[name] = label
        view = TerminalView(self._out, self._about, closing=self._closing, plain=self._plain)
        gap = "\n" if self._turns else ""
        turn = _QueuedView(view, lambda: self._write_head(gap, name))
        self._turns.append(turn)
        return turn

    def open(self) -> None:
        """Show nothing yet: the first stream begins at its first flush."""

    def flush(self) -> None:
        """Print what belongs to the streams whose turn it is."""
        for turn in self._turns:
            if not turn.advance():
                break

    def close(self, table: comparison.ComparisonTable) -> None:
        """Print the table."""
        self.flush()
        self._write(f"\n{comparison.table_to_text(table)}\n", self._table)

    def _write_head(self, gap: str, name: str) -> None:
        differs = f" · {self._labels[name]}" if self._labels[name] else ""
        self._write(f"{gap}── {name}{differs} ──\n", self._about)

    def _write(self, text: str, out: TextIO) -> None:
        with contextlib.suppress(OSError, ValueError):  # the views notice that nobody reads on
            out.write(sanitize_for_terminal(text))
            out.flush()


class _QueuedView:
    """A terminal's view that keeps everything until its turn has come."""

    def __init__(self, view: TerminalView, head: Callable[[], None]) -> None:
        self.view = view
        self.closed = False
        self._write_head = head
        self._stop: Callable[[], None] = lambda: None
        self._pending: list[Event] = []
        self._reply: Reply | None = None
        self._has_turn = threading.Event()

    def advance(self) -> bool:
        """Print what has come; return whether this stream has ended and the next has its turn."""
        if self.closed:
            return True
        if not self._has_turn.is_set():
            self._write_head()
            self.view.open(self._stop)
            self._has_turn.set()
        pending, self._pending = self._pending, []
        self.view.show(pending)
        if self._reply is not None:
            self.view.close(self._reply)
            self.closed = True
        return self.closed

    def open(self, stop: Callable[[], None]) -> None:
        """Keep ``stop`` until the turn has come."""
        self._stop = stop

    def show(self, events: Sequence[Event]) -> None:
        """Keep what has come until the next flush."""
        self._pending += events

    def ask(self, call: ToolCall) -> bool | None:
        """Ask when the turn has come; a stream that ended before is not asked about any more."""
        while not self._has_turn.wait(0.1):
            if self._reply is not None:
                return False
        return self.view.ask(call)

    def close(self, reply: Reply) -> None:
        """Keep the end until the next flush."""
        self._reply = reply


def columns_for(
    *, display: bool | None, images: ImagePolicy = "ask", blocking: bool = False, plain: bool = False
) -> Columns:
    """Return the columns for the place where the code runs, as ``choose.view_for`` does for one stream.

    Parameters
    ----------
    display
        Whether something is shown; ``None`` where somebody can see it.
    images
        When a picture from elsewhere is loaded: ``ask``, ``never`` or ``always``.
    blocking
        Whether the cell blocks until all have ended.
    plain
        Whether a terminal gets the Markdown as it comes.

    Returns
    -------
    Columns
        The columns, of which none has been added yet.
    """
    if display is False:
        return NoColumns()
    shell = choose.current_shell()
    if shell is None or not hasattr(shell, "kernel"):
        from .marimo_output import MarimoOutput, is_marimo, marimo_bundle

        if is_marimo():
            from .display_update_columns import DisplayUpdateColumns

            return DisplayUpdateColumns(output=MarimoOutput(), bundle_of=marimo_bundle)
        is_wanted = sys.stdout is not None and (display or sys.stdout.isatty())
        return TerminalColumns(sys.stdout, plain=plain) if is_wanted else NoColumns()
    if choose.is_console(shell):
        return TerminalColumns(sys.stdout)
    if choose.is_page(shell) and find_spec("anywidget"):
        from .widget_columns import WidgetColumns

        return WidgetColumns(images=images, blocking=blocking)
    from .display_update_columns import DisplayUpdateColumns

    return DisplayUpdateColumns(live=not choose.is_capturing(shell))
