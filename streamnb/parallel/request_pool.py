"""The engine of ``map`` and ``grid``: many requests, a few at a time for each provider.

Each request (``table_requests``) is driven by a ``StreamDriver`` without a view, and what happens
to one does not touch the others.  A provider's ``Retry-After`` holds for all its requests: none goes out to
it, new or again, before that time is over; the other providers go on.  ``run_requests`` blocks,
``arun_requests`` awaits.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from numbers import Number
from typing import Any

from ..core.errors import UsageError
from ..core.events import FAULT_STATES, Event, Notice, TextDelta
from ..core.replies import ANSWERED_STATES, Replies
from ..core.reply import Reply
from ..core.table_row import TableRow
from ..core.text import sanitize_line, with_article
from ..streaming.driver import StreamDriver
from ..streaming.session import current_session
from ..streaming.sigint import SigintGate
from ..views.progress import Progress, ProgressSnapshot
from .errors import ParallelInterrupted
from .table_requests import TableRequest, TableSettings

__all__ = ["arun_requests", "run_requests"]

POLL_INTERVAL_S = 0.01


@dataclass(slots=True)
class _ProviderQueue:
    """The requests to one provider.

    Attributes
    ----------
    waiting
        Those that are still to go out, the next first.
    under_way
        Those that were sent, each with its stream.
    not_before
        When the next may go out, in seconds on ``time.monotonic``: a provider may ask for a pause.
    """

    waiting: deque[TableRequest] = field(default_factory=deque)
    under_way: dict[TableRequest, StreamDriver] = field(default_factory=dict)
    not_before: float = 0.0


def run_requests(requests: list[TableRequest], settings: TableSettings, progress: Progress) -> Replies:
    """Ask all, block until all have ended.

    Parameters
    ----------
    requests
        All of the table, those that have a reply included.
    settings
        Concurrency and score.
    progress
        Shows how many have come.

    Returns
    -------
    Replies
        A reply for each request, in the order of the requests.

    Raises
    ------
    ParallelInterrupted
        It was stopped by hand; ``replies`` has one reply for each request.
    """
    pool = _RequestPool(requests, settings)
    with SigintGate() as gate:
        stopped = False
        try:
            while not pool.done:
                with gate.open():
                    pool.step()
                    progress.show(pool.progress_snapshot)
                    time.sleep(POLL_INTERVAL_S)
        except KeyboardInterrupt:
            stopped = True
        finally:
            replies = pool.finish()
            progress.close(replace(pool.progress_snapshot, replies=replies))
        if stopped or gate.has_deferred:
            raise ParallelInterrupted(pool.interrupt_message(), replies)
    return replies


async def arun_requests(requests: list[TableRequest], settings: TableSettings, progress: Progress) -> Replies:
    """Do the same on a running event loop; cancelled, the ``CancelledError`` has ``replies``.

    Parameters
    ----------
    requests, settings, progress
        As for ``run_requests``.

    Returns
    -------
    Replies
        A reply for each request, in the order of the requests.
    """
    pool = _RequestPool(requests, settings)
    try:
        while not pool.done:
            pool.step()
            progress.show(pool.progress_snapshot)
            await asyncio.sleep(POLL_INTERVAL_S)
    except asyncio.CancelledError as cancelled:
        cancelled.replies = pool.finish()  # type: ignore[attr-defined]
        raise
    finally:
        replies = pool.finish()
        progress.close(replace(pool.progress_snapshot, replies=replies))
    return replies


class _RequestPool:
    """The requests of one ``map`` or ``grid``, run a few at a time for each provider."""

    def __init__(self, requests: list[TableRequest], settings: TableSettings) -> None:
        self._requests = requests
        self._settings = settings
        self._rows = [request.live_row for request in requests]
        self._providers: dict[object, _ProviderQueue] = {}
        self._began = time.monotonic()
        self._answered = self._failed = 0
        self._cost = 0.0
        for request in requests:
            request.live_row.prompt, request.live_row.model = request.row.prompt, request.model
            if request.reply is not None:
                self._store_reply(request, request.reply)
            elif request.plan is not None:
                plan, model = request.plan, request.plan.model
                # One provider at one address shares a rate limit.
                key = plan.provider if model is None else (plan.provider, model.endpoint.base_url)
                self._providers.setdefault(key, _ProviderQueue()).waiting.append(request)

    @property
    def done(self) -> bool:
        return not any(provider.waiting or provider.under_way for provider in self._providers.values())

    @property
    def progress_snapshot(self) -> ProgressSnapshot:
        now = time.monotonic()
        waiting = max((provider.not_before - now for provider in self._providers.values()), default=0.0)
        return ProgressSnapshot(
            len(self._requests),
            self._answered,
            self._failed,
            max(0.0, waiting),
            now - self._began,
            cost=self._cost,
            rows=self._rows,
        )

    def step(self) -> None:
        """Step what is under way, start what may start."""
        for provider in self._providers.values():
            for request in tuple(provider.under_way):
                self._step_request(request, provider)
            while provider.waiting and len(provider.under_way) < self._settings.concurrency:
                if time.monotonic() < provider.not_before:
                    break
                request = provider.waiting.popleft()
                if self._start_request(request, provider):
                    self._step_request(request, provider)

    def _start_request(self, request: TableRequest, provider: _ProviderQueue) -> bool:
        """Begin a request, unless the budget has been reached meanwhile."""
        assert request.plan is not None
        try:
            if request.plan.model is not None:
                current_session().spending.check_budget()
        except UsageError as refused:
            self._store_reply(
                request, Reply(state="error", error=sanitize_line(str(refused)), model=request.model)
            )
            return False
        provider.under_way[request] = StreamDriver(request.plan, None)
        request.live_row.state = "asking"
        return True

    def _step_request(self, request: TableRequest, provider: _ProviderQueue) -> None:
        now, driver = time.monotonic(), provider.under_way[request]
        if request.paused and now < provider.not_before:
            return
        request.paused = False
        for event in driver.step():
            self._note_event(request, provider, event, now)
        if driver.done:
            del provider.under_way[request]
            self._store_reply(request, driver.finish())

    def _note_event(self, request: TableRequest, provider: _ProviderQueue, event: Event, now: float) -> None:
        if isinstance(event, Notice) and event.seconds:
            provider.not_before = max(provider.not_before, now + event.seconds)
            request.paused = True
        elif isinstance(event, TextDelta):
            request.live_row.feed(event.text)

    def _store_reply(self, request: TableRequest, reply: Reply) -> None:
        reply.set_fields(row=self._row_with_scores(reply, request.row))
        request.reply, request.plan = reply, None
        request.live_row.finish(reply.text, reply.state, reply.cost)
        self._answered += 1
        self._failed += reply.state in FAULT_STATES
        self._cost += reply.cost or 0.0

    def _row_with_scores(self, reply: Reply, row: TableRow) -> TableRow:
        """Return the row with the scores of a reply; a score that raises is this reply's error alone."""
        if self._settings.score is None or reply.state not in ANSWERED_STATES:
            return row
        reply.set_fields(row=row)
        try:
            return replace(row, scores=_score_columns(self._settings.score(reply)))
        except Exception as error:  # the person's own code, which may raise anything
            about = str(error) if isinstance(error, UsageError) else f"{type(error).__name__}: {error}"
            return replace(row, score_error=sanitize_line(f"score: {about}"))

    def finish(self) -> Replies:
        """End what is under way; return a reply for each request. Safe to call again."""
        with SigintGate():  # a second Ctrl-C must not cost what has come
            for provider in self._providers.values():
                for request, driver in provider.under_way.items():
                    request.reply = driver.finish()
                provider.under_way.clear()
            for request in self._requests:
                if request.reply is None:
                    request.reply = Reply(state="interrupted", error="not asked yet", model=request.model)
                if request.reply.row is None:
                    request.reply.set_fields(row=request.row)
            return Replies(request.reply for request in self._requests if request.reply is not None)

    def interrupt_message(self) -> str:
        """Return the line about a table that was stopped."""
        answered = sum(
            request.reply is not None and request.reply.state in ANSWERED_STATES for request in self._requests
        )
        return (
            f"stopped by hand with {answered:,} of {len(self._requests):,} answered; "
            "resume=error.replies asks the others"
        )


def _score_columns(result: Any) -> dict[str, Any]:
    """Return what a score function returned as columns."""
    columns = result if isinstance(result, Mapping) else {"score": result}
    for name, value in columns.items():
        value = value.item() if hasattr(value, "item") else value  # numpy's
        if value is not None and not isinstance(value, str | Number):
            raise UsageError(
                f"{name} is {with_article(type(value).__name__)}: a number, a bool, a text or a dict of them"
            )
    return {str(name): value.item() if hasattr(value, "item") else value for name, value in columns.items()}
