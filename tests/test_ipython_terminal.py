"""``%%stream`` in IPython on a terminal: text as it comes, Ctrl-C, one line for what is amiss."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time

import pytest

pytestmark = pytest.mark.slow


class Terminal:
    """IPython in a terminal of its own; ``type`` returns what is printed until the next prompt."""

    def __init__(self) -> None:
        self._count = 0
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.environ["TERM"] = "xterm"
            options = ["--simple-prompt", "--no-banner", "--colors=nocolor", "--no-confirm-exit"]
            os.execv(sys.executable, [sys.executable, "-m", "IPython", *options])
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
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)
        os.close(self._end)


def test_a_terminal_streams_stops_and_refuses() -> None:
    terminal = Terminal()
    try:
        terminal.type("%load_ext streamnb\n")
        shown = terminal.type("%%stream demo\nA haiku, please\n\n\n")
        assert "one drop, then one drop" in shown
        assert "demo" in shown.splitlines()[-3]
        shown = terminal.type("%%stream demo:long\nx\n\n\n", stop_at="telegraph")
        assert "\nInterrupted: answer has the" in shown
        assert "Traceback" not in shown
        assert "('interrupted', True)" in terminal.type("answer.state, 'telegraph' in answer\n")
        shown = terminal.type("%%stream --modle x\nhi\n\n\n")
        assert "UsageError: %%stream: there is no option --modle. Did you mean --model?\n" in shown
        assert "Traceback" not in shown
    finally:
        terminal.close()
