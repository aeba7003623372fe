"""An interactive program in a pseudo-terminal, typed to as a person would."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time

__all__ = ["Terminal"]


class Terminal:
    """A program in a terminal of its own; ``type`` returns what is printed until the next prompt.

    ``module`` is run with ``options``; its prompts are ``In [n]:``.
    """

    def __init__(self, module: str, *options: str) -> None:
        self._count = 0
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.environ["TERM"] = "xterm"
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
