"""An interrupt is held back for a moment, never swallowed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from streamnb import acompare, astream, compare, map, stream, stream_events
from streamnb.core.errors import StreamInterrupted
from streamnb.core.events import Event, TextDelta
from streamnb.core.reply import Reply
from streamnb.request.options import Options
from streamnb.streaming.inbox import Inbox
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import run_plan
from streamnb.streaming.sigint import SigintGate, defer_sigint
from streamnb.views.base import NoView
from tests.upstream import TEXT, Upstream


def test_an_interrupt_in_the_block_comes_after_it() -> None:
    done = []

    def work() -> None:
        with defer_sigint():
            signal.raise_signal(signal.SIGINT)
            done.append("the rest of the block")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done


def test_an_exception_of_the_block_is_not_hidden_by_an_interrupt() -> None:
    def fail() -> None:
        with defer_sigint():
            signal.raise_signal(signal.SIGINT)
            raise LookupError("a bug")

    with pytest.raises(KeyboardInterrupt) as caught:
        fail()
    assert isinstance(caught.value.__context__, LookupError)


def test_the_handler_of_before_is_there_again() -> None:
    before = signal.getsignal(signal.SIGINT)
    with defer_sigint():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_and_ignored_interrupts_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def look() -> None:
        with defer_sigint():
            seen.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        look()
    finally:
        signal.signal(signal.SIGINT, before)
    assert seen == [before, signal.SIG_IGN]


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def test_a_gate_lets_an_interrupt_through_where_it_is_open() -> None:
    with SigintGate() as gate:
        press()
        assert gate.has_deferred
        with pytest.raises(KeyboardInterrupt), gate.open():
            raise AssertionError("the one that was held back comes first")
        with pytest.raises(KeyboardInterrupt), gate.open():
            press()
        assert not gate.has_deferred


def test_an_interrupt_whose_exception_is_lost_in_a_finalizer_comes_with_the_next_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Finalized:
        def __del__(self) -> None:
            signal.raise_signal(signal.SIGINT)

    lost: list[Any] = []
    monkeypatch.setattr("sys.unraisablehook", lost.append)
    with SigintGate() as gate:
        with gate.open():
            Finalized()
        assert len(lost) == 1
        with pytest.raises(KeyboardInterrupt), gate.open():
            pass


def test_an_inner_gate_says_when_and_the_outer_one_knows() -> None:
    before = signal.getsignal(signal.SIGINT)
    with SigintGate() as outer:
        with SigintGate() as inner, pytest.raises(KeyboardInterrupt), inner.open():
            press()
        assert not outer.has_deferred
        with SigintGate():
            press()
        assert outer.has_deferred
    assert signal.getsignal(signal.SIGINT) is before


class Pressing(NoView):
    """A view during which somebody presses Ctrl-C: at the first frame, and while it closes."""

    def __init__(self, *, first: bool) -> None:
        self.first = first

    def show(self, events: Sequence[Event]) -> None:
        if self.first and events:
            self.first = False
            press()

    def close(self, reply: Reply) -> None:
        press()
        press()


@pytest.mark.parametrize("first", [True, False])
def test_interrupts_in_the_midst_of_closing_lose_no_text(first: bool) -> None:
    plan_ = make_plan("hello", Options(models=("demo:haiku",), speed=50.0 if first else 0.0))
    with pytest.raises(StreamInterrupted) as caught:
        run_plan(plan_, Pressing(first=first))
    assert caught.value.reply.state == ("interrupted" if first else "complete")
    assert caught.value.reply.text


DEMO: dict[str, Any] = {"speed": 20.0, "display": False}
CALLS: dict[str, Callable[[], object]] = {
    "stream": lambda: stream("hello", model="demo:haiku", **DEMO),
    "compare": lambda: compare("hello", models=["demo:haiku*3"], **DEMO),
    "map": lambda: map(["one", "two", "three"], model="demo:haiku", **DEMO),
}


# Where a signal falls into the callback of a weak reference, Python itself prints the exception and drops it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("call", CALLS)
def test_two_interrupts_at_any_time_are_one_that_carries_what_had_come(call: str) -> None:
    main = threading.main_thread().ident or 0

    def press_twice(first: float) -> None:
        time.sleep(first)
        signal.pthread_kill(main, signal.SIGINT)
        time.sleep(0.001)
        signal.pthread_kill(main, signal.SIGINT)

    CALLS[call]()
    for first in itertools.islice(itertools.cycle((0.002, 0.006, 0.012, 0.02, 0.03)), 20):
        with SigintGate():  # for what is pressed when the call is over
            thread = threading.Thread(target=press_twice, args=(first,))
            thread.start()
            with contextlib.suppress(StreamInterrupted):  # any other KeyboardInterrupt fails the test
                CALLS[call]()
            thread.join()


def test_a_cancelled_gather_carries_what_had_come(tmp_path: Path) -> None:
    async def both() -> list[str]:
        files = [tmp_path / "one.jsonl", tmp_path / "other.jsonl"]
        streams = [astream("hello", model="demo:tour", display=False, record=file) for file in files]
        tasks = [asyncio.ensure_future(one) for one in streams]
        together = asyncio.gather(*tasks)
        while not all(file.exists() and file.read_text().count("\n") > 10 for file in files):
            await asyncio.sleep(0.01)  # until both have text
        together.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await together
        assert caught.value.reply.state == "interrupted"  # type: ignore[attr-defined]
        texts = []
        for task in tasks:
            with pytest.raises(asyncio.CancelledError) as cancelled:
                await task
            texts.append(getattr(cancelled.value, "reply", caught.value.reply).text)  # type: ignore[attr-defined]
        return texts

    assert all(asyncio.run(both()))


def test_a_cancelled_comparison_carries_what_had_come() -> None:
    async def cancelled() -> dict[str, Reply]:
        with Upstream(text=TEXT * 50, delay=0.02) as server:
            keywords: dict[str, Any] = {"base_url": server.openai_url, "api_key": "none", "display": False}
            task = asyncio.ensure_future(acompare("hello", models=["openai:m*2"], **keywords))
            while len(server.requests) < 2 or len(server.sent) < 20:
                await asyncio.sleep(0.01)  # until both have text
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
        return caught.value.replies  # type: ignore[attr-defined,no-any-return]

    assert [reply.state for reply in asyncio.run(cancelled()).values()] == ["interrupted"] * 2


def test_an_interrupt_of_a_loop_over_events_carries_what_had_come(monkeypatch: pytest.MonkeyPatch) -> None:
    events = stream_events("hi", model="demo:haiku")
    text = next(event.text for event in events if isinstance(event, TextDelta))
    monkeypatch.setattr(Inbox, "wait", lambda *_args: signal.raise_signal(signal.SIGINT))
    later: list[Event] = []
    with pytest.raises(StreamInterrupted) as caught:
        later.extend(events)
    text += "".join(event.text for event in later if isinstance(event, TextDelta))
    assert text
    assert caught.value.reply.startswith(text)
    assert caught.value.reply.state == "interrupted"
