"""Stop is stop: whichever way a stream is left, the server is rid of us within 200 ms.

And where nobody stopped it, the connection is back in the pool with nothing left to read.
"""

from __future__ import annotations

import asyncio
import shutil
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from streamnb.errors import StreamError, StreamInterrupted
from streamnb.events import Finished, TextDelta
from streamnb.run import astream, astream_events, stream, stream_events
from tests.support import missing
from tests.upstream import TEXT, Answer, Request, Speech, Surface, Upstream, refuse, speak
from tests.upstream.http import self_signed

GONE = 0.2  # seconds until the server has seen it: the promise
BACK = 0.1  # seconds until the prompt is back: the promise
BUSY = 3  # a single run may take this many times longer, for the machine may be busy; a median may not
MODELS: dict[Surface, str] = {
    "chat": "openai:m",
    "responses": "openai-responses:m",
    "gemini": "gemini:m",
}
EACH = pytest.mark.parametrize("surface", MODELS)
BOTH = pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Import the SDKs, so that no figure below has that in it."""
    for surface in MODELS:
        for sync in (False, True):
            with Upstream() as server:
                stream("hello", **to(server, surface, sync), display=False)


def to(server: Upstream, surface: Surface, sync: bool = False) -> dict[str, Any]:
    """The keywords that lead to this server."""
    url = server.gemini_url if surface == "gemini" else server.openai_url
    return {"model": MODELS[surface], "base_url": url, "sync": sync}


@contextmanager
def rid_of_us(server: Upstream) -> Iterator[None]:
    """Assert that the server is in mid-answer before, and rid of us soon after."""
    assert server.wait_until(lambda seen: seen.busy, 1)
    yield
    assert server.wait_until(lambda seen: not seen.busy, BUSY * GONE), "the server goes on"


def interrupt_when(server: Upstream, true: Callable[[Upstream], Any]) -> list[float]:
    """Interrupt the main thread as soon as ``true(server)``; the list gets the time of it."""
    at: list[float] = []

    def press() -> None:
        if server.wait_until(true, 5):
            at.append(time.monotonic())
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    return at


def _has_sent(pieces: int) -> Callable[[Upstream], bool]:
    return lambda server: len(server.sent) > pieces


# -- the person --------------------------------------------------------------------------------
@EACH
@BOTH
def test_an_interrupt_keeps_the_text_and_closes_the_connection(surface: Surface, sync: bool) -> None:
    with Upstream(delay=0.02) as server:
        pressed = interrupt_when(server, lambda seen: len(seen.sent) > 9)
        with pytest.raises(StreamInterrupted) as caught:
            stream("why?", **to(server, surface, sync), display=False)
        assert time.monotonic() - pressed[0] < BUSY * BACK
        assert server.wait_until_left(BUSY * GONE)
        assert server.closed_at is not None
        assert server.closed_at - pressed[0] < BUSY * GONE
    reply = caught.value.reply
    assert (reply.state, isinstance(caught.value, KeyboardInterrupt)) == ("interrupted", True)
    assert reply
    assert TEXT.startswith(reply)


@pytest.mark.slow
@EACH
@BOTH
def test_an_interrupt_is_as_quick_as_promised_in_the_median(surface: Surface, sync: bool) -> None:
    back, gone = [], []
    for _ in range(9):
        with Upstream(delay=0.01) as server:
            pressed = interrupt_when(server, _has_sent(9))
            with pytest.raises(StreamInterrupted):
                stream("why?", **to(server, surface, sync), display=False)
            back.append(time.monotonic() - pressed[0])
            assert server.wait_until_left(5)
            gone.append((server.closed_at or 0) - pressed[0])
    assert statistics.median(back) < BACK, back
    assert statistics.median(gone) < GONE, gone


@EACH
@BOTH
def test_an_interrupt_before_any_answer_works_as_well(surface: Surface, sync: bool) -> None:
    with Upstream([Answer(before=60)]) as server:
        pressed = interrupt_when(server, lambda seen: seen.requests)
        with pytest.raises(StreamInterrupted) as caught:
            stream("why?", **to(server, surface, sync), display=False)
        assert time.monotonic() - pressed[0] < BUSY * BACK
        assert server.wait_until(lambda seen: not seen.busy, BUSY * GONE)
    assert caught.value.reply == ""


@BOTH
def test_an_interrupt_during_the_wait_for_a_retry_sends_nothing_more(sync: bool) -> None:
    with Upstream([refuse("chat", 429, "later", {"Retry-After": "60"})]) as server:
        pressed = interrupt_when(server, lambda seen: seen.requests and not seen.busy)
        with pytest.raises(StreamInterrupted):
            stream("why?", **to(server, "chat", sync), display=False)
        assert time.monotonic() - pressed[0] < BUSY * BACK
        assert len(server.requests) == 1


@BOTH
def test_an_interrupt_of_a_tls_handshake_that_hangs_works(sync: bool) -> None:
    with Upstream(door="silent") as server:
        pressed = interrupt_when(server, lambda seen: seen.busy)
        url = server.openai_url.replace("http", "https")
        with pytest.raises(StreamInterrupted):
            stream("why?", model="openai:m", base_url=url, sync=sync, display=False)
        assert time.monotonic() - pressed[0] < BUSY * BACK
        assert server.wait_until(lambda seen: not seen.busy, BUSY * GONE)


@BOTH
@pytest.mark.parametrize("tries", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_an_interrupt_at_any_moment_leaves_no_hole_in_the_text(sync: bool, tries: int) -> None:
    deltas = [f"{number} " for number in range(40_000)]
    whole, replies = "".join(deltas), []
    for number in range(tries):
        with Upstream(deltas=deltas) as server:
            interrupt_when(server, _has_sent(2_000 + number * 997))
            try:
                stream("why?", **to(server, "chat", sync), display=False)
                time.sleep(1)  # the signal is on its way
            except StreamInterrupted as interrupted:
                replies.append(interrupted.reply)
            except KeyboardInterrupt:
                pass  # it came late
    assert all(whole.startswith(reply) for reply in replies)
    assert any(replies), "some of them had text"


@EACH
@BOTH
def test_an_interrupt_in_a_loop_over_events_closes_the_connection(surface: Surface, sync: bool) -> None:
    with Upstream(delay=0.02) as server:
        interrupt_when(server, _has_sent(9))
        with pytest.raises(KeyboardInterrupt):
            list(stream_events("why?", **to(server, surface, sync)))
        assert server.wait_until_left(BUSY * GONE), "the server goes on"


@EACH
def test_an_interrupt_of_two_gathered_streams_closes_both(surface: Surface) -> None:
    replies: list[Any] = []

    async def one(server: Upstream) -> None:
        try:
            await astream("why?", **to(server, surface), display=False)
        except asyncio.CancelledError as cancelled:
            replies.append(cancelled.reply)  # type: ignore[attr-defined]
            raise

    async def main(server: Upstream) -> None:
        await asyncio.gather(one(server), one(server))

    with Upstream(delay=0.02) as server:
        interrupt_when(server, _has_sent(20))
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(main(server))
        assert server.wait_until(lambda seen: seen.left == 2, BUSY * GONE), "the server goes on"
        assert stream("why?", **to(server, surface), display=False) == TEXT
    assert [reply.state for reply in replies] == ["interrupted", "interrupted"]
    assert all(reply and TEXT.startswith(reply) for reply in replies)


# -- the loop over events ----------------------------------------------------------------------
@EACH
@BOTH
def test_a_break_closes_the_connection(surface: Surface, sync: bool) -> None:
    with Upstream(delay=0.02) as server, rid_of_us_after(server):
        for event in stream_events("why?", **to(server, surface, sync)):
            if isinstance(event, TextDelta):
                break


@contextmanager
def rid_of_us_after(server: Upstream) -> Iterator[None]:
    """Assert that the server is rid of us soon after the block, in mid-answer."""
    yield
    assert server.wait_until_left(BUSY * GONE), "the server goes on"
    assert len(server.sent) < 25


@EACH
@BOTH
def test_closing_the_events_closes_the_connection(surface: Surface, sync: bool) -> None:
    with Upstream(delay=0.02) as server:
        events = stream_events("why?", **to(server, surface, sync))
        with closing(events):  # type: ignore[type-var]
            next(events)
            with rid_of_us(server):
                events.close()  # type: ignore[attr-defined]


@EACH
@BOTH
def test_an_exception_in_the_loop_closes_the_connection(surface: Surface, sync: bool) -> None:
    def fail() -> None:
        for event in stream_events("why?", **to(server, surface, sync)):
            if isinstance(event, TextDelta):
                raise LookupError("a bug of the notebook")

    with Upstream(delay=0.02) as server, rid_of_us_after(server), pytest.raises(LookupError):
        fail()


@EACH
@BOTH
def test_a_break_closes_a_connection_that_speaks_tls(
    surface: Surface, sync: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("openssl"):
        missing("no openssl command to make a certificate with")
    certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with Upstream(door="tls", certificate=certificate, delay=0.02) as server:
        assert stream("why?", **to(server, surface, sync), display=False) == TEXT
        for event in stream_events("why?", **to(server, surface, sync)):
            if isinstance(event, TextDelta):
                break
        assert server.wait_until(lambda seen: not seen.busy, BUSY * GONE), "the server goes on"
        assert len(server.sent) < 2 * 25 + 10


@BOTH
def test_events_that_are_never_asked_for_send_nothing(sync: bool) -> None:
    with Upstream() as server:
        events = stream_events("why?", **to(server, "chat", sync))
        del events
        assert not server.requests


@EACH
@BOTH
def test_a_break_in_an_asynchronous_loop_closes_the_connection(surface: Surface, sync: bool) -> None:
    async def main(server: Upstream) -> bool:
        async for event in astream_events("why?", **to(server, surface, sync)):
            if isinstance(event, TextDelta):
                break
        return await asyncio.to_thread(server.wait_until_left, BUSY * GONE)

    with Upstream(delay=0.02) as server:
        assert asyncio.run(main(server)), "the server goes on"


# -- tasks -------------------------------------------------------------------------------------
@EACH
@BOTH
def test_a_cancelled_task_closes_the_connection_and_carries_the_reply(surface: Surface, sync: bool) -> None:
    async def main(server: Upstream) -> asyncio.CancelledError:
        task = asyncio.create_task(astream("why?", **to(server, surface, sync), display=False))
        await asyncio.to_thread(server.wait_until, lambda seen: len(seen.sent) > 9, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert await asyncio.to_thread(server.wait_until_left, BUSY * GONE), "the server goes on"
        return caught.value

    with Upstream(delay=0.02) as server:
        reply = asyncio.run(main(server)).reply  # type: ignore[attr-defined]
    assert reply.state == "interrupted"
    assert reply
    assert TEXT.startswith(reply)


@EACH
def test_a_gather_that_is_cancelled_closes_both_and_the_loop_lives(surface: Surface) -> None:
    async def main(server: Upstream) -> str:
        keywords = to(server, surface)
        both = asyncio.gather(*(astream("why?", **keywords, display=False) for _ in range(2)))
        await asyncio.to_thread(server.wait_until, lambda seen: len(seen.sent) > 20, 5)
        both.cancel()
        with pytest.raises(asyncio.CancelledError):
            await both
        assert await asyncio.to_thread(server.wait_until, lambda seen: seen.left == 2, BUSY * GONE)
        return await astream("why?", **keywords, display=False)

    with Upstream(delay=0.01) as server:
        assert asyncio.run(main(server)) == TEXT


def test_a_timeout_around_it_is_a_timeout() -> None:
    async def main(server: Upstream) -> None:
        async with asyncio.timeout(0.2):
            await astream("why?", **to(server, "chat"), display=False)

    with Upstream(delay=0.05) as server:
        with pytest.raises(TimeoutError):
            asyncio.run(main(server))
        assert server.wait_until_left(BUSY * GONE)


def test_one_that_fails_in_a_task_group_stops_the_other() -> None:
    def answer(request: Request) -> Answer:
        if "fail" in str(request.json):
            return refuse("chat", 404, "no such model")
        return speak(request, Speech(delay=0.05))

    async def main(server: Upstream) -> None:
        async with asyncio.TaskGroup() as group:
            keywords = to(server, "chat")
            slow = group.create_task(astream("why?", **keywords, display=False))
            await asyncio.to_thread(server.wait_until, lambda seen: len(seen.sent) > 3, 5)
            group.create_task(astream("fail", **keywords, display=False))
        assert slow.cancelled()

    with Upstream(answer) as server:
        with pytest.raises(ExceptionGroup) as caught:
            asyncio.run(main(server))
        assert caught.group_contains(StreamError)
        assert server.wait_until_left(BUSY * GONE)


@EACH
@BOTH
def test_a_cancelled_loop_over_events_closes_the_connection(surface: Surface, sync: bool) -> None:
    async def listen(server: Upstream) -> None:
        async for _ in astream_events("why?", **to(server, surface, sync)):
            pass

    async def main(server: Upstream) -> bool:
        task = asyncio.create_task(listen(server))
        await asyncio.to_thread(server.wait_until, _has_sent(9), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await asyncio.to_thread(server.wait_until_left, BUSY * GONE)

    with Upstream(delay=0.02) as server:
        assert asyncio.run(main(server)), "the server goes on"


# -- nobody stopped it -------------------------------------------------------------------------
@EACH
@BOTH
def test_a_finished_stream_leaves_its_connection_ready_for_the_next(surface: Surface, sync: bool) -> None:
    with Upstream() as server:
        for _ in range(3):
            assert stream("why?", **to(server, surface, sync), display=False) == TEXT
        assert (server.connections, server.left) == (1, 0)


@EACH
@BOTH
def test_a_refusal_leaves_its_connection_ready_for_the_next(surface: Surface, sync: bool) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Answer:
        seen.append(request)
        return refuse(surface, 404, "no") if len(seen) == 1 else speak(request, Speech())

    with Upstream(answer) as server:
        with pytest.raises(StreamError):
            stream("why?", **to(server, surface, sync), display=False)
        assert stream("why?", **to(server, surface, sync), display=False) == TEXT
        assert server.connections == 1


@EACH
@BOTH
@pytest.mark.parametrize("said", [True, False])
def test_a_connection_that_the_server_closed_in_between_does_no_harm(
    surface: Surface, sync: bool, said: bool
) -> None:
    def answer(request: Request) -> Answer:
        body = tuple(speak(request, Speech()).body)
        return Answer(body, framing="close") if said else Answer(body, framing="length", end="fin")

    with Upstream(answer) as server:
        for _ in range(2):
            assert stream("why?", **to(server, surface, sync), display=False) == TEXT
        assert server.connections == 2


@EACH
@BOTH
def test_after_a_stop_the_next_stream_is_whole(surface: Surface, sync: bool) -> None:
    with Upstream(delay=0.005) as server:
        for event in stream_events("why?", **to(server, surface, sync)):
            if isinstance(event, TextDelta):
                break
        assert stream("why?", **to(server, surface, sync), display=False) == TEXT


@BOTH
def test_eight_streams_at_once_are_all_whole(sync: bool) -> None:
    texts: list[str] = []

    def one(server: Upstream) -> None:
        texts.append(stream("why?", **to(server, "chat", sync), display=False))

    with Upstream(delay=0.005) as server:
        threads = [threading.Thread(target=one, args=(server,)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert texts == [TEXT] * 8


@BOTH
def test_stream_works_inside_a_running_loop(sync: bool) -> None:
    async def main(server: Upstream) -> str:
        return stream("why?", **to(server, "chat", sync), display=False)

    with Upstream() as server:
        assert asyncio.run(main(server)) == TEXT


@BOTH
def test_events_end_in_exactly_one_finished(sync: bool) -> None:
    with Upstream() as server:
        events = list(stream_events("why?", **to(server, "chat", sync)))
    assert [isinstance(event, Finished) for event in events].count(True) == 1
    assert isinstance(events[-1], Finished)
