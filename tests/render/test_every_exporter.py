"""Every exporter gets the same rich notebook, and its reader the words, the code and the formulas.

What the Linux of the checks does not have is skipped with a reason, also where nothing may be skipped: TeX is
half a gigabyte, and MyST's and Jupyter Book's programs bring a Node or a Sphinx of their own.
"""

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
from nbconvert import (
    ASCIIDocExporter,
    HTMLExporter,
    LatexExporter,
    MarkdownExporter,
    PDFExporter,
    RSTExporter,
    SlidesExporter,
)
from traitlets.config import Config

from streamnb import Reply
from streamnb.render import snapshot
from streamnb.render.portable_tex import make_tex_portable
from tests.rich_answer import rich_notebook
from tests.support import PROJECT, missing

WORDS = (
    "How rain falls",
    "the deepest point",
    "a task that is done",
    "1,024",
    "Take an umbrella",
    "Why it is wet",
    "surface tension",
    "a cloud (example.org)",
    "The note about a",
    "The sky, a page",
    "interrupted",
    "the provider said",
    "345 output tokens",
    "What came over the wire from demo:thinking",
    "first reasoning",
    "cheapest",
    "a point in a fold",
    "to its last word",
    "haze",
    'rain "$file"',
)
CODE = 'for drop in cloud:\n        if drop.weight > 0.5:  # heavy\n            yield f"{drop}\\n"'
MARKDOWN_FIRST = Config(
    NbConvertBase={"display_data_priority": ["text/markdown", "image/png", "text/plain"]},
)


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    return rich_notebook()


def needs_pandoc() -> None:
    if shutil.which("pandoc") is None:
        missing("pandoc, which other formats are made with, is not on PATH")


def words_of(html: str) -> str:
    """Return what a page shows, without what is no text of a reader."""
    body = re.sub(
        r"<(style|script)\b.*?</\1>|<[^>]*>", "", html.partition("<body")[2] or html, flags=re.DOTALL
    )
    return unescape(body)


def has_all(text: str) -> None:
    flat = " ".join(text.split())
    assert [phrase for phrase in WORDS if phrase not in flat] == []


@pytest.mark.parametrize(("template", "theme"), [("lab", "light"), ("lab", "dark"), ("classic", "light")])
def test_html_shows_all_of_it_and_loads_nothing(
    notebook: nbformat.NotebookNode, template: str, theme: str
) -> None:
    page, _ = HTMLExporter(template_name=template, theme=theme).from_notebook_node(notebook)
    has_all(words_of(page))
    assert CODE in words_of(page)
    outputs = page[page.index('<div class="streamnb') :].partition("</main>")[0]
    assert not re.search(r"<(?:img|iframe)\b", outputs)
    assert outputs.count('class="mathjax_process tex2jax_process">\\(') >= 4


def test_slides_show_all_of_it_and_keep_the_heads_of_columns(notebook: nbformat.NotebookNode) -> None:
    page, _ = SlidesExporter().from_notebook_node(notebook)
    has_all(words_of(page))
    heads = re.findall(r'<div class="snb-name"[^>]*>([^<]*)', page)
    assert heads == ["openai:gpt-x", "gemini:flash_2", "async", "sync"]
    footer = re.search(r'class="snb-footer" style="([^"]*)"', page)
    assert footer is not None
    assert "font-size:max(12px,0.7em)" in footer[1]


def test_markdown_shows_all_of_it(notebook: nbformat.NotebookNode) -> None:
    text, _ = MarkdownExporter().from_notebook_node(notebook)
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    has_all(words_of(html))
    assert CODE in words_of(html)
    assert "&lt;span" not in html


