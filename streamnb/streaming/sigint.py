"""Deferral of Ctrl-C (SIGINT) to moments when it cannot lose received text.

An interrupt is an exception between any two bytecodes of the main thread.  Between taking a
message and keeping what it says, that loses the message; between the end of a stream and the
return of its reply, it loses the reply.  ``defer_sigint`` is for a short piece of work, a
``SigintGate`` for a stream from its first request to its reply, open only while it waits.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any

__all__ = ["SigintGate", "defer_sigint"]


def _is_interruptible(handler: object) -> bool:
    """Whether an interrupt is an exception here: in the main thread, where Python handles it."""
    return threading.current_thread() is threading.main_thread() and callable(handler)


@contextmanager
def defer_sigint() -> Iterator[None]:
    """Hold an interrupt back until the block has ended; it is then delivered as ever."""
    handler = signal.getsignal(signal.SIGINT)
    if not _is_interruptible(handler):
        yield
        return
    has_deferred = False

    def remember(_number: int, _frame: object) -> None:
        nonlocal has_deferred
        has_deferred = True

    signal.signal(signal.SIGINT, remember)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if has_deferred:
            signal.raise_signal(signal.SIGINT)


class SigintGate:
    """Holds interrupts back but for the blocks in which it is ``open``.

    One gate may stand within another: the inner one says when an interrupt comes through, and
    what it held back counts for the outer one, too.

    Attributes
    ----------
    has_deferred
        An interrupt was held back.
    """

    def __init__(self) -> None:
        self.has_deferred = False
        self._is_open = False
        self._previous_handler: Any = None  # the handler that is put back
        self._outermost_handler: Any = None  # the one that the person has, below all gates

    def __enter__(self) -> SigintGate:
        before = signal.getsignal(signal.SIGINT)
        if _is_interruptible(before):
            outer = getattr(before, "__self__", None)
            self._outermost_handler = outer._outermost_handler if isinstance(outer, SigintGate) else before
            self._previous_handler = before
            signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._previous_handler is not None:
            outer = getattr(self._previous_handler, "__self__", None)
            if isinstance(outer, SigintGate):
                outer.has_deferred = outer.has_deferred or self.has_deferred
            signal.signal(signal.SIGINT, self._previous_handler)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Let an interrupt through, once: one that was held back at the beginning of the block."""
        self._is_open = True
        try:
            if self.has_deferred:
                self._deliver(signal.SIGINT, None)
            yield
        except KeyboardInterrupt:
            self.has_deferred = False
            raise
        finally:
            self._is_open = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._is_open:
            self._deliver(number, frame)
        else:
            self.has_deferred = True

    def _deliver(self, number: int, frame: FrameType | None) -> None:
        self._is_open = False
        self.has_deferred = True  # an exception in a finalizer goes nowhere: the next block raises it again
        handler: Callable[[int, FrameType | None], object] = (
            self._outermost_handler or signal.default_int_handler
        )
        handler(number, frame)
        self.has_deferred = False
