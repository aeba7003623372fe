"""An answer as Markdown for other renderers: the same words and structure, and nothing that acts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from streamnb.core.reply import Reply
from streamnb.markdown import render
from streamnb.render import snapshot
from streamnb.render.portable_markdown import html_to_markdown
from streamnb.render.portable_symbols import symbols_to_formulas
from streamnb.render.portable_tex import make_tex_portable
from tests.browser.everything import EVERYTHING
from tests.render.test_snapshot import harmless
from tests.support import shared

CARELESS = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
"""A renderer that lets everything through, as many do."""


def markdown(text: str) -> str:
    return str(snapshot.bundle(Reply(text, model="m")).data["text/markdown"])


def to_portable_markdown(text: str) -> str:
    return html_to_markdown(render(text, maths="tex"))


def words(html: str) -> list[str]:
    return re.sub(r"<[^>]*>", " ", html).split()


@pytest.mark.parametrize(
    "text",
    [
        "# Rain\n\nIt *falls* **down**.",
        "1. one\n2. two\n   - inner\n   - other\n\n3. loose",
        "- a\n\n* b",
        "> quoted\n>\n> > twice",
        "| a | b |\n|:--|--:|\n| 1 | `xy` |",
        "```python\nif a:\n\n    b = '`' * 3  # ```\n```",
        "a  \nb",
        "[the sky](https://example.org/a_b)",
        "5 \\* 5, \\_x\\_, a\\|b, \\# no, \\[x",
        "1\\. no list\n\n\\- none\n\n\\+ none\n\n\\=== none",
        "`` a ` b ``",
        "~~gone~~",
    ],
)
def test_another_renderer_shows_the_same(text: str) -> None:
    plain = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    assert words(plain.render(to_portable_markdown(text))) == words(plain.render(text))


def test_a_bar_in_code_is_one_bar_in_every_reader_of_tables() -> None:
    text = to_portable_markdown("| a | b |\n|:--|--:|\n| 1 | `x\\|y` |")
    assert r"| 1 | `x`\|`y` |" in text  # pandoc would show a backslash that stands in code
    html = MarkdownIt("commonmark").enable("table").render(text)
    assert "<code>x</code>|<code>y</code>" in html


def test_a_formula_stands_between_dollars_and_money_does_not() -> None:
    text = markdown("It costs $5 and $6, and $x^2 < y$ more.\n\n$$\na & b\n$$")
    assert "\\$5 and \\$6" in text
    assert "$x^2 < y$" in text
    assert r"$$\begin{aligned} a & b \end{aligned}$$" in text  # LaTeX takes no "&" but in an environment


def test_the_footer_is_the_last_line_and_small() -> None:
    last = markdown("# Rain").splitlines()[-1]
    assert last.startswith("*m · ")
    assert last.endswith("cost unknown*")


def test_no_payload_of_the_collections_acts_in_a_careless_renderer() -> None:
    for file in sorted(shared("xss").rglob("*")):
        if file.is_file():
            for payload in file.read_text(encoding="utf-8", errors="replace").splitlines()[::10]:
                html = CARELESS.render(to_portable_markdown(payload))
                harmless(html)
                assert "<img" not in html, payload


@settings(deadline=None)
@given(st.text(alphabet="ab<>!()[]`*_$\\|&;#-+.~:/\"' \n\tjs", max_size=40))
def test_no_text_acts_in_a_careless_renderer(text: str) -> None:
    html = CARELESS.render(to_portable_markdown(text))
    harmless(html)
    assert "<img" not in html


def test_everything_is_written_without_a_word_lost() -> None:
    text = to_portable_markdown(EVERYTHING)
    for word in (
        "How rain falls",
        "def rain(self",
        "日本語",
        "عنصر أول",
        "\\begin{cases}",
        "The note",
        "The end.",
    ):
        assert word in text


def test_the_html_has_no_blank_line_that_ends_it_for_a_markdown_reader() -> None:
    html = str(
        snapshot.bundle(Reply(EVERYTHING + "\n```\na\n\n  \n\n    b\n```", model="m")).data["text/html"]
    )
    assert not re.search(r"\n[ \t]*\n", html)
    assert "a&#10;&#10;  &#10;\n    b" in html


def test_alerts_folds_and_small_letters_can_be_read_where_markdown_has_none() -> None:
    text = (
        "> [!WARNING]\n> Look *out*.\n\n<details><summary>More **here**</summary>\n\ninside\n\n</details>\n\n"
        "H<sub>2</sub>O, x<sup>2</sup>, x<sup>ab</sup>, <q>so</q>[^1]\n\n[^1]: The note.\n"
    )
    assert html_to_markdown(render(text, maths="tex")) == (
        "> **Warning**\n>\n> Look *out*.\n\n**More here**\n\ninside\n\n"
        "$\\text{H}_{2}\\text{O}$, x², $\\text{x}^{\\text{ab}}$, “so”\\[1\\]\n\n* * *\n\n1. The note."
    )


def test_a_formula_stays_one_in_a_title_and_beside_another() -> None:
    text = "<details><summary>Proof **of** $a_1$</summary>\n\n</details>\n\n"
    assert to_portable_markdown(text) == "**Proof of $a_1$**"
    assert to_portable_markdown(r"\(x\)\(y\) and $$x$$$$y$$") == "$x$ $y$ and $$x$$ $$y$$"


@pytest.mark.parametrize(
    ("text", "portable"),
    [
        ("yes ✅, no ❌, ★★☆", r"yes $\checkmark$, no $\times$, $\bigstar\bigstar\star$"),
        ("H₂SO₄, CO₃²⁻ and 10⁻³", r"$\text{H}_{2}\text{SO}_{4}$, $\text{CO}_{3}^{2-}$ and $10^{-3}$"),
        ("10<sup>th</sup>, v<sub>Max</sub>", r"$10^{\text{th}}$, v$_{\text{Max}}$"),
        ("10\u202f000\u2009km", "10\xa0000 km"),
        ("5′ ≤α for \\$≈x₂", r"5${}^{\prime}$ $\leq\alpha$ for \$$\approx\text{x}_{2}$"),
        (r"\(|\psi\rangle\) and \(\langle a|\)", r"$|\psi\rangle$ and $\langle a|$"),
        ("<https://example.org/a_b>", r"[https://example.org/a\_b](https://example.org/a_b)"),
    ],
)
def test_what_the_fonts_of_tex_lack_is_written_otherwise(text: str, portable: str) -> None:
    assert to_portable_markdown(text) == portable


def test_a_long_line_that_is_no_code_is_folded_and_a_drawing_typed() -> None:
    long = "word " * 40
    assert max(map(len, to_portable_markdown(f"```text\n  {long}\n```").split("\n"))) <= 88
    assert to_portable_markdown(f"```text\n  {long}\n```").split() == ["```text", *long.split(), "```"]
    assert long.strip() in to_portable_markdown(f"```python\n'{long.strip()}'\n```")
    assert to_portable_markdown("```\n.\n├── a.py\n│   └── b\n```") == "```\n.\n+-- a.py\n|   +-- b\n```"


def test_the_short_columns_of_a_wide_table_keep_room_for_their_words() -> None:
    text = f"| Approach | What | Cost |\n|---|---|---|\n| {'first ' * 8}| {'word ' * 30}| $\\approx$ 1,000 |"
    shares = [len(rule) for rule in to_portable_markdown(text).split("\n")[1].strip("|").split("|")]
    assert shares == [31, 31, 9]
    narrow = to_portable_markdown(
        "| a | b |\n|---|---|\n| $\\frac{a}{b}$ | [x](https://example.org/a/long/address) |"
    )
    assert narrow.split("\n")[1] == "|-----|-----|"


@pytest.mark.parametrize("repeated", ["x₂", "a", "₂", "\\hline ", "\\left", "{", "\\\\ "])
def test_what_a_hostile_answer_repeats_is_written_in_one_pass(repeated: str) -> None:
    text = repeated * (200_000 // len(repeated))  # with a pass for each, this would take an hour
    assert symbols_to_formulas(text)
    assert make_tex_portable(text)
