"""A question about a tool: what it shows, and which answers count."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from streamnb.core.reply import ToolCall
from streamnb.render import panels
from streamnb.render.terminal_escape import mark_hidden_characters
from streamnb.views import approval
from streamnb.views.approval import ApprovalRequest

LONG = "x" * 25_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the questions go by, in seconds."""
    now = [0.0]
    monkeypatch.setattr(approval.time, "monotonic", lambda: now[0])
    return now


def visible(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def test_an_answer_counts_only_if_it_names_its_question(clock: list[float]) -> None:
    question, other = ApprovalRequest(ToolCall("look", {})), ApprovalRequest(ToolCall("look", {}))
    clock[0] = 60.0
    for id_ in ("", "1", other.id, question.id.upper() + "x", "é"):
        question.on_page_answer(id_, True)
    assert not question.settled.is_set()
    question.on_page_answer(question.id, True)
    assert question.answer is True


def test_a_new_question_takes_no_click_for_a_moment(clock: list[float]) -> None:
    question = ApprovalRequest(ToolCall("look", {}))
    clock[0] = 0.4
    question.on_page_answer(question.id, True)
    assert not question.settled.is_set()
    clock[0] = 0.6
    question.on_page_answer(question.id, False)
    assert question.answer is False


def test_an_answer_is_not_changed_by_a_second_one(clock: list[float]) -> None:
    question = ApprovalRequest(ToolCall("look", {}))
    clock[0] = 1.0
    question.on_page_answer(question.id, False)
    question.on_page_answer(question.id, True)
    question.set_answer(True)
    assert question.answer is False


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e",
        "\u200b",
        "\u2066",
        "\u00ad",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\U000e0041",
        "\x1b",
        "\xa0",
        "\ud83d",
    ],
)
def test_what_cannot_be_seen_is_named_in_a_question(hidden: str) -> None:
    call = ToolCall(f"rm{hidden}", {f"pa{hidden}th": f"/tmp/{hidden}x"})
    mark = f"⟨U+{ord(hidden):04X}⟩"
    for text in (visible(ApprovalRequest(call).html), ApprovalRequest(call).line):
        assert hidden not in text
        assert f"rm{mark}(pa{mark}th=" in text
        assert mark in text.partition("=")[2] or "\\u001b" in text  # JSON has a way of its own to write it


def test_letters_of_every_script_stay_as_they_are() -> None:
    assert mark_hidden_characters("Größe 大小 حجم आकार 🙂") == "Größe 大小 حجم आकार 🙂"


def test_a_long_argument_hides_none_after_it() -> None:
    call = ToolCall("write", {"text": LONG, "path": "/etc/passwd", LONG: 1})
    question = ApprovalRequest(call)
    beginning = visible(question.html.partition("<details>")[0])
    assert len(beginning) < 600
    assert 'path="/etc/passwd"' in visible(question.html)
    assert visible(question.html).count("x") >= 25_000  # all of it is there, folded
    assert "24,502 more characters" in question.html
    assert 'path="/etc/passwd"' in question.line
    assert len(question.line) < 1_000
    assert question.line.endswith("? [y/N, ? shows all of it]")


def test_a_question_mark_at_the_keyboard_shows_the_whole_call(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = iter(["?", "y"])
    monkeypatch.setattr("builtins.input", lambda prompt: next(typed))
    question = ApprovalRequest(ToolCall("write", {"text": LONG}))
    question.ask_at_keyboard(lambda: None)
    assert LONG in capsys.readouterr().out
    assert question.answer is True


def test_an_argument_that_is_no_json_is_shown_as_it_is_and_in_one_line() -> None:
    line = panels.call_line(ToolCall("run", "first\nsecond"), 400)
    assert line == "run(first⟨U+000A⟩second)"


@pytest.mark.parametrize("make", [panels.tool_calls_panel, panels.steps_panel])
def test_a_panel_of_thousands_says_how_many_more_there_are(make: Any) -> None:
    html = make([ToolCall(f"tool{number}", {"at": "x" * 100}) for number in range(20_000)])
    assert len(html) < 50_000
    assert "20,000" in html
    assert "… and 19,900 more" in html


def test_a_panel_of_huge_calls_is_bounded_too() -> None:
    html = panels.tool_calls_panel([ToolCall("write", {"text": LONG}, result=LONG) for _ in range(100)])
    assert len(html) < 500_000
    assert "… and " in html


def test_marks_that_tower_over_a_letter_are_named_from_the_fifth_on() -> None:
    tower = mark_hidden_characters("rm" + "\u0301" * 6 + "\u20dd x")
    assert tower == "rm" + "\u0301" * 4 + "⟨U+0301⟩" * 2 + "⟨U+20DD⟩ x"
    assert mark_hidden_characters("Việt ที่ שָׁלוֹם") == "Việt ที่ שָׁלוֹם"


def test_a_forged_name_that_cannot_be_encoded_answers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(approval, "MIN_READING_S", 0.0)
    question = ApprovalRequest(ToolCall("f", {}))
    for name in ("\ud83d", "\udc00" * 16, "é" * 9999, ""):
        question.on_page_answer(name, True)
    assert not question.settled.is_set()
    question.on_page_answer(question.id, True)
    assert question.answer is True
