"""``%%stream`` in a real JupyterLab, with the demo model: live, in the background, after a reload."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, until

pytestmark = pytest.mark.browser

LOAD = "%load_ext streamnb"
LONG = "%%stream demo --speed 0.25\nA long answer"  # most of a minute: it still comes on a busy machine


@pytest.mark.slow
def test_the_demo_model_streams_into_the_cell(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(
        LOAD, "%%stream demo -o answer\nA tour of Markdown", "print(answer.state, len(answer))"
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.locator(".snb-stretch > *").nth(2).wait_for()
    notebook.screenshot("demo-mid")
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    notebook.screenshot("demo-end")
    assert "demo" in output.locator(".snb-footer").inner_text()
    notebook.run(2)
    assert notebook.shows(2, "complete").startswith("complete")


@pytest.mark.slow
def test_stop_ends_the_cell_and_the_queued_one_does_not_run(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(LOAD, LONG, "print('queued')")
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.locator(".snb-stretch > *").first.wait_for()
    notebook.run(2, wait=False)
    output.get_by_role("button", name="Stop").click()
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    notebook.screenshot("demo-stopped")
    assert "interrupted" in output.locator(".snb-footer").inner_text()
    assert "Traceback" not in output.inner_text()
    queued = notebook.cell(2).locator(".jp-InputPrompt")
    until(lambda: "*" not in queued.inner_text(), "the queued cell to be let go", notebook.page)
    assert queued.inner_text().strip("[]: ") == ""
    assert notebook.output(2).inner_text() == ""


@pytest.mark.slow
def test_two_streams_in_the_background_each_fill_their_own_output(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(
        LOAD,
        "%%stream demo --bg -o first\nA short poem",
        "%%stream demo --bg -o second\nPython code explained",
        "import time; time.sleep(1); print('meanwhile')",
    )
    for index in range(4):
        notebook.run(index)
    notebook.screenshot("background")
    for index in (1, 2):
        notebook.output(index).locator(".snb-footer").wait_for()
        notebook.output(index).locator(".snb-live").wait_for(state="detached")
    assert "def " not in notebook.output(1).inner_text()
    assert "def " in notebook.output(2).inner_text()
    assert notebook.shows(3, "meanwhile") == "meanwhile"


@pytest.mark.slow
def test_a_page_that_is_loaded_again_comes_back_to_the_text_so_far(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(LOAD, LONG)
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.locator(".snb-stretch > *").nth(1).wait_for()
    first = output.locator(".snb-stretch > *").first.inner_text()
    notebook.save()
    notebook.open(kernel=False)
    until(lambda: first in output.inner_text(), "the text so far", notebook.page)
    notebook.screenshot("reloaded")
    length = len(output.inner_text())
    until(lambda: len(output.inner_text()) > length, "more text", notebook.page)


@pytest.mark.slow
def test_a_page_that_cannot_run_the_widget_gets_the_text_all_the_same(
    open_notebook: Callable[..., OpenNotebook], page: Page
) -> None:
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    notebook = open_notebook(LOAD, LONG)
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.locator("h1").wait_for()
    assert notebook.cell(1).locator(".jp-InputPrompt").inner_text().startswith("[*]")
    length = len(output.inner_text())
    until(lambda: len(output.inner_text()) > length, "more text", notebook.page)
    notebook.screenshot("without-widgets")
    assert output.locator(".snb-live").count() == 0


@pytest.mark.slow
def test_a_tool_is_asked_for_with_two_buttons(open_notebook: Callable[..., OpenNotebook]) -> None:
    asking = """from streamnb.views.widget import WidgetView
from streamnb.core.reply import Reply, ToolCall
import asyncio
view = WidgetView("demo:test"); view.open(lambda: None)
answer = await asyncio.to_thread(view.ask, ToolCall("delete", {"path": "/tmp/x"}))
view.close(Reply("Done.", model="demo:test")); print(answer)"""
    notebook = open_notebook(asking)
    notebook.run(0, wait=False)
    output = notebook.output(0)
    output.get_by_role("button", name="Refuse").wait_for()
    assert 'delete(path="/tmp/x")' in output.inner_text()
    notebook.screenshot("question")
    output.get_by_role("button", name="Allow").click()
    notebook.ended(0)
    assert output.get_by_text("True").count() == 1


@pytest.mark.slow
def test_a_cell_that_blocks_is_not_taken_for_a_page_without_widgets(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(
        "from streamnb import stream\nstream('A long answer', model='demo', speed=1); None"
    )
    notebook.run(0, wait=False)
    output = notebook.output(0)
    output.locator(".snb-stretch > *").nth(8).wait_for()
    output.locator(".snb-stretch > *").nth(16).wait_for()  # longer than a page is given to speak
    assert output.locator(".snb-live").count() == 1
