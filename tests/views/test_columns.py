"""Several streams in one output: what each place shows while they run, and what is left."""

from __future__ import annotations

import io
from html.parser import HTMLParser
from typing import Any

import pytest

from streamnb.core.events import Finished, TextDelta, Usage
from streamnb.core.reply import Reply
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.core.timing import Timing
from streamnb.render import comparison, inline_css
from streamnb.views import display_update_columns, output, widget_columns, widget_output
from streamnb.views.base import NoView
from streamnb.views.columns import Columns, NoColumns, TerminalColumns, columns_for
from streamnb.views.display_update_columns import DisplayUpdateColumns
from streamnb.views.widget_columns import WidgetColumns

EVIL = "<img src=x onerror=alert(1)>\x1b[2J"


def reply(text: str, **about: Any) -> Reply:
    timing = Timing(0.5, 0.5, 2.0, 20.0, 3, (0.1, 0.2))
    return Reply(text, **{"model": "demo:test", "usage": Usage(5, 40), "timing": timing} | about)


def play(columns: Columns, **texts: str) -> dict[str, Reply]:
    """Let each column say its text, in turns, and close them all."""
    views = {name: columns.add_column(name, "") for name in texts}
    columns.open()
    for view in views.values():
        view.open(lambda: None)
    for at in range(0, max(map(len, texts.values())), 4):
        for name, view in views.items():
            if piece := texts[name][at : at + 4]:
                view.show([TextDelta(piece)])
        columns.flush()
    replies = {}
    for name, view in views.items():
        draft = ReplyBuilder(name)
        draft.feed([TextDelta(texts[name]), Finished("complete")], 1.0)
        replies[name] = draft.build_reply(2.0)
        view.close(replies[name])
        columns.flush()
    columns.close(comparison.answers_table(replies))
    return replies


class Outputs:
    """What would have been published: displays and their updates, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all: list[dict[str, Any]] = []
        self.metadata: dict[str, Any] = {}
        monkeypatch.setattr(output.Output, "show", lambda _, bundle: self._note(bundle))
        monkeypatch.setattr(output.Output, "update", lambda _, bundle: self._note(bundle))

    def _note(self, bundle: Any) -> None:
        self.all.append(bundle.data)
        self.metadata = bundle.metadata


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Outputs:
    return Outputs(monkeypatch)


# -- what is left ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [DisplayUpdateColumns, WidgetColumns])
def test_every_view_leaves_the_same_bundle_of_all(
    kind: type[Columns], outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget_output, "SWAP_TIMEOUT_S", 0)
    play(kind(), one="**first**", two="second")
    left = outputs.all[-1]
    assert set(left) == {"text/html", "text/markdown", "text/plain"}
    assert left["text/html"].count('class="snb-column"') == 2
    assert "<strong>first</strong>" in left["text/html"]
    assert left["text/html"].index("snb-compared") > left["text/html"].rindex("snb-footer")
    assert left["text/plain"].index("**first**") < left["text/plain"].index("second")
    answers = outputs.metadata["streamnb"]["answers"]
    texts = [left["text/plain"][slice(*answers[name]["text_range"])] for name in ("one", "two")]
    assert texts == ["**first**", "second"]


def test_a_column_that_appears_does_not_take_the_widgets_place(outputs: Outputs) -> None:
    columns = WidgetColumns()
    view = columns.add_column("one", "")
    columns.open()
    view.open(lambda: None)
    for _ in range(3):
        view.show([TextDelta("text ")])
        columns.flush()
    assert len(outputs.all) == 1
    assert widget_output.WIDGET_MIME in outputs.all[0]


def test_captured_columns_are_displayed_once(outputs: Outputs) -> None:
    play(DisplayUpdateColumns(live=False), one="first", two="second")
    assert len(outputs.all) == 1


class Tags(HTMLParser):
    """The names of all elements and attributes of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_names_from_outside_are_harmless_in_the_bundle() -> None:
    seat = display_update_columns.ColumnOutput(EVIL, EVIL)
    left = display_update_columns.bundle(
        {EVIL: seat}, comparison.answers_table({EVIL: reply("x")}, {EVIL: EVIL})
    )
    tags = Tags(left.data["text/html"])
    assert "img" not in tags.tags
    assert "onerror" not in tags.attributes
    assert "\x1b" not in left.data["text/plain"]


