"""Bodies without end, or that swell: the loop comes up for air, so that Stop and time-outs arrive."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from streamnb.core.errors import StreamInterrupted
from streamnb.core.events import Event
from streamnb.core.reply import Reply
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead
from streamnb.request.options import Options
from streamnb.streaming.driver import StreamDriver
from streamnb.streaming.plan import Plan
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import arun_plan, run_plan
from streamnb.views.base import NoView
from tests.faults.floods import CONTENT, FLOODS
from tests.kernels import kernel
from tests.upstream import Upstream
from tests.upstream.stream_helpers import SYNC_AND_ASYNC

BLOCKS = 4000
EMPTY = b": ping\n\n" * 512


class Silent:
    def stop(self) -> None: ...
    def join(self, seconds: float) -> None: ...


def at_once(block: bytes, blocks: int = BLOCKS) -> Plan:
    """A plan whose whole answer is there before anything is read."""

    def start_request(request: Any, put: Any) -> Silent:
        now = time.perf_counter()
        put(RequestSent(now))
        put(ResponseHead(now, 200, {}))
        for _ in range(blocks):
            put(Data(now, block))
        put(EndOfBody(now))
        return Silent()

    plan_ = make_plan("why?", Options(models=("openai:m",), base_url="http://127.0.0.1:9/v1", timeout=60))
    return replace(plan_, start_request=start_request)


def test_a_step_reads_as_much_as_there_is_time_for_and_the_next_goes_on() -> None:
    driver = StreamDriver(at_once(CONTENT * 40, 500), None)
    driver.step()
    steps = 0
    while not driver.done:
        driver.step()
        steps += 1
    assert steps > 1
    assert len(driver.finish()) == len("word ") * 40 * 500


def test_other_tasks_of_the_loop_have_their_turn_however_much_is_waiting() -> None:
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def both() -> None:
        ticking = asyncio.ensure_future(tick())
        await arun_plan(at_once(EMPTY), NoView())
        ticking.cancel()

    asyncio.run(both())
    assert turns > 5


def test_a_cancellation_arrives_while_messages_pour_in() -> None:
    class Counting(NoView):
        frames = 0

        def show(self, events: Sequence[Event]) -> None:
            self.frames += 1

    async def cancelled() -> str:
        view = Counting()
        task = asyncio.ensure_future(arun_plan(at_once(CONTENT * 40, 20_000), view))
        while not (view.frames or task.done()):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.reply.state  # type: ignore[attr-defined,no-any-return]

    assert asyncio.run(cancelled()) == "interrupted"


def test_time_that_reading_takes_counts_where_nothing_comes_of_it() -> None:
    options = Options(models=("openai:m",), base_url="http://127.0.0.1:9/v1", timeout=0.1)
    plan_ = replace(make_plan("why?", options), start_request=at_once(EMPTY, 40_000).start_request)
    assert run_plan(plan_, NoView()).state in ("timed-out", "capped")


@pytest.mark.parametrize("name", ["empty deltas", "gzip colons", "text"])
@SYNC_AND_ASYNC
def test_the_button_ends_a_flood(name: str, sync: bool) -> None:
    class Button(NoView):
        def open(self, stop: Any) -> None:
            threading.Timer(0.2, stop).start()

    with Upstream([FLOODS[name].answer()]) as server:
        options = Options(models=("openai:m",), base_url=server.openai_url, sync=sync, retries=0)
        began = time.perf_counter()
        state = run(make_plan("why?", options), Button(), sync)
        assert time.perf_counter() - began < 6  # 0.6 s where nobody else wants the processor
    assert state in ("interrupted", "capped")  # a quick machine has reached the bound before


@pytest.mark.parametrize("name", ["br line feeds", "endless zstd"])
@SYNC_AND_ASYNC
def test_what_we_cannot_uncompress_is_not_asked_for_and_refused_at_its_first_byte(
    name: str, sync: bool
) -> None:
    with Upstream([FLOODS[name].answer()]) as server:
        options = Options(models=("openai:m",), base_url=server.openai_url, sync=sync, retries=0)
        reply = run_to_reply(make_plan("why?", options), sync)
        assert server.requests[0].headers["accept-encoding"] == "identity"
    assert reply.state == "error"
    assert f"compressed in a way that nobody asked for ({FLOODS[name].encoding})" in str(reply.error)


def run_to_reply(plan_: Plan, sync: bool) -> Reply:
    return run_plan(plan_, NoView()) if sync else asyncio.run(arun_plan(plan_, NoView()))


def run(plan_: Plan, view: NoView, sync: bool) -> str:
    try:
        return (run_plan(plan_, view) if sync else asyncio.run(arun_plan(plan_, view))).state
    except StreamInterrupted as stopped:
        return stopped.reply.state


@pytest.mark.slow
@pytest.mark.parametrize("name", ["comments", "gzip empty deltas", "text"])
@SYNC_AND_ASYNC
def test_the_kernels_interrupt_comes_through_and_the_next_cell_runs(name: str, sync: bool) -> None:
    with Upstream([FLOODS[name].answer()]) as server, kernel("%load_ext streamnb") as shell:
        shell.run("%%stream demo --speed 0\nwarm")
        flag = "--sync" if sync else ""
        cell = shell.start(f"%%stream openai:m --base-url {server.openai_url} --retries 0 {flag}\nhi")
        assert server.wait_until(lambda seen: seen.sent, 20)
        time.sleep(0.3)  # into the midst of it: the one compressed block lasts for long, and tells nothing
        began = time.perf_counter()
        shell.interrupt()
        ran = shell.finish(cell)
        assert time.perf_counter() - began < 3  # 0.4 s where nobody else wants the processor
        assert ran.refusal.startswith("Interrupted: answer ")
        assert shell.value("answer.state") == "interrupted"


def test_what_comes_after_the_press_is_not_read() -> None:
    driver = StreamDriver(replace(at_once(CONTENT), start_request=lambda request, put: Silent()), None)
    driver.step()
    now = time.perf_counter()
    for message in (
        RequestSent(now),
        ResponseHead(now, 200, {}),
        Data(now, CONTENT),
        Data(now + 60, CONTENT),
    ):
        driver.inbox.put(message)
    driver.stop()
    reply = driver.finish()
    assert (reply.text, reply.state) == ("word ", "interrupted")
