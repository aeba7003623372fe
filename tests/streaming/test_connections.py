"""Where nobody stopped it, the connection is back in the pool with nothing left to read."""

from __future__ import annotations

import asyncio
import threading

import pytest

from streamnb.api import stream, stream_events
from streamnb.core.errors import StreamError
from streamnb.core.events import Finished, TextDelta
from tests.upstream import TEXT, Answer, Dialect, ModelAnswer, Request, Upstream, answer_request, error_answer
from tests.upstream.stream_helpers import EACH_DIALECT, SYNC_AND_ASYNC, stream_keywords, warm_up_sdks


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Import the SDKs, so that no figure below has that in it."""
    warm_up_sdks()


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_finished_stream_leaves_its_connection_ready_for_the_next(dialect: Dialect, sync: bool) -> None:
    with Upstream() as server:
        for _ in range(3):
            assert stream("why?", **stream_keywords(server, dialect, sync), display=False) == TEXT
        assert (server.connections, server.left) == (1, 0)


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_refusal_leaves_its_connection_ready_for_the_next(dialect: Dialect, sync: bool) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Answer:
        seen.append(request)
        return error_answer(dialect, 404, "no") if len(seen) == 1 else answer_request(request, ModelAnswer())

    with Upstream(answer) as server:
        with pytest.raises(StreamError):
            stream("why?", **stream_keywords(server, dialect, sync), display=False)
        assert stream("why?", **stream_keywords(server, dialect, sync), display=False) == TEXT
        assert server.connections == 1


@EACH_DIALECT
@SYNC_AND_ASYNC
@pytest.mark.parametrize("is_announced", [True, False])
def test_a_connection_that_the_server_closed_in_between_does_no_harm(
    dialect: Dialect, sync: bool, is_announced: bool
) -> None:
    def answer(request: Request) -> Answer:
        body = tuple(answer_request(request, ModelAnswer()).body)
        return Answer(body, framing="close") if is_announced else Answer(body, framing="length", end="fin")

    with Upstream(answer) as server:
        for _ in range(2):
            assert stream("why?", **stream_keywords(server, dialect, sync), display=False) == TEXT
        assert server.connections == 2


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_after_a_stop_the_next_stream_is_whole(dialect: Dialect, sync: bool) -> None:
    with Upstream(delay=0.005) as server:
        for event in stream_events("why?", **stream_keywords(server, dialect, sync)):
            if isinstance(event, TextDelta):
                break
        assert stream("why?", **stream_keywords(server, dialect, sync), display=False) == TEXT


@SYNC_AND_ASYNC
def test_eight_streams_at_once_are_all_whole(sync: bool) -> None:
    texts: list[str] = []

    def one(server: Upstream) -> None:
        texts.append(stream("why?", **stream_keywords(server, "chat", sync), display=False))

    with Upstream(delay=0.005) as server:
        threads = [threading.Thread(target=one, args=(server,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert texts == [TEXT] * 8


@SYNC_AND_ASYNC
def test_stream_works_inside_a_running_loop(sync: bool) -> None:
    async def main(server: Upstream) -> str:
        return stream("why?", **stream_keywords(server, "chat", sync), display=False)

    with Upstream() as server:
        assert asyncio.run(main(server)) == TEXT


@SYNC_AND_ASYNC
def test_events_end_in_exactly_one_finished(sync: bool) -> None:
    with Upstream() as server:
        events = list(stream_events("why?", **stream_keywords(server, "chat", sync)))
    assert [isinstance(event, Finished) for event in events].count(True) == 1
    assert isinstance(events[-1], Finished)
