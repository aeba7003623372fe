"""The output of a live view: it holds the widget, then the bundle; and decides when the widget is closed.

A page that is asked to replace an output can only do so if it has kept its display id.  One that was loaded
again in mid-stream has not, and a tab that was closed is nobody.  So a widget is closed when a page says that
it shows the widget no more, or when no page has ever said a word.  Until then it stays, and a page that comes
back to it is given the bundle to put it where the widget stands (``static/handoff.js``).
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from enum import Enum
from threading import Timer
from typing import Any, Protocol

from ..render.snapshot import MimeBundle
from .output import Output

__all__ = ["Channel", "CountingChannel", "WidgetOutput", "widget_or_fallback"]

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
SWAP_TIMEOUT_S = 0.1  # the page shows the static output before its widget goes


class Channel(Protocol):
    """What carries messages between a view and its page; a widget is one."""

    model_id: str

    def send(self, content: Any) -> None: ...
    def on_msg(self, callback: Callable[[object, Any, object], None]) -> None: ...
    def close(self) -> None: ...


class CountingChannel(Channel, Protocol):
    """A channel that counts the frames which it has carried."""

    frames_sent: int


def widget_or_fallback(widget: Channel, fallback: MimeBundle) -> MimeBundle:
    """Return the bundle that shows a widget where there can be one, and ``fallback`` everywhere else."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return MimeBundle(fallback.data | {WIDGET_MIME: view}, fallback.metadata)


class PageState(Enum):
    """What the pages that show the widget have last said."""

    SILENT = "nothing: nobody may be there"
    SHOWING = "that they show it"
    RELOADED = "that they were loaded in mid-stream, and lack what came before"
    GONE = "that they show it no more"


class WidgetOutput(Output):
    """An output that shows a widget until it is finalized."""

    def __init__(self, widget: Channel) -> None:
        super().__init__()
        self._widget = widget
        self._last: MimeBundle | None = None
        self._page = PageState.SILENT
        widget.on_msg(self._on_message)

    def finalize(self, bundle: MimeBundle) -> None:
        """Put the bundle in the widget's place."""
        self.update(bundle)
        self._last = bundle
        self._send_bundle_to_reloaded_page()
        context = contextvars.copy_context()  # so that the closing message belongs to this cell, too
        later = Timer(SWAP_TIMEOUT_S, context.run, [self._close_unseen_widget])
        later.daemon = True
        later.start()

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        match message:
            case {"kind": "ask"} | {"message": {"kind": "ask"}}:
                self._page = PageState.RELOADED
                self._send_bundle_to_reloaded_page()
            case {"kind": "gone"}:
                self._page = PageState.GONE
                self._close_unseen_widget()
            case _ if self._page is PageState.SILENT:  # a message for others
                self._page = PageState.SHOWING
            case _:
                pass

    def _send_bundle_to_reloaded_page(self) -> None:
        if self._page is PageState.RELOADED and self._last is not None:
            bundle = {"data": self._last.data, "metadata": self._last.metadata}
            self._widget.send({"kind": "bundle", "id": self._widget.model_id} | bundle)

    def _close_unseen_widget(self) -> None:
        if self._last is not None and self._page in (PageState.GONE, PageState.SILENT):
            self._widget.close()
