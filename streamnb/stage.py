"""The waiting side of one stream, without the waiting: what is done with all that has come.

A loop (``conduct``) sleeps as long as ``sleep`` says, then calls ``step``; in the end, whatever
happened, it calls ``finish``.  In a step: traffic goes to the recorder and the exchange, events
to the draft first and to the pacer second, a request goes out if one is due, and a frame is
painted if one is due.
"""

from __future__ import annotations

import time

from .display.base import View
from .display.pacing import Pacer
from .events import Event, Notice
from .exchange import Batch, Exchange
from .inbox import Inbox
from .interrupts import held
from .plan import Plan
from .reply import Draft, Reply
from .traffic import Sent, Source

__all__ = ["FRAMES_PER_SECOND", "Stage"]

FRAMES_PER_SECOND = 25.0
SECONDS_TO_CLOSE = 0.08  # how long a stopped source may take until we go on without it


class Stage:
    """One stream under way; ``view`` is ``None`` where events are all that is wanted."""

    def __init__(self, plan: Plan, view: View | None, frames_per_second: float = FRAMES_PER_SECOND) -> None:
        self.inbox = Inbox()
        self._plan = plan
        self._view = view
        self._exchange = Exchange(plan.request, plan.adapter, plan.limits, plan.added)
        self._draft = Draft(plan.spec, origin=plan.origin, chat=plan.options.chat)
        self._pacer = Pacer(frames_per_second, time.perf_counter())
        self._recorder = plan.recorder(self._notify)
        self._source: Source | None = None
        self._reply: Reply | None = None

    @property
    def done(self) -> bool:
        """Whether the last event has come."""
        return self._exchange.done

    @property
    def text(self) -> str:
        """All text so far."""
        return self._draft.text

    def open(self) -> None:
        """Let the view appear."""
        if self._view is not None:
            self._view.open(self.inbox.stop)

    def sleep(self) -> tuple[float, float]:
        """Return how long to rest whatever comes, and how long to wait then if nothing has."""
        now = time.perf_counter()
        rest = 0.0 if self._view is None else self._pacer.rest(now)
        return rest, max(0.0, self._exchange.patience(now) - rest)

    def step(self) -> list[Event]:
        """Take what has come, send what is due, paint what is due; return the new events."""
        if self.inbox.stopped:
            return self.stop()
        events = self._take()
        now = time.perf_counter()
        events += self._keep(self._exchange.tick(now))
        request = self._exchange.request(now)
        if request is not None:
            self._source = self._plan.open(request, self.inbox.put)
        if self._view is not None and self._pacer.due(now):
            began = time.perf_counter()
            self._view.show(self._pacer.take())
            self._pacer.painted(began, time.perf_counter())
        return events

    def stop(self) -> list[Event]:
        """End now: what has arrived is kept, what has not is given up."""
        return self._take() + self._keep(self._exchange.stop(time.perf_counter()))

    def finish(self) -> Reply:
        """Close the source and the view; return the reply. Safe to call again."""
        if self._reply is None:
            self.stop()
            if self._source is not None:
                self._source.stop()
                self._source.join(SECONDS_TO_CLOSE)
            if self._recorder is not None:
                self._recorder.close()
            self._reply = self._draft.reply(self._exchange.ended_at)
            self._leave(self._reply)
        return self._reply

    def _leave(self, reply: Reply) -> None:
        if self._view is not None:
            if rest := self._pacer.take():
                self._view.show(rest)
            self._view.close(reply)

    def _notify(self, sentence: str) -> None:
        """Tell the person, in the view, of something that does not stop the stream."""
        self._pacer.feed([Notice(sentence)], time.perf_counter())

    def _take(self) -> list[Event]:
        with held():  # what was taken has to be kept before anything else happens
            return self._keep(self._read())

    def _read(self) -> list[Batch]:
        batches: list[Batch] = []
        for message in self.inbox.drain():
            if self._recorder is not None:
                self._recorder.feed(message)
            if isinstance(message, Sent):
                self._draft.clock.sent(message.at)
            batches += self._exchange.feed(message)
        return batches

    def _keep(self, batches: list[Batch]) -> list[Event]:
        events: list[Event] = []
        for batch in batches:
            self._draft.feed(batch.events, batch.at)
            events += batch.events
        if self._view is not None:
            self._pacer.feed(events, time.perf_counter())
        return events
