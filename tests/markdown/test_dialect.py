"""Markdown as models write it: emphasis beside CJK letters, marks, small HTML, alerts, folds."""

from __future__ import annotations

import pytest

from streamnb.markdown import render
from tests.markdown.reading import read


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**글자(글자)**는", "<strong>글자(글자)</strong>는"),
        ("**「語」**は", "<strong>「語」</strong>は"),
        ("2~5 m, 1~3 m", "2~5 m, 1~3 m"),
        ("~~x~~ ==m== a==b==c", "<del>x</del> <mark>m</mark> a==b==c"),
        ("H<sub>2</sub>O<br>x", "H<sub>2</sub>O<br>x"),
        ("<b>x <kbd>a</b>", "<b>x &lt;kbd&gt;a</b>"),
        ("def __init__(self, *args): __a__", "def __init__(self, *args): <strong>a</strong>"),
        ("f(*args, **kwargs)\na*b *args*", "f(*args, **kwargs)\na*b <em>args</em>"),
        ("#include <stdio.h>\nList<String>", "#include &lt;stdio.h&gt;\nList&lt;String&gt;"),
        (
            "**이름:**Kim, Kim**(이름)** **Name:**Kim",
            "<strong>이름:</strong>Kim, Kim<strong>(이름)</strong> **Name:**Kim",
        ),
        ("x**2 + y**2, **a** (b)**10", "x**2 + y**2, <strong>a</strong> (b)**10"),
        (
            "**BMI 1**2 Step**1**: x**2**3",
            "<strong>BMI 1</strong>2 Step<strong>1</strong>: x**2**3",
        ),
        ("a /* b */ c /* d */ *e*/f", "a /* b */ c /* d */ <em>e</em>/f"),
        ("*/5 * and src/**/*.py, *.txt, **/test_*.py", "*/5 * and src/**/*.py, *.txt, **/test_*.py"),
        ("COUNT(*), SUM(*) and f(x, *, y, *, z)", "COUNT(*), SUM(*) and f(x, *, y, *, z)"),
        ("**/api/x** *.NET* *a/b*", "<strong>/api/x</strong> <em>.NET</em> <em>a/b</em>"),
        ("!= and ==; a==; x ==> y ==> z ==m==", "!= and ==; a==; x ==&gt; y ==&gt; z <mark>m</mark>"),
        ("a</br>b", "a<br>b"),
        (
            "**A**/**B** *a*/*b* **가.**/**나** src/**/*.py",
            "<strong>A</strong>/<strong>B</strong> <em>a</em>/<em>b</em> "
            "<strong>가.</strong>/<strong>나</strong> src/**/*.py",
        ),
        ("$_.a $_.b $_, __FILE__ __proto__", "$_.a $_.b $_, __FILE__ __proto__"),
        (
            "<b> and </b>, <s>와 </s> <s> x </s>",
            "&lt;b&gt; and &lt;/b&gt;, &lt;s&gt;와 &lt;/s&gt; <s> x </s>",
        ),
        ("<i onclick=x>a</i>", "&lt;i onclick=x&gt;a&lt;/i&gt;"),
    ],
)
def test_inline_notation_of_answers_is_shown_as_meant(text: str, html: str) -> None:
    assert render(text) == f"<p>{html}</p>\n"


def test_a_quote_that_begins_with_a_marker_is_an_alert() -> None:
    html = render("> [!NOTE]\n> hello\n")
    assert html.startswith(
        '<blockquote class="snb-alert snb-alert-note">\n<p class="snb-alert-title">Note</p>'
    )
    assert "[!NOTE]" in render("> [!NOTE] hello\n")


def test_a_fold_closes_at_its_end_and_is_open_until_then() -> None:
    text = "<details>\n<summary>S</summary>\n\n- a\n"
    assert render(text).startswith('<details open="">\n<summary>S</summary>\n<ul>')
    assert render(text + "\n</details>\n").startswith("<details>\n<summary>S</summary>\n<ul>")


def test_a_summary_may_stand_below_a_blank_line() -> None:
    html = render("<details>\n\n<summary>S</summary>\n\na\n\n</details>\n")
    assert html == "<details>\n<summary>S</summary>\n<p>a</p>\n</details>\n"


def test_a_summary_may_go_over_lines() -> None:
    html = render("<details>\n<summary>\n**S**\n</summary>\n\na\n</details>\n")
    assert html == "<details>\n<summary><strong>S</strong></summary>\n<p>a</p>\n</details>\n"


@pytest.mark.parametrize("text", ['<a href="https://a.example/b">', "<img src='https://a.example/b'>"])
def test_an_address_ends_where_that_of_a_tag_does(text: str) -> None:
    assert read(render(text)).values("href") == ["https://a.example/b"]


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (r"| $|x|$ | \(P(A|B)\) |", ["|x|", "P(A|B)"]),
        (r"| $P(A | B)$ | $P(A\|B)$ |", ["P(A|B)", "P(A|B)"]),
        ("| $5 | $6 |", ["$5", "$6"]),
        ("| $x | y$ |", ["$x", "y$"]),
        (r"| $|\psi\rangle$ | $\langle\phi|$ |", ["|ψ⟩", "⟨ϕ|"]),
        ("| `$a|b$` | c |", ["`$a", "b$`"]),
    ],
)
def test_the_bars_of_a_formula_part_no_cells(row: str, cells: list[str]) -> None:
    html = render(f"| h | i |\n|---|---|\n{row}\n").partition("<tbody>")[2]
    assert [read(cell).words for cell in html.split("</td>")[:2]] == cells
