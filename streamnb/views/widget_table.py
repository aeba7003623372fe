"""The table of many requests in a page: a widget whose rows fill, then the static table in its place."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from ..render import static_files
from ..render.replies_table import LIVE_COLUMNS
from ..render.snapshot import MimeBundle
from .widget_output import WidgetOutput, widget_or_fallback

__all__ = ["TableView", "TableWidget"]


class TableWidget(anywidget.AnyWidget):
    """The widget of the table; ``table`` is all that it shows: share, line, note and rows."""

    _esm = static_files.join_static_files("handoff.js", "table.js")
    _css = static_files.stylesheet()
    layout = traitlets.Any(None, allow_none=True).tag(sync=True)
    heads = traitlets.List(traitlets.Unicode(), list(LIVE_COLUMNS)).tag(sync=True)
    table = traitlets.Dict().tag(sync=True)


class TableView:
    """Shows one table; ``paint`` as often as there is something new, then ``close``."""

    def __init__(self) -> None:
        self._widget: TableWidget | None = None
        self._output: WidgetOutput | None = None

    def paint(self, table: dict[str, Any]) -> None:
        """Show the table as it is now; the first time, show the widget."""
        if self._widget is not None:
            self._widget.table = table
            return
        self._widget = TableWidget()
        self._output = WidgetOutput(self._widget)
        self._output.show(
            widget_or_fallback(self._widget, MimeBundle({"text/plain": str(table["line"])}, {}))
        )
        self._widget.table = table

    def close(self, bundle: MimeBundle) -> None:
        """Put the static table in the widget's place."""
        if self._output is None:
            self.paint({"share": 100, "line": "", "note": "", "rows": []})
        assert self._output is not None
        self._output.finalize(bundle)
