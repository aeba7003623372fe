"""The terminal view: nothing of a model's text can steer a terminal, however it is cut."""

from __future__ import annotations

import io
import os
import re
import threading

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streamnb.core.events import (
    Citation,
    Image,
    Notice,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    ToolResult,
)
from streamnb.core.reply import Reply, ToolCall
from streamnb.render.terminal_escape import TerminalSanitizer
from streamnb.views.terminal import TerminalView
from streamnb.views.terminal_abilities import wants_colour


def sanitized_text(*pieces: str) -> str:
    filtered = TerminalSanitizer()
    return "".join([*map(filtered.feed, pieces), filtered.close()])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("naïve 日本 😀", "naïve 日本 😀"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hhome", "home"),
        ("\x9b31mred", "red"),
        ("\x1b]52;c;ZXZpbA==\x07after", "after"),
        ("\x1b]0;title\x1b\\after", "after"),
        ("\x9d8;;javascript:1\x9clink", "link"),
        ("\x1bP1$r\x1b\\x\x1b_app\x1b\\y\x1b^pm\x1b\\z\x1bXsos\x1b\\!", "xyz!"),
        ("\x1b(Bcharset \x1bcreset", "charset reset"),
        ("a\rb\r\nc\x08\x07\x0b\x0c\x00\x7f", "ab\nc"),
        ("\x1b]never ends\nnext line", "\nnext line"),
        ("pay\u202e001\u2066", "pay⟨U+202E⟩001⟨U+2066⟩"),
        ("a\u200bb\ufeff", "a⟨U+200B⟩b⟨U+FEFF⟩"),
        ("\U000e0041", "⟨U+E0041⟩"),
        ("a\u200db", "a⟨U+200D⟩b"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("\ud83d\ude00 \ud83d", "😀 \ufffd"),
    ],
)
def test_control_goes_and_text_stays(text: str, expected: str) -> None:
    assert sanitized_text(text) == expected
    assert sanitized_text(*text) == expected


def test_an_open_sequence_cannot_hide_the_rest() -> None:
    assert sanitized_text("\x1b]" + "q" * 600 + " the end").endswith("the end")


TEETH = "\x1b\x9b\x9d\x90\x9c\x07\x08\r\n[]P_\\;mJ0 a😀\u202e\u200d\ud83d\ude00\U000e0041"


@given(st.lists(st.text(alphabet=TEETH, max_size=8), max_size=8))
@example(["\x1b", "]52;", "c;x", "\x1b", "\\y"])
def test_any_cut_shows_the_same_and_nothing_that_steers(pieces: list[str]) -> None:
    whole = sanitized_text("".join(pieces))
    assert sanitized_text(*pieces) == whole
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\U000e0000-\U000e007f\ud800-\udfff]", whole)


@given(st.text(alphabet=TEETH, max_size=700))
def test_a_long_open_sequence_steers_nothing_either(text: str) -> None:
    whole = sanitized_text("\x1b]" + "q" * 510 + text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", whole)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_text_goes_out_as_it_comes_and_the_footer_to_the_other_stream() -> None:
    out, about = io.StringIO(), io.StringIO()
    view = TerminalView(out, about, closing=lambda reply: "the footer")
    view.open(lambda: None)
    view.show([TextDelta("one ")])
    assert out.getvalue() == "one "
    view.show([TextDelta("two")])
    view.close(Reply("one two"))
    assert out.getvalue() == "one two\n"
    assert about.getvalue() == "the footer\n"


def test_colours_and_waiting_are_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for out, coloured in ((Terminal(), True), (io.StringIO(), False)):
        view = TerminalView(out, closing=lambda reply: "footer")
        view.open(lambda: None)
        view.show([TextDelta("text")])
        view.close(Reply("text"))
        assert ("\x1b[2m" in out.getvalue()) is coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Terminal())


def test_what_is_said_about_an_answer_is_harmless_too() -> None:
    out = io.StringIO()
    view = TerminalView(out, closing=lambda reply: "foo\x1b[2Jter")
    view.open(lambda: None)
    view.show(
        [
            Notice("wait\x1b]0;x\x07ing"),
            ToolCallDelta(0, "1", "look\x1b[1mup", ""),
            Citation("A\x07", "https://example.org"),
            Image("image/png", b"123"),
            ReasoningDelta("thought"),
        ]
    )
    view.close(Reply(""))
    assert out.getvalue() == (
        "waiting\nasks for lookup(…)\nsource: A https://example.org\n[image/png, 3 bytes]\nfooter\n"
    )


