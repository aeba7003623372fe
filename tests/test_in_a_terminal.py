"""The command line and IPython in a terminal of their own, as a person sees them."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys

import pytest

from .support import posix_only
from .terminals import Program, Terminal, screen_of

pytestmark = posix_only

COMMAND = [sys.executable, "-m", "streamnb", "hi", "-m", "demo:tour", "--speed", "0"]


def test_the_command_line_draws_an_answer_in_a_terminal() -> None:
    screen = screen_of(COMMAND, columns=90, lines=100)
    assert (
        "\nLists\n\n1. Numbers count for themselves.\n2. A list can hold another:\n   • with points"
        in screen.text
    )
    assert "\n☑ see a heading appear\n" in screen.text
    assert "\nPlanet   Moons known in 2023   Length of a day\n───" in screen.text
    assert "**" not in screen.text
    assert screen.text.count("Isaac Newton") == 1
    assert "demo:tour · the demo model" in screen.text


def test_reasoning_is_folded_between_words_too() -> None:
    command = [*COMMAND[:4], "-m", "demo:thinking", "--speed", "0"]
    thoughts = screen_of(command, columns=40, lines=30).text.partition("I am streamnb")[0]
    assert thoughts == (
        "A third of 90 is 30. A quarter of 100\nis 25. So the first is more, by 5. I\n"
        "can say it in one line and show both\nsums.\n\n"
    )


def test_a_small_terminal_has_the_same_lines() -> None:
    large, small = (screen_of(COMMAND, columns=90, lines=lines).text for lines in (100, 9))
    assert (
        small.partition("Lists")[2].partition("Watch")[0] == large.partition("Lists")[2].partition("Watch")[0]
    )


@pytest.mark.slow
@pytest.mark.parametrize("refusal", ["NO_COLOR=1", "TERM=dumb", "--plain"])
def test_who_refuses_gets_the_source(refusal: str) -> None:
    name, _, value = refusal.partition("=")
    more, environ = ([refusal], {}) if refusal.startswith("-") else ([], {name: value})
    screen = screen_of([*COMMAND, *more], columns=90, lines=100, **environ)
    assert "## Lists" in screen.text
    assert "- [x] see a heading appear" in screen.text


@pytest.mark.slow
def test_ipython_in_a_terminal_draws_too() -> None:
    os.environ["STREAMNB_SPEED"] = "0"
    terminal = Terminal(
        "IPython", "--no-banner", "--simple-prompt", "--no-confirm-exit", columns=90, lines=60
    )
    try:
        terminal.type("%load_ext streamnb\n")
        seen = terminal.type("r = get_ipython().run_cell_magic('stream', 'demo:tour', 'hi')\n")
        assert "☑ " in seen
        plain = terminal.type("r = get_ipython().run_cell_magic('stream', 'demo:tour --plain', 'hi')\n")
        assert "- [x] see" in plain
    finally:
        terminal.close()
        del os.environ["STREAMNB_SPEED"]


@pytest.mark.slow
def test_keys_that_are_pressed_while_an_answer_is_drawn_shift_nothing() -> None:
    drawn = screen_of(COMMAND, columns=90, lines=100).text.partition("\nMaths\n")[0]
    with Program([*COMMAND[:-1], "4"], columns=90, lines=100) as program:
        program.until("see a heading")
        assert not program.echoes
        program.press("\rls\r\r")
        program.until("demo:tour · ")
        assert program.wait() == 0
    answer = program.screen.text.partition("\nMaths\n")[0]
    # The note came later than the paragraph that names it.
    assert answer == drawn.replace("footnote[1]", "footnote[^order]")
    assert program.echoes


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whatever_ends_it_the_terminal_echoes_again(number: signal.Signals) -> None:
    with Program([*COMMAND[:-1], "0.5"], columns=90, lines=100) as program:
        program.until("A tour")
        assert not program.echoes
        os.kill(program.pid, number)
        program.wait()
    assert program.echoes


@pytest.mark.slow
def test_a_stopped_program_gives_the_echo_back_and_draws_on_below() -> None:
    with Program(["/bin/bash", "--norc", "--noediting", "-i"], columns=90, lines=100) as shell:
        shell.press(f"{shlex.join(COMMAND[:-1])} 1\r")
        shell.until("see a heading")
        shell.press("\x1a")
        shell.until("Stopped")
        assert shell.echoes
        shell.press("fg\r")
        shell.until("A table")
        assert not shell.echoes
        shell.until("demo:tour · ")
        shell.press("exit\r")
        assert shell.wait() == 0
    assert re.search(r"Stopped .*# fg\n", shell.screen.text, re.DOTALL)
    assert "\nPlanet   Moons known in 2023   Length of a day\n───" in shell.screen.text


def test_what_draws_is_loaded_after_the_first_text() -> None:
    code = (
        "import sys, streamnb.cli\n"
        "from streamnb.views.terminal_blocks import TerminalBlocks\n"
        "late = ('rich', 'markdown_it', 'pygments')\n"
        "seen = []\n"
        "put = lambda text: text and seen.append([name for name in late if name in sys.modules])\n"
        "blocks = TerminalBlocks(None, put, lambda: None)\n"
        "blocks.feed('some *text* of the first piece')\n"
        "assert seen == [[]], seen\n"
        "blocks.end_block()\n"
        "assert all(name in sys.modules for name in late[:2])\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
