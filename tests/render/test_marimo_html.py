"""What marimo's pages are given: no style at which its reader fails, and room in a matrix."""

from __future__ import annotations

import re

from streamnb import Replies, Reply
from streamnb.render.marimo_html import adapt_html_for_marimo

TEXT = (
    "A note[^1] and $$\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}$$\n\n> quote\n\n> [!NOTE]\n> alert\n\n"
    "$$\\begin{aligned} a &= b \\end{aligned}$$\n\n[^1]: Its text."
)


def test_an_answer_and_a_table_of_answers_have_no_style_that_marimo_fails_at() -> None:
    reply = Reply(TEXT, model="m")
    for html in (reply._mime_()[1], Replies([reply])._display_()._mime_()[1]):
        assert "if(" not in html
        assert re.search(r'<a href="#[^"]*"[^>]*>', html)
        assert not re.search(r'<a href="#[^"]*"[^>]* style=', html)
        assert html.count("<math") == 2
        assert "\\begin" not in re.sub("<summary.*?</summary>", "", html)


def test_the_columns_of_a_matrix_stand_apart_and_a_quote_has_no_marks_of_its_own() -> None:
    html = Reply(TEXT, model="m")._mime_()[1]
    assert html.count('<mtd style="padding:0.5ex 0.4em">') == 4
    assert html.count('<mtd style="padding:0.5ex 0.4em;text-align') == 2  # what stands behind it is kept
    assert '<blockquote style="quotes:none' in html
    assert '<blockquote class="snb-alert snb-alert-note" style="quotes:none' in html
    assert adapt_html_for_marimo(html) == html
