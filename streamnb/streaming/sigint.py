"""Ctrl-C, held back for the milliseconds in which it would tear a hole into the text.

An interrupt is an exception between any two bytecodes of the main thread.  Between taking a
message and keeping what it says, that loses the message, and all that comes later would be
put after the gap.  What is done meanwhile must be short and must not wait.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["defer_sigint"]


@contextmanager
def defer_sigint() -> Iterator[None]:
    """Hold an interrupt back until the block has ended; it is then delivered as ever."""
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield  # other threads are not interrupted; a signal that Python does not handle raises nothing
        return
    came = False

    def note(_number: int, _frame: object) -> None:
        nonlocal came
        came = True

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            signal.raise_signal(signal.SIGINT)
