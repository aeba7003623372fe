"""The table of replies: what can be read in it, and that nothing in it does anything."""

from __future__ import annotations

import re

from streamnb import Replies, Reply
from streamnb.core.table_row import TableRow
from streamnb.render import replies_table
from streamnb.render.replies_table import LiveRow

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> **bold**\n\n[a](javascript:alert(1))"


def test_every_answer_is_whole_in_its_fold() -> None:
    html = replies_table.replies_to_html(Replies([Reply("# Title\n\nThe *rest*.", row=TableRow("why"))]))
    assert "<details><summary>" in html
    assert "<em" in html
    assert "rest" in html


def test_a_short_answer_needs_no_fold() -> None:
    assert "<details" not in replies_table.replies_to_html(Replies([Reply("yes", row=TableRow("why"))]))


def test_what_a_model_a_prompt_or_a_score_says_stays_text() -> None:
    row = TableRow(HOSTILE, {"n": HOSTILE}, {HOSTILE: HOSTILE})
    html = replies_table.replies_to_html(
        Replies([Reply(HOSTILE, model=HOSTILE, error=HOSTILE, state="error", row=row)])
    )
    assert "<script" not in html
    assert "<img" not in html
    assert "href" not in html
    assert "onerror" not in re.sub(r">[^<]*<", "><", html)


def test_a_terminal_gets_no_escapes() -> None:
    text = replies_table.replies_to_text(
        Replies([Reply("\x1b[31mred\x1b]0;title\x07", row=TableRow("\x1b[2J"))])
    )
    assert "\x1b" not in text
    assert "red" in text


def test_of_a_long_table_the_first_rows_are_shown_and_said() -> None:
    replies = Replies(Reply(f"answer {n}", row=TableRow(f"prompt {n}")) for n in range(250))
    html = replies_table.replies_to_html(replies)
    assert html.count("<tr") == 201
    assert "200 of 250 rows" in html
    assert "200 of 250 rows" in replies_table.replies_to_text(replies)


def test_values_stand_in_the_place_of_the_prompt_they_made() -> None:
    html = replies_table.replies_to_html(
        Replies([Reply("x", row=TableRow("5 words on rain", {"topic": "rain"}))])
    )
    assert ">topic<" in html
    assert ">prompt<" not in html


def test_a_model_is_a_column_only_where_there_are_several() -> None:
    one = Replies([Reply("x", model="a"), Reply("y", model="a")])
    two = Replies([Reply("x", model="a"), Reply("y", model="b")])
    assert ">model<" not in replies_table.replies_to_html(one)
    assert ">model<" in replies_table.replies_to_html(two)


def test_a_live_row_shows_the_beginning_of_its_answer() -> None:
    row = LiveRow("why", "demo")
    assert row.to_cells() == ["why", "demo", "", "waiting", "–"]
    row.feed("Beca")
    row.feed("use")
    assert row.to_cells() == ["why", "demo", "Because", "streaming", "–"]
    row.finish("Because it is.", "complete", 0.5)
    assert row.to_cells() == ["why", "demo", "Because it is.", "complete", "≈ $0.50"]


def test_the_demo_costs_nothing_and_what_nobody_knows_stays_unknown() -> None:
    demo, other = LiveRow("why", "demo:haiku"), LiveRow("why", "openai:gpt-4.1")
    assert demo.to_cells()[-1] == "–"
    for row, cost in ((demo, None), (other, 0.0)):  # a price of nothing is a gap in the list
        row.finish("x", "complete", cost)
    assert (demo.to_cells()[-1], other.to_cells()[-1]) == ("nothing", "–")
    other.finish("x", "complete", float("nan"))
    assert other.to_cells()[-1] == "–"
    replies = Replies([Reply("x", model="demo:haiku"), Reply("y", model="openai:gpt-4.1")])
    lines = replies_table.replies_to_text(replies).splitlines()
    assert ["nothing" in line for line in lines[1:]] == [True, False]


def test_a_live_table_of_many_follows_what_is_under_way() -> None:
    rows = [LiveRow() for _ in range(1000)]
    for row in rows[:600]:
        row.finish("x", "complete", None)
    rows[600].feed("here")
    cells, note = replies_table.visible_row_cells(rows)
    assert ["", "", "here", "streaming", "–"] in cells
    assert len(cells) == 200
    assert note == "200 of 1,000 rows"


def test_nothing_asked_is_said() -> None:
    assert replies_table.replies_to_text(Replies()) == "no replies"
    assert "<table" in replies_table.replies_to_html(Replies())


def test_an_answer_has_room_in_a_narrow_page_and_a_printed_one_holds_every_column() -> None:
    html = replies_table.replies_to_html(Replies([Reply("One line.\n\nAnother.", model="a")]))
    assert html.count("min-width:20em;min-width:if(media(overflow-block:paged):0;else:20em)") == 1