def test_markdown_from_markdown_has_tables_code_and_formulas(notebook: nbformat.NotebookNode) -> None:
    text, _ = MarkdownExporter(config=MARKDOWN_FIRST).from_notebook_node(notebook)
    assert "<div" not in text
    html = MarkdownIt("commonmark").enable("table").render(text)
    has_all(words_of(html))
    assert CODE in words_of(html)
    assert html.count("<table>") == 5  # the answer's, two that compare, the x-ray's, the one of many replies
    for formula in (
        "$a^2 + b^2 = c^2$",
        r"$$\begin{pmatrix} 1 & 2",
        r"$$\begin{aligned} v &= g t",
        r"$\text{H}_{2}\text{O}$",
    ):
        assert formula in text


def test_rst_shows_all_of_it(notebook: nbformat.NotebookNode) -> None:
    needs_pandoc()
    text, _ = RSTExporter().from_notebook_node(notebook)
    assert ".. raw:: html" in text
    has_all(words_of(text))


def test_asciidoc_shows_all_of_it(notebook: nbformat.NotebookNode) -> None:
    needs_pandoc()
    text, _ = ASCIIDocExporter().from_notebook_node(notebook)
    has_all(text)
    assert 'if drop.weight > 0.5:  # heavy\n            yield f"{drop}\\n"' in text


def test_latex_typesets_all_of_it(notebook: nbformat.NotebookNode) -> None:
    needs_pandoc()
    text, _ = LatexExporter().from_notebook_node(notebook)
    body = text.partition(r"\begin{document}")[2]
    assert body.count(r"\begin{longtable}") == 5
    assert r"\begin{align*}" not in body  # an error inside of \[ … \]
    for part in (
        r"section{How rain falls}",
        r"\item[$\boxtimes$]",
        r"\(a^2 + b^2 = c^2\)",
        r"\[\begin{pmatrix}",
        r"\emph{interrupted",
        r"\(\text{H}_{2}\text{O}\)",
        r"\(\approx\) \$0.0012",
    ):
        assert part in body.replace("\n", " ") or part in body
    assert "→ wet" in body  # what a tool gave


def test_word_gets_tables_code_and_formulas(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    needs_pandoc()
    text, _ = MarkdownExporter(config=MARKDOWN_FIRST).from_notebook_node(notebook)
    file = tmp_path / "rich.docx"
    subprocess.run(["pandoc", "-f", "markdown", "-o", str(file)], input=text.encode(), check=True)
    with zipfile.ZipFile(file) as archive:
        document = archive.read("word/document.xml").decode()
    has_all(words_of(document.replace("</w:p>", "\n")))
    assert document.count("<w:tbl>") == 5
    assert document.count("<m:oMath>") >= 10
    assert 'w:val="Heading3"' in document


def test_pandoc_reads_the_notebook_itself(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    needs_pandoc()
    source, page = tmp_path / "rich.ipynb", tmp_path / "rich.html"
    nbformat.write(notebook, source)
    subprocess.run(["pandoc", "-s", "--metadata=title:rich", source, "-o", page], check=True)
    has_all(words_of(page.read_text(encoding="utf-8")))


def pdf_text(notebook: nbformat.NotebookNode, **options: object) -> str:
    """Return the words of a notebook's PDF, each with one blank before the next."""
    if not (shutil.which("xelatex") and shutil.which("pdftotext") and shutil.which("pandoc")):
        pytest.skip("a PDF takes xelatex and pandoc, and looking into it pdftotext")
    try:
        pdf, _ = PDFExporter(**options).from_notebook_node(notebook)
    except RuntimeError as error:
        if ".sty' not found" in str(error):
            pytest.skip("this TeX lacks packages that nbconvert wants")
        raise
    text = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout
    return " ".join(text.decode().split())


@pytest.mark.slow
def test_a_pdf_is_made_and_nothing_of_ours_is_missing_in_it(notebook: nbformat.NotebookNode) -> None:
    text = pdf_text(notebook)
    has_all(text)
    for line in ("≈ $0.0012", "→ wet", "if drop.weight > 0.5: # heavy", "naïve → ≈ ✓"):
        assert line in text


@pytest.mark.slow
def test_the_template_for_a_pdf_has_every_script_and_the_ends_of_long_lines_of_code() -> None:
    if shutil.which("fc-list") is None:
        pytest.skip("fc-list tells which fonts there are (fontconfig)")
    fonts = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=False).stdout
    if not {"Noto Serif CJK KR", "DejaVu Serif"} <= set(re.split("[,\n]", fonts)):
        pytest.skip("the words of other scripts take a font that has them (fonts-noto-cjk, fonts-dejavu)")
    answer = Reply(
        f"**한국어** 漢字 Русский $x = \\text{{거리}}$\n\n```python\nx = '{'ab' * 55}_end'  # 끝 ─\n```"
    )
    output = nbformat.v4.new_output("display_data", data=snapshot.bundle(answer).data)
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=[output])])
    text = pdf_text(book, template_name="streamnb-pdf", extra_template_basedirs=[str(PROJECT / "nbconvert")])
    for word in ("한국어 漢字 Русский", "거리", "# 끝 ─"):
        assert word in text
    code = text.partition("x = ")[2].replace(" ", "").replace("⌋", "").replace("↪", "")
    assert f"'{'ab' * 55}_end'" in code


