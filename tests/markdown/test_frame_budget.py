"""A tail that can be cut nowhere is rendered now and then, and every letter of it is seen all the time."""

from __future__ import annotations

import pytest

from streamnb.markdown import LiveMarkdown, render
from streamnb.markdown.frame_budget import FrameBudget, FrameCost
from streamnb.markdown.work_counter import WorkCounter
from tests.markdown.growing import pieces
from tests.markdown.reading import read
from tests.markdown.receiver import Receiver

LONG = 1_600
HELD = 80


def count_visible_letters(html: str) -> int:
    """Return the letters that a reader sees."""
    return sum(letter == "a" for letter in read(html).text)


@pytest.mark.parametrize("unit", ["a*", "**a", "a$", "[a][", "\\a", "~~a"])
def test_every_letter_of_a_line_that_cannot_be_cut_is_seen_within_a_line_of_text(unit: str) -> None:
    text, live, receiver, sofar = unit * (LONG // len(unit)), LiveMarkdown(), Receiver(), ""
    for piece in pieces(text):
        receiver.apply(live.feed(piece))
        sofar += piece
        assert receiver.html == live.html
        assert sofar.count("a") - HELD <= count_visible_letters(live.html) <= sofar.count("a")
    live.close()
    assert live.html == render(text)


def test_what_stands_between_two_frames_is_text_within_the_last_block() -> None:
    live = LiveMarkdown()
    for piece in pieces("> - " + "a*" * LONG):
        live.feed(piece)
    patch = live.feed("<b>&")
    assert patch.tail.startswith("&lt;b&gt;&amp;</")
    assert live.tail.endswith("&lt;b&gt;&amp;</li>\n</ul>\n</blockquote>\n")


def test_a_blank_line_ends_what_costs_too_much() -> None:
    live = LiveMarkdown()
    for piece in pieces("a*" * LONG):
        live.feed(piece)
    live.feed("\n\n# Now\n")
    assert live.tail.endswith("<h1>Now</h1>\n")


def test_a_rule_of_stars_shows_nothing_of_them() -> None:
    live = LiveMarkdown()
    sent = sum(len(live.feed(piece).tail) for piece in pieces("*" * 2 * LONG))
    assert sent <= 20


def test_lists_in_lists_wait_for_a_line_of_text_when_their_ends_weigh_more_than_it() -> None:
    text, live = "1. " * 800, LiveMarkdown()
    sent = sum(len(live.feed(piece).tail) for piece in pieces(text))
    live.close()
    assert sent <= 4 * len(live.html)


def test_without_repairs_every_frame_is_exact() -> None:
    live, text = LiveMarkdown(repair=False), ""
    for piece in pieces("a*" * 400):
        live.feed(piece)
        text += piece
        assert live.html == render(text)


def test_definitions_of_many_links_in_one_paragraph_render_it_now_and_then() -> None:
    uses = "".join(f"A [word][l{number}] and more.\n" for number in range(100))
    definitions = "".join(f"[l{number}]: https://example.org/{number}\n" for number in range(100))
    work = WorkCounter()
    live = LiveMarkdown(work=work)
    live.feed(f"{uses}\n")
    before, sent = work.html_characters, 0
    for piece in pieces(definitions):
        sent += sum(map(len, live.feed(piece).fix.values()))
    assert work.html_characters - before < 12 * len(live.html)
    live.close()
    assert sent <= 4 * len(live.html)
    assert live.html == render(f"{uses}\n{definitions}")


def test_cheap_frames_save_for_a_costly_one() -> None:
    budget = FrameBudget()
    budget.spend("words", FrameCost(50_000, 50_000))
    assert not budget.allows("words", False)
    for _ in range(10):
        budget.spend("words", FrameCost(100, 100))
    budget.spend("words", FrameCost(2_500, 2_500))
    assert budget.allows("words", False)
    budget.spend("words", FrameCost(2_500, 2_500))
    budget.spend("words", FrameCost(2_500, 2_500))
    assert not budget.allows("words", False)
    assert budget.allows("w" * 750, False)


def test_a_frame_waits_where_it_would_send_again_what_is_shown_until_there_is_twice_as_much() -> None:
    budget = FrameBudget()
    budget.spend("words", FrameCost(700, 700))
    assert budget.allows("words", False)
    assert not budget.allows("words", False, repeats=True)
    assert budget.allows("w" * 700, False, repeats=True)


def test_footnotes_that_nobody_defines_end_as_the_text_that_they_are() -> None:
    text, live = "".join(f"words[^{number}] " for number in range(300)), LiveMarkdown()
    sent = sum(len(live.feed(piece).tail) for piece in pieces(text))
    assert "<sup" not in live.html
    sent += len(live.close().tail)
    assert live.html == render(text)
    assert sent <= 4 * len(live.html)


@pytest.mark.parametrize("head", ["", "> - ", "1. ", "1. a\n\n   ```\n   "])
def test_a_long_block_that_people_would_write_is_rendered_with_every_frame(
    head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[str] = []
    spend = FrameBudget.spend

    def record(budget: FrameBudget, text: str, cost: FrameCost) -> None:
        rendered.append(text)
        spend(budget, text, cost)

    monkeypatch.setattr(FrameBudget, "spend", record)
    live, text = LiveMarkdown(), head + "words **bold** and `code`, and $x_i$ in (brackets); " * 30
    text = text.replace("; ", ";\n   ") if "```" in head else text
    for piece in pieces(text):
        live.feed(piece)
    assert rendered == pieces(text)
