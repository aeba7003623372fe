"""From an answer to a cell, in a real JupyterLab and Notebook 7: ``--code``, ``%stream code``, the buttons.

What the page's module asks of the front ends' inside (``static/notebook.js``) is not their public interface:
an upgrade that changes it trips these tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page

from streamnb.markdown import LiveMarkdown
from tests.browser.bare import Bare
from tests.browser.lab import OpenNotebook, until
from tests.upstream import ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext streamnb"
IN_BOTH = pytest.mark.parametrize("application", ["lab/tree", "notebooks"])
BLOCK = "def f(n):\n\treturn n + 1  # <b> & 'x'"
TEXT = f"First:\n\n```python\n{BLOCK}\n```\n\n```bash\nls -l\n```\n\n```python\nf(2)\n```\n\nDone."
CODE = f"{BLOCK}\n\n# ---\n\nf(2)"

Ask = Callable[..., str]


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Return cells that are answered with a text, in pieces that come so many seconds apart."""
    speeches: list[ModelAnswer] = []

    def cell(options: str, text: str = TEXT, delay: float = 0.01) -> str:
        speeches.append(ModelAnswer(text, delay=delay))
        return f"%%stream openai:test --base-url {server.openai_url} {options}\nhi"

    with Upstream(lambda request: answer_request(request, speeches[-1])) as server:
        yield cell


def sources(notebook: OpenNotebook) -> list[str]:
    """Save, and return the text of every cell."""
    return [cell.source for cell in notebook.save().cells]


def ready(notebook: OpenNotebook) -> None:
    """Load the extension and wait until the page has said that it is there."""
    notebook.run(0)
    heard = "get_ipython().magics_manager.registry['StreamMagics'].page.is_present"
    until(lambda: evaluated(notebook, heard), "the page to speak", notebook.page)


def evaluated(notebook: OpenNotebook, expression: str) -> bool:
    """Run the last cell, which is a scratch, with an expression in it; say whether that is true."""
    last = notebook.page.locator(".jp-Notebook .jp-CodeCell").last
    last.locator(".cm-content").click()
    notebook.page.keyboard.press("Control+a")
    notebook.page.keyboard.insert_text(f"print('it is', {expression})")
    notebook.page.keyboard.press("Control+Enter")
    output = last.locator(".jp-OutputArea-output")
    until(
        lambda: notebook.idle() and output.count() and "it is" in output.inner_text(),
        "a value",
        notebook.page,
    )
    return "it is True" in output.inner_text()


def cells(notebook: OpenNotebook, count: int) -> None:
    """Wait until the notebook has so many cells."""
    until(
        lambda: notebook.page.locator(".jp-Notebook .jp-CodeCell").count() == count,
        f"{count} cells",
        notebook.page,
    )


@IN_BOTH
def test_code_comes_into_a_cell_below_and_a_second_run_replaces_it(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, application: str
) -> None:
    notebook = open_notebook(LOAD, ask("--code"), "scratch", application=application)
    ready(notebook)
    notebook.run(1)
    cells(notebook, 4)
    saved = notebook.save()
    made = saved.cells[2]
    assert made.source == CODE
    assert made.execution_count is None
    assert made.outputs == []
    assert set(made.metadata) == {"streamnb"}
    assert made.metadata["streamnb"]["from"] == saved.cells[1].id
    assert "snb-own" not in str(saved)

    ask("--code", "```python\nother = 1\n```")
    notebook.run(1)
    until(lambda: "other" in notebook.cell(2).inner_text(), "the other code", notebook.page)
    assert len(sources(notebook)) == 4

    # What somebody has typed in is left alone.
    notebook.cell(2).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+End")
    notebook.page.keyboard.type(" + 1")
    ask("--code", "```python\nthird = 1\n```")
    notebook.run(1)
    cells(notebook, 5)
    assert sources(notebook)[2:4] == ["third = 1", "other = 1 + 1"]
    ask("--code", "```python\nfourth = 1\n```")
    notebook.run(1)
    until(lambda: "fourth" in notebook.cell(2).inner_text(), "the fourth code", notebook.page)
    assert sources(notebook)[2:4] == ["fourth = 1", "other = 1 + 1"]

    # So is what somebody has made prose of.
    notebook.cell(2).locator(".cm-content").click()
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("m")
    ask("--code", "```python\nfifth = 1\n```")
    notebook.run(1)
    cells(notebook, 5)
    until(lambda: "fifth" in notebook.cell(2).inner_text(), "the fifth code", notebook.page)
    saved = notebook.save().cells[2:4]
    assert [(cell.cell_type, cell.source) for cell in saved] == [
        ("code", "fifth = 1"),
        ("markdown", "fourth = 1"),
    ]


