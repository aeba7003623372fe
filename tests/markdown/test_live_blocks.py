"""One long block costs what is new in it: counted in characters given to the parser, not by a clock."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock

from streamnb.markdown import LiveMarkdown, render
from streamnb.markdown.footnotes import Notes
from streamnb.markdown.parser import new_parser
from tests.markdown.receiver import Receiver

FRAME = 28
SIZE = 6_000
WORDS = "words and **bold** and `code` and a [link](https://example.org) to read"
BLOCKS = {
    "paragraph": ("", f"{WORDS}\n"),
    "paragraph in one line": ("", f"{WORDS} "),
    "money": ("", "It costs $5 and then $6 again, snake_case and all of [1] it. "),
    "list": ("", f"- {WORDS}\n"),
    "loose list": ("", f"- {WORDS}\n\n"),
    "numbered list": ("7) seven\n", f"8) {WORDS}\n"),
    "tasks": ("", f"- [ ] {WORDS}\n"),
    "list of small lists": ("", f"* {WORDS}\n  * inner\n"),
    "table": ("| a | b |\n|---|---|\n", f"| {WORDS} | x |\n"),
    "quote": ("", f"> {WORDS}\n"),
    "quote in one line": ("> ", f"{WORDS} "),
    "quote of paragraphs": ("", f"> {WORDS}\n>\n"),
    "open fence": ("```python\n", "x = [1, 2]  # a `tick`\n"),
    "indented fence": ("  ~~~\n", "    x = 1\n"),
    "definitions": ("", "[label]: https://example.org/a\n"),
}
FORMULAS = {
    "list of formulas": ("", "- item:\n  \\[\n  x_1\n  = y\n  \\]\n"),
    "paragraph of formulas": ("", "text\n\\[\nx_1 = 1\n\\]\n"),
    "quote of formulas": ("", "> text\n> \\[\n> x_1 = 1\n> \\]\n"),
    "formulas in one line": ("", "word \\(x_1\\) is $y$ <b>bold</b> "),
    "table of formulas": ("| a | b |\n|---|---|\n", "| $|x_1|$ | \\(P(A|B)\\) |\n"),
    "fold": ("<details>\n<summary>s</summary>\n\n", f"{WORDS}\n\n"),
    "list in a fold": ("<details>\n<summary>s</summary>\n\n", f"- {WORDS}\n"),
}
NESTED = {
    "one item of paragraphs": ("- a\n\n", f"  {WORDS}\n\n"),
    "one item of one paragraph": ("- [ ] a\n", f"  {WORDS}\n"),
    "list in a list": ("1. a\n", f"   - {WORDS}\n"),
    "list in a list in a list": ("- a\n  - b\n\n", f"    - {WORDS}\n\n"),
    "list in a quote": ("", f"> - {WORDS}\n"),
    "quote in an item": ("- a\n\n", f"  > {WORDS}\n"),
    "table in an item": ("- a\n\n  | a | b |\n  |---|---|\n", f"  | {WORDS} | x |\n"),
    "open fence in an item": ("- a\n\n  ```python\n", "  x = [1, 2]  # a `tick`\n"),
    "items with fences": ("", "1. step\n\n   ```python\n   x = 1\n   y = 2\n   ```\n\n"),
    "indented code": ("", "    x = 1\n"),
    "formulas in a list": ("", "- text\n\n  $$\n  x^2\n  $$\n\n"),
    "formulas in a table": ("| a |\n|---|\n", "| $$x^2$$ and $y$ |\n"),
}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of all texts that the parser got."""
    lengths: list[int] = []
    render_it, parse_blocks = MarkdownIt.render, ParserBlock.parse

    def counting_render(self: MarkdownIt, src: str, env: object = None) -> object:
        lengths.append(len(src))
        return render_it(self, src, env)  # type: ignore[arg-type]

    def counting_parse(self: ParserBlock, src: str, *more: object) -> object:
        lengths.append(len(src))
        return parse_blocks(self, src, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(MarkdownIt, "render", counting_render)
    monkeypatch.setattr(ParserBlock, "parse", counting_parse)
    return lengths


def text_of(name: str) -> str:
    head, line = (BLOCKS | FORMULAS | NESTED)[name]
    return head + line * (SIZE // len(line))


def stream(text: str, repair: bool) -> tuple[LiveMarkdown, int]:
    live, receiver, sent = LiveMarkdown(repair=repair), Receiver(), 0
    for start in range(0, len(text), FRAME):
        patch = live.feed(text[start : start + FRAME])
        receiver.apply(patch)
        sent += len(patch.tail) + sum(map(len, patch.seal)) + sum(map(len, patch.fix.values()))
    assert receiver.html == live.html
    return live, sent


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in FORMULAS]


@pytest.mark.parametrize("name", [*BLOCKS, *NESTED, *SLOW])
@pytest.mark.parametrize("repair", [False, True])
def test_what_is_parsed_grows_with_the_text_and_not_with_its_square(
    name: str, repair: bool, parsed: list[int]
) -> None:
    text = text_of(name)
    stream(text, repair)
    assert sum(parsed) < 50 * len(text)  # all of the text at each frame would be twice that, and grow


@pytest.mark.parametrize(
    "name",
    [*BLOCKS, "fold", "list of formulas", *(pytest.param(name, marks=pytest.mark.slow) for name in NESTED)],
)
def test_patches_stay_small_and_lead_to_the_same_html(name: str) -> None:
    text = text_of(name)
    live, sent = stream(text, repair=False)
    assert live.html == render(text)
    assert sent < 2 * len(live.html) + len(text)


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        ("", "这是一个没有空格的长段落，里面有**加粗**的字和`代码`，还有更多的文字。"),
        ("**", "words that go on and on in a row, and more of them "),
        ("**", "words that go on and on in a row, and more of them\n"),
        ("# ", "words that go on and on in a row, and **more** of them "),
        ("", "["),
        ("", "!["),
        ("", ">"),
        ("- a\n\n  ```python\n", "  x = [1, 2]  # a `tick`\n"),
    ],
    ids=["no blanks", "emphasis", "emphasis, lines", "heading", "[", "![", "quotes", "fence in an item"],
)
@pytest.mark.parametrize("repair", [False, True])
def test_twice_the_text_is_twice_the_work(head: str, unit: str, repair: bool, parsed: list[int]) -> None:
    work = []
    for size in (2_000, 4_000):
        parsed.clear()
        stream(head + unit * (size // len(unit)), repair)
        work.append(sum(parsed))
    assert work[1] < 2.4 * work[0]


def test_a_table_of_empty_cells_is_cut_by_what_it_shows_and_not_by_its_few_letters(parsed: list[int]) -> None:
    head = "|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n"
    live = LiveMarkdown(repair=False)
    live.feed(head + "|\n" * 3)
    live.feed("|\n")
    parsed.clear()
    live.feed("|\n" * 5)
    assert max(parsed) < len(head) + 20
    assert live.html == render(head + "|\n" * 9)


def test_what_closes_a_fence_in_a_list_costs_the_fence_and_not_the_list(parsed: list[int]) -> None:
    item = "- step\n\n  ```python\n" + "  x = 1\n" * 20 + "  ```\n\n"
    live = LiveMarkdown(repair=False)
    for start in range(0, len(item) * 20, FRAME):
        live.feed((item * 20)[start : start + FRAME])
    assert max(parsed) < 3 * len(item)
    assert live.html == render(item * 20)


def test_a_list_that_shows_its_looseness_late_is_loose() -> None:
    text = "- - a\n  - a\n\n" + "  - ```\n    code\n    ```\n" * 20 + "    words\n"
    live = LiveMarkdown(repair=False)
    for character in text:
        live.feed(character)
    assert live.html == render(text)


def test_an_open_fence_is_not_parsed_at_all_while_it_grows(parsed: list[int]) -> None:
    live = LiveMarkdown()
    live.feed("```python\nfirst = 1\n")
    live.feed("x")
    parsed.clear()
    live.feed(" = 2\ny = 3\nz")
    assert parsed == []
    assert live.html == render("```python\nfirst = 1\nx = 2\ny = 3\nz")


def test_code_is_coloured_once_its_fence_is_closed() -> None:
    live = LiveMarkdown(repair=False)
    live.feed("```python\nimport os\n")
    assert "<span" not in live.html
    live.feed("```\n")
    assert "<span" in live.html


def test_a_list_that_turns_loose_late_is_loose_from_its_start() -> None:
    live = LiveMarkdown(repair=False)
    items = "".join(f"- item {number} with some words\n" for number in range(60))
    live.feed(items)
    live.feed("- one more\n\n- and one apart\n")
    live.feed("- last\n")
    assert live.html == render(items + "- one more\n\n- and one apart\n- last\n")
    assert live.html.count("<p>") == 63


def test_a_list_shows_its_class_when_its_first_task_comes_late() -> None:
    live = LiveMarkdown(repair=False)
    text = "".join(f"- item {number} with some words\n" for number in range(60)) + "- [x] done\n- more\n"
    for start in range(0, len(text), FRAME):
        live.feed(text[start : start + FRAME])
        assert live.html == render(text[: start + FRAME])


def test_a_long_line_that_turns_out_to_be_the_head_of_a_table_becomes_one() -> None:
    text = "some words in a row | " * 30 + "end\n" + "---|" * 30 + "---\n| 1 | 2 |\n"
    live = LiveMarkdown(repair=False)
    for start in range(0, len(text), FRAME):
        live.feed(text[start : start + FRAME])
        assert live.html == render(text[: start + FRAME])
    assert live.html.startswith("<table>")


def test_a_long_delimiter_row_is_never_cut() -> None:
    text = "text\n" + "| a " * 80 + "|\n" + "| --- " * 80 + "|\n| 1 |\n"
    live = LiveMarkdown(repair=False)
    for start in range(0, len(text), 7):
        live.feed(text[start : start + 7])
        assert live.html == render(text[: start + 7])


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("abcdefghij" * 150, "@example.org"),
        ("https://example.org/" + ")" * 1_500, "page"),
        ("www." + "a" * 1_500, ".org"),
        ("text <b>" + "words " * 250, "</b>"),
        ("text $x " + "+ y " * 400, "+ z$"),
        ("*a " * 500, "b*"),
        ("text `" + "code " * 300, "` ."),
        ("$$\n" + "x_1 + y_1 + z_1\n" * 70, "$$\n"),
        ("[link](page 'title" + " words" * 250, "')"),
    ],
    ids=["mail", "address", "host", "tag", "formula", "stars", "code", "lines", "title"],
)
@pytest.mark.parametrize("repair", [False, True])
def test_what_is_closed_after_a_thousand_letters_is_what_it_is_at_once(
    word: str, end: str, repair: bool
) -> None:
    live, _ = stream(word + end, repair)
    live.close()
    assert live.html == render(word + end)


