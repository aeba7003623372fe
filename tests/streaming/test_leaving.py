"""Left by a break, an exception or a cancelled task: the server is rid of us all the same."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from streamnb.api import astream, astream_events, stream, stream_events
from streamnb.core.errors import StreamError
from streamnb.core.events import Event, TextDelta
from streamnb.request.options import Options
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import run_plan
from streamnb.views.base import NoView
from tests.support import missing
from tests.upstream import TEXT, Answer, Dialect, ModelAnswer, Request, Upstream, answer_request, error_answer
from tests.upstream.http_io import make_self_signed_certificate
from tests.upstream.stream_helpers import (
    BUSY_MACHINE_FACTOR,
    EACH_DIALECT,
    HANG_UP_LIMIT_S,
    SYNC_AND_ASYNC,
    has_sent_pieces,
    stream_keywords,
    warm_up_sdks,
)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Import the SDKs, so that no figure below has that in it."""
    warm_up_sdks()


@contextmanager
def client_leaves_soon(server: Upstream) -> Iterator[None]:
    """Assert that the server is in mid-answer before, and rid of us soon after."""
    assert server.wait_until(lambda seen: seen.busy, 1)
    yield
    assert server.wait_until(lambda seen: not seen.busy, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S), (
        "the server goes on"
    )


@contextmanager
def rid_of_us_after(server: Upstream) -> Iterator[None]:
    """Assert that the server is rid of us soon after the block, in mid-answer."""
    yield
    assert server.wait_until_client_left(BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S), "the server goes on"
    assert len(server.sent) < 25


# -- the loop over events ----------------------------------------------------------------------
@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_break_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    with Upstream(delay=0.02) as server, rid_of_us_after(server):
        for event in stream_events("why?", **stream_keywords(server, dialect, sync)):
            if isinstance(event, TextDelta):
                break


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_closing_the_events_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    with Upstream(delay=0.02) as server:
        events = stream_events("why?", **stream_keywords(server, dialect, sync))
        with closing(events):  # type: ignore[type-var]
            next(events)
            with client_leaves_soon(server):
                events.close()  # type: ignore[attr-defined]


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_an_exception_in_the_loop_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    def fail() -> None:
        for event in stream_events("why?", **stream_keywords(server, dialect, sync)):
            if isinstance(event, TextDelta):
                raise LookupError("a bug of the notebook")

    with Upstream(delay=0.02) as server, rid_of_us_after(server), pytest.raises(LookupError):
        fail()


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_break_closes_a_connection_that_speaks_tls(
    dialect: Dialect, sync: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("openssl"):
        missing("no openssl command to make a certificate with")
    certificate = make_self_signed_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Upstream(port_mode="tls", certificate=certificate, delay=0.02) as server:
        assert stream("why?", **stream_keywords(server, dialect, sync), display=False) == TEXT
        for event in stream_events("why?", **stream_keywords(server, dialect, sync)):
            if isinstance(event, TextDelta):
                break
        assert server.wait_until(lambda seen: not seen.busy, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S), (
            "the server goes on"
        )
        assert len(server.sent) < 2 * 25 + 10


@SYNC_AND_ASYNC
def test_events_that_are_never_asked_for_send_nothing(sync: bool) -> None:
    with Upstream() as server:
        events = stream_events("why?", **stream_keywords(server, "chat", sync))
        del events
        assert not server.requests


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_break_in_an_asynchronous_loop_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    async def main(server: Upstream) -> bool:
        async for event in astream_events("why?", **stream_keywords(server, dialect, sync)):
            if isinstance(event, TextDelta):
                break
        return await asyncio.to_thread(server.wait_until_client_left, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)

    with Upstream(delay=0.02) as server:
        assert asyncio.run(main(server)), "the server goes on"


class Broken(NoView):
    """A view that cannot paint."""

    def show(self, events: Sequence[Event]) -> None:
        raise LookupError("no canvas")


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_view_that_breaks_costs_no_text_and_leaves_no_connection_open(dialect: Dialect, sync: bool) -> None:
    with Upstream(text="All of it comes. " * 4, delay=0.01) as server:
        where = stream_keywords(server, dialect, sync)
        options = Options(models=(where["model"],), base_url=where["base_url"], sync=sync)
        reply = run_plan(make_plan("why?", options), Broken())
        assert (reply.text, reply.state) == ("All of it comes. " * 4, "complete")
        assert len(server.requests) == 1


# -- tasks -------------------------------------------------------------------------------------
@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_cancelled_task_closes_the_connection_and_carries_the_reply(dialect: Dialect, sync: bool) -> None:
    async def main(server: Upstream) -> asyncio.CancelledError:
        task = asyncio.create_task(astream("why?", **stream_keywords(server, dialect, sync), display=False))
        await asyncio.to_thread(server.wait_until, lambda seen: len(seen.sent) > 9, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert await asyncio.to_thread(
            server.wait_until_client_left, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S
        ), "the server goes on"
        return caught.value

    with Upstream(delay=0.02) as server:
        reply = asyncio.run(main(server)).reply  # type: ignore[attr-defined]
    assert reply.state == "interrupted"
    assert reply
    assert TEXT.startswith(reply)


@EACH_DIALECT
def test_a_gather_that_is_cancelled_closes_both_and_the_loop_lives(dialect: Dialect) -> None:
    async def main(server: Upstream) -> str:
        keywords = stream_keywords(server, dialect)
        both = asyncio.gather(*(astream("why?", **keywords, display=False) for _ in range(2)))
        await asyncio.to_thread(server.wait_until, lambda seen: len(seen.sent) > 20, 5)
        both.cancel()
        with pytest.raises(asyncio.CancelledError):
            await both
        assert await asyncio.to_thread(
            server.wait_until, lambda seen: seen.left == 2, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S
        )
        return await astream("why?", **keywords, display=False)

    with Upstream(delay=0.01) as server:
        assert asyncio.run(main(server)) == TEXT


def test_a_timeout_around_it_is_a_timeout() -> None:
    async def main(server: Upstream) -> None:
        async with asyncio.timeout(0.2):
            await astream("why?", **stream_keywords(server, "chat"), display=False)

    with Upstream(delay=0.05) as server:
        with pytest.raises(TimeoutError):
            asyncio.run(main(server))
        assert server.wait_until_client_left(BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)


def test_one_that_fails_in_a_task_group_stops_the_other() -> None:
    def answer(request: Request) -> Answer:
        if "fail" in str(request.json):
            return error_answer("chat", 404, "no such model")
        return answer_request(request, ModelAnswer(delay=0.05))

    async def main(server: Upstream) -> None:
        async with asyncio.TaskGroup() as group:
            keywords = stream_keywords(server, "chat")
            slow = group.create_task(astream("why?", **keywords, display=False))
            await asyncio.to_thread(server.wait_until, lambda seen: len(seen.sent) > 3, 5)
            group.create_task(astream("fail", **keywords, display=False))
        assert slow.cancelled()

    with Upstream(answer) as server:
        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(main(server))
        assert caught.group_contains(StreamError)
        assert server.wait_until_client_left(BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_cancelled_loop_over_events_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    async def listen(server: Upstream) -> None:
        async for _ in astream_events("why?", **stream_keywords(server, dialect, sync)):
            pass

    async def main(server: Upstream) -> bool:
        task = asyncio.create_task(listen(server))
        await asyncio.to_thread(server.wait_until, has_sent_pieces(9), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.to_thread(server.wait_until_client_left, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)

    with Upstream(delay=0.02) as server:
        assert asyncio.run(main(server)), "the server goes on"