@IN_BOTH
def test_afterwards_a_line_does_it_for_all_or_for_one_block(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, application: str
) -> None:
    notebook = open_notebook(
        LOAD, ask("-o made"), "%stream code made", "%stream code made 2", "scratch", application=application
    )
    ready(notebook)
    notebook.run(1)
    notebook.run(2)
    cells(notebook, 6)
    notebook.run(4)
    cells(notebook, 7)
    assert sources(notebook)[2:6] == ["%stream code made", CODE, "%stream code made 2", "ls -l"]


@IN_BOTH
def test_nothing_is_inserted_into_the_midst_of_a_run(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, application: str
) -> None:
    notebook = open_notebook(
        LOAD, ask("--code -o made"), "%stream code made", "scratch", application=application
    )
    ready(notebook)
    before = sources(notebook)
    for index in (1, 2, 3):
        notebook.run(index, wait=False)
    for index in (1, 2, 3):
        notebook.ended(index)
    line = "cells are running, so nothing was inserted; when they have ended: %stream code made"
    for index in (1, 2):
        notebook.output(index).get_by_text(line).wait_for()
    assert sources(notebook) == before
    notebook.run(2)
    cells(notebook, 5)


def test_an_answer_in_the_background_brings_its_code_when_it_has_ended(
    open_notebook: Callable[..., OpenNotebook], ask: Ask
) -> None:
    notebook = open_notebook(LOAD, ask("--code --bg", delay=0.1), "import time; time.sleep(6)", "scratch")
    ready(notebook)
    notebook.run(1)
    notebook.run(2, wait=False)
    cells(notebook, 5)
    assert "*" in notebook.cell(3).locator(".jp-InputPrompt").inner_text()  # one other cell may run
    notebook.ended(3)
    assert sources(notebook)[2] == CODE


def test_after_a_stop_comes_what_there_is_and_says_so(
    open_notebook: Callable[..., OpenNotebook], ask: Ask
) -> None:
    long = "```python\n" + "".join(f"n{number} = {number}\n" for number in range(400)) + "```"
    notebook = open_notebook(LOAD, ask("--code", long, 0.05), "scratch")
    ready(notebook)
    notebook.run(1, wait=False)
    notebook.output(1).get_by_text("n8 = 8").wait_for()
    notebook.output(1).get_by_role("button", name="Stop").click()
    cells(notebook, 4)
    code = sources(notebook)[2]
    assert code.startswith("# unfinished: the answer is interrupted\nn0 = 0\nn1 = 1\n")
    assert "n399" not in code


def test_of_answers_side_by_side_the_one_that_is_named(
    open_notebook: Callable[..., OpenNotebook], ask: Ask
) -> None:
    notebook = open_notebook(
        LOAD, ask("-m openai:two -o both --code"), '%stream code both["openai:two"]', "scratch"
    )
    ready(notebook)
    notebook.run(1)
    notebook.output(1).get_by_text('%stream code both["openai:test"] takes the code of one').wait_for()
    notebook.run(2)
    cells(notebook, 5)
    assert sources(notebook)[3] == CODE
    block = notebook.output(1).locator(".snb-column").nth(1).locator("pre").nth(2)
    block.get_by_role("button", name="Insert this code below").click()
    cells(notebook, 6)
    assert sources(notebook)[2] == "f(2)"


