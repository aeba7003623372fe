"""The output of a live view: it holds a widget, then the bundle; and when the widget may go.

A page that is asked to replace an output can only do so if it has kept its display id.  One that was loaded
again in mid-stream has not, and a tab that was closed is nobody.  So a widget is closed when a page says that
it shows the widget no more, or when no page has ever said a word.  Until then it stays, and a page that comes
back to it is given the bundle to put it where the widget stands (``static/reader.js``).
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from threading import Timer
from typing import Any, Protocol

from ..render.snapshot import MimeBundle
from .output import Output

__all__ = ["Channel", "WidgetOutput", "shown"]

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
SECONDS_TO_SWAP = 0.1  # the page shows the static output before its widget goes


class Channel(Protocol):
    """What carries messages between a view and its page; a widget is one."""

    model_id: str

    def send(self, content: Any) -> None: ...
    def on_msg(self, callback: Callable[[object, Any, object], None]) -> None: ...
    def close(self) -> None: ...


def shown(widget: Channel, instead: MimeBundle) -> MimeBundle:
    """Return what shows a widget where there is one, and ``instead`` everywhere else."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return MimeBundle(instead.data | {WIDGET_MIME: view}, instead.metadata)


class WidgetOutput(Output):
    """An output that shows a widget until it is settled."""

    def __init__(self, widget: Channel) -> None:
        super().__init__()
        self._widget = widget
        self._last: MimeBundle | None = None
        self._heard = False  # a word of any page
        self._again = False  # a page was loaded in mid-stream, and asked for the whole
        self._gone = False  # a page shows the widget no more
        widget.on_msg(self._on_message)

    def finalize(self, bundle: MimeBundle) -> None:
        """Put the bundle in the widget's place."""
        self.update(bundle)
        self._last = bundle
        self._offer()
        context = contextvars.copy_context()  # so that the closing message belongs to this cell, too
        later = Timer(SECONDS_TO_SWAP, context.run, [self._leave])
        later.daemon = True
        later.start()

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        self._heard = True
        match message:
            case {"kind": "ask"} | {"message": {"kind": "ask"}}:
                self._again = True
                self._offer()
            case {"kind": "gone"}:
                self._gone = True
                self._leave()
            case _:  # for others
                pass

    def _offer(self) -> None:
        if self._again and self._last is not None:
            said = {"data": self._last.data, "metadata": self._last.metadata}
            self._widget.send({"kind": "bundle", "id": self._widget.model_id} | said)

    def _leave(self) -> None:
        if self._last is not None and (self._gone or not self._heard):
            self._widget.close()
