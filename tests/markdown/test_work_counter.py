"""What an answer takes grows as the answer does, of whatever kind it is: counted by the engine itself.

A frame brings 28 characters and every frame is rendered.  The bounds are a tenth above what was counted.
"""

from __future__ import annotations

from typing import Any

import pytest
from markdown_it import MarkdownIt

from streamnb.markdown import LiveMarkdown, render
from streamnb.markdown.parser import new_parser
from streamnb.markdown.work_counter import WorkCounter
from tests.markdown.growing import HOSTILE_KINDS, KINDS, STRANGE_KINDS, growing, pieces

PER_CHARACTER = {
    "answer": 16,
    "paragraph": 29,
    "paragraph without blanks": 22,
    "list": 25,
    "list, nested": 30,
    "fence": 0.01,  # it is not parsed
    "fence in an item": 23,
    "table": 31,
    "quote": 30,
    "list with footnotes": 43,
    "emphasis over a block": 18,
    "heading": 19,
    "formulas": 15,
    "[": 17,
    "![": 16,
    "quotes": 64,
}


def stream(text: str, repair: bool = True) -> tuple[WorkCounter, float]:
    """Return the work that a text took, and the characters of its patches by those of its HTML."""
    work, sent = WorkCounter(), 0
    live = LiveMarkdown(repair, work=work)
    for patch in [*map(live.feed, pieces(text)), live.close()]:
        sent += len(patch.tail) + sum(map(len, patch.seal)) + sum(map(len, patch.fix.values()))
    return work, sent / (len(live.html) or len(text))  # definitions have no HTML


def check(name: str, characters: int) -> None:
    """Check one kind at this size and at twice this size."""
    (half, _), (whole, patches) = stream(growing(name, characters)), stream(growing(name, 2 * characters))
    assert whole.total <= 2.2 * half.total
    assert whole.total <= PER_CHARACTER[name] * 2 * characters
    assert patches <= 4


@pytest.mark.parametrize("name", KINDS)
def test_twice_an_answer_is_twice_the_work(name: str) -> None:
    check(name, 3_000)


@pytest.mark.parametrize("name", STRANGE_KINDS)
def test_strange_answers_grow_as_others_do_and_cost_at_most_four_times_as_much(name: str) -> None:
    (half, _), (whole, patches) = stream(growing(name, 2_500)), stream(growing(name, 5_000))
    assert whole.total <= 2.2 * half.total
    assert whole.total <= 4 * PER_CHARACTER["answer"] * 5_000
    assert patches <= 4


@pytest.mark.parametrize(
    "name",
    [
        "formulas, one a line",
        "lists of quotes of lists",
        "lists deeper than they nest",
        "alert of many lines",
        "links in a row",
        "pictures in a row",
        "lines of colons",
    ],
)
def test_twice_of_what_can_be_cut_is_twice_the_work_without_repairs(name: str) -> None:
    (half, _), (whole, _) = (stream(growing(name, size), repair=False) for size in (2_500, 5_000))
    assert whole.total <= 2.2 * half.total


def test_a_dash_below_the_words_of_an_item_lets_little_be_read_again() -> None:
    """Without repairs the dash makes a heading of the words until the next letter comes."""
    works = []
    for size in (4_000, 16_000):
        works.append(work := WorkCounter())
        live, text = LiveMarkdown(repair=False, work=work), growing("list, nested", size)
        for start in range(0, size, 3):
            live.feed(text[start : start + 3])
    assert works[1].total <= 4.4 * works[0].total


@pytest.mark.parametrize(
    "name",
    [
        name if name in ("*", "~~a", "[a](") else pytest.param(name, marks=pytest.mark.slow)
        for name in HOSTILE_KINDS
    ],
)
def test_twice_of_what_is_meant_to_be_slow_is_twice_the_work(name: str) -> None:
    (half, _), (whole, patches) = stream(growing(name, 4_000)), stream(growing(name, 8_000))
    assert whole.total <= 2.2 * half.total
    html = len(render(growing(name, 8_000)))  # what is written a hundred times as long has to be written
    assert whole.total <= max(4 * PER_CHARACTER["answer"] * 8_000, 10 * html)
    assert patches <= 4


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_a_long_answer_takes_no_more_for_a_character(name: str) -> None:
    check(name, 32_000)


def test_runs_of_backticks_that_close_one_another_are_not_sent_again_with_every_frame() -> None:
    text = "".join("a" + "`" * length + " " for length in range(1, 130))
    _, patches = stream(text)
    assert patches <= 4


def test_the_work_of_a_text_is_counted_once_for_each_time_it_is_read() -> None:
    work = WorkCounter()
    live = LiveMarkdown(repair=False, work=work)
    live.feed("some *words*")
    assert work.text_characters == 12
    assert work.block_attempts == 1
    assert work.html_characters == len("<p>some <em>words</em></p>\n") + len(
        "some <em>words</em>"
    )  # to remember it
    assert 5 <= work.tokens <= 9
    live.feed(" and more")
    assert work.text_characters == 12 + 21


def test_nothing_is_counted_and_no_rule_is_added_where_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    parsers: list[MarkdownIt] = []

    def recorded(**options: Any) -> MarkdownIt:
        parsers.append(new_parser(**options))
        return parsers[-1]

    monkeypatch.setattr("streamnb.markdown.live.new_parser", recorded)
    LiveMarkdown()
    LiveMarkdown(work=WorkCounter())
    names, counted = (parser.get_active_rules() for parser in parsers)
    assert "count_inline" in counted["inline"]
    assert not any(name.startswith("count") for rules in names.values() for name in rules)