def test_a_cell_that_was_deleted_meanwhile_is_one_line_with_the_next(
    open_notebook: Callable[..., OpenNotebook], ask: Ask
) -> None:
    notebook = open_notebook(LOAD, ask("--code --bg", delay=0.1), "1", "scratch")
    ready(notebook)
    notebook.run(1)
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("d")
    notebook.page.keyboard.press("d")
    cells(notebook, 3)
    until(lambda: evaluated(notebook, "answer.state == 'complete'"), "the end", notebook.page)
    notebook.page.wait_for_timeout(500)  # nothing is to be inserted: code comes at once where it comes
    notebook.run(1)
    line = "the cell that asked for code was deleted, so nothing was inserted"
    assert notebook.page.get_by_text(line).count() == 1
    assert len(sources(notebook)) == 3


def test_after_a_restart_of_the_kernel_code_comes_and_undo_takes_it_away(
    open_notebook: Callable[..., OpenNotebook], ask: Ask
) -> None:
    notebook = open_notebook(LOAD, ask("--code"), "scratch")
    ready(notebook)
    notebook.run(1)
    cells(notebook, 4)
    (kernel,) = notebook.server.get("api/kernels")
    notebook.server.get(f"api/kernels/{kernel['id']}/restart", method="POST")
    until(notebook.idle, "the kernel to be back", notebook.page)
    button(notebook, "Insert this code below", 2).click()  # needs no kernel
    cells(notebook, 5)
    ready(notebook)
    ask("--code", "```python\nother = 1\n```")
    notebook.run(1)
    until(lambda: "other" in notebook.cell(2).inner_text(), "the other code", notebook.page)
    notebook.cell(2).locator(".cm-content").click()
    notebook.page.keyboard.press("Control+z")
    until(lambda: "other" not in notebook.cell(2).inner_text(), "the text of before", notebook.page)
    assert sources(notebook)[2:4] == [CODE, "f(2)"]


# ---- the buttons ----

COUNT_PARSED = """() => {
  const parse = DOMParser.prototype.parseFromString;
  window.parsed = 0;
  DOMParser.prototype.parseFromString = function (text, type) {
    window.parsed += text.includes("snb-footer");
    return parse.call(this, text, type);
  };
}"""


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def button(notebook: OpenNotebook, name: str, number: int = 0, cell: int = 1) -> Locator:
    return notebook.output(cell).locator("pre").nth(number).get_by_role("button", name=name)


@IN_BOTH
def test_blocks_are_copied_and_inserted_with_the_mouse_and_the_keyboard(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, application: str
) -> None:
    notebook = open_notebook(LOAD, ask(""), "scratch", application=application)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ready(notebook)
    notebook.run(1)
    block = notebook.output(1).locator("pre").first
    block.hover()
    button(notebook, "Copy this code").click()
    until(lambda: clipboard(notebook.page) == BLOCK, "the code on the clipboard", notebook.page)
    button(notebook, "Copy this code", 2).focus()
    notebook.page.keyboard.press("Enter")
    until(lambda: clipboard(notebook.page) == "f(2)", "the other code", notebook.page)
    notebook.page.keyboard.press("Tab")
    notebook.page.keyboard.press("Enter")
    cells(notebook, 4)
    assert notebook.page.locator(".jp-mod-editMode").count() == 0  # Enter was the button's
    button(notebook, "Insert this code below", 1).click()
    cells(notebook, 5)
    button(notebook, "Insert this code below", 1).click()  # is there already
    notebook.page.wait_for_timeout(500)  # no third cell is to come: the others came within a moment
    assert sources(notebook)[2:4] == ["f(2)", "ls -l"]  # in the order in which they were asked for


@IN_BOTH
def test_a_reopened_notebook_has_its_buttons_once_the_extension_is_loaded(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, application: str
) -> None:
    notebook = open_notebook(LOAD, ask(""), "scratch", application=application)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    notebook.run(1)
    assert "snb-own" not in str(notebook.save())
    notebook.server.shut_down_kernels()
    notebook.open(application)
    notebook.output(1).locator("pre").first.wait_for()
    assert notebook.output(1).locator("pre button").count() == 0
    notebook.page.evaluate(COUNT_PARSED)
    notebook.run(0)
    button(notebook, "Copy this code").click()
    until(lambda: clipboard(notebook.page) == BLOCK, "the code on the clipboard", notebook.page)
    button(notebook, "Insert this code below").click()
    cells(notebook, 4)
    assert notebook.page.evaluate("window.parsed") == 1  # once, however often it is asked for
    saved = notebook.save()
    assert saved.cells[2].source == BLOCK
    assert "snb-own" not in str(saved)
    assert "streamnb" not in str(saved.metadata)


