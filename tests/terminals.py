"""An interactive program in a pseudo-terminal, typed to as a person would."""

from __future__ import annotations

import codecs
import contextlib
import os
import re
import select
import signal
import struct
import sys
import time
from collections.abc import Sequence

import pyte

with contextlib.suppress(ImportError):  # Windows has none of them; the tests that need them skip there
    import fcntl
    import pty
    import termios

__all__ = ["Screen", "Terminal", "screen_of"]


class Screen:
    """A terminal's screen, with all that has left it at the top."""

    def __init__(self, columns: int, lines: int) -> None:
        self._screen = pyte.HistoryScreen(columns, lines, history=100_000, ratio=0.5)
        self._screen.set_mode(pyte.modes.LNM)  # a terminal's driver makes a return of every line feed
        self._stream = pyte.Stream(self._screen)
        self.raw = ""

    def put(self, text: str) -> None:
        """Write to it."""
        self.raw += text
        self._stream.feed(text)

    def size(self, _out: object) -> tuple[int, int]:
        """Return its columns and lines."""
        return self._screen.columns, self._screen.lines

    def resize(self, columns: int, lines: int) -> None:
        """Give it another size."""
        self._screen.resize(lines, columns)

    @property
    def cells(self) -> list[list[pyte.screens.Char]]:
        """The rows that are in sight, cell by cell."""
        rows = (self._screen.buffer[row] for row in range(self._screen.lines))
        return [[row[column] for column in range(self._screen.columns)] for row in rows]

    @property
    def text(self) -> str:
        """All rows, without the blanks at their ends."""
        rows = [
            "".join(row[column].data for column in range(self._screen.columns))
            for row in self._screen.history.top
        ]
        return "\n".join(row.rstrip() for row in [*rows, *self._screen.display]).strip("\n")


def screen_of(command: Sequence[str], *, columns: int, lines: int, **environ: str) -> Screen:
    """Return the screen that a program leaves which runs to its end in a terminal of that size."""
    size = struct.pack("HHHH", lines, columns, 0, 0)
    pid, end = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            os.environ.pop(name, None)
        os.execve(command[0], command, os.environ | {"TERM": "xterm-256color"} | environ)
    screen, received = Screen(columns, lines), b""
    while True:
        try:
            received += os.read(end, 65536)
        except OSError:  # the program has closed its side
            break
    os.waitpid(pid, 0)
    os.close(end)
    screen.put(received.decode())
    return screen


class Terminal:
    """A program in a terminal of its own; ``type`` returns what is printed until the next prompt.

    ``module`` is run with ``options``; its prompts are ``In [n]:``.  Without ``columns`` and ``lines`` the
    terminal does not know its size.
    """

    def __init__(self, module: str, *options: str, columns: int = 0, lines: int = 0) -> None:
        self._count = 0
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.environ["TERM"] = "xterm"
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execv(sys.executable, [sys.executable, "-m", module, *options])
        self.type("")

    def type(self, text: str, *, stop_at: str = "") -> str:
        """Type ``text``; with ``stop_at`` press Ctrl-C once that is printed."""
        os.write(self._end, text.encode())
        self._count += 1
        seen, deadline, stopped = "", time.monotonic() + 60, not stop_at
        while not re.search(rf"In \[{self._count}\]: $", seen):
            assert time.monotonic() < deadline, seen
            if select.select([self._end], [], [], 0.2)[0]:
                seen += os.read(self._end, 65536).decode(errors="replace").replace("\r", "")
            if not stopped and stop_at in seen:
                os.write(self._end, b"\x03")
                stopped = True
        return seen

    def close(self) -> None:
        """End the program."""
        os.kill(self._pid, signal.SIGTERM)
        if not select.select([self._end], [], [], 5.0)[0]:
            os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._end)


class Program:
    """A program in a terminal of its own that is looked at, and typed to, while it runs."""

    def __init__(self, command: Sequence[str], *, columns: int, lines: int) -> None:
        self.screen = Screen(columns, lines)
        self._status: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        # The terminal is looked at through its other side as long as this process holds it open.
        self._end, self._side = pty.openpty()
        fcntl.ioctl(self._side, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self._end)
            os.setsid()
            fcntl.ioctl(self._side, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(self._side, descriptor)
            for name in ("NO_COLOR", "COLUMNS", "LINES"):
                os.environ.pop(name, None)
            os.execve(command[0], command, os.environ | {"TERM": "xterm-256color"})

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.wait()

    @property
    def echoes(self) -> bool:
        """Whether the terminal shows what is typed."""
        return bool(termios.tcgetattr(self._side)[3] & termios.ECHO)

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._end, keys.encode())

    def until(self, text: str) -> None:
        """Read until a text is on the screen."""
        deadline = time.monotonic() + 60
        while text not in self.screen.text:
            assert time.monotonic() < deadline, self.screen.text
            self._read(0.2)

    def wait(self) -> int:
        """Read to its end; return its exit status."""
        while self._status is None:
            self._read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = os.waitstatus_to_exitcode(status)
        self._read(0)
        return self._status

    def _read(self, seconds: float) -> None:
        while select.select([self._end], [], [], seconds)[0]:
            seconds = 0
            self.screen.put(self._decoder.decode(os.read(self._end, 65536)))
