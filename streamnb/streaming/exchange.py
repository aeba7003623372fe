"""One request and its response, without I/O: retries, deadlines, limits, and the state at the end.

The loop asks ``due_request`` whether something is to be sent, ``seconds_until_deadline`` how long it
may sleep, and feeds every wire event and now and then the time; what it gets back is events, a
batch for each chunk.  Nothing in here opens, waits or reads a clock, so every fault is a list
of wire events in a test.

In this order: send, perhaps notice a refusal or a failure and send again (only while nothing of
the answer has come), read, notice silences, decide on exactly one ``Finished``.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from ..core.events import Event, Finished, Notice
from ..core.stream_redaction import EventRedactor
from ..core.surrogate_joiner import SurrogateJoiner
from ..core.surrogates import without_surrogates
from ..core.text import MAX_MESSAGE_CHARACTERS, sanitize_line
from ..core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, WireEvent
from ..providers.base import Adapter, Request
from ..providers.body import BodyReader
from ..providers.error_messages import fault_from_response, rejected_parameters, retry_after_s
from .limits import Deadlines, Limits, SizeLimit

__all__ = ["Exchange", "Limits", "TimedEvents"]

_CUT_OFF_MESSAGE = "the stream ended without a finish mark: the answer may not be whole"
_NO_ANSWER_MESSAGE = "no answer came: the stream held nothing of one; check the model's name and the base URL"
MAX_RETRY_AFTER_S = 120.0  # seconds; a server that asks for more is not waited for
MIN_RETRY_DELAY_S, MAX_RETRY_DELAY_S = 0.5, 8.0  # between tries, doubling


class TimedEvents(NamedTuple):
    """The events of one chunk, or of one decision of ours, and when they came."""

    at: float
    events: list[Event]


class Exchange:
    """A request with its retries, and the events of its response.

    Parameters
    ----------
    request
        What to ask.
    make_adapter
        Makes a fresh adapter for each try.
    limits
        Bounds of time and size.
    optional_params
        Parameters of ours that a server may refuse.
    secrets
        Texts that no event may have in it, whatever the server says.
    """

    def __init__(
        self,
        request: Request,
        make_adapter: Callable[[], Adapter],
        limits: Limits,
        optional_params: frozenset[str] = frozenset(),
        secrets: tuple[str, ...] = (),
    ) -> None:
        self.done = False
        self.ended_at = 0.0  # when the last thing came that belonged to the answer
        self._request = request
        self._make_adapter = make_adapter
        self._limits = limits
        self._optional_params = optional_params
        self._secrets = secrets
        self._tries = 0
        self._send_at: float | None = float("-inf")
        self._begin_try()

    def _begin_try(self) -> None:
        self._adapter = self._make_adapter()
        self._surrogates, self._redactor = SurrogateJoiner(), EventRedactor(self._secrets)
        self._misread = False  # a chunk had a shape that the adapter does not know
        self._idle_bytes = self._idle_events = 0  # since content came
        self._body: BodyReader | None = None
        self._status = 0
        self._deadlines = Deadlines(self._limits)
        self._size_limit = SizeLimit(self._limits.max_text_characters)

    # -- what the loop asks -------------------------------------------------------------

    def due_request(self, now: float) -> Request | None:
        """Return the request that is to go out now, if one is; asked again, ``None``."""
        if self.done or self._send_at is None or now < self._send_at:
            return None
        self._send_at = None
        self._tries += 1
        self._begin_try()
        return self._request

    def seconds_until_deadline(self, now: float) -> float:
        """Return the seconds until ``check_deadlines`` has something to decide."""
        if self._send_at is not None:
            return max(0.0, self._send_at - now)
        at = self._deadlines.next_deadline(self._is_body_done)
        return self._limits.between_content_s if at is None else max(0.0, at - now)

    @property
    def _is_body_done(self) -> bool:
        return self._body is not None and self._body.is_done

    # -- what the loop feeds ------------------------------------------------------------

    def feed(self, wire_event: WireEvent) -> list[TimedEvents]:
        """Take one wire event; after the end, and of an abandoned try, it is ignored."""
        if self.done or self._send_at is not None:
            return []
        match wire_event:
            case RequestSent(at):
                self.ended_at = at
                self._deadlines.note_sent(at)
                return []
            case ResponseHead(at, status, headers):
                self._status, self._body = status, BodyReader(status, headers, self._limits.max_line_bytes)
                return []
            case Data(at, data):
                return self._feed_data(at, data)
            case EndOfBody(at, fault):
                return self._end_try(at, fault)

    def check_deadlines(self, now: float) -> list[TimedEvents]:
        """Return the events of time alone: a silence, a time-out, the end after a finish mark."""
        if self.done or self._send_at is not None:
            return []
        deadlines = self._deadlines
        if deadlines.finished_at is not None:
            is_over = deadlines.is_grace_over(now, self._is_body_done)
            return self._conclude(self.ended_at, None) if is_over else []
        if late := deadlines.timeout_fault(now):
            self.ended_at = now
            return self._conclude(now, late)
        silence = deadlines.silence_message(now)
        return [TimedEvents(now, [Notice(silence)])] if silence else []

    def stop(self, now: float) -> list[TimedEvents]:
        """End because the person wants it; a finish mark that has come still counts."""
        if self.done:
            return []
        self.ended_at = now
        return self._conclude(now, Fault("interrupted", "stopped by hand"))

    # -- reading ------------------------------------------------------------------------

    def _feed_data(self, at: float, data: bytes) -> list[TimedEvents]:
        if self._body is None:  # a body without a head does not occur; traffic from a file may hold it
            self._body = BodyReader(200, {}, self._limits.max_line_bytes)
        self._idle_bytes += len(data)
        batches = [self._chunk_to_events(at, chunk) for chunk in self._body.feed(data)]
        if self._idle_bytes > self._limits.max_idle_bytes or self._idle_events > self._limits.max_idle_events:
            return batches + self._conclude(at, self._idle_fault())
        if self._body.is_too_long:
            bound = f"a line of the answer is longer than {self._limits.max_line_bytes:,} bytes (max_line)"
            return batches + self._conclude(at, Fault("capped", bound))
        if self._size_limit.exceeded:
            return batches + self._conclude(at, None)
        if self._body.is_done:
            self._deadlines.note_finish(at)  # without a finish mark, too: nothing more will come
        return batches

    def _chunk_to_events(self, at: float, chunk: dict[str, object]) -> TimedEvents:
        try:
            events = self._adapter.feed(chunk)
        except Exception:  # no shape of a chunk may cost what came before it
            self._misread, events = True, []
        events = self._redactor.feed(self._surrogates.feed(events))
        events, size = self._size_limit.feed(events)
        self._idle_events += 1
        is_first = size > 0 and not self._deadlines.has_content
        if size:
            self._idle_bytes = self._idle_events = 0
            self._deadlines.note_content(at)
            self.ended_at = at
        if self._adapter.finished and self._deadlines.finished_at is None:
            self._deadlines.note_finish(at, with_first_content=is_first)
            self.ended_at = at
        return TimedEvents(at, events)

    def _idle_fault(self) -> Fault:
        """Return the fault of a body that goes on without content; of an error, what its body says."""
        if self._body is not None and self._body.is_error_body:
            error_body = self._redactor.redact_body(self._body.error_body)
            return replace(fault_from_response(self._status, error_body, self._request), retry=False)
        amount = f"{self._limits.max_idle_bytes // 1_000_000} MB"
        if self._idle_bytes <= self._limits.max_idle_bytes:
            amount = f"{self._limits.max_idle_events:,} events"
        message = f"the server sent {amount} without anything of an answer in it; look at the base URL"
        return Fault("capped", message)

    def _end_try(self, at: float, fault: Fault | None) -> list[TimedEvents]:
        batches: list[TimedEvents] = []
        if self._body is not None:
            batches = [self._chunk_to_events(at, chunk) for chunk in self._body.close()]
        if self._deadlines.finished_at is None:
            self.ended_at = at
        if self._deadlines.has_content or self._adapter.finished:
            return batches + self._conclude(at, fault)
        return batches + self._end_without_content(at, fault)

    # -- before any content: refused, failed, try again ---------------------------------

    def _end_without_content(self, at: float, fault: Fault | None) -> list[TimedEvents]:
        head = self._body
        if head is None or not head.is_error_body:
            if fault is not None and fault.retry:
                return self._schedule_retry(at, fault, self._retry_delay_s())
            return self._conclude(at, fault)
        error_body = self._redactor.redact_body(head.error_body)
        fault = fault_from_response(self._status, error_body, self._request)
        parameters = rejected_parameters(
            self._status, error_body, self._optional_params - self._request.dropped_params
        )
        if parameters and self._tries <= self._limits.retries:
            self._request = replace(self._request, dropped_params=self._request.dropped_params | parameters)
            self._send_at = at
            notice = f"asked again without {', '.join(sorted(parameters))}, refused here"
            return [TimedEvents(at, [Notice(notice)])]
        if not fault.retry:
            return self._conclude(at, fault)
        wait_s = retry_after_s(head.headers)
        if wait_s is not None and wait_s > MAX_RETRY_AFTER_S:
            later = f"{fault.message}; the server asks to wait {wait_s:.0f} s"
            return self._conclude(at, replace(fault, message=sanitize_line(later)))
        return self._schedule_retry(at, fault, self._retry_delay_s() if wait_s is None else wait_s)

    def _schedule_retry(self, at: float, fault: Fault, pause: float) -> list[TimedEvents]:
        if self._tries > self._limits.retries:
            return self._conclude(at, fault)
        self._send_at = at + pause
        count = f"retry {self._tries} of {self._limits.retries}"
        again = f"{sanitize_line(self._redactor.redact_line(fault.message), 120)}; trying again ({count})"
        return [TimedEvents(at, [Notice(again, seconds=pause)])]

    def _retry_delay_s(self) -> float:
        pause = MIN_RETRY_DELAY_S * 2.0 ** (self._tries - 1)
        return float(min(MAX_RETRY_DELAY_S, pause)) * random.uniform(0.75, 1.25)  # not all at the same moment

    # -- the end ------------------------------------------------------------------------

    def _conclude(self, at: float, fault: Fault | None) -> list[TimedEvents]:
        self.done = True
        *events, last = self._adapter.close()
        assert isinstance(last, Finished)  # the adapters' contract
        events = [*self._surrogates.feed(events), *self._surrogates.close()]
        events, _ = self._size_limit.feed([*self._redactor.feed(events), *self._redactor.close()])
        return [TimedEvents(at, [*events, self._sanitized_finished(self._final_event(last, fault))])]

    def _sanitized_finished(self, last: Finished) -> Finished:
        """Return the end with its reason and error fit to be shown: without keys and lone surrogates."""
        reason = None if last.reason is None else self._redactor.redact_line(without_surrogates(last.reason))
        error = None if last.error is None else sanitize_line(self._redactor.redact_line(last.error))
        return replace(last, reason=reason, error=error)

    def _final_event(self, last: Finished, fault: Fault | None) -> Finished:
        """Return the end: the provider's finish mark wins over a fault below it, our size limit over both."""
        if self._size_limit.exceeded:
            return replace(last, state="capped", error=self._size_limit.message)
        if last.state != "unfinished":
            lost = self._unreadable_message()
            if last.state == "complete" and lost:
                return replace(last, state="error", error=lost)
            return last
        if fault is not None:
            return replace(last, state=fault.state, error=_fault_message(fault))
        if lost := self._unreadable_message():
            return replace(last, state="error", error=lost)
        if last.error:
            return last
        sentence = (
            sanitize_line(self._redactor.redact_line(self._body.plain_message), 80)
            if self._body is not None
            else ""
        )
        if self._deadlines.has_content:
            error = f"{_CUT_OFF_MESSAGE}; it said: {sentence}" if sentence else _CUT_OFF_MESSAGE
        else:
            error = f"no answer came; the server said: {sentence}" if sentence else _NO_ANSWER_MESSAGE
        return replace(last, error=error)

    def _unreadable_message(self) -> str | None:
        """Return a sentence about what could not be read, ``None`` if all could."""
        if self._misread:
            return "a part of the answer has an unknown form and is left out; the text around it is kept"
        return self._body.unreadable_message if self._body is not None else None


def _fault_message(fault: Fault) -> str:
    """Return what a person is told of a fault that was the end."""
    later = "; try again later" if fault.retry else ""
    return sanitize_line(fault.message, MAX_MESSAGE_CHARACTERS - len(later)) + later
