"""Keeping a terminal from echoing what is typed while an answer is drawn: an Enter would move its rows.

What is typed is not lost: whoever reads the keyboard next gets it.  The echo comes back with the end of the
answer, before a question, and before a signal stops or ends the process; only SIGKILL leaves it off.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

if sys.platform != "win32":  # its console has no such switch for one who only writes
    import termios

__all__ = ["TerminalEcho"]

_LOCAL_MODES_INDEX = 3  # where termios keeps them
_SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGTSTP")  # Ctrl-C is an exception, which nothing escapes


class TerminalEcho:
    """The echo of the terminal behind ``out``; ``on_resume`` is called when a stopped process goes on."""

    def __init__(self, out: TextIO, on_resume: Callable[[], None]) -> None:
        self._out = out
        self._on_resume = on_resume
        self._is_off = False
        self._signals: list[int] = []

    def switch_off(self) -> None:
        """Switch the echo off, where the process has the terminal and its signals to itself."""
        if self._is_off or sys.platform == "win32":
            return
        with suppress(AttributeError, OSError, ValueError, termios.error):
            if os.tcgetpgrp(self._out.fileno()) != os.getpgrp():
                return  # in the background: to change it would stop the process
            if termios.tcgetattr(self._out.fileno())[_LOCAL_MODES_INDEX] & termios.ECHO:
                self._catch_signals()
                self._is_off = True
                atexit.register(self.restore)
                self._set_echo(echo=False)

    def restore(self) -> None:
        """Switch the echo on again, if it was switched off here."""
        if not self._is_off:
            return
        self._is_off = False
        atexit.unregister(self.restore)
        with suppress(OSError, ValueError, termios.error):
            self._set_echo(echo=True)
        for number in self._signals:
            signal.signal(number, signal.SIG_DFL)
        self._signals.clear()

    def _set_echo(self, *, echo: bool) -> None:
        attributes = termios.tcgetattr(self._out.fileno())
        attributes[_LOCAL_MODES_INDEX] &= ~termios.ECHO
        attributes[_LOCAL_MODES_INDEX] |= termios.ECHO if echo else 0
        termios.tcsetattr(self._out.fileno(), termios.TCSANOW, attributes)

    def _catch_signals(self) -> None:
        for number in (getattr(signal, name) for name in _SIGNALS):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._on_signal)
                self._signals.append(number)

    def _on_signal(self, number: int, _frame: object) -> None:
        self.restore()
        signal.raise_signal(number)  # ends the process here, or stops it until it goes on
        self._on_resume()
        self.switch_off()
