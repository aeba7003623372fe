"""A page that is loaded again while an answer comes: the text so far, and the whole of it afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import OpenNotebook, until
from tests.upstream import ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext streamnb"
WORDS = " ".join(f"word{number}" for number in range(160)) + " last."
COUNT = """import ipywidgets
names = [type(widget).__name__ for widget in ipywidgets.widgets.widget._instances.values()]
print(len([name for name in names if name != "PageWidget"]))"""  # the extension's own widget stays
IN_BOTH = pytest.mark.parametrize("application", ["lab/tree", "notebooks"])


@pytest.fixture
def line() -> Iterator[str]:
    """A cell whose answer takes some twelve seconds."""
    with Upstream(lambda request: answer_request(request, ModelAnswer(WORDS, delay=0.045))) as server:
        yield f"%%stream openai:test --base-url {server.openai_url}\nhi"


def loaded_again(notebook: OpenNotebook, application: str) -> None:
    """Run the answer's cell, save, and load the page while it comes."""
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.output(1).get_by_text("word20").wait_for()
    notebook.save()
    notebook.open(application, kernel=False)


def no_widget_stays(notebook: OpenNotebook, count: int) -> None:
    """Run the cell that counts until there is none: the page says when it shows a widget no more."""

    def is_none_left() -> bool:
        notebook.run(count)
        until(notebook.idle, "the count", notebook.page)
        return notebook.output(count).inner_text().strip() == "0"

    until(is_none_left, "the widgets to go", notebook.page)


@IN_BOTH
def test_the_text_so_far_comes_back_and_goes_on_to_the_end(
    open_notebook: Callable[..., OpenNotebook], line: str, application: str
) -> None:
    notebook = open_notebook(LOAD, line, application=application)
    loaded_again(notebook, application)
    output = notebook.output(1)
    until(lambda: "word0 word1 " in output.inner_text(), "the text so far", notebook.page)
    until(lambda: "last." in output.inner_text(), "the end of the text", notebook.page)
    assert " ".join(output.inner_text().split()).startswith(WORDS)
    until(lambda: "openai:test" in output.locator(".snb-footer").inner_text(), "the footer", notebook.page)


@IN_BOTH
def test_the_file_of_a_page_that_was_loaded_again_holds_the_answer_and_no_widget(
    open_notebook: Callable[..., OpenNotebook], line: str, application: str
) -> None:
    notebook = open_notebook(LOAD, line, COUNT, application=application)
    loaded_again(notebook, application)
    notebook.output(1).locator(".snb-answer:not(.snb-live)").wait_for()
    (saved,) = notebook.save().cells[1].outputs
    assert set(saved.data) == {"text/html", "text/markdown", "text/plain"}
    assert WORDS in saved.data["text/html"]
    assert saved.metadata["streamnb"]["state"] == "complete"
    no_widget_stays(notebook, 2)


def test_a_page_that_comes_back_after_the_end_finds_the_answer(
    open_notebook: Callable[..., OpenNotebook], line: str
) -> None:
    notebook = open_notebook(LOAD, line, COUNT)
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.output(1).get_by_text("word20").wait_for()
    notebook.save()
    notebook.page.goto("about:blank")
    until(notebook.idle, "the answer to end", notebook.page)
    notebook.open(kernel=False)
    notebook.output(1).locator(".snb-answer:not(.snb-live)").wait_for()
    assert "last." in notebook.output(1).inner_text()
    (saved,) = notebook.save().cells[1].outputs
    assert set(saved.data) == {"text/html", "text/markdown", "text/plain"}
    no_widget_stays(notebook, 2)


@IN_BOTH
def test_afterwards_the_answer_can_be_shown_again_in_two_ways(
    open_notebook: Callable[..., OpenNotebook], line: str, application: str
) -> None:
    notebook = open_notebook(LOAD, line, "%stream show answer", "answer", application=application)
    loaded_again(notebook, application)
    for index in (2, 3):
        notebook.run(index)  # queued behind the answer
        assert WORDS in notebook.shows(index, "openai:test")
    saved = notebook.save()
    for cell in saved.cells[2:]:
        (output,) = cell.outputs
        assert WORDS in output.data["text/html"]


def test_a_stream_in_the_background_is_shown_so_far_by_name(
    open_notebook: Callable[..., OpenNotebook], line: str
) -> None:
    notebook = open_notebook(
        LOAD, line.replace("\n", " --bg\n"), "%stream show answer", "%stream wait answer"
    )
    loaded_again(notebook, "lab/tree")
    # What a cell prints before the page hears the kernel is not shown.
    notebook.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').wait_for()
    notebook.run(2)
    notebook.shows(2, "word0 word1 ")
    notebook.run(3)
    notebook.shows(3, "complete")


def test_a_cell_that_is_moved_while_its_answer_comes_keeps_it(
    open_notebook: Callable[..., OpenNotebook], line: str
) -> None:
    notebook = open_notebook(LOAD, line, "1")
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.output(1).get_by_text("word20").wait_for()
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("Control+Shift+ArrowDown")
    moved = notebook.output(2).locator(".snb-answer:not(.snb-live)")
    moved.wait_for()
    assert "last." in moved.inner_text()
    (saved,) = notebook.save().cells[2].outputs
    assert set(saved.data) == {"text/html", "text/markdown", "text/plain"}
