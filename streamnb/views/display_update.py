"""The view without a widget manager: one display that gets the static bundle, now and then and at the end.

What is sent is the whole output so far, so it is sent sparingly: the first piece at once, then whenever all
that was sent is little beside what there is to see, and the last always.  Together that is less than five
times the final output, however long and slow the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..core.events import Event
from ..core.reply import Reply, ReplyBuilder, ToolCall
from ..core.text import sanitize_line
from ..render import snapshot
from .output import Output

__all__ = ["UpdatesView"]

TIMES = 2.5  # how many times what there is to see all updates together may be, the last one not counted
SECONDS_BETWEEN = 0.5


class UpdatesView:
    """Shows one stream as updates of one display.

    Parameters
    ----------
    model
        What the answer is asked of, as it was typed.
    live
        Whether displays are published. Where they are only collected (``%%capture``), each update would be
        kept as one more output, so the bundle is displayed once, at the end.
    output, draft
        An output that stands already and a draft that somebody else feeds; then only ``refresh`` is called.
    times
        How many times what there is to see the updates may be together; less where more is sent.
    """

    def __init__(
        self,
        model: str,
        *,
        live: bool = True,
        output: Output | None = None,
        draft: ReplyBuilder | None = None,
        times: float = TIMES,
    ) -> None:
        self._model = model
        self._live = live
        self._draft = draft or ReplyBuilder(model)
        self._output = output or Output()
        self._times = times
        self._sent = 0  # characters of HTML in all updates
        self._per_letter = 1.0  # characters of HTML for one of text, in the last of them
        self._updated = 0.0

    def expect(self, schema: str) -> None:
        """Be told, before it opens, that the answer is JSON of this schema: its fields are shown."""
        self._draft.about(schema=schema)

    def open(self, stop: Callable[[], None]) -> None:
        """Appear; there is no button, the kernel's own interrupt stops the stream."""
        self._updated = time.monotonic()
        self._draft.clock.sent(self._updated)
        if self._live:
            self._output.show(snapshot.MimeBundle({"text/plain": self._waiting()}, {}))

    def show(self, events: Sequence[Event]) -> None:
        """Send the output so far, if it is worth it."""
        self._draft.feed(events, time.monotonic())
        if self._live:
            self.refresh()

    def refresh(self) -> None:
        """Do so with what the draft holds."""
        now = time.monotonic()
        length = len(self._draft.text)
        if not length or (self._sent and now - self._updated < SECONDS_BETWEEN):
            return
        size = length * self._per_letter
        if not self._sent or self._sent + size <= self._times * size:
            html = snapshot.bundle(self._draft.reply(now)).data["text/html"]
            self._updated, self._sent, self._per_letter = now, self._sent + len(html), len(html) / length
            self._output.update(snapshot.MimeBundle({"text/html": html, "text/plain": self._waiting()}, {}))

    def _waiting(self) -> str:
        return f"{sanitize_line(self._model)} is answering"

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody: an output has no way to answer."""
        return None

    def close(self, reply: Reply) -> None:
        """Leave the bundle."""
        if self._live:
            self._output.finalize(snapshot.bundle(reply))
        else:
            self._output.show(snapshot.bundle(reply))
