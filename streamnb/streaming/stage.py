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

from ..display.base import View
from ..display.pacing import Pacer
from ..events import Event, Finished, Notice, ToolResult
from ..parts import Text, Turn
from ..reply import Draft, Reply
from ..traffic import Block, End, Message, Sent, Source
from .exchange import Batch, Exchange
from .inbox import Inbox
from .interrupts import held
from .plan import Plan
from .playback import Playback
from .rounds import MOST_ROUNDS, Answered, Rounds, turns_of

__all__ = ["FRAMES_PER_SECOND", "Stage"]

FRAMES_PER_SECOND = 25.0
SECONDS_TO_CLOSE = 0.08  # how long a stopped source may take until we go on without it
BITE = 4096  # bytes of a block that are read at once


class Stage:
    """One stream under way; ``view`` is ``None`` where events are all that is wanted."""

    def __init__(self, plan: Plan, view: View | None, frames_per_second: float = FRAMES_PER_SECOND) -> None:
        self.inbox = Inbox()
        self.done = False
        self._plan = plan
        self._view = view
        self._request = plan.request
        self._exchange = self._new_exchange()
        self._draft = Draft(plan.spec, origin=plan.origin, chat=plan.options.chat)
        self._pacer = Pacer(frames_per_second, time.perf_counter())
        self._keepers = plan.keepers(self._notify)
        self._rounds: Rounds | Playback | None = plan.rounds(view)
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
        rest = 0.0 if self._view is None else self._pacer.rest(now)
        patience = float("inf") if self._calling else self._exchange.patience(now)
        return rest, max(0.0, patience - rest)

    def step(self) -> list[Event]:
        """Take what has come, send and paint what is due; return the new events if no view gets them."""
        if self.inbox.stopped:
            return self.stop()
        events = self._take()
        now = time.perf_counter()
        # As long as something is unread, how late it is, is not known beyond what was read last.
        events += self._keep(self._exchange.tick(now if self.inbox.empty else self._read_until))
        request = self._exchange.request(now)
        if request is not None:
            if ahead := self._plan.ahead(request):
                events += self._keep([Batch(now, [Notice(ahead)])])
            self._source = self._plan.open(request, self.inbox.put)
        # While tools are called a question may be waiting in the view: it is given every chance.
        if self._view is not None and (self._calling or self._pacer.due(now)):
            began = time.perf_counter()
            self._view.show(self._pacer.take())
            self._pacer.painted(began, time.perf_counter())
        return events

    def stop(self) -> list[Event]:
        """End now: what has arrived is kept, what has not is given up."""
        self._rounds = None
        now = time.perf_counter()
        events = self._take() + self._keep(self._exchange.stop(now))
        if not self.done:  # between two requests: the exchange is over, the stream is not
            events += self._keep([Batch(now, [Finished("interrupted", None, "stopped by hand")])])
        return events

    def finish(self) -> Reply:
        """Close the source and the view; return the reply. Safe to call again."""
        with held():
            if self._reply is None:
                self._reply = self._conclude()
        return self._reply

    def _conclude(self) -> Reply:
        if not self.done:
            self.stop()
        if self._source is not None:
            if not self._source_over:  # else its connection is on its way back into the pool
                self._source.stop()
            self._source.join(SECONDS_TO_CLOSE)
        said = Turn("assistant", (Text(self._draft.round_text),))
        reply = self._draft.reply(self._exchange.ended_at)
        self._plan.settle(reply, [*self._turns, said])
        self._keepers.close(reply)
        self._leave(reply)
        return reply

    def _leave(self, reply: Reply) -> None:
        if self._view is not None:
            if rest := self._pacer.take():
                self._view.show(rest)
            self._view.close(reply)

    def _notify(self, sentence: str) -> None:
        """Tell the person, in the view, of something that does not stop the stream."""
        self._pacer.feed([Notice(sentence)], time.perf_counter())

    def _new_exchange(self) -> Exchange:
        return Exchange(self._request, self._plan.adapter, self._plan.limits, self._plan.added)

    # -- what has come ----------------------------------------------------------------------

    def _take(self) -> list[Event]:
        events: list[Event] = []
        with held():  # what was taken has to be kept before anything else happens
            for message in self.inbox.drain():
                self._read_until = message.at
                if isinstance(message, Answered):
                    events += self._keep(self._go_on(message))
                    continue
                self._source_over = isinstance(message, End)
                self._keepers.feed(message)
                if isinstance(message, Sent):
                    self._draft.clock.sent(message.at)
                for bite in _bites(message):
                    events += self._keep(self._exchange.feed(bite))
        return events

    def _keep(self, batches: list[Batch]) -> list[Event]:
        """Keep what the events say; return them, unless they went to the view."""
        events: list[Event] = []
        for batch in batches:
            self._draft.feed(batch.events, batch.at)
            events += self._draft.numbered(batch.events)
        if events and isinstance(events[-1], Finished):
            events = self._end_of_round(events)
        if self._view is None:
            return events
        self._pacer.feed(events, time.perf_counter())
        return []

    # -- rounds: tools, and the request after them ------------------------------------------

    def _end_of_round(self, events: list[Event]) -> list[Event]:
        """Have the calls answered that the model asked for, or pass the end on."""
        calls = self._draft.round_calls
        state = events[-1].state if isinstance(events[-1], Finished) else None
        if self._rounds is None or self._rounds.over or not calls or state != "complete":
            self.done = True
            return events
        if why := self._why_no_round():
            self.done = True
            # A notice is gone with the live view; that calls were left unanswered is to be seen later, too.
            self._draft.finished = replace(self._draft.finished or Finished(state), error=why)
            return [*events[:-1], Notice(why), self._draft.finished]
        self._calling = True
        self._rounds.start(calls, self.inbox.put)
        return events[:-1]

    def _why_no_round(self) -> str | None:
        """Say why the calls of this round are not answered, ``None`` where they are."""
        if self._rounds is not None and not self._rounds.left:
            return f"the model asks for tools again; {MOST_ROUNDS} rounds are enough"
        if self._plan.reaches_budget(self._draft.all_usage()):
            return "the budget of this session is reached; the model's calls are not answered"
        return None

    def _go_on(self, answered: Answered) -> list[Batch]:
        """Send the conversation on, with what the tools gave."""
        if self.done:
            return []
        results = zip(self._draft.round_indices, answered.calls, answered.errors, strict=True)
        shown = [ToolResult(index, call.name, call.result, why is not None) for index, call, why in results]
        self._pacer.feed(shown, time.perf_counter())
        text = self._draft.round_text
        raw = self._draft.next_round(answered.calls)
        new = turns_of(text, answered.calls, raw, answered.answers)
        self._turns += new
        self._request = replace(self._request, turns=(*self._request.turns, *new))
        self._exchange, self._calling = self._new_exchange(), False
        return [Batch(answered.at, [Notice(sentence) for sentence in answered.notices()])]


def _bites(message: Message) -> Sequence[Message]:
    """Cut a large block: what is made of one bite is gone before the next.

    All chunks of a large block at once are thousands of objects. Python then takes them for ones that last,
    and looks through everything in the kernel for garbage again and again.
    """
    if not isinstance(message, Block) or len(message.data) <= BITE:
        return (message,)
    at, data = message.at, message.data
    return [Block(at, data[start : start + BITE]) for start in range(0, len(data), BITE)]
