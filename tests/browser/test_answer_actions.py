"""The buttons below an answer that has ended, and what a page shows of turns that were set aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import OpenNotebook, until
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext streamnb"
HAIKU = "%%stream demo:haiku --speed 0\na haiku"
CODE = "A function:\n\n```python\ndef double(number):\n    return 2 * number\n```\n\nIt doubles."
TALK = "%%stream demo:haiku --speed 0 -c talk\n"
IN_BOTH = pytest.mark.parametrize("application", ["lab/tree", "notebooks"])


def sources(notebook: OpenNotebook) -> list[str]:
    return [cell.source for cell in notebook.save().cells]


def run_all_cells(
    open_notebook: Callable[..., OpenNotebook], *cells: str, application: str = "lab/tree"
) -> OpenNotebook:
    notebook = open_notebook(LOAD, *cells, application=application)
    for index in range(len(cells) + 1):
        notebook.run(index)
    notebook.output(1).locator(".snb-again").last.wait_for()
    return notebook


@IN_BOTH
def test_a_finished_answer_can_be_copied_inserted_and_asked_again(
    open_notebook: Callable[..., OpenNotebook], application: str
) -> None:
    notebook = run_all_cells(open_notebook, HAIKU, application=application)
    page, output = notebook.page, notebook.output(1)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    output.get_by_role("button", name="Copy this answer").click()
    output.locator(".snb-copy-answer.snb-done").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("##") or "\n" in copied
    assert "tokens" not in copied
    output.get_by_role("button", name="Insert this answer below").click()
    until(lambda: page.locator(".jp-MarkdownCell").count() == 1, "the cell below", page)
    assert sources(notebook)[2] == copied
    notebook.screenshot(f"actions-{application[:3]}")
    before = notebook.cell(1).locator(".jp-InputPrompt").inner_text()
    output.get_by_role("button", name="Ask again").click()
    until(lambda: notebook.cell(1).locator(".jp-InputPrompt").inner_text() != before, "another run", page)
    notebook.ended(1)
    saved = notebook.save().cells[1].outputs[0].data
    assert "snb-actions" not in saved["text/html"]


@pytest.fixture
def base_url() -> Iterator[str]:
    """The options of a server of which the model ``cut`` breaks off."""

    def answer(request: Request) -> Answer:
        if request.json["model"] == "cut":
            return answer_request(request, ModelAnswer("Once upon a time there", finish=None))
        return answer_request(request, ModelAnswer(CODE))

    with Upstream(answer) as server:
        yield f"--base-url {server.openai_url}"


def test_an_answer_that_broke_off_goes_on_in_a_cell_of_its_own(
    open_notebook: Callable[..., OpenNotebook], base_url: str
) -> None:
    cut = f"%%stream openai:cut {base_url} -o story\na story"
    notebook = run_all_cells(open_notebook, HAIKU, cut, "%%stream demo:cut --speed 0 -o recorded\na story")
    assert not notebook.output(1).get_by_role("button", name="Continue").is_visible()
    notebook.output(2).get_by_role("button", name="Continue").click()
    until(lambda: "%stream continue story" in sources(notebook), "the new cell", notebook.page)
    assert notebook.page.locator(".jp-CodeCell").count() == 5  # and it has not run
    assert notebook.cell(3).locator(".jp-InputPrompt").inner_text().strip("[]: ") == ""
    # Out of a recording nothing more comes.
    notebook.output(4).get_by_role("button", name="Ask again").wait_for()
    assert not notebook.output(4).get_by_role("button", name="Continue").is_visible()


def test_answers_side_by_side_have_a_row_of_buttons_each(
    open_notebook: Callable[..., OpenNotebook], base_url: str
) -> None:
    models = "-m openai:code -m openai:cut"
    notebook = run_all_cells(open_notebook, f"%%stream {models} {base_url} --code -o both\na function")
    page, output = notebook.page, notebook.output(1)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.screenshot("actions-columns")
    rows = output.locator(".snb-actions")
    assert [rows.nth(column).get_by_role("button").count() for column in (0, 1)] == [3, 4]
    for column in (0, 1):
        rows.nth(column).get_by_role("button", name="Copy this answer").click()
        rows.nth(column).locator(".snb-done").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        notebook.page.keyboard.press("Escape")
        assert "openai:" not in copied
        answer_words = output.locator(".snb-answer").nth(column).inner_text().split()
        assert answer_words[0] in copied
        assert answer_words[-1] in copied
    rows.nth(0).get_by_role("button", name="Insert this answer's code below").click()
    rows.nth(1).get_by_role("button", name="Continue").click()
    until(lambda: page.locator(".jp-CodeCell").count() == 4, "two cells below", page)
    book = notebook.save()
    assert book.cells[2].source.startswith("def ") or "\ndef " in book.cells[2].source
    assert "`" not in book.cells[2].source
    assert book.cells[3].source == '%stream continue both["openai:cut"]'
    assert "snb-actions" not in str(book.cells[1].outputs)


def test_no_script_of_the_page_presses_the_buttons(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = run_all_cells(open_notebook, HAIKU)
    before = notebook.cell(1).locator(".jp-InputPrompt").inner_text()
    for name in ("snb-again", "snb-insert"):
        notebook.page.evaluate(f"document.querySelector('.{name}').click()")
    notebook.page.wait_for_timeout(1500)  # nothing is to happen: a press that counts shows well within it
    assert notebook.cell(1).locator(".jp-InputPrompt").inner_text() == before
    assert len(sources(notebook)) == 2


def test_the_buttons_work_from_the_keyboard(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = run_all_cells(open_notebook, HAIKU)
    own = notebook.output(1).get_by_role("button", name="Ask again")
    before = notebook.cell(1).locator(".jp-InputPrompt").inner_text()
    own.focus()
    notebook.page.keyboard.press("Enter")
    until(lambda: notebook.cell(1).locator(".jp-InputPrompt").inner_text() != before, "another run")
    notebook.ended(1)


def test_cells_after_a_turn_that_is_said_anew_are_marked_until_they_run_again(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = run_all_cells(open_notebook, TALK + "one", TALK + "two", TALK + "three")
    assert "conversation talk, turn 3" in notebook.output(3).locator(".snb-footer").inner_text()
    notebook.run(1)
    marks = [notebook.output(cell).locator(".snb-set-aside") for cell in (1, 2, 3)]
    until(lambda: [mark.count() for mark in marks] == [0, 1, 1], "the marks", notebook.page)
    assert "run this cell again" in marks[1].inner_text()
    notebook.screenshot("set-aside")
    notebook.run(2)
    until(lambda: [mark.count() for mark in marks] == [0, 0, 1], "one mark fewer", notebook.page)
    assert all("snb-set-aside" not in str(cell) for cell in notebook.save().cells)