@pytest.mark.slow
def test_a_book_of_myst_has_all_of_it(notebook: nbformat.NotebookNode, tmp_path: Path) -> None:
    if (program := shutil.which("jupyter-book")) is None:
        pytest.skip("Jupyter Book is not installed (pip install 'jupyter-book<2')")
    nbformat.write(notebook, tmp_path / "rich.ipynb")
    (tmp_path / "_config.yml").write_text('title: Rich\nexecute: {execute_notebooks: "off"}\n')
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: rich\n")
    subprocess.run([program, "build", str(tmp_path)], check=True, capture_output=True)
    page = (tmp_path / "_build" / "html" / "rich.html").read_text(encoding="utf-8")
    has_all(words_of(page))
    assert r'tex2jax_process">\(a^2 + b^2 = c^2\)' in page  # a dollar is a dollar in its pages


@pytest.mark.parametrize(
    ("source", "portable"),
    [
        (r"\begin{align*} a &= b \\ c &= d \end{align*}", r"\begin{aligned} a &= b \\ c &= d \end{aligned}"),
        (r"\begin{alignat*}{2} a &= b \end{alignat*}", r"\begin{alignedat}{2} a &= b \end{alignedat}"),
        (r"\begin{multline*} a \\ b \end{multline*}", r"\begin{gathered} a \\ b \end{gathered}"),
        (r"a &= b \\ c &= d", r"\begin{aligned} a &= b \\ c &= d \end{aligned}"),
        (r"\begin{pmatrix} a & b \end{pmatrix}", r"\begin{pmatrix} a & b \end{pmatrix}"),
        (r"\text{max_len} + \textbf{R&D^2}", r"\text{max\_len} + \textbf{R\&D\textasciicircum 2}"),
        (r"\text{a\_b} \& c_1", r"\text{a\_b} \& c_1"),
        (r"a + b \\ + c", r"\begin{gathered} a + b \\ + c \end{gathered}"),
        (r"\substack{a \\ b} \left( c \\ d \right)", r"\substack{a \\ b} \left( c \\ d \right)"),
        (r"\lvert \psi\rangle ", r"\lvert \psi\rangle"),
        (r"\Bigl( x \bigm| y \Bigr)", r"\Big( x \big| y \Bigr)"),
        (
            r"\begin{array}{c} \hline a \\ \hline \end{array}",
            r"\begin{array}{c} \hline a \\ \end{array}",
        ),
        (r"\cancel{x}", ""),
        (r"\bcancel{x} + 1", ""),
    ],
)
def test_a_formula_is_written_as_latex_takes_it(source: str, portable: str) -> None:
    assert make_tex_portable(source) == portable
