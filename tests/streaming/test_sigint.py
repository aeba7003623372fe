"""An interrupt is held back for a moment, never swallowed."""

from __future__ import annotations

import signal
import threading

import pytest

from streamnb.streaming.sigint import defer_sigint


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
