"""Several streams in one widget: each has the live view of a single stream, all share one model.

What the views send is gathered and goes out at each flush, as one message.  When all have ended, the
bundle of all, with the table, takes the widget's place.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import RLock
from typing import Any

import traitlets

from ..core.text import sanitize_line
from ..markdown.images import ImagePolicy
from ..render import comparison, static_files
from ..render.snapshot import MimeBundle
from . import comms, display_update_columns
from .base import View
from .display_update_columns import UPDATE_INTERVAL_S, ColumnOutput
from .widget import WidgetView
from .widget_code import AnswerWidget, columns_script
from .widget_output import WidgetOutput, widget_or_fallback

__all__ = ["ColumnsWidget", "WidgetColumns"]

MessageCallback = Callable[[object, Any, object], None]


class ColumnsWidget(AnswerWidget):
    """The widget of several answers."""

    script = _esm = columns_script()
    entry = "several"
    _css = static_files.stylesheet()
    heads = traitlets.List(traitlets.Unicode()).tag(sync=True)
    frames = traitlets.List(traitlets.Int()).tag(sync=True)
    frames_sent: Callable[[], list[int]] = list  # frames sent so far, by column

    def frames_so_far(self) -> list[int]:
        """Return how many frames were sent so far, by column."""
        return self.frames_sent()


class WidgetColumns:
    """Shows several streams in one widget; the parameters are those of ``WidgetView``."""

    def __init__(self, *, images: ImagePolicy = "ask", blocking: bool = False) -> None:
        self._images = images
        self._blocking = blocking
        self._output: WidgetOutput | None = None
        self._columns: dict[str, ColumnOutput] = {}
        self._channels: list[_ColumnChannel] = []
        self._pending: list[tuple[int, Any]] = []
        self._lock = RLock()  # a tool's thread and a page may speak at any time
        self._widget: ColumnsWidget | None = None
        self._closed = False
        self._updated = 0.0
        self._table = ""

    def add_column(self, name: str, label: str, schema: str | None = None) -> View:
        """Return the view of one more stream; as ``Columns.add_column``."""
        column = self._columns[name] = ColumnOutput(name, label)
        channel = _ColumnChannel(len(self._channels), self._send_from_column)
        self._channels.append(channel)
        view = WidgetView(name, images=self._images, blocking=self._blocking, channel=channel, output=column)
        if schema is not None:
            view.expect_schema(schema)
        return view

    def open(self) -> None:
        """Make the widget with a column for each answer, and show it."""
        heads = [display_update_columns.column_heading(column) for column in self._columns.values()]
        kernel = comms.kernel_id() if self._blocking else ""
        self._widget = ColumnsWidget(
            heads=heads,
            pictures=self._images,
            patience=comms.interrupt_delay_ms(blocking=self._blocking),
            kernel=kernel,
        )
        self._widget.frames_sent = lambda: [channel.frames_sent for channel in self._channels]
        self._widget.on_msg(self._on_message)
        self._output = WidgetOutput(self._widget)
        plain = f"{', '.join(map(sanitize_line, self._columns))} are answering"
        self._output.show(widget_or_fallback(self._widget, MimeBundle({"text/plain": plain}, {})))

    def flush(self) -> None:
        """Send what the columns have said since the last flush."""
        with self._lock:
            pending, self._pending = self._pending, []
            if pending and self._widget is not None:
                self._widget.send({"kind": "columns", "messages": pending})
        self._update_fallbacks()

    def close(self, table: comparison.ComparisonTable) -> None:
        """Send the rest and the table, then put the bundle of all in the widget's place."""
        self._table = comparison.table_to_html(table)
        self._closed = True
        self._send_table()
        self.flush()
        if self._output is not None:
            self._output.finalize(display_update_columns.bundle(self._columns, table))

    def _send_from_column(self, column: int, message: Any) -> None:
        with self._lock:
            self._pending.append((column, message))
            if self._closed:  # no flush follows any more
                self.flush()

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        match message:
            case {"column": int(index), "message": content} if 0 <= index < len(self._channels):
                if content == {"kind": "ask"}:
                    self._send_table()
                self._channels[index].receive(content)
            case {"kind": "here"}:
                for channel in self._channels:
                    channel.receive(message)
            case _:  # not a word of ours: a page can say anything
                pass

    def _send_table(self) -> None:
        if self._table and self._widget is not None:
            self._widget.send({"kind": "table", "html": self._table})

    def _update_fallbacks(self) -> None:
        """Show plain updates where a view found that no page runs the widget."""
        if self._output is None or self._closed:
            return
        pairs = zip(self._columns.values(), self._channels, strict=True)
        changed = [column for column, channel in pairs if column.changed and not channel.ended]
        now = time.monotonic()
        if changed and now - self._updated >= UPDATE_INTERVAL_S:
            self._updated = now
            for column in changed:
                column.changed = False
            self._output.update(display_update_columns.bundle(self._columns))


class _ColumnChannel:
    """The channel of one column's view: its messages go through the shared widget."""

    model_id = ""  # of no model: the shared output shows the shared one

    def __init__(self, index: int, put: Callable[[int, Any], None]) -> None:
        self.frames_sent = 0
        self.ended = False
        self._index = index
        self._put = put
        self._callback: MessageCallback | None = None

    def send(self, content: Any) -> None:
        self.ended = self.ended or "end" in content
        self._put(self._index, content)

    def on_msg(self, callback: MessageCallback) -> None:
        self._callback = callback

    def receive(self, message: Any) -> None:
        if self._callback is not None:
            self._callback(self, message, None)

    def close(self) -> None:
        """Stay: the shared widget closes when all have ended."""
