"""What other programs make of a saved answer: text and footer can be read, and nothing is asked for."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from html import unescape
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from nbconvert import HTMLExporter, LatexExporter, MarkdownExporter, SlidesExporter

from streamnb.core.events import Citation
from streamnb.core.replies import Replies
from streamnb.core.reply import Reply
from streamnb.render import replies_table, snapshot
from tests.browser.everything import EVERYTHING
from tests.support import PROJECT, missing

TEXT = """# Rain

It **falls**, for $5. See ![a cloud](https://evil.example/cloud.png) and [the sky](https://example.org/).

| kind | drops |
|------|------:|
| mist | few   |

```python
def rain():
    pass
```
"""


@pytest.fixture
def book() -> nbformat.NotebookNode:
    reply = Reply(
        TEXT, model="openai:gpt-x", reasoning="clouds", citations=[Citation("Sky", "https://example.org/sky")]
    )
    bundle = snapshot.bundle(reply)
    output = nbformat.v4.new_output("display_data", data=bundle.data, metadata=bundle.metadata)
    cell = nbformat.v4.new_code_cell("%%stream openai:gpt-x\nrain?", outputs=[output], execution_count=1)
    made = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(made)
    return made


def output_of(page: str) -> str:
    match = re.search(r'<div class="streamnb.*', page, re.DOTALL)
    assert match
    return match[0].partition("</main>")[0]


@pytest.mark.parametrize("sanitized", [False, True])
def test_html_shows_text_and_footer_and_loads_nothing(book: nbformat.NotebookNode, sanitized: bool) -> None:
    page, _ = HTMLExporter(sanitize_html=sanitized).from_notebook_node(book)
    html = output_of(page)
    for text in ("<strong>falls</strong>", "mist", "rain", "openai:gpt-x", "cost unknown"):
        assert text in html
    assert "<script" not in html
    assert not re.search(r'\ssrc="(?!data:)', html)
    assert "<img" not in html


def test_markdown_keeps_text_and_footer(book: nbformat.NotebookNode) -> None:
    page, _ = MarkdownExporter().from_notebook_node(book)
    for text in ("falls", "mist", "openai:gpt-x", "cost unknown"):
        assert text in page
    assert "<script" not in page


def needs_pandoc() -> None:
    if shutil.which("pandoc") is None:
        missing("pandoc, which other formats are made with, is not on PATH")


CODE = """
```python
def __rain__():

    for drop in range(3):

        yield drop
```

It is $x^2$, `and` __bold__.
"""


@pytest.fixture
def rich() -> nbformat.NotebookNode:
    bundle = snapshot.bundle(Reply(TEXT + CODE, model="openai:gpt-x"))
    output = nbformat.v4.new_output("display_data", data=bundle.data, metadata=bundle.metadata)
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])


def test_code_keeps_its_indentation_in_markdown(rich: nbformat.NotebookNode) -> None:
    page, _ = MarkdownExporter().from_notebook_node(rich)
    html = MarkdownIt("commonmark", {"html": True}).render(page)
    code = re.sub(r"<[^>]*>", "", html)
    assert "def __rain__():\n\n    for drop in range(3):\n\n        yield drop" in unescape(code)
    assert "<strong>rain</strong>" not in html
    assert "&lt;span" not in html


def test_latex_typesets_headings_tables_code_and_formulas(rich: nbformat.NotebookNode) -> None:
    needs_pandoc()
    page, _ = LatexExporter().from_notebook_node(rich)
    body = page.partition(r"\begin{document}")[2]
    for text in (
        r"section{Rain}",
        r"\textbf{falls}",
        r"\begin{longtable}",
        r"x^2",
        "yield",
        r"\textbf{bold}",
    ):
        assert text in body
    assert r"\emph{openai:gpt-x" in body.replace("\n", " ")
    assert "<div" not in body
    assert "evil.example/cloud.png" not in body


def test_word_gets_headings_tables_and_code(rich: nbformat.NotebookNode, tmp_path: Path) -> None:
    needs_pandoc()
    text = rich.cells[0].outputs[0].data["text/markdown"]
    file = tmp_path / "answer.docx"
    subprocess.run(["pandoc", "-f", "markdown", "-o", str(file)], input=text.encode(), check=True)
    with zipfile.ZipFile(file) as archive:
        document = archive.read("word/document.xml").decode()
    for phrase in ('w:val="Heading1"', "<w:tbl>", "SourceCode", "<m:oMath>", "cost unknown"):
        assert phrase in document


def test_slides_show_text_and_footer_and_load_nothing(rich: nbformat.NotebookNode) -> None:
    page, _ = SlidesExporter().from_notebook_node(rich)
    match = re.search(r'<div class="streamnb.*?cost unknown', page, re.DOTALL)
    assert match
    assert "<img" not in match[0]


def test_the_page_on_exports_lists_the_tags_that_nbconvert_takes_for_text() -> None:
    reply = Reply(EVERYTHING + "\n<kbd>a</kbd> <mark>b</mark>\n\n---\n", model="m", reasoning="why")
    output = nbformat.v4.new_output("display_data", data=snapshot.bundle(reply).data)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    page, _ = HTMLExporter(sanitize_html=True).from_notebook_node(book)
    page_tags = set(re.findall(r"&lt;/?([a-z]+\d?)(?= |&gt;)", output_of(page)))
    about = (PROJECT / "docs" / "exports.md").read_text(encoding="utf-8")
    listed = about.partition("shows these tags as text:")[2].replace(
        "`h1` to `h6`", "`h1`, `h2`, `h3`, `h4`, `h5`, `h6`"
    )
    assert page_tags - {"script"} == set(re.findall(r"`([a-z]+\d?)`", listed))


def test_gitlab_takes_no_answer_for_a_table_of_pandas() -> None:
    reply = Reply("A dataframe has `dataframe.head()`.", model="m", reasoning="dataframe")
    for bundle in (snapshot.bundle(reply), replies_table.bundle(Replies([reply]))):
        html = bundle.data["text/html"]
        # What its page looks for in the first lines, and then shows the tables of the output only.
        assert not any("dataframe" in line for line in html.split("\n")[:20])
        assert "A dataframe has" in unescape(re.sub("<[^>]*>", "", html))
