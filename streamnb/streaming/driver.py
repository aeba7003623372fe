"""The waiting side of one stream, without the waiting: what is done with all that has come.

A loop (``conduct``) sleeps as long as ``sleep`` says, then calls ``step``; in the end, whatever
happened, it calls ``finish``.  In a step: traffic goes to the keepers and the exchange, events
to the draft first and to the pacer second, a request goes out if one is due, and a frame is
painted if one is due.  Where the model asked for tools, another exchange follows the first, and
only the last one's ``Finished`` is passed on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from ..core.content import Text, Turn
from ..core.events import Event, Finished, Notice, ToolResult
from ..core.reply import Reply, ReplyBuilder
from ..core.wire_events import Data, EndOfBody, RequestSent, Source, WireEvent
from ..views.base import View
from ..views.pacing import Pacer
from .exchange import Batch, Exchange
from .inbox import Inbox
from .plan import Plan
from .replay import Replay
from .sigint import defer_sigint
from .tool_loop import MAX_TOOL_ROUNDS, ToolLoop, ToolResults, turns_of

__all__ = ["FRAMES_PER_SECOND", "StreamDriver"]

FRAMES_PER_SECOND = 25.0
CLOSE_TIMEOUT_S = 0.08  # how long a stopped source may take until we go on without it
MAX_DATA_BYTES = 4096  # bytes of a block that are read at once


class StreamDriver:
    """One stream under way; ``view`` is ``None`` where events are all that is wanted."""

    def __init__(self, plan: Plan, view: View | None, frames_per_second: float = FRAMES_PER_SECOND) -> None:
        self.inbox = Inbox()
        self.done = False
        self._plan = plan
        self._view = view
        self._request = plan.request
        self._exchange = self._new_exchange()
        self._builder = ReplyBuilder(plan.model_spec, origin=plan.origin, chat=plan.options.chat)
        self._pacer = Pacer(frames_per_second, time.perf_counter())
        self._recorders = plan.recorders(self._notify)
        self._tool_loop: ToolLoop | Replay | None = plan.tool_loop(view)
        self._calling = False  # tools are being asked for, or run
        self._turns: list[Turn] = []  # what was said in earlier rounds
        self._source: Source | None = None
        self._source_over = False  # it has said its last word
        self._read_until = 0.0  # when the last message that was read had come
        self._reply: Reply | None = None

    def open(self) -> None:
        """Let the view appear."""
        if self._view is not None:
            self._view.open(self.inbox.stop)

    def sleep(self) -> tuple[float, float]:
        """Return how long to rest whatever comes, and how long to wait then if nothing has."""
        now = time.perf_counter()
        rest = 0.0 if self._view is None else self._pacer.min_sleep(now)
        patience = float("inf") if self._calling else self._exchange.next_deadline(now)
        return rest, max(0.0, patience - rest)

    def step(self) -> list[Event]:
        """Take what has come, send and paint what is due; return the new events if no view gets them."""
        if self.inbox.stopped:
            return self.stop()
        events = self._drain()
        now = time.perf_counter()
        # As long as something is unread, how late it is, is not known beyond what was read last.
        events += self._record(self._exchange.tick(now if self.inbox.empty else self._read_until))
        request = self._exchange.request(now)
        if request is not None:
            if ahead := self._plan.pending_uploads(request):
                events += self._record([Batch(now, [Notice(ahead)])])
            self._source = self._plan.open(request, self.inbox.put)
        # While tools are called a question may be waiting in the view: it is given every chance.
        if self._view is not None and (self._calling or self._pacer.due(now)):
            began = time.perf_counter()
            self._view.show(self._pacer.take())
            self._pacer.painted(began, time.perf_counter())
        return events

    def stop(self) -> list[Event]:
        """End now: what has arrived is kept, what has not is given up."""
        self._tool_loop = None
        now = time.perf_counter()
        events = self._drain() + self._record(self._exchange.stop(now))
        if not self.done:  # between two requests: the exchange is over, the stream is not
            events += self._record([Batch(now, [Finished("interrupted", None, "stopped by hand")])])
        return events

    def finish(self) -> Reply:
        """Close the source and the view; return the reply. Safe to call again."""
        with defer_sigint():
            if self._reply is None:
                self._reply = self._finish_once()
        return self._reply

    def _finish_once(self) -> Reply:
        if not self.done:
            self.stop()
        if self._source is not None:
            if not self._source_over:  # else its connection is on its way back into the pool
                self._source.stop()
            self._source.join(CLOSE_TIMEOUT_S)
        said = Turn("assistant", (Text(self._builder.round_text),))
        reply = self._builder.reply(self._exchange.ended_at)
        self._plan.finalize(reply, [*self._turns, said])
        self._recorders.close(reply)
        self._close_view(reply)
        return reply

    def _close_view(self, reply: Reply) -> None:
        if self._view is not None:
            if rest := self._pacer.take():
                self._view.show(rest)
            self._view.close(reply)

    def _notify(self, sentence: str) -> None:
        """Tell the person, in the view, of something that does not stop the stream."""
        self._pacer.feed([Notice(sentence)], time.perf_counter())

    def _new_exchange(self) -> Exchange:
        return Exchange(self._request, self._plan.adapter, self._plan.limits, self._plan.optional_params)

    # -- what has come ----------------------------------------------------------------------

    def _drain(self) -> list[Event]:
        events: list[Event] = []
        with defer_sigint():  # what was taken has to be kept before anything else happens
            for message in self.inbox.drain():
                self._read_until = message.at
                if isinstance(message, ToolResults):
                    events += self._record(self._next_round(message))
                    continue
                self._source_over = isinstance(message, EndOfBody)
                self._recorders.feed(message)
                if isinstance(message, RequestSent):
                    self._builder.clock.sent(message.at)
                for bite in _bites(message):
                    events += self._record(self._exchange.feed(bite))
        return events

    def _record(self, batches: list[Batch]) -> list[Event]:
        """Keep what the events say; return them, unless they went to the view."""
        events: list[Event] = []
        for batch in batches:
            self._builder.feed(batch.events, batch.at)
            events += self._builder.numbered(batch.events)
        if events and isinstance(events[-1], Finished):
            events = self._end_of_round(events)
        if self._view is None:
            return events
        self._pacer.feed(events, time.perf_counter())
        return []

    # -- rounds: tools, and the request after them ------------------------------------------

    def _end_of_round(self, events: list[Event]) -> list[Event]:
        """Have the calls answered that the model asked for, or pass the end on."""
        calls = self._builder.round_calls
        state = events[-1].state if isinstance(events[-1], Finished) else None
        if self._tool_loop is None or self._tool_loop.is_over or not calls or state != "complete":
            self.done = True
            return events
        if why := self._why_no_round():
            self.done = True
            # A notice is gone with the live view; that calls were left unanswered is to be seen later, too.
            self._builder.finished = replace(self._builder.finished or Finished(state), error=why)
            return [*events[:-1], Notice(why), self._builder.finished]
        self._calling = True
        self._tool_loop.start(calls, self.inbox.put)
        return events[:-1]

    def _why_no_round(self) -> str | None:
        """Say why the calls of this round are not answered, ``None`` where they are."""
        if self._tool_loop is not None and not self._tool_loop.rounds_left:
            return f"the model asks for tools again; {MAX_TOOL_ROUNDS} rounds are enough"
        if self._plan.reaches_budget(self._builder.all_usage()):
            return "the budget of this session is reached; the model's calls are not answered"
        return None

    def _next_round(self, answered: ToolResults) -> list[Batch]:
        """Send the conversation on, with what the tools gave."""
        if self.done:
            return []
        results = zip(self._builder.round_indices, answered.calls, answered.errors, strict=True)
        shown = [ToolResult(index, call.name, call.result, why is not None) for index, call, why in results]
        self._pacer.feed(shown, time.perf_counter())
        text = self._builder.round_text
        raw = self._builder.next_round(answered.calls)
        new = turns_of(text, answered.calls, raw, answered.contents)
        self._turns += new
        self._request = replace(self._request, turns=(*self._request.turns, *new))
        self._exchange, self._calling = self._new_exchange(), False
        return [Batch(answered.at, [Notice(sentence) for sentence in answered.notices()])]


def _bites(message: WireEvent) -> Sequence[WireEvent]:
    """Cut a large block: what is made of one bite is gone before the next.

    All chunks of a large block at once are thousands of objects. Python then takes them for ones that last,
    and looks through everything in the kernel for garbage again and again.
    """
    if not isinstance(message, Data) or len(message.data) <= MAX_DATA_BYTES:
        return (message,)
    at, data = message.at, message.data
    return [Data(at, data[start : start + MAX_DATA_BYTES]) for start in range(0, len(data), MAX_DATA_BYTES)]