def test_thoughts_are_shown_on_a_terminal_apart_from_the_text() -> None:
    about, out = Terminal(), io.StringIO()
    view = TerminalView(out, about, closing=lambda reply: "footer")
    view.open(lambda: None)
    view.show([ReasoningDelta("let me see"), TextDelta("42")])
    view.close(Reply("42"))
    assert out.getvalue() == "42\n"
    assert "let me see" in about.getvalue()


def test_letters_that_the_stream_cannot_write_are_replaced() -> None:
    raw = io.BytesIO()
    view = TerminalView(io.TextIOWrapper(raw, encoding="ascii"), closing=lambda reply: "ok")
    view.open(lambda: None)
    view.show([TextDelta("é😀")])
    view.close(Reply("é😀"))
    assert raw.getvalue() == b"??\nok\n"


def test_a_reader_that_has_gone_ends_the_stream() -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    stopped: list[bool] = []
    view = TerminalView(Closed(), io.StringIO())
    view.open(lambda: stopped.append(True))
    view.show([TextDelta("x")])
    view.close(Reply("x"))
    assert stopped
    assert isinstance(view.write_error, BrokenPipeError)


class Keyboard:
    """Standard input of a person who types ``line``, or nothing."""

    def __init__(self, line: str = "") -> None:
        self._reader, self._writer = os.pipe()
        os.write(self._writer, line.encode())

    def fileno(self) -> int:
        return self._reader

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return os.read(self._reader, 100).decode()

    def close(self) -> None:
        os.close(self._reader)
        os.close(self._writer)


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("Yes\n", True), ("\n", False), ("n\n", False)])
def test_a_call_is_asked_for_at_the_keyboard(
    typed: str, agreed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = Keyboard(typed)
    monkeypatch.setattr("sys.stdin", keyboard)
    out = Terminal()
    view = TerminalView(out, closing=lambda reply: "")
    view.open(lambda: None)
    assert view.ask(ToolCall("look_up", {"city": "Rome\x1b[2J"})) is agreed
    assert 'Run look_up(city="Rome' in out.getvalue()
    assert "\x1b[2J" not in out.getvalue()
    keyboard.close()


def test_nobody_is_asked_where_nobody_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert TerminalView(Terminal()).ask(ToolCall("look_up", {})) is None
    assert TerminalView(io.StringIO()).ask(ToolCall("look_up", {})) is None


def test_a_stream_in_the_background_does_not_take_the_keyboard_from_the_prompt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keyboard = Keyboard("y\n")
    monkeypatch.setattr("sys.stdin", keyboard)
    answers: list[bool | None] = []

    def stream() -> None:
        view = TerminalView(Terminal(), closing=lambda reply: "")
        view.open(lambda: None)
        answers.append(view.ask(ToolCall("look_up", {})))

    background = threading.Thread(target=stream)
    background.start()
    background.join(10)
    assert answers == [None]
    keyboard.close()


def test_a_question_ends_with_its_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = Keyboard()
    monkeypatch.setattr("sys.stdin", keyboard)
    view = TerminalView(Terminal(), closing=lambda reply: "")
    view.open(lambda: None)
    answers: list[bool | None] = []
    asking = threading.Thread(target=lambda: answers.append(view.ask(ToolCall("look_up", {}))))
    asking.start()
    view.close(Reply(""))
    asking.join(10)
    assert answers == [False]
    keyboard.close()


def test_what_a_tool_gave_is_one_line_and_a_failure_is_left_to_its_notice() -> None:
    out = io.StringIO()
    view = TerminalView(out)
    view.show(
        [
            ToolCallDelta(0, "1", "add", "{}"),
            ToolResult(0, "add", {"sum": 5}),
            ToolResult(1, "write", "line one\nline two"),
            ToolResult(2, "broken", "KeyError: 'x'", failed=True),
        ]
    )
    assert out.getvalue() == 'asks for add(…)\nadd gave {"sum": 5}\nwrite gave line one line two\n'