def test_the_look_of_columns_is_written_into_them() -> None:
    seat = display_update_columns.ColumnOutput("one", "")
    html = display_update_columns.bundle({"one": seat}, comparison.answers_table({"one": reply("x")})).data[
        "text/html"
    ]
    assert "flex-wrap:wrap" in html
    assert inline_css.rules_by_selector()[".snb-column"] in html


# -- while they run ----------------------------------------------------------------------------


class Sent:
    """Messages that a widget would have sent."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all: list[dict[str, Any]] = []
        kind = widget_columns.ColumnsWidget
        monkeypatch.setattr(kind, "send", lambda _, content, buffers=None: self.all.append(content))
        monkeypatch.setattr(kind, "on_msg", lambda _, callback, remove=False: self.callbacks.append(callback))
        self.callbacks: list[Any] = []

    def say(self, message: object) -> None:
        """Say something as a page does."""
        for callback in self.callbacks:
            callback(None, message, None)


def test_what_all_columns_say_between_two_beats_is_one_message(
    outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = WidgetColumns()
    sent = Sent(monkeypatch)
    views = [columns.add_column(str(n), "") for n in range(5)]
    columns.open()
    for view in views:
        view.open(lambda: None)
        view.show([TextDelta("hello")])
    columns.flush()
    columns.flush()
    (message,) = sent.all
    assert message["kind"] == "columns"
    assert [index for index, _ in message["messages"]] == [0, 1, 2, 3, 4]


def test_a_page_speaks_to_one_column(outputs: Outputs, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = WidgetColumns()
    page = Sent(monkeypatch)
    stopped: list[int] = []
    for number in range(3):
        columns.add_column(str(number), "").open(lambda number=number: stopped.append(number))  # type: ignore[misc]
    columns.open()
    for word in ({"column": 1, "message": {"kind": "stop"}}, {"column": 9, "message": {"kind": "stop"}}, "x"):
        page.say(word)
    assert stopped == [1]


def test_a_page_that_missed_frames_gets_the_whole_of_its_column_and_the_table(
    outputs: Outputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(widget_output, "SWAP_TIMEOUT_S", 3600)
    columns = WidgetColumns()
    sent = Sent(monkeypatch)
    play(columns, one="first", two="second")
    sent.all.clear()
    sent.say({"column": 1, "message": {"kind": "ask"}})
    table, whole, bundle = sent.all
    assert bundle["kind"] == "bundle"
    assert "snb-compared" in table["html"]
    ((index, message),) = whole["messages"]
    assert (index, message["kind"], message["characters"]) == (1, "whole", 6)


def test_a_terminal_prints_one_after_the_other() -> None:
    out, about = io.StringIO(), io.StringIO()
    columns = TerminalColumns(out, about)
    first, second = columns.add_column("one", "seed 1"), columns.add_column("two", "")
    for view in (first, second):
        view.open(lambda: None)
    second.show([TextDelta("SECOND")])
    first.show([TextDelta("fir")])
    columns.flush()
    assert out.getvalue() == "fir"
    second.close(reply("SECOND"))
    first.show([TextDelta("st")])
    first.close(reply("first"))
    columns.close(comparison.answers_table({"one": reply("first"), "two": reply("SECOND")}))
    assert out.getvalue() == "first\nSECOND\n"
    text = about.getvalue()
    assert text.index("── one · seed 1 ──") < text.index("── two ──") < text.index("first token  ")


def test_where_nobody_watches_nothing_is_shown() -> None:
    assert isinstance(columns_for(display=None), NoColumns)
    columns = columns_for(display=False)
    assert isinstance(columns.add_column("one", ""), NoView)


# -- tables ------------------------------------------------------------------------------------


def test_the_table_compares_what_is_known_and_says_what_is_not() -> None:
    table = comparison.answers_table({"a": reply("12345", cost=0.0012), "b": Reply("")})
    assert table.head == ("answer", "first token", "tokens/s", "tokens", "cost", "length")
    assert table.rows == (
        ("a", "0.50 s", "20", "40", "≈ $0.0012", "5 characters"),
        ("b", "–", "–", "–", "unknown", "0 characters"),
    )


def test_the_demo_costs_nothing_in_the_table_as_in_its_footer() -> None:
    table = comparison.answers_table({"a": reply("x"), "b": reply("x", model="openai:x")})
    assert [row[4] for row in table.rows] == ["nothing", "unknown"]


def test_states_are_told_where_not_all_are_complete() -> None:
    table = comparison.answers_table({"a": reply("x"), "b": reply("", state="lost")})
    assert [row[1] for row in table.rows] == ["complete", "lost"]


def marked(**replies: Reply) -> dict[str, str]:
    """Return the marked figures of a table, each with its mark and the answer that has it."""
    table = comparison.answers_table(replies)
    return {f"{table.rows[row][0]} {table.head[column]}": mark for (row, column), mark in table.marks.items()}


def test_the_fastest_the_cheapest_and_the_longest_are_marked_in_words() -> None:
    fast, slow = Timing(0.1, 0.1, 1.0, 90.0, 5), Timing(0.1, 0.1, 1.0, 20.0, 5)
    replies = {"a": reply("long text", cost=0.002, timing=slow), "b": reply("x", cost=0.001, timing=fast)}
    assert marked(**replies) == {"b tokens/s": "fastest", "b cost": "cheapest", "a length": "longest"}
    table = comparison.answers_table(replies)
    text = comparison.table_to_text(table).splitlines()
    assert "fastest 90" in text[2]
    assert "cheapest ≈ $0.0010" in text[2]
    assert text[1].endswith("longest 9 characters")
    assert len(text[1]) == len(text[2])  # the figures still end below each other
    assert '<span class="snb-mark">fastest</span> 90</td>' in comparison.table_to_html(table)


def test_a_tie_is_shared_and_all_alike_are_not_marked() -> None:
    rates = [Timing(0.1, 0.1, 1.0, rate, 5) for rate in (90.1, 90.2, 20.0)]
    shared = marked(
        a=reply("x", timing=rates[0]), b=reply("x", timing=rates[1]), c=reply("x", timing=rates[2])
    )
    assert shared == {"a tokens/s": "fastest", "b tokens/s": "fastest"}
    assert marked(a=reply("x", cost=0.1), b=reply("y", cost=0.1)) == {}
    assert marked(a=reply("only one", cost=0.1)) == {}


def test_nobody_is_the_cheapest_where_a_cost_is_unknown_and_a_fault_wins_nothing() -> None:
    unknown = marked(a=reply("x", cost=0.1), b=reply("y", cost=0.2), c=reply("z", cost=None))
    assert unknown == {}
    fast = Timing(0.1, 0.1, 1.0, 900.0, 5)
    lost = reply("x", state="lost", timing=fast, cost=0.0001)
    slower = Timing(0.1, 0.1, 1.0, 10.0, 5)
    two = {"a": reply("x", cost=0.1), "b": reply("y", cost=0.2, timing=slower)}
    assert marked(**two, c=lost) == {"a tokens/s": "fastest", "a cost": "cheapest"}


def test_surfaces_are_compared_by_the_gaps_between_chunks() -> None:
    even = Timing(0.1, 0.1, 1.0, 50.0, 5, (0.1,) * 4)
    uneven = Timing(0.1, 0.1, 1.0, 50.0, 5, (0.0, 0.0, 0.0, 0.4))
    table = comparison.pace_table({"even": reply("x", timing=even), "uneven": reply("x", timing=uneven)})
    rows = {row[0]: row[1:] for row in table.rows}
    assert rows["jitter"] == ("0.0 ms", "0.17 s")
    assert rows["gap, longest"] == ("0.10 s", "0.40 s")
    assert rows["total tokens"] == ("45", "45")
    assert len(table.pace_bars["even"]) == len(table.pace_bars["uneven"])
    assert sum(bar > 0 for bar in table.pace_bars["even"]) == 5
    assert sum(bar > 0 for bar in table.pace_bars["uneven"]) == 2
    assert max(table.pace_bars["uneven"]) == 1.0


def test_a_plot_is_of_letters_in_a_terminal_and_of_boxes_in_a_notebook() -> None:
    timing = Timing(0.1, 0.1, 1.0, 50.0, 5, (0.1,) * 4)
    table = comparison.pace_table({"asynchronous": reply("x", timing=timing)})
    assert comparison.table_to_text(table).splitlines()[-1].count("█") == 5
    html = comparison.table_to_html(table)
    assert html.count("height:100%") == 5
    assert not Tags(html).tags & {"svg", "img", "script"}


def test_streams_that_brought_nothing_are_compared_all_the_same() -> None:
    table = comparison.pace_table({"asynchronous": Reply("", state="error")})
    assert "error" in comparison.table_to_text(table)
    assert table.pace_caption == ""
