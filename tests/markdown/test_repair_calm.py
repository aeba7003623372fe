"""Answers of many kinds, two letters at a time: what is shown stays, stands still, and comes soon.

The counting is the benchmark's, ``tests/benchmarks/bench_calm.py``.
"""

from __future__ import annotations

import pytest

from streamnb.markdown import LiveMarkdown, render
from tests.benchmarks.bench_calm import Page, measure, own_answers, recorded_answers
from tests.support import shared


def assert_calm(texts: list[str]) -> None:
    row = measure(texts, repair=True).row()
    assert row["taken_back"] <= 2
    assert row["flips"] <= 4
    assert row["raw"] <= 4
    assert row["held_longest"] <= 80


def test_two_answers_grow_calmly() -> None:
    assert_calm([text for text in own_answers() if text.startswith(("# Three days", "**Short answer"))])


@pytest.mark.slow
def test_all_answers_grow_calmly() -> None:
    assert_calm(own_answers())


@pytest.mark.slow
def test_recorded_answers_grow_calmly() -> None:
    shared("wire")
    assert_calm(recorded_answers())


def test_the_count_sees_what_a_repair_is_for() -> None:
    row = measure(own_answers()[:1], repair=False).row()
    assert min(row["taken_back"], row["flips"], row["raw"]) > 10


@pytest.mark.parametrize("text", own_answers(), ids=lambda text: text[:20])
def test_nothing_of_a_repair_is_left_in_the_end(text: str) -> None:
    live = LiveMarkdown(repair=True)
    for start in range(0, len(text), 7):
        live.feed(text[start : start + 7])
    live.close()
    assert live.html == render(text)


def test_a_page_is_read_as_a_reader_reads_it() -> None:
    page = Page()
    page.feed("<ul><li>one <em>two</em></li><li>three</li></ul><p>fo<b>ur</b><br>five")
    assert page.text == "one two three four five"
    assert page.elements[(0, 0, 0)] == "em"
    assert page.elements[(1, 1)] == "br"
