"""What a person is told while nothing comes, and how long a wait can be."""

from __future__ import annotations

import time

import pytest

from streamnb.api import stream_events
from streamnb.core.events import Finished, Notice
from tests.upstream import Answer, Request, Upstream, answer_request, error_answer
from tests.upstream.answers import ModelAnswer
from tests.upstream.faults import SCENARIOS

from .outcome import run


def collect_notices(server: Upstream, **keywords: object) -> list[tuple[float, Notice | Finished]]:
    """The notices and the end of one stream, each with the seconds since it began."""
    began = time.monotonic()
    events = stream_events("why?", model="openai:m", base_url=server.openai_url, **keywords)  # type: ignore[arg-type]
    return [(time.monotonic() - began, event) for event in events if isinstance(event, Notice | Finished)]


def test_a_wait_for_a_retry_is_announced_with_its_seconds_and_outside_the_timeout() -> None:
    answers = iter([error_answer("chat", 429, "slow down", {"Retry-After": "1"})])
    with Upstream(lambda request: next(answers, None) or answer_request(request, ModelAnswer())) as server:
        (first, notice), (last, end) = collect_notices(server, timeout=0.5)
    assert isinstance(notice, Notice)
    assert notice.seconds == 1
    assert "slow down" in notice.text
    assert isinstance(end, Finished)
    assert end.state == "complete"
    assert last - first >= 0.95


def test_retry_after_130_is_not_waited_for_and_named() -> None:
    outcome = run(SCENARIOS["retry-after-130"], "chat", sync=False, retries=2)
    assert "130 s" in (outcome.finished.error or "")
    assert outcome.seconds < 1


@pytest.mark.parametrize("retries", [0, 1, 3])
def test_there_are_never_more_requests_than_were_allowed(retries: int) -> None:
    with Upstream([error_answer("chat", 503, "later", {"Retry-After": "0"})]) as server:
        collect_notices(server, retries=retries)
        assert len(server.requests) == retries + 1


def test_a_refused_parameter_counts_as_a_retry() -> None:
    def answer(request: Request) -> Answer:
        if "stream_options" in request.json:
            return error_answer("chat", 400, "unknown field: stream_options")
        return error_answer("chat", 503, "later", {"Retry-After": "0"})

    with Upstream(answer) as server:
        collect_notices(server, retries=2)
        assert len(server.requests) == 3
        assert ["stream_options" in request.json for request in server.requests] == [True, False, False]


def test_nothing_is_asked_again_once_something_has_come() -> None:
    with Upstream([Answer((*_begun(), 0.0), end="reset")]) as server:
        ((_, end),) = collect_notices(server)
        assert len(server.requests) == 1
    assert isinstance(end, Finished)
    assert end.state == "lost"


def _begun() -> list[bytes]:
    from tests.upstream.faults.scenario import first_events
    from tests.upstream.wire_formats import Chat

    return first_events(Chat(), 1)


@pytest.mark.slow
@pytest.mark.parametrize("first", [True, False], ids=["before", "between"])
def test_a_silence_is_noticed_after_five_seconds_and_ends_in_time(first: bool) -> None:
    body = [] if first else _begun()
    with Upstream([Answer(body, end="hang")]) as server:
        (noticed, notice), (ended, end) = collect_notices(server, timeout=6)
    assert isinstance(notice, Notice)
    assert noticed == pytest.approx(5, abs=0.5)
    assert ended == pytest.approx(6, abs=0.5)
    assert isinstance(end, Finished)
    assert end.state == "timed-out"
