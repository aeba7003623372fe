"""Markdown on a terminal: the final screen, and what is seen on the way to it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color, ColorSystem

from streamnb.render import terminal_styles
from streamnb.views import terminal_blocks, terminal_rows
from streamnb.views.terminal_blocks import TerminalBlocks

from ..terminals import Screen

ANSWER = """\
# The *title*

Some **bold** words with `code`, a [link](https://example.org/a) and words enough to be folded twice.

1. first
2. second
   - inner

| left | right |
|:-----|------:|
| a    |     1 |

> [!TIP]
> Look up.

```python
def one() -> int:
    return 1
```

日本語のテキストは単語の間に空白がないので端で折り返されます。
"""
DRAWN = """\
The title

Some bold words with code, a link
(https://example.org/a) and words enough
to be folded twice.

1. first
2. second
   • inner

left   right
────────────
a          1

▌ Tip
▌ Look up.

def one() -> int:
    return 1

日本語のテキストは単語の間に空白がないの
で端で折り返されます。"""


def show(screen: Screen, pieces: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> TerminalBlocks:
    monkeypatch.setattr(terminal_blocks, "terminal_size", screen.size)
    blocks = TerminalBlocks(None, screen.put, lambda: None)  # type: ignore[arg-type]
    for piece in pieces:
        blocks.feed(piece)
    blocks.end_block()
    return blocks


def cut(text: str, length: int) -> list[str]:
    return [text[start : start + length] for start in range(0, len(text), length)]


@pytest.mark.parametrize("length", [1, 3, 7, 50, 10_000])
def test_an_answer_is_drawn_however_it_comes(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(41, 60)
    show(screen, cut(ANSWER, length), monkeypatch)
    assert screen.text == DRAWN


def test_all_that_has_come_is_in_sight_at_every_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(41, 60)
    monkeypatch.setattr(terminal_blocks, "terminal_size", screen.size)
    blocks = TerminalBlocks(None, screen.put, lambda: None)  # type: ignore[arg-type]
    come = ""
    for letter in ANSWER.replace("```python", "```"):
        blocks.feed(letter)
        come += letter
        assert words(screen.text) == words(come)


def words(text: str) -> str:
    return re.sub(r"\W", "", text).lower()


WORDS = [f"w{number}" for number in range(120)]
LONG = {
    "a paragraph": " ".join(WORDS),
    "lines": "\n".join(WORDS),
    "a list": "\n".join(f"- {word}" for word in WORDS),
    "code": "```\n" + "\n".join(WORDS) + "\n```",
    "code of wide lines": "```\n"
    + "\n".join(" ".join(WORDS[at : at + 40]) for at in range(0, 120, 40))
    + "\n```",
    "a table": "| a |\n|---|\n" + "\n".join(f"| {word} |" for word in WORDS),
    "a quote": "\n".join(f"> {word}" for word in WORDS),
    "one letter after the other": "".join(WORDS),
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("length", [5, 10_000])
def test_a_block_taller_than_the_screen_loses_and_doubles_nothing(
    name: str, length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Screen(30, 8)
    show(screen, cut(f"before\n\n{LONG[name]}\n\nafter", length), monkeypatch)
    order = re.findall(r"w\d+", re.sub(r"\s" if name.startswith("one") else "\n(?!w)", "", screen.text))
    assert order == WORDS
    assert screen.text.startswith("before")
    assert screen.text.endswith("\n\nafter")


def test_code_taller_than_the_screen_is_coloured_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "\n".join(f"x{number} = 'text'" for number in range(60))
    screen = Screen(40, 10)
    show(screen, cut(f"```python\n{code}\n```\nafter\n", 9), monkeypatch)
    assert screen.text == f"{code}\n\nafter"
    assert len(re.findall(r"\x1b\[[\d;]+m'text'", screen.raw)) == 60


def test_a_terminal_that_gets_another_width_meanwhile_keeps_every_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = Screen(60, 30)
    monkeypatch.setattr(terminal_blocks, "terminal_size", screen.size)
    blocks = TerminalBlocks(None, screen.put, lambda: None)  # type: ignore[arg-type]
    blocks.feed("first *one*\n\nthen an *open")
    screen.resize(80, 30)
    blocks.feed(" block* here\n\nand **more**")
    blocks.end_block()
    assert screen.text == "first one\n\nthen an *open block* here\n\nand more"


def test_a_row_that_a_narrower_terminal_has_folded_is_ended_after_its_word_and_not_written_again() -> None:
    written: list[str] = []
    rows = terminal_rows.GrowingRows(written.append, 40)
    rows.feed("words that fill a row of forty cel")
    rows.resize(20)
    rows.feed("ls")
    rows.feed(" and go on below it, in rows of twenty\nthe next")
    assert "".join(written) == (
        "words that fill a row of forty cells\nand go on below it,\nin rows of twenty\nthe next"
    )


def test_what_ends_in_the_middle_of_code_goes_on_as_code(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(60, 30)
    monkeypatch.setattr(terminal_blocks, "terminal_size", screen.size)
    blocks = TerminalBlocks(None, screen.put, lambda: None)  # type: ignore[arg-type]
    blocks.feed("```py\na = 1 * 2\n")
    blocks.end_block(more=True)
    screen.put("a notice\n")
    blocks.feed("b = 3 * 4 * 5\n```\n")
    blocks.end_block()
    assert screen.text == "a = 1 * 2\na notice\n\nb = 3 * 4 * 5"


def test_a_line_that_is_broken_on_purpose_begins_where_the_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(60, 30)
    show(screen, ["*one*,  \ntwo,\\\nthree\n\n- a  \n  b\n"], monkeypatch)
    assert screen.text == "one,\ntwo,\nthree\n\n• a\n  b"


TABLE = "| Feature | Description |\n|---|---|\n| one | Lorem ipsum dolor |\n| two | sit |\n"


def test_a_table_that_does_not_fit_has_a_line_for_each_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    wide, narrow = Screen(30, 30), Screen(20, 30)
    show(wide, [TABLE], monkeypatch)
    assert (
        wide.text
        == "Feature   Description\n───────────────────────────\none       Lorem ipsum dolor\ntwo       sit"
    )
    show(narrow, [TABLE], monkeypatch)
    assert narrow.text == "Feature: one\nDescription: Lorem\nipsum dolor\n\nFeature: two\nDescription: sit"
    assert not re.search(r" (\x1b\[0m)?\n", wide.raw)


def test_a_definition_that_nothing_shows_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(60, 30)
    show(screen, ["See [here][1].\n\n[1]: https://example.org\n"], monkeypatch)
    assert screen.text == "See [here][1].\n\n[1]: https://example.org"


TEETH = [
    "&#27;[2J",
    "&#155;",
    "&#x202e;",
    "&#7;",
    "**",
    "`",
    "[a](",
    ")",
    "\n",
    "| ",
    "- ",
    "x",
    "```\n",
    "$",
]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from(TEETH)),
    st.integers(1, 9),
)
def test_no_text_brings_a_control_sequence_of_its_own(parts: list[str], length: int) -> None:
    screen = Screen(40, 10)
    with pytest.MonkeyPatch.context() as monkeypatch:
        show(screen, cut("".join(parts), length), monkeypatch)
    own = r"\x1b\[(?:[\d;]*m|\d*A|J|K)|[\r\n]"
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", re.sub(own, "", screen.raw))


def test_what_is_not_drawn_is_folded_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(30, 20)
    show(screen, ["[^note]: The place where a note is written does not matter."], monkeypatch)
    assert screen.text == "[^note]: The place where a\nnote is written does not\nmatter."


NOTES = """\
A[^1] and b[^why].

A pattern: [^abc]+ or `[^1]`.

[^1]: The *first*.
[^why]: Because of
    that[^1].
"""
NOTES_DRAWN = """\
A[1] and b[^why].

A pattern: [^abc]+ or [^1].

[1]: The first.
[^why]: Because of that[1]."""


@pytest.mark.parametrize("length", [1, 9, 10_000])
def test_footnotes_are_drawn_where_they_stand(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(40, 30)
    show(screen, cut(NOTES, length), monkeypatch)
    assert screen.text == NOTES_DRAWN
    assert re.search(r"\x1b\[3mfirst", screen.raw)


def test_a_list_taller_than_the_screen_is_drawn_item_by_item(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [f"{'1' if number % 2 else number}. the **item** {number}\n" for number in range(1, 31)]
    screen = Screen(30, 8)
    show(screen, cut("".join(items) + "\nafter\n", 5), monkeypatch)
    lines = [line.strip() for line in screen.text.splitlines()]
    assert lines == [*(f"{number}. the item {number}" for number in range(1, 31)), "", "after"]


def test_items_that_stand_apart_do_so_on_a_small_screen_too(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(30, 8)
    show(screen, cut("\n".join(f"- item *{number}*\n" for number in range(20)), 5), monkeypatch)
    assert screen.text == "\n\n".join(f"• item {number}" for number in range(20))


def test_a_table_taller_than_the_screen_keeps_its_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "".join(f"| {number} | **word {number}** |\n" for number in range(100, 130))
    screen = Screen(30, 8)
    show(screen, cut(f"| n | word |\n|--:|---|\n{rows}\nafter\n", 7), monkeypatch)
    drawn = [f"{number}   word {number}" for number in range(100, 130)]
    assert screen.text == "\n".join(["  n   word", "─" * 14, *drawn, "", "after"])


def test_formulas_are_drawn_and_what_is_none_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(60, 30)
    show(
        screen,
        ["Let $x^2$ be \\(\\frac{1}{2}\\), for $5.\n\n$$\na \\le b\n$$\n\n$\\nosuch{$ and `$x^2$`\n"],
        monkeypatch,
    )
    assert screen.text == "Let x² be 1/2, for $5.\n\na ≤ b\n\n$\\nosuch{$ and $x^2$"


def test_each_colour_can_be_read_where_a_terminal_has_sixteen() -> None:
    names = ("RED", "GREEN", "BLUE", "VIOLET", "TEAL", "ORANGE")
    colours = [Color.parse(getattr(terminal_styles, name)) for name in names]
    numbers = [colour.downgrade(ColorSystem.STANDARD).number for colour in colours]
    assert numbers == [9, 2, 12, 13, 6, 3]  # as terminals count them: no black, no grey


def test_a_block_is_erased_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(30, 10)
    show(screen, cut("One *line* and\nanother one.\n\nThe *end*.\n", 5), monkeypatch)
    assert "\x1b[A\x1b[K" in screen.raw
    assert "\x1b[J" not in screen.raw  # tmux keeps what is cleared as a whole, and shows it twice


@pytest.mark.parametrize(
    ("letter", "cells"),
    [("👩\u200d👩\u200d👧", 6), ("🇩🇪", 4), ("☔\ufe0f", 3), ("कि", 2), ("e\u0301", 1), ("水", 2)],
)
def test_no_row_is_wider_than_the_terminal_that_draws_a_letter_widest(letter: str, cells: int) -> None:
    rows = terminal_rows.fold_lines(letter * 40, 25).split("\n")
    assert {len(row) % len(letter) for row in rows} == {0}  # no letter is cut into its parts
    assert max(len(row) // len(letter) * cells for row in rows) in range(24 - cells + 1, 25)


def test_a_table_without_end_goes_on_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_blocks, "MAX_TABLE_LINES", 40)
    rows = [f"| {number} | word |\n" for number in range(100, 200)]
    screen = Screen(30, 10)
    show(screen, cut(f"| n | w |\n|--:|---|\n{''.join(rows)}\nafter\n", 7), monkeypatch)
    lines = screen.text.splitlines()
    assert [line.strip("| ").split()[0] for line in lines[2:102]] == [
        str(number) for number in range(100, 200)
    ]
    assert "|" not in lines[10]
    assert lines[101] == "| 199 | word |"
    assert lines[102:] == ["", "after"]
