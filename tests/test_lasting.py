"""A notebook that ran without a page: its file, and what other programs make of it, keep the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter

from tests.kernels import kernel
from tests.support import missing
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request

Book = nbformat.NotebookNode

TEXT = """# Rain

It **falls** for $5, and $E = mc^2$ holds. ![a cloud](https://elsewhere.example/cloud.png)

| kind | drops |
|------|------:|
| mist | few   |

```python
def rain(drops: int) -> int:
    return 2 * drops
```

$$\\int_0^1 x\\,dx$$

<script>document.title = "ran"</script> [a link](javascript:alert(1))
"""
ASIDES = """from streamnb import Citation, Reply
from streamnb.core.reply import ToolCall
Reply("A **shown** answer.", model="openai:gpt-x", reasoning="clouds first",
      citations=[Citation("The sky", "https://example.org/sky")],
      tool_calls=[ToolCall("look", {"up": 1}, "c", "blue")])"""


def answer(request: Request) -> Answer:
    """Think and ask for a tool, then answer; refuse a prompt that wants it."""
    last = request.json["messages"][-1]
    if last["content"] == "fail":
        return answer_request(request, ModelAnswer("no such model", status=404))
    if "tools" in request.json and last["role"] != "tool":
        return answer_request(
            request, ModelAnswer("", reasoning="hidden thoughts", tool_calls=[("look", '{"up": 1}')])
        )
    return answer_request(request, ModelAnswer(TEXT))


def cells(url: str) -> list[str]:
    line = f"%%stream openai:test --base-url {url}"
    return [
        "%load_ext streamnb\ndef look(up: int) -> str:\n    'Look at the sky.'\n    return 'blue'",
        f"{line}\nrain?",
        f"{line} -T look --yes\nrain?",
        f"{line} --bg -o first\nrain?",
        f"{line} --bg -o second\nrain?",
        "%stream wait",
        f"{line} --retries 0\nfail",
        ASIDES,
        "%%stream -m demo:haiku -m demo:haiku --speed 0\nhi",
        "%stream show first",
    ]


ANSWERS = (1, 2, 3, 4, 6, 7, 8, 9)  # the cells that have one in their output


def by_nbclient(made: Book, folder: Path) -> Book:
    NotebookClient(made, timeout=60, allow_errors=True).execute()
    return made


def by_papermill(made: Book, folder: Path) -> Book:
    try:
        import papermill  # type: ignore[import-untyped]
    except ImportError:
        missing("papermill is not installed")
    del made.cells[6]  # papermill ends at a cell that fails
    made.cells.insert(6, nbformat.v4.new_code_cell(ASIDES))
    nbformat.write(made, folder / "in.ipynb")
    papermill.execute_notebook(folder / "in.ipynb", folder / "out.ipynb", progress_bar=False, cwd=folder)
    return nbformat.read(folder / "out.ipynb", as_version=4)


@pytest.fixture(scope="module", params=[by_nbclient, pytest.param(by_papermill, marks=pytest.mark.slow)])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """A notebook as it is after a run without a page."""
    run: Callable[[Book, Path], Book] = request.param
    with Upstream(answer) as server:
        code = [nbformat.v4.new_code_cell(source) for source in cells(server.openai_url)]
        made = nbformat.v4.new_notebook(cells=code)
        made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        yield run(made, tmp_path_factory.mktemp("lasting"))


def display_output(book: Book, index: int) -> Any:
    """Return the one display of a cell."""
    (output,) = (entry for entry in book.cells[index].outputs if "data" in entry)
    return output


def boxes(page: str) -> str:
    """Return what a page has of our outputs."""
    match = re.search(r'<div class="streamnb.*', page, re.DOTALL)
    assert match
    return match[0].partition("</main>")[0]


def test_every_answer_is_one_static_output_in_its_own_cell(book: Book) -> None:
    for index in ANSWERS:
        data = display_output(book, index).data
        assert set(data) == {"text/html", "text/markdown", "text/plain"}, index
    for index in (1, 2, 3, 4, 9):
        assert "<strong>falls</strong>" in display_output(book, index).data["text/html"]
        assert display_output(book, index).data["text/plain"].startswith("# Rain")
        assert "openai:test" in display_output(book, index).data["text/plain"]
    nbformat.validate(book)


def test_nothing_of_ours_is_a_widget_in_the_file(book: Book) -> None:
    assert "widgets" not in book.metadata
    assert "widget-view" not in json.dumps(book)


def test_reasoning_sources_and_tool_calls_are_there_and_folded(book: Book) -> None:
    called, built = (display_output(book, index).data["text/html"] for index in (2, 7))
    assert "hidden thoughts" in called
    assert "look(up=1)" in re.sub("<[^>]*>", "", called)
    assert "clouds first" in built
    assert 'href="https://example.org/sky"' in built
    for html in (called, built):
        assert "<details" in html
        assert not re.search(r"<details[^>]*\sopen", html)


def test_an_answer_that_failed_says_so_below_what_came(book: Book) -> None:
    output = display_output(book, 6)
    if not output.metadata["streamnb"]["model"].startswith("openai:test"):
        return  # papermill's notebook has no such cell
    assert output.metadata["streamnb"]["state"] == "error"
    assert "no such model" in output.data["text/html"]
    (error,) = (entry for entry in book.cells[6].outputs if entry.output_type == "error")
    assert len(error.traceback) == 1


def is_harmless(html: str) -> bool:
    """Say whether there is no script, no address that is loaded and no widget among the tags."""
    tags = re.sub(r">[^<]*<", "><", html)
    loads = re.search(r"""\s(src|srcset|poster|data)=["']?(?!data:)""", tags)
    return not loads and all(bad not in tags for bad in ("<script", "javascript:", "url(", "widget"))


WORDS = ("falls", "mist", "openai:test", "hidden thoughts", "clouds first", "blue", "cost unknown")


def test_html_made_of_it_has_all_and_asks_for_nothing(book: Book) -> None:
    page, _ = HTMLExporter().from_notebook_node(book)
    html = boxes(page)
    assert all(word in html for word in WORDS)
    assert html.count("<details") >= 4
    assert not re.search(r"<details[^>]*\sopen", html)
    assert is_harmless(html)
    assert (
        len(re.findall(r'class="[^"]*tex2jax_process[^"]*"[^>]*>(?:\\\(|\$\$)', html)) >= 10
    )  # 5 answers, 2 formulas


def test_html_that_nbconvert_sanitises_has_all_words(book: Book) -> None:
    """It knows few tags and shows any other as text, also those of its own front ends; the words stay."""
    page, _ = HTMLExporter(sanitize_html=True).from_notebook_node(book)
    html = boxes(page)
    assert all(word in html for word in WORDS)
    assert "<strong>falls</strong>" in html
    assert is_harmless(html)


def test_markdown_made_of_it_has_text_and_footer(book: Book) -> None:
    page, _ = MarkdownExporter().from_notebook_node(book)
    for text in ("falls", "mist", "openai:test", "hidden thoughts", "cost unknown"):
        assert text in page
    assert "<script" not in page
    assert "widget" not in page


@pytest.mark.slow
def test_a_hundred_cells_of_a_page_leave_no_hundred_models() -> None:
    count = "import comm, ipywidgets\ndef models(): return len(ipywidgets.widgets.widget._instances)"
    with kernel("%load_ext streamnb", count) as running:
        for number in range(100):
            assert running.run("%%stream demo:haiku --speed 0\nhi", cell=f"c{number}").ok
        running.run("import time; end = time.monotonic() + 10")
        running.run("while models() > 1 and time.monotonic() < end: time.sleep(0.02)")
        assert running.value("models()") == 1  # the extension's own, for the whole notebook
        assert running.value("len(comm.get_comm_manager().comms)") == 1
