"""An interrupt is an interrupt: the prompt is back at once, the text stays, the server is rid of us."""

from __future__ import annotations

import asyncio
import signal
import statistics
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from streamnb.api import astream, stream, stream_events
from streamnb.core.errors import StreamInterrupted
from tests.upstream import TEXT, Answer, Dialect, Upstream, error_answer
from tests.upstream.stream_helpers import (
    BUSY_MACHINE_FACTOR,
    EACH_DIALECT,
    HANG_UP_LIMIT_S,
    PROMPT_BACK_LIMIT_S,
    SYNC_AND_ASYNC,
    has_sent_pieces,
    stream_keywords,
    warm_up_sdks,
)


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """Import the SDKs, so that no figure below has that in it."""
    warm_up_sdks()


def interrupt_when(server: Upstream, true: Callable[[Upstream], Any]) -> list[float]:
    """Interrupt the main thread as soon as ``true(server)``; the list gets the time of it."""
    at: list[float] = []

    def press() -> None:
        if server.wait_until(true, 5):
            at.append(time.monotonic())
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    return at


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_an_interrupt_keeps_the_text_and_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    with Upstream(delay=0.02) as server:
        pressed = interrupt_when(server, lambda seen: len(seen.sent) > 9)
        with pytest.raises(StreamInterrupted) as caught:
            stream("why?", **stream_keywords(server, dialect, sync), display=False)
        assert time.monotonic() - pressed[0] < BUSY_MACHINE_FACTOR * PROMPT_BACK_LIMIT_S
        assert server.wait_until_client_left(BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)
        assert server.closed_at is not None
        assert server.closed_at - pressed[0] < BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S
    reply = caught.value.reply
    assert (reply.state, isinstance(caught.value, KeyboardInterrupt)) == ("interrupted", True)
    assert reply
    assert TEXT.startswith(reply)


@pytest.mark.slow
@EACH_DIALECT
@SYNC_AND_ASYNC
def test_an_interrupt_is_as_quick_as_promised_in_the_median(dialect: Dialect, sync: bool) -> None:
    back, gone = [], []
    for _ in range(9):
        with Upstream(delay=0.01) as server:
            pressed = interrupt_when(server, has_sent_pieces(9))
            with pytest.raises(StreamInterrupted):
                stream("why?", **stream_keywords(server, dialect, sync), display=False)
            back.append(time.monotonic() - pressed[0])
            assert server.wait_until_client_left(5)
            gone.append((server.closed_at or 0) - pressed[0])
    assert statistics.median(back) < PROMPT_BACK_LIMIT_S, back
    assert statistics.median(gone) < HANG_UP_LIMIT_S, gone


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_an_interrupt_before_any_answer_works_as_well(dialect: Dialect, sync: bool) -> None:
    with Upstream([Answer(before=60)]) as server:
        pressed = interrupt_when(server, lambda seen: seen.requests)
        with pytest.raises(StreamInterrupted) as caught:
            stream("why?", **stream_keywords(server, dialect, sync), display=False)
        assert time.monotonic() - pressed[0] < BUSY_MACHINE_FACTOR * PROMPT_BACK_LIMIT_S
        assert server.wait_until(lambda seen: not seen.busy, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)
    assert caught.value.reply == ""


@SYNC_AND_ASYNC
def test_an_interrupt_during_the_wait_for_a_retry_sends_nothing_more(sync: bool) -> None:
    with Upstream([error_answer("chat", 429, "later", {"Retry-After": "60"})]) as server:
        pressed = interrupt_when(server, lambda seen: seen.requests and not seen.busy)
        with pytest.raises(StreamInterrupted):
            stream("why?", **stream_keywords(server, "chat", sync), display=False)
        assert time.monotonic() - pressed[0] < BUSY_MACHINE_FACTOR * PROMPT_BACK_LIMIT_S
        assert len(server.requests) == 1


@SYNC_AND_ASYNC
def test_an_interrupt_of_a_tls_handshake_that_hangs_works(sync: bool) -> None:
    with Upstream(port_mode="silent") as server:
        pressed = interrupt_when(server, lambda seen: seen.busy)
        url = server.openai_url.replace("http", "https")
        with pytest.raises(StreamInterrupted):
            stream("why?", model="openai:m", base_url=url, sync=sync, display=False)
        assert time.monotonic() - pressed[0] < BUSY_MACHINE_FACTOR * PROMPT_BACK_LIMIT_S
        assert server.wait_until(lambda seen: not seen.busy, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("tries", [4, pytest.param(20, marks=pytest.mark.slow)])
def test_an_interrupt_at_any_moment_leaves_no_hole_in_the_text(sync: bool, tries: int) -> None:
    deltas = [f"{number} " for number in range(40_000)]
    whole, replies = "".join(deltas), []
    for number in range(tries):
        with Upstream(deltas=deltas) as server:
            interrupt_when(server, has_sent_pieces(2_000 + number * 997))
            try:
                stream("why?", **stream_keywords(server, "chat", sync), display=False)
                time.sleep(1)  # the signal is on its way
            except StreamInterrupted as interrupted:
                replies.append(interrupted.reply)
            except KeyboardInterrupt:
                pass  # it came late
    assert all(whole.startswith(reply) for reply in replies)
    assert any(replies), "some of them had text"


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_an_interrupt_in_a_loop_over_events_closes_the_connection(dialect: Dialect, sync: bool) -> None:
    with Upstream(delay=0.02) as server:
        interrupt_when(server, has_sent_pieces(9))
        with pytest.raises(KeyboardInterrupt):
            list(stream_events("why?", **stream_keywords(server, dialect, sync)))
        assert server.wait_until_client_left(BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S), "the server goes on"


@EACH_DIALECT
def test_an_interrupt_of_two_gathered_streams_closes_both(dialect: Dialect) -> None:
    replies: list[Any] = []

    async def one(server: Upstream) -> None:
        try:
            await astream("why?", **stream_keywords(server, dialect), display=False)
        except asyncio.CancelledError as cancelled:
            replies.append(cancelled.reply)  # type: ignore[attr-defined]
            raise

    async def main(server: Upstream) -> None:
        await asyncio.gather(one(server), one(server))

    with Upstream(delay=0.02) as server:
        interrupt_when(server, has_sent_pieces(20))
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(main(server))
        assert server.wait_until(lambda seen: seen.left == 2, BUSY_MACHINE_FACTOR * HANG_UP_LIMIT_S), (
            "the server goes on"
        )
        assert stream("why?", **stream_keywords(server, dialect), display=False) == TEXT
    assert [reply.state for reply in replies] == ["interrupted", "interrupted"]
    assert all(reply and TEXT.startswith(reply) for reply in replies)
