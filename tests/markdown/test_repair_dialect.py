"""The notation of answers beyond CommonMark while it is being written: shown as what it is about to be."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from streamnb.markdown import LiveMarkdown, render
from tests.markdown.reading import read


def frames(text: str) -> Iterator[str]:
    """Yield what is shown after each letter."""
    live = LiveMarkdown()
    for letter in text:
        live.feed(letter)
        yield live.html
    live.close()
    assert live.html == render(text)


@pytest.mark.parametrize(
    "text",
    [
        "text:\n\\[\na\n+ b\n- c\n\\]\nend",
        "- item:\n  \\[\n  a\n  + b\n  \\]\n- two",
        "\\[\na\n+ b\n> c\n\\]\n",
        "\\begin{align}\na &= b \\\\\n+ c &= d\n\\end{align}\n",
        "```math\nx^2\n+ y\n```\nend",
        "H<sub>2</sub>O is <kbd>Ctrl</kbd>",
        "<details>\n<summary>What</summary>\n\ntext\n\n</details>\nend",
        "<details><summary>What</summary>\n\ntext\n\n</details>\nend",
        "x <b>bold **and** more</b> y",
        "그래서 $ x = 1 $ 이고 $$ 5x^2 = 5 $$ 이다",
        "$$ \\text{모델 용량} = \\text{수} \\times \\text{파라미터당 바이트 수} + \\text{나머지 수} $$",
        "the volume is $50 - \\frac{50}{3}$",
    ],
)
def test_no_mark_of_it_is_shown_on_the_way(text: str) -> None:
    texts = [re.sub(r"<math.*?</math>", "", html) for html in frames(text)]
    raw = [html for html in texts if set("\\$[]{}^_`") & set(read(html).text) or "&lt;" in html]
    assert not raw


def test_a_prompt_of_a_shell_is_no_formula_about_to_be() -> None:
    *_, last = frames("$ pip install foo\n$ ls")
    texts = [read(html).text for html in frames("$ pip install foo")]
    assert texts[-1].strip() == "$ pip install foo"
    assert "math" not in read(last).tags


def test_a_name_within_a_text_of_swift_is_no_formula_about_to_be() -> None:
    *_, html = frames(
        'print("\\(x) is less than ten, and this goes on for more than a line of eighty letters")'
    )
    assert "math" not in read(html).tags
    live = LiveMarkdown()
    live.feed('print("\\(x) is less than')
    assert "is less" in live.html


def test_emphasis_in_a_tag_that_is_open_is_closed_before_it() -> None:
    *_, html = frames("*a <b>b **c")
    live = LiveMarkdown()
    live.feed("*a <b>b **c")
    assert live.html == "<p><em>a <b>b <strong>c</strong></b></em></p>\n"
    assert html  # and equal to one rendering in the end


def test_a_long_formula_is_shown_as_far_as_it_can_be_read() -> None:
    source = " + ".join(rf"\frac{{a_{{{number}}}}}{{b}}" for number in range(9))
    live = LiveMarkdown()
    live.feed(f"so \\[ {source} + \\frac{{a")
    assert live.html.count("<mfrac>") == 9
