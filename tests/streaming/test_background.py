"""A stream in the background: text so far, waiting, stopping, and what is left when it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from streamnb.core.errors import StreamInterrupted
from streamnb.core.events import TextDelta
from streamnb.core.reply import Reply
from streamnb.streaming.background import BackgroundStream
from streamnb.views.base import NoView, View


class Stream:
    """A stand-in for ``run_plan`` that says ``one`` and goes on when it is told to, or is stopped."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.stopped = threading.Event()
        self.said = threading.Event()

    def __call__(self, view: View) -> Reply:
        view.open(self._stop)
        view.show([TextDelta("one")])
        self.said.set()
        assert self.goes_on.wait(10)
        state = "interrupted" if self.stopped.is_set() else "complete"
        reply = Reply("one", state=state)
        view.close(reply)
        if state == "interrupted":
            raise StreamInterrupted("stopped", reply)
        return reply

    def _stop(self) -> None:
        self.stopped.set()
        self.goes_on.set()


def begin(then: Callable[[Reply], None] = lambda reply: None) -> tuple[Stream, BackgroundStream]:
    stream = Stream()
    running = BackgroundStream("demo", stream, NoView(), then)
    running.start()
    assert stream.said.wait(10)
    return stream, running


def test_text_and_state_are_there_while_it_runs_and_after() -> None:
    ends: list[Reply] = []
    stream, running = begin(ends.append)
    assert (running.text, running.state) == ("one", "running")
    assert repr(running) == "<Running demo: running, 3 characters>"
    with pytest.raises(TimeoutError, match="still streaming"):
        running.wait(0.01)
    stream.goes_on.set()
    assert running.wait(10) == "one"
    assert (running.text, running.state) == ("one", "complete")
    assert ends == ["one"]


def test_a_stopped_stream_returns_its_reply() -> None:
    _stream, running = begin()
    running.stop()
    assert running.wait(10).state == "interrupted"
    running.stop()  # once more is no harm


def test_a_stream_that_is_stopped_before_it_opens_ends_at_once() -> None:
    opens = threading.Event()

    def conduct(view: View) -> Reply:
        assert opens.wait(10)
        return stream(view)

    stream = Stream()
    running = BackgroundStream("demo", conduct, NoView(), lambda reply: None)
    starter = threading.Thread(target=running.start)
    starter.start()
    running.stop()
    opens.set()
    assert running.wait(10).state == "interrupted"
    starter.join(10)


def test_a_bug_is_raised_where_it_is_waited_for() -> None:
    def conduct(view: View) -> Reply:
        raise ZeroDivisionError

    running = BackgroundStream("demo", conduct, NoView(), lambda reply: None)
    running.start()
    with pytest.raises(ZeroDivisionError):
        running.wait(10)
    assert running.state == "error"


def test_a_bug_in_what_is_told_of_the_end_keeps_nobody_waiting() -> None:
    def then(reply: Reply) -> None:
        raise ZeroDivisionError

    running = BackgroundStream("demo", lambda view: Reply("whole"), NoView(), then)
    running.start()
    with pytest.raises(ZeroDivisionError):
        running.wait(10)
    assert (running.text, running.state) == ("whole", "error")


def test_it_is_running_until_its_reply_is_where_it_belongs() -> None:
    states: list[str] = []
    running = BackgroundStream(
        "demo", lambda view: Reply("whole"), NoView(), lambda reply: states.append(running.state)
    )
    running.start()
    running.wait(10)
    assert (states, running.state) == (["running"], "complete")


def test_the_output_has_appeared_when_the_cell_goes_on() -> None:
    """A runner of notebooks takes no output of a cell that has ended."""
    order: list[str] = []

    class Slow(NoView):
        def open(self, stop: Callable[[], None]) -> None:
            order.append("output")

    def conduct(view: View) -> Reply:
        time.sleep(0.1)  # as on a busy machine
        view.open(lambda: None)
        assert goes_on.wait(10)
        return Reply("")

    goes_on = threading.Event()
    running = BackgroundStream("demo", conduct, Slow(), lambda reply: None)
    running.start()
    order.append("cell")
    assert (order, running.state) == (["output", "cell"], "running")
    goes_on.set()
    running.wait(10)


def test_a_stream_runs_in_the_context_that_started_it() -> None:
    import contextvars

    cell = contextvars.ContextVar("cell", default="none")
    cell.set("this one")
    seen: list[str] = []

    def conduct(view: View) -> Reply:
        seen.append(cell.get())
        return Reply("")

    running = BackgroundStream("demo", conduct, NoView(), lambda reply: None)
    running.start()
    running.wait(10)
    assert seen == ["this one"]