def test_of_two_open_notebooks_that_are_alike_each_gets_its_own_code(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, page: Page
) -> None:
    notebook = open_notebook(LOAD, ask(""), "scratch")
    ready(notebook)
    notebook.run(1)
    notebook.save()
    copy = OpenNotebook(page, notebook.server, f"copy-of-{notebook.name}")
    (notebook.server.folder / copy.name).write_bytes((notebook.server.folder / notebook.name).read_bytes())
    page.locator(f'.jp-DirListing-item[title*="Name: {copy.name}"]').dblclick()
    panels = [page.locator(".jp-NotebookPanel").nth(which).locator(".jp-CodeCell") for which in (0, 1)]
    until(lambda: panels[1].count() == 3 and copy.idle(), "the copy to be open", page)
    panels[1].first.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    inserting = panels[1].nth(1).get_by_role("button", name="Insert this code below").first
    inserting.click()
    until(lambda: panels[1].count() == 4, "a cell in the copy", page)
    assert panels[0].count() == 3
    assert [cell.source for cell in copy.save().cells][2] == BLOCK


def test_where_a_page_has_no_clipboard_the_code_is_copied_all_the_same(page: Page) -> None:
    bare = Bare(page)
    live = LiveMarkdown()
    bare.send([{"kind": "frame", "n": 1, "patch": live.feed(TEXT).to_json(), "paint": True}])
    assert page.evaluate("navigator.clipboard === undefined")  # as on any page without https
    page.evaluate(
        "document.addEventListener('copy', () => (window.copied = document.getSelection().toString()))"
    )
    page.locator("pre").first.hover()
    page.get_by_role("button", name="Copy this code").first.click()
    until(lambda: page.evaluate("window.copied") == BLOCK, "the code to be copied", page)
    assert page.locator("textarea").count() == 0
    assert page.get_by_role("button", name="Done").count() == 1


# ---- where the page's inside is not what it was, or no widget is there ----

WITHOUT_INSIDE = """
import anywidget
class Inside(anywidget.AnyWidget):
    _esm = '''export default { initialize({ model }) {
      Object.defineProperty(model.widget_manager, "context", { value: undefined });
      model.send("done");
    } }'''
inside = Inside()
inside.on_msg(lambda *_: globals().update(gone=True))
"""


@IN_BOTH
def test_a_front_end_whose_inside_is_another_takes_the_next_input(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, application: str
) -> None:
    notebook = open_notebook(WITHOUT_INSIDE, LOAD, ask("--code"), "scratch", application=application)
    notebook.run(0)
    until(lambda: evaluated(notebook, "globals().get('gone')"), "the page to lose its inside", notebook.page)
    notebook.run(1)
    notebook.run(2)
    cells(notebook, 5)
    assert "--code: the code is the next input" in notebook.output(2).inner_text()
    buttons = notebook.output(2).locator("pre").first
    assert buttons.get_by_role("button", name="Copy").count() == 1
    assert buttons.get_by_role("button", name="Insert").count() == 0
    assert sources(notebook)[3] == CODE


def test_a_page_without_widgets_takes_the_next_input(
    open_notebook: Callable[..., OpenNotebook], ask: Ask, page: Page
) -> None:
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    notebook = open_notebook(LOAD, ask("-o made"), "%stream code made", "scratch")
    notebook.run(0)
    silent = "not get_ipython().magics_manager.registry['StreamMagics'].page.may_be_present"
    until(lambda: evaluated(notebook, silent), "the kernel to give the page up", notebook.page)
    notebook.run(1)
    notebook.run(2)
    cells(notebook, 5)
    assert sources(notebook)[3] == CODE
