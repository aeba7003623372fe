"""The driver's stream belongs to the session that it was given, and to no other."""

from __future__ import annotations

import pytest

from streamnb.core.errors import UsageError
from streamnb.request.options import Options
from streamnb.streaming.driver import StreamDriver
from streamnb.streaming.planner import make_plan
from streamnb.streaming.session import Session, current_session


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
