"""The view without a widget manager: one display that gets the static bundle, now and then and at the end.

What is sent is the whole output so far, so it is sent sparingly: when the text has grown by a third, or
every few seconds.  Together that is a few times the final output, however long it gets.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..events import Event
from ..reply import Draft, Reply, ToolCall
from . import snapshot
from .outlet import Outlet

__all__ = ["UpdatesView"]

GROWTH = 1.33
SECONDS_BETWEEN = 0.5
PATIENCE = 2.0  # seconds after which an update goes out though the text has grown little


class UpdatesView:
    """Shows one stream as updates of one display.

    Parameters
    ----------
    model
        What the answer is asked of, as it was typed.
    live
        Whether displays are published. Where they are only collected (``%%capture``), each update would be
        kept as one more output, so the bundle is displayed once, at the end.
    outlet, draft
        An output that stands already and a draft that somebody else feeds; then only ``refresh`` is called.
    """

    def __init__(
        self, model: str, *, live: bool = True, outlet: Outlet | None = None, draft: Draft | None = None
    ) -> None:
        self._model = model
        self._live = live
        self._draft = draft or Draft(model)
        self._outlet = outlet or Outlet()
        self._length = 0
        self._updated = 0.0

    def expect(self, schema: str) -> None:
        """Be told, before it opens, that the answer is JSON of this schema: its fields are shown."""
        self._draft.about(schema=schema)

    def open(self, stop: Callable[[], None]) -> None:
        """Appear; there is no button, the kernel's own interrupt stops the stream."""
        self._updated = time.monotonic()
        if self._live:
            self._outlet.appear(snapshot.Bundle({"text/plain": f"{self._model} is answering"}, {}))

    def show(self, events: Sequence[Event]) -> None:
        """Send the output so far, if it is worth it."""
        self._draft.feed(events, time.monotonic())
        if self._live:
            self.refresh()

    def refresh(self) -> None:
        """Do so with what the draft holds."""
        now = time.monotonic()
        length, waited = len(self._draft.text), now - self._updated
        grown = length > GROWTH * self._length and waited >= SECONDS_BETWEEN
        if length and (not self._length or grown or waited >= PATIENCE):
            self._length, self._updated = length, now
            self._put(self._draft.reply(now))

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody: an output has no way to answer."""
        return None

    def close(self, reply: Reply) -> None:
        """Leave the bundle."""
        self._put(reply)

    def _put(self, reply: Reply) -> None:
        put = self._outlet.replace if self._live else self._outlet.appear
        put(snapshot.bundle(reply))
