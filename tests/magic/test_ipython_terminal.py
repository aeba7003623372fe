"""``%%stream`` in IPython on a terminal: text as it comes, Ctrl-C, one line for what is amiss."""

from __future__ import annotations

import pytest

from tests.terminals import Terminal

pytestmark = pytest.mark.slow


def test_a_terminal_streams_stops_and_refuses() -> None:
    terminal = Terminal("IPython", "--simple-prompt", "--no-banner", "--colors=nocolor", "--no-confirm-exit")
    try:
        terminal.type("%load_ext streamnb\n")
        screen = terminal.type("%%stream demo\nA haiku, please\n\n\n")
        assert "one drop, then one drop" in screen
        assert "demo" in screen.splitlines()[-3]
        screen = terminal.type("%%stream demo:python --code\nx\n\n\n")
        assert "\n--code: the code is the next input\n" in screen
        assert "def " in terminal.type("print(get_ipython().rl_next_input)\n")
        screen = terminal.type("%%stream demo:long\nx\n\n\n", stop_at="telegraph")
        assert "\nInterrupted: answer has the" in screen
        assert "Traceback" not in screen
        assert "('interrupted', True)" in terminal.type("answer.state, 'telegraph' in answer\n")
        screen = terminal.type("%%stream --modle x\nhi\n\n\n")
        assert "UsageError: %%stream: there is no option --modle. Did you mean --model?\n" in screen
        assert "Traceback" not in screen
    finally:
        terminal.close()
