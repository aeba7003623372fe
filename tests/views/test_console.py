"""``%%stream`` in ``jupyter console``: a kernel behind a terminal, which shows text alone."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from tests.support import missing
from tests.terminals import Terminal

pytestmark = pytest.mark.slow


def test_a_console_shows_the_answer_and_its_footer_and_stops() -> None:
    if find_spec("jupyter_console") is None:
        missing("jupyter_console is not installed")
    console = Terminal(
        "jupyter_console", "--simple-prompt", "--ZMQTerminalInteractiveShell.confirm_exit=False"
    )
    try:
        console.type("%load_ext streamnb\n")
        # With a simple prompt a cell is one line.
        cell = "get_ipython().run_cell_magic('stream', '{}', 'hi')\n"
        screen = console.type(cell.format("demo:haiku"))
        assert "one drop, then one drop" in screen
        assert "demo" in screen
        assert "\x1b[" not in screen
        table = "import streamnb; streamnb.map(['a'], model='demo:haiku', speed=0)\n"
        screen = console.type(table)
        assert "1 of 1" in screen
        assert screen.count("first token") == 1  # the table, once
        screen = console.type(cell.format("demo:long"), stop_at="telegraph")
        assert "Interrupted: answer" in screen
        assert "Traceback" not in screen
        assert "'interrupted'" in console.type("answer.state\n")
    finally:
        console.close()
