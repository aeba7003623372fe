"""Waiting for traffic: what wakes the consumer, and what does not."""

from __future__ import annotations

import asyncio
import threading
import time

from streamnb.core.wire_events import Data, EndOfBody
from streamnb.streaming.inbox import MAX_SLEEP_S, WAKE_AT_BYTES, Inbox

SOON = 0.05


def measure_wait(inbox: Inbox, delay: float, patience: float) -> float:
    began = time.perf_counter()
    inbox.wait(delay, patience)
    return time.perf_counter() - began


def later(what: object) -> None:
    threading.Timer(SOON, what).start()  # type: ignore[arg-type]


def test_all_that_was_put_is_drained_in_order_and_once() -> None:
    inbox = Inbox()
    messages = [Data(float(i), b"x") for i in range(5)]
    for message in messages:
        inbox.put(message)
    assert list(inbox.drain()) == messages
    assert list(inbox.drain()) == []


def test_what_is_there_already_is_not_waited_for() -> None:
    inbox = Inbox()
    inbox.put(Data(0.0, b"x"))
    assert measure_wait(inbox, 0.0, 10.0) < SOON


def test_data_from_another_thread_wakes_the_consumer() -> None:
    inbox = Inbox()
    later(lambda: inbox.put(Data(0.0, b"x")))
    assert measure_wait(inbox, 0.0, 10.0) < MAX_SLEEP_S
    assert list(inbox.drain())


def test_data_does_not_cut_a_rest_short_but_the_end_does() -> None:
    inbox = Inbox()
    later(lambda: inbox.put(Data(0.0, b"x")))
    assert measure_wait(inbox, 3 * SOON, 10.0) >= 3 * SOON
    list(inbox.drain())
    later(lambda: inbox.put(EndOfBody(0.0)))
    assert measure_wait(inbox, 10.0, 10.0) < 5.0


def test_a_flood_cuts_a_rest_short_before_its_source_is_slowed_down() -> None:
    inbox = Inbox()
    later(lambda: inbox.put(Data(0.0, b"x" * WAKE_AT_BYTES)))
    assert measure_wait(inbox, 10.0, 10.0) < 5.0
    list(inbox.drain())
    assert inbox.put(Data(0.0, b"x" * WAKE_AT_BYTES)) == 0.0
    assert measure_wait(inbox, 10.0, 10.0) < SOON


def test_a_stop_wakes_a_rest_and_every_later_wait() -> None:
    inbox = Inbox()
    later(inbox.stop)
    assert measure_wait(inbox, 10.0, 10.0) < 5.0
    assert measure_wait(inbox, 10.0, 10.0) < SOON


def test_an_event_loop_is_woken_from_another_thread() -> None:
    async def wait() -> float:
        inbox = Inbox()
        later(lambda: inbox.put(Data(0.0, b"x")))
        began = time.perf_counter()
        await inbox.wait_async(0.0, 10.0)
        assert list(inbox.drain())
        return time.perf_counter() - began

    assert asyncio.run(wait()) < MAX_SLEEP_S


def test_a_put_after_the_loop_was_closed_does_no_harm() -> None:
    inbox = Inbox()

    async def leave_while_waiting() -> None:
        waiting = asyncio.ensure_future(inbox.wait_async(0.0, 10.0))
        await asyncio.sleep(0.01)
        waiting.cancel()

    asyncio.run(leave_while_waiting())
    inbox.put(Data(0.0, b"x"))
    assert list(inbox.drain())


def test_blocks_of_the_same_moment_are_read_as_one_and_others_apart() -> None:
    inbox, replay = Inbox(joins=True), Inbox()
    times = (1.0, 1.0001, 1.00015, 1.0003, 2.0)
    for box in (inbox, replay):
        for at, letter in zip(times, b"abcde", strict=True):
            box.put(Data(at, bytes((letter,))))
        box.put(EndOfBody(2.0))
    assert list(inbox.drain()) == [Data(1.0, b"abc"), Data(1.0003, b"d"), Data(2.0, b"e"), EndOfBody(2.0)]
    assert [message.at for message in replay.drain()] == [*times, 2.0]
    for _ in range(50):
        inbox.put(Data(3.0, bytes(1000)))
    assert [len(message.data) for message in inbox.drain() if isinstance(message, Data)] == [4000] * 12 + [
        2000
    ]
