"""The tail of a growing answer: what unfinished syntax is shown as, and what a repair may never do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.markdown.live import gc_paused
from streamnb.markdown.parser import new_parser
from streamnb.markdown.repair import Repair
from streamnb.markdown.sanitizer import ALLOWED_ATTRIBUTES

from .reading import read

FIXTURES = Path(__file__).parent / "fixtures"
CASE = re.compile(
    r"^### ([^\n]+)\n\n~~~~~ markdown\n(.*?)\n~~~~~\n\n~~~~~ html\n(.*?)\n~~~~~$", re.MULTILINE | re.DOTALL
)
ANSWERS = sorted((FIXTURES / "repair_answers").glob("*.md"))

PARSER = new_parser()
REPAIR = Repair(PARSER)

PIECES = (
    *(
        "*",
        "**",
        "***",
        "_",
        "__",
        "~",
        "~~",
        "`",
        "``",
        "```",
        "[",
        "]",
        "](",
        "(",
        ")",
        "![",
        "[^",
        "^[",
        "]:",
    ),
    *(
        "<",
        ">",
        "<b>",
        "<https://",
        "</",
        "&",
        "&am",
        "&amp;",
        "\\",
        "|",
        "|-|",
        "$",
        "$$",
        "\\frac{",
        "}",
        "^",
    ),
    *(
        "#",
        "-",
        "- ",
        "1.",
        "2) ",
        "> ",
        "=",
        "+",
        ":",
        "!",
        '"',
        "[x]",
        "\n",
        "\n\n",
        "\n    ",
        "\t",
        " ",
        "  \n",
    ),
    *(
        "a",
        "word",
        "two words",
        "5",
        "é",
        "字",
        "👍",
        "https://a.b/c",
        "www.a.b",
        "me@a.bc",
        "\r",
        "\x00",
        "\u2028",
    ),
)
SOUP = st.lists(st.sampled_from(PIECES), max_size=25).map("".join) | st.text(max_size=40)


def cases() -> list[Any]:
    """Read the cases of the fixture file."""
    cases = CASE.findall((FIXTURES / "repair.md").read_text(encoding="utf-8"))
    return [pytest.param(text, html, id=name) for name, text, html in cases]


@pytest.mark.parametrize(("text", "html"), cases())
def test_unfinished_text_is_shown_as_what_it_is_about_to_be(text: str, html: str) -> None:
    assert REPAIR.render(text, {}).rstrip("\n") == html


def test_every_case_of_the_fixture_file_is_read() -> None:
    headings = (FIXTURES / "repair.md").read_text(encoding="utf-8").count("\n### ")
    assert len(cases()) == headings > 50


@given(SOUP)
def test_no_text_raises_and_only_listed_elements_come_out(text: str) -> None:
    page = read(REPAIR.render(text, {}))
    assert {tag.lstrip("/") for tag in page.tags} <= ALLOWED_ATTRIBUTES.keys()
    assert all(name in ALLOWED_ATTRIBUTES[tag] for tag, name, _ in page.attributes)


@given(SOUP)
def test_after_a_blank_line_nothing_is_open(text: str) -> None:
    text += "\n\n"
    assert REPAIR.render(text, {}) == PARSER.render(text, {})


@given(SOUP)
def test_no_more_than_a_line_is_held_back(text: str) -> None:
    """Words that follow whatever may be open are seen but for the last 80 letters."""
    plain = " plain words" * 15
    words_shown = read(REPAIR.render(text + plain, {})).words
    if "plainwords" in read(PARSER.render(text + plain, {})).words:
        assert words_shown.count("plainwords") >= 15 - 80 // len(" plain words") - 1


@given(SOUP)
def test_the_parser_is_left_as_it_was(text: str) -> None:
    REPAIR.render(text, {})
    assert PARSER.render(text, {}) == new_parser().render(text, {})


def test_a_held_definition_is_not_known_yet() -> None:
    env: dict[str, dict[str, object]] = {"references": {}}
    REPAIR.render("see [it]\n\n[it]: https://exam", env)
    assert not env["references"]


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_a_repair_costs_little_more_than_a_render(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    def spent(render: Callable[[str, dict[str, Any]], str]) -> float:
        start = process_time()
        for end in range(0, len(text), 41):
            render(text[:end], {})
        return process_time() - start

    plain, repair = (min(spent(render) for _ in range(3)) for render in (PARSER.render, REPAIR.render))
    assert repair < 2 * plain + 0.01


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 20_000, id="brackets"),
        pytest.param("![" * 8_000, id="images"),
        pytest.param("[a](" * 10_000, id="links"),
        pytest.param("*a_" * 10_000, id="emphasis"),
        pytest.param("`" + "``a" * 5_000, id="backticks"),
        pytest.param("$$\n" + "\\frac{" * 2_000, id="formula"),
        pytest.param("$" + "{x" * 5_000, id="braces"),
        pytest.param("$$\n" + "f(x + " * 500, id="brackets of a formula"),
        pytest.param("| a " * 2_000, id="cells"),
        pytest.param("> " * 5_000, id="quotes"),
        pytest.param("<https://" * 5_000, id="addresses"),
        pytest.param("&" * 20_000, id="entities"),
    ],
)
def test_nasty_text_takes_no_longer_than_a_few_renders(text: str) -> None:
    with gc_paused():  # as live: the garbage of all other tests is not looked through meanwhile
        start = process_time()
        PARSER.render(text, {})
        plain = process_time() - start
        REPAIR.render(text, {})
        repair = process_time() - start - plain
    assert repair < 4 * plain + 0.2


def test_half_a_bare_address_leads_nowhere_yet() -> None:
    assert REPAIR.render("see https://example.org/a/pa", {}) == "<p>see <a>https://example.org/a/pa</a></p>\n"
    whole = REPAIR.render("see https://example.org/a/page ", {})
    assert 'href="https://example.org/a/page"' in whole
