"""The view without a widget manager: one display that gets the static bundle, now and then and at the end.

What is sent is the whole output so far: the first piece at once, then whenever there is more, four times a
second, as long as that is 250 KB a second and all of it together eighteen times what there is to see.  An
answer that grows evenly reaches that bound after eight seconds, since forty outputs of half its size
are twenty; from then on it is updated more slowly, and never stops.  The last is always sent.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..core.events import Event
from ..core.reply import Reply, ToolCall
from ..core.reply_builder import ReplyBuilder
from ..core.text import sanitize_line
from ..render import snapshot

if TYPE_CHECKING:
    from .marimo_output import MarimoOutput
    from .output import Output

__all__ = ["UpdatesView"]

TIMES = 18.0  # how many times what there is to see all updates together may be, the last one not counted
SECONDS_BETWEEN = 0.21  # frames come every 0.05 s: the next is sent before 0.25 s are over
CHARACTERS_PER_SECOND = 250_000


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
    bundle_of
        Makes what is shown of an answer.
    """

    def __init__(
        self,
        model: str,
        *,
        live: bool = True,
        output: Output | MarimoOutput | None = None,
        draft: ReplyBuilder | None = None,
        times: float = TIMES,
        bundle_of: Callable[[Reply], snapshot.MimeBundle] | None = None,
    ) -> None:
        self._bundle_of = bundle_of or snapshot.bundle
        self._model = model
        self._live = live
        self._draft = draft or ReplyBuilder(model)
        if output is None:
            from .output import Output

            output = Output()
        self._output = output
        self._times = times
        self._sent = 0  # characters of HTML in all updates
        self._per_letter = 1.0  # characters of HTML for one of text, in the last of them
        self._length = 0  # characters of text in it
        self._not_before = 0.0

    def expect(self, schema: str) -> None:
        """Be told, before it opens, that the answer is JSON of this schema: its fields are shown."""
        self._draft.about(schema=schema)

    def open(self, stop: Callable[[], None]) -> None:
        """Appear; there is no button, the kernel's own interrupt stops the stream."""
        self._draft.clock.sent(time.monotonic())
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
        if length == self._length or now < self._not_before:
            return
        size = length * self._per_letter
        if not self._sent or self._sent + size <= self._times * size:
            html = self._bundle_of(self._draft.reply(now)).data["text/html"]
            self._sent, self._length, self._per_letter = self._sent + len(html), length, len(html) / length
            self._not_before = now + max(SECONDS_BETWEEN, len(html) / CHARACTERS_PER_SECOND)
            self._output.update(snapshot.MimeBundle({"text/html": html, "text/plain": self._waiting()}, {}))

    def _waiting(self) -> str:
        return f"{sanitize_line(self._model)} is answering"

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody: an output has no way to answer."""
        return None

    def close(self, reply: Reply) -> None:
        """Leave the bundle."""
        if self._live:
            self._output.finalize(self._bundle_of(reply))
        else:
            self._output.show(snapshot.bundle(reply))
