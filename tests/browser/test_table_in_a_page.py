"""The table of ``map`` and ``grid`` in JupyterLab: it fills while answers stream, and is readable saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, until
from tests.browser.watch import traced

pytestmark = pytest.mark.browser

GRID = """import streamnb
replies = streamnb.grid(
    "{n}. What is {topic}?", n=[1, 2], topic=["rain", "snow"], model=["demo:tour", "demo:haiku"], speed=3,
    score=len,
); None"""
ENDS = """
() => new MutationObserver((_records, observer) => {
  const isLive = Boolean(document.querySelector(".snb-progress[role]"));
  if (isLive) window.wasLive = true;
  else if (window.wasLive) {
    performance.mark("table saved");
    observer.disconnect();
  }
}).observe(document.body, { childList: true, subtree: true })
"""
MANY = "replies = streamnb.map([f'{n}. Why?' for n in range(200)], model='demo:haiku', concurrency=16); None"


@pytest.mark.slow
def test_a_table_fills_while_answers_stream_and_is_saved_whole(
    open_notebook: Callable[..., OpenNotebook], page: Page
) -> None:
    notebook = open_notebook(GRID)
    notebook.run(0, wait=False)
    output = notebook.output(0)
    until(lambda: "streaming" in (output.inner_text() if output.count() else ""), "a row to stream", page)
    assert output.locator("tbody tr").count() == 8
    notebook.screenshot("table-live")
    notebook.ended(0)
    until(lambda: output.locator("details").count() == 8, "the saved table", page)
    fold = output.locator("details").first
    fold.locator("summary").click()
    assert fold.locator(".snb-answer").inner_text().strip()
    notebook.screenshot("table-ended")
    saved = notebook.save().cells[0].outputs
    assert len(saved) == 1
    assert "<script" not in saved[0]["data"]["text/html"]
    assert saved[0]["data"]["text/html"].count("<details") == 8


@pytest.mark.slow
@pytest.mark.frames
def test_two_hundred_rows_make_no_frame_late_while_they_fill(
    open_notebook: Callable[..., OpenNotebook], page: Page
) -> None:
    notebook = open_notebook("import streamnb", MANY)
    notebook.run(0)
    page.evaluate(ENDS)
    with traced(page) as trace:
        notebook.run(1, wait=False)
        output = notebook.output(1)
        until(lambda: output.locator("details").count() == 200, "the saved table", page)
    notebook.screenshot("table-of-200")
    live = trace.between(0, trace.marks["table saved"])
    print(len(live), "tasks, longest in ms of work:", sorted(live)[-5:])
    assert len(live) > 100
    assert max(live) <= 100  # on a busy machine a frame may be later, but not for any work of the page's
