"""The view without a widget manager: one display that gets the answer so far, and at the end the bundle.

An output is replaced as a whole, so forty updates of an answer that grows evenly are twenty times its last.
Two things keep four updates a second for twenty seconds below twenty times what is left at the end: an
update is HTML alone, without the Markdown and the plain text of the bundle, and it leaves out what says
nothing yet (``draft_html``).  All is counted in bytes, as they travel: in most languages of the world a
letter has two or three.

The first piece is sent at once, then whenever there is more, four times a second.  After twenty seconds, or
1.4 MB, an update waits a tenth of the answer's age, or until all updates together are nineteen times what
would be left if the answer ended now: long answers slow down and never stop.  No more than 250 KB go out in a
second.  The last is always sent.
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
from .draft_html import DraftHtmlRenderer

if TYPE_CHECKING:
    from .marimo_output import MarimoOutput
    from .output import Output

__all__ = ["DisplayUpdateView"]

# How many times what is there at the end all updates together may be, the last not counted.
MAX_SIZE_RATIO = 19.0
UPDATE_INTERVAL_S = 0.21  # frames come every 0.05 s: the next is sent before 0.25 s are over
BYTES_PER_SECOND = 250_000
FULL_RATE_S = 20.0  # as long as this, and
FULL_RATE_BYTES = 1_400_000  # up to so many in all, updates come steadily
FOOTER_BYTES = 700  # that the bundle's three together have more than that of an update, at least
MIN_MARKDOWN_RATIO = 0.95  # of the text, so much is the bundle's Markdown at least: tables lose their padding
PAUSE_PER_AGE = 0.1  # afterwards: how much of its age an answer waits for the next


class DisplayUpdateView:
    """Shows one stream as updates of one display.

    Parameters
    ----------
    model
        What the answer is asked of, as it was typed.
    live
        Whether displays are published. Where they are only collected (``%%capture``), each update would be
        kept as one more output, so the bundle is displayed once, at the end.
    output, builder
        An output that stands already and a builder that somebody else feeds; then only ``send_if_due`` is
        called.
    max_size_ratio
        How many times what there is to see the updates may be together, where more is sent beside them;
        ``None`` for ``MAX_SIZE_RATIO``.
    bundle_of
        Makes what is shown of an answer, where that is not the bundle.
    """

    def __init__(
        self,
        model: str,
        *,
        live: bool = True,
        output: Output | MarimoOutput | None = None,
        builder: ReplyBuilder | None = None,
        max_size_ratio: float | None = None,
        bundle_of: Callable[[Reply], snapshot.MimeBundle] | None = None,
    ) -> None:
        self._bundle_of = bundle_of
        self._model = model
        self._live = live
        self._builder = builder or ReplyBuilder(model)
        if output is None:
            from .output import Output

            output = Output()
        self._output = output
        self._max_size_ratio = max_size_ratio
        self._html = DraftHtmlRenderer()
        self._sent = 0  # bytes of all updates
        self._size = 0  # of the last of them
        self._length = 0  # of text and reasoning in it
        self._first_at = self._last_at = 0.0
        self._not_before = 0.0

    def expect_schema(self, schema: str) -> None:
        """Announce, before ``open``, that the answer is JSON of this schema, so that its fields are shown."""
        self._builder.set_fields(schema=schema)

    def open(self, stop: Callable[[], None]) -> None:
        """Show that the model is answering; no button, the kernel's own interrupt stops the stream."""
        self._builder.timing_builder.mark_sent(time.monotonic())
        if self._live:
            self._output.show(snapshot.MimeBundle({"text/plain": self._waiting_line()}, {}))

    def show(self, events: Sequence[Event]) -> None:
        """Take the events, and update the output if that is due."""
        self._builder.feed(events, time.monotonic())
        if self._live:
            self.send_if_due()

    def send_if_due(self) -> None:
        """Update the output with the answer so far, if that is due."""
        now = time.monotonic()
        if now < self._not_before:
            return
        reply = self._builder.build_reply(now)
        text_size = _byte_count(reply.text)
        length = text_size + _byte_count(reply.reasoning)
        if length == self._length or not self._is_update_due(now, length, text_size):
            return
        html = self._bundle_of(reply).data["text/html"] if self._bundle_of else self._html.render(reply)
        if not self._sent:
            self._first_at = now
        data = {"text/html": html, "text/plain": self._waiting_line()}
        size = sum(map(_byte_count, data.values()))
        self._sent, self._size, self._length, self._last_at = self._sent + size, size, length, now
        self._not_before = now + max(UPDATE_INTERVAL_S, size / BYTES_PER_SECOND)
        self._output.update(snapshot.MimeBundle(data, {}))

    def _is_update_due(self, now: float, length: int, text_size: int) -> bool:
        """Tell whether to send an update now, with so many bytes of text and reasoning, and of text."""
        if not self._sent:
            return True
        size = self._size + length - self._length  # at least
        if self._sent + size <= (self._max_size_ratio or MAX_SIZE_RATIO) * size:
            return True
        age = now - self._first_at
        is_steady = age < FULL_RATE_S and self._sent < FULL_RATE_BYTES
        if self._max_size_ratio or not (is_steady or now - self._last_at >= PAUSE_PER_AGE * age):
            return False
        # The bundle has the text twice more, as Markdown and as plain text, the whole look, and a footer.
        texts = (1 + MIN_MARKDOWN_RATIO) * text_size
        return self._sent + size <= MAX_SIZE_RATIO * (size + texts + self._html.omitted_bytes + FOOTER_BYTES)

    def _waiting_line(self) -> str:
        return f"{sanitize_line(self._model)} is answering"

    def ask(self, call: ToolCall) -> bool | None:
        """Ask nobody: an output has no way to answer."""
        return None

    def close(self, reply: Reply) -> None:
        """Replace the output by the static bundle of the reply."""
        bundle = (self._bundle_of or snapshot.bundle)(reply)
        if self._live:
            self._output.finalize(bundle)
        else:
            self._output.show(bundle)


def _byte_count(text: str) -> int:
    """Return how many bytes a text is on its way to a page."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
