"""Interactive view of a stream's trace: a widget that replaces the static picture in the page.

The output that is saved is the picture from the start (``xray.bundle``).  A page that can run the widget
says so and gets the picture too; then the widget's own element takes its place on the screen, and the
model is closed.  So nothing of it is left in the file, and a page that cannot do this keeps the widget.
"""

from __future__ import annotations

import contextvars
from threading import Timer
from typing import Any

import anywidget
import traitlets

from ..render import static_files
from ..render.snapshot import MimeBundle
from .output import Output
from .widget_output import SWAP_TIMEOUT_S, widget_or_fallback

__all__ = ["XrayView", "XrayWidget"]


class XrayWidget(anywidget.AnyWidget):
    """The widget of a trace; ``stream`` is ``xray.page_data``."""

    _esm = static_files.join_static_files("xray.js")
    _css = static_files.stylesheet("xray.css")
    layout = traitlets.Any(None, allow_none=True).tag(sync=True)
    stream = traitlets.Dict().tag(sync=True)


class XrayView:
    """Shows one x-ray: ``data`` to step through, ``picture`` to keep."""

    def __init__(self, data: dict[str, Any], picture: MimeBundle) -> None:
        self._widget = XrayWidget(stream=data)
        self._picture = picture
        self._output = Output()

    def display(self) -> None:
        """Show the widget; the page gets the picture once it has drawn it."""
        self._widget.on_msg(self._on_message)
        self._output.show(widget_or_fallback(self._widget, self._picture))

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        if message != {"kind": "ready"}:  # not a word of ours: a page can say anything
            return
        self._output.update(self._picture)
        later = Timer(SWAP_TIMEOUT_S, contextvars.copy_context().run, [self._widget.close])
        later.daemon = True
        later.start()
