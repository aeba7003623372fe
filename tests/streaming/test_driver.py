"""The driver's stream belongs to the session that it was given, and to no other; it is sent, then shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from streamnb.core.errors import UsageError
from streamnb.core.events import Event
from streamnb.core.wire_events import Sink, Source
from streamnb.providers.base import Request
from streamnb.request.options import Options
from streamnb.streaming.driver import StreamDriver
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import arun_plan
from streamnb.streaming.session import Session, current_session
from streamnb.views.base import NoView


def test_a_conversation_goes_on_in_the_session_that_was_given() -> None:
    session, options = Session(), Options(models=("demo:haiku",), speed=0, chat="apart")
    for turns in (2, 4):
        driver = StreamDriver(make_plan("hi", options, session=session), None, session=session)
        while not driver.done:
            driver.inbox.wait(*driver.sleep_bounds_s())
            driver.step()
        assert driver.finish().state == "complete"
        (chat,) = session.chats.values()
        assert sum(len(entry.turns) for entry in chat.entries) == turns
    assert "apart" not in current_session().chats


def test_the_budget_that_counts_is_that_of_the_session_that_was_given() -> None:
    session, options = Session(), Options(models=("openai:m",), api_key="k" * 20)
    session.spending.budget = 0.0
    with pytest.raises(UsageError, match="budget"):
        make_plan("hi", options, session=session)
    assert make_plan("hi", options).model is not None


class EventsInOrder(NoView):
    """A view that notes when it was opened, and the text that was shown before."""

    def __init__(self, happened: list[str]) -> None:
        self._happened = happened

    def open(self, stop: Callable[[], None]) -> None:
        self._happened.append("opened")

    def show(self, events: Sequence[Event]) -> None:
        self._happened.append("shown")


def test_an_awaited_request_goes_out_before_its_view_is_made() -> None:
    happened: list[str] = []
    plan = make_plan("hi", Options(models=("demo:haiku",), speed=0))

    def start_request(request: Request, put: Sink) -> Source:
        happened.append("sent")
        return plan.start_request(request, put)

    watched, view = replace(plan, start_request=start_request), EventsInOrder(happened)
    reply = asyncio.run(arun_plan(watched, view))
    assert reply.state == "complete"
    assert happened[:3] == ["sent", "opened", "shown"]


def test_a_stream_that_is_cancelled_before_its_view_is_there_is_shown() -> None:
    happened: list[str] = []

    async def cancel_at_once() -> None:
        plan = make_plan("hi", Options(models=("demo:haiku",)))
        task = asyncio.ensure_future(arun_plan(plan, EventsInOrder(happened)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel_at_once())
    assert happened[0] == "opened"
