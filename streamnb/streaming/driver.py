"""The driver of one stream: each step processes what has arrived and does what is due; it never waits.

A loop (``runner``) sleeps as long as ``sleep_bounds_s`` says, then calls ``step``; in the end, whatever
happened, it calls ``finish``.  In a step: traffic goes to the recorders and the exchange, events
to the reply first and to the painter second, a request goes out if one is due, and a frame is
painted if one is due.  Where the model asked for tools, another exchange follows the first, and
only the last one's ``Finished`` is passed on.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.content import Text, Turn
from ..core.events import Event, Finished, Notice
from ..core.reply import Reply
from ..core.reply_builder import ReplyBuilder
from ..core.wire_events import Data, EndOfBody, RequestSent, Source, WireEvent
from ..views.base import View
from ..views.pacing import FRAMES_PER_SECOND
from .bookkeeping import finalize_reply, is_over_budget, open_recorders, pending_uploads_message
from .exchange import Exchange, TimedEvents
from .inbox import Inbox
from .painter import Painter
from .plan import Plan
from .session import Session, current_session
from .sigint import defer_sigint
from .tool_loop import ToolLoop
from .tool_results import ToolResults

if TYPE_CHECKING:
    from .replay import Replay
    from .tool_runner import ToolRunner

__all__ = ["StreamDriver"]

CLOSE_TIMEOUT_S = 0.08  # how long a stopped source may take until we go on without it
MAX_DATA_BYTES = 4096  # bytes of a block that are read at once
MAX_STEP_S = 0.03  # seconds of reading until the loop, its clock and its Stop have their turn again
MAX_LAST_STEP_S = 0.2  # and for what had come when the stream was stopped


class StreamDriver:
    """One stream under way.

    Parameters
    ----------
    plan
        What is streamed.
    view
        Where it is shown; ``None`` where events are all that is wanted.
    frames_per_second
        How often the view is painted at most.
    session
        Gets the costs, the conversation and what is kept; ``None`` for this process's.
    """

    def __init__(
        self,
        plan: Plan,
        view: View | None,
        frames_per_second: float = FRAMES_PER_SECOND,
        session: Session | None = None,
    ) -> None:
        self.inbox = Inbox(joins=plan.origin is None)
        self.done = False
        self._plan = plan
        self._session = session or current_session()
        self._painter = None if view is None else Painter(view, frames_per_second)
        self._builder = ReplyBuilder(plan.model_spec, origin=plan.origin, chat=plan.options.chat)
        self._recorders = open_recorders(plan, self._session, self._show_notice)
        self._tools = ToolLoop(
            plan.request,
            _tool_runner(plan, view),
            self._builder,
            lambda usage: is_over_budget(plan, self._session, usage),
        )
        self._exchange = self._new_exchange()
        self._source: Source | None = None
        self._source_over = False  # it has said its last word
        self._read_until = 0.0  # when the last wire event that was read had come
        self._idle_s = 0.0  # spent on reading since anything came of it
        self._reply: Reply | None = None

    def send_request(self) -> list[Event]:
        """Send the request that is due, if one is; return the new events if no view gets them."""
        now, events = time.perf_counter(), list[Event]()
        request = self._exchange.due_request(now)
        if request is not None:
            if uploads := pending_uploads_message(self._plan, self._session, request):
                events = self._deliver_events([TimedEvents(now, [Notice(uploads)])])
            self._source = self._plan.start_request(request, self.inbox.put)
        return events

    def open(self) -> None:
        """Let the view appear, with what there is to say by now."""
        if self._painter is not None:
            self._painter.open(self.inbox.stop)
            self._painter.paint(time.perf_counter())

    def sleep_bounds_s(self) -> tuple[float, float]:
        """Return how long to rest whatever comes, and how long to wait then if nothing has."""
        now = time.perf_counter()
        min_sleep = 0.0 if self._painter is None else self._painter.min_sleep(now)
        max_sleep = float("inf") if self._tools.is_running else self._exchange.seconds_until_deadline(now)
        return min_sleep, max(0.0, max_sleep - min_sleep)

    def step(self) -> list[Event]:
        """Take what has come, send and paint what is due; return the new events if no view gets them."""
        if self.inbox.is_stopped:
            return self.stop()
        events = self._read_inbox()
        now = time.perf_counter()
        # As long as something is unread, how late it is, is not known beyond what was read last,
        # unless reading has taken long and nothing came of it.
        late = now if self.inbox.is_empty else min(now, self._read_until + self._idle_s)
        events += self._deliver_events(self._exchange.check_deadlines(late))
        events += self.send_request()
        if self._painter is not None:
            # While tools are called a question may be waiting in the view: it is given every chance.
            self._painter.paint(now, always=self._tools.is_running)
        return events

    def stop(self) -> list[Event]:
        """End now: what has arrived is kept, what has not is given up."""
        self._tools.stop()
        now = time.perf_counter()
        events = self._read_inbox(MAX_LAST_STEP_S, until=now) + self._deliver_events(self._exchange.stop(now))
        if not self.done:  # between two requests: the exchange is over, the stream is not
            events += self._deliver_events(
                [TimedEvents(now, [Finished("interrupted", None, "stopped by hand")])]
            )
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
        last_turn = Turn("assistant", (Text(self._builder.round_text),))
        reply = self._builder.build_reply(self._exchange.ended_at)
        finalize_reply(self._plan, self._session, reply, [*self._tools.turns, last_turn])
        if self._recorders is not None:
            self._recorders.close(reply)
        if self._painter is not None:
            self._painter.close(reply)
        return reply

    def _show_notice(self, sentence: str) -> None:
        """Tell the person, in the view, of something that does not stop the stream."""
        if self._painter is not None:
            self._painter.feed([Notice(sentence)])

    def _new_exchange(self) -> Exchange:
        plan = self._plan
        return Exchange(
            self._tools.request, plan.make_adapter, plan.limits, plan.optional_params, plan.secrets
        )

    # -- what has come ----------------------------------------------------------------------

    def _read_inbox(self, max_seconds: float = MAX_STEP_S, until: float = float("inf")) -> list[Event]:
        """Read wire events of the inbox that came until ``until``, for ``max_seconds`` at most."""
        events: list[Event] = []
        began = time.perf_counter()
        with defer_sigint():  # what was taken has to be kept before anything else happens
            for wire_event in self.inbox.drain():
                if wire_event.at > until:  # it is not waited for: a stopped stream has ended
                    break
                events += self._process_input(wire_event)
                if time.perf_counter() - began > max_seconds:
                    break
        self._idle_s += time.perf_counter() - began
        return events

    def _process_input(self, wire_event: WireEvent | ToolResults) -> list[Event]:
        self._read_until = wire_event.at
        if isinstance(wire_event, ToolResults):
            return self._deliver_events(self._send_tool_results(wire_event))
        self._source_over = isinstance(wire_event, EndOfBody)
        if self._recorders is not None:
            self._recorders.feed(wire_event)
        if isinstance(wire_event, RequestSent):
            self._builder.timing_builder.mark_sent(wire_event.at)
        return [
            event
            for piece in _split_large_data(wire_event)
            for event in self._deliver_events(self._exchange.feed(piece))
        ]

    def _deliver_events(self, batches: list[TimedEvents]) -> list[Event]:
        """Feed events to the reply and to the view; return them where there is no view."""
        events: list[Event] = []
        for batch in batches:
            if batch.events:
                self._idle_s = 0.0
            events_of_chunk = self._builder.with_round_break(batch.events)
            self._builder.feed(events_of_chunk, batch.at)
            events += self._builder.with_global_indices(events_of_chunk)
        if events and isinstance(events[-1], Finished):
            events = self._end_round(events)
        if self._painter is None:
            return events
        self._painter.feed(events)
        return []

    def _end_round(self, events: list[Event]) -> list[Event]:
        """End a round: start the tool calls that the model asked for, or pass the end on."""
        if not self._tools.has_calls():
            self.done = True
            return events
        refusal = self._tools.refusal_message()
        if refusal is None:
            self._tools.start_calls(self.inbox.put)
            return events[:-1]
        self.done = True
        # Not a notice, which is gone with the live view: that calls were left unanswered is to be seen later.
        self._builder.finished = replace(self._builder.finished or Finished("complete"), error=refusal)
        return [*events[:-1], self._builder.finished]

    def _send_tool_results(self, results: ToolResults) -> list[TimedEvents]:
        """Begin the next round, whose request has the results of the tools."""
        if self.done:
            return []
        tool_events = self._tools.prepare_next_round(results)
        if self._painter is not None:
            self._painter.feed(tool_events)
        self._exchange = self._new_exchange()
        return [TimedEvents(results.at, [Notice(sentence) for sentence in results.notice_lines()])]


def _tool_runner(plan: Plan, view: View | None) -> ToolRunner | Replay | None:
    """Return who answers the model's calls, ``None`` where nobody does."""
    if plan.extras.toolbox:
        from .tool_runner import ToolRunner, approval_check  # here: most streams have no tools

        return ToolRunner(plan.extras.toolbox, approval_check(plan.options.approve, view), plan.secrets)
    return plan.replay if plan.provider != "demo" else None  # a demo's calls are there to be looked at


def _split_large_data(wire_event: WireEvent) -> Sequence[WireEvent]:
    """Cut a large block into pieces, so that the objects made of one are gone before the next.

    All chunks of a large block at once are thousands of objects. Python then takes them for ones that last,
    and looks through everything in the kernel for garbage again and again.
    """
    if not isinstance(wire_event, Data) or len(wire_event.data) <= MAX_DATA_BYTES:
        return (wire_event,)
    at, data = wire_event.at, wire_event.data
    return [Data(at, data[start : start + MAX_DATA_BYTES]) for start in range(0, len(data), MAX_DATA_BYTES)]
