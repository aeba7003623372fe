"""``%%stream`` in ``jupyter console``: a kernel behind a terminal, which shows text alone."""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from importlib.util import find_spec

import pytest

from tests.support import missing

pytestmark = pytest.mark.slow


class Console:
    """``jupyter console`` in a terminal; ``type`` returns what is printed until the next prompt."""

    def __init__(self) -> None:
        self._count = 0
        self._pid, self._end = pty.fork()
        if self._pid == 0:
            os.environ["TERM"] = "xterm"
            options = ["--simple-prompt", "--ZMQTerminalInteractiveShell.confirm_exit=False"]
            os.execv(sys.executable, [sys.executable, "-m", "jupyter_console", *options])
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
        os.kill(self._pid, 15)
        os.waitpid(self._pid, 0)
        os.close(self._end)


def test_a_console_shows_the_answer_and_its_footer_and_stops() -> None:
    if find_spec("jupyter_console") is None:
        missing("jupyter_console is not installed")
    console = Console()
    try:
        console.type("%load_ext streamnb\n")
        # With a simple prompt a cell is one line.
        cell = "get_ipython().run_cell_magic('stream', '{}', 'hi')\n"
        shown = console.type(cell.format("demo:haiku"))
        assert "one drop, then one drop" in shown
        assert "demo" in shown
        assert "\x1b[" not in shown
        shown = console.type(cell.format("demo:long"), stop_at="telegraph")
        assert "Interrupted: answer" in shown
        assert "Traceback" not in shown
        assert "'interrupted'" in console.type("answer.state\n")
    finally:
        console.close()