@pytest.mark.slow
def test_a_table_with_more_empty_cells_than_are_filled_in_ends_where_it_ends_at_once() -> None:
    text = "|" + "a|" * 400 + "\n|" + "-|" * 400 + "\n" + "| x\n" * 200
    live = LiveMarkdown(repair=False)
    for start in range(0, len(text), 400):
        live.feed(text[start : start + 400])
    assert live.html == render(text)


def test_a_hard_blank_at_the_start_of_a_paragraph_is_none_whether_a_formula_stands_in_it_or_not() -> None:
    assert render("\xa0words\n") == "<p>words</p>\n"
    assert render("\xa0words\n$$\na\n$$\nmore\n").startswith("<p>words\n")


def test_uses_of_a_footnote_are_counted_for_each_copy_of_the_notes_alone() -> None:
    notes = Notes()
    new_parser().parse("A word[^1].\n\n[^1]: note\n", notes.segment_env())
    twin, other = (notes.copy_with_labels(notes.labels) for _ in range(2))
    notes.segment_env()["footnotes"]["list"][0]["count"] += 2
    twin.tail_env()["footnotes"]["list"][0]["count"] += 5
    twin.segment_env()["footnotes"]["list"][0]["count"] += 1
    counts = [one.tail_env()["footnotes"]["list"][0]["count"] for one in (notes, twin, other)]
    assert counts == [3, 2, 1]


@pytest.mark.parametrize(
    "end", ["one | two\n-", "one | two\n--|--\n| 1 | 2 |\n", "one, two\n-", "one, two\n---\n"]
)
@pytest.mark.parametrize(("marker", "indent"), [("", ""), ("> ", "> "), ("- ", "  ")])
@pytest.mark.parametrize("repair", [False, True])
def test_a_line_cut_behind_its_first_words_is_a_head_when_the_line_below_says_so(
    end: str, marker: str, indent: str, repair: bool
) -> None:
    text = marker + "plain words that go on and on, " * 40 + end.replace("\n", f"\n{indent}")
    live = LiveMarkdown(repair)
    for start in range(0, len(text), 9):
        live.feed(text[start : start + 9])
        assert repair or live.html == render(text[: start + 9])
    live.close()
    assert live.html == render(text)
