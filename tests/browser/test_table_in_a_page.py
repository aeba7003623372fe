"""The table of ``map`` and ``grid`` in JupyterLab: it fills while answers stream, and is readable saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.lab import Sheet, until

pytestmark = pytest.mark.browser

GRID = """import streamnb
replies = streamnb.grid(
    "{n}. What is {topic}?", n=[1, 2], topic=["rain", "snow"], model=["demo:tour", "demo:haiku"], speed=3,
    score=len,
); None"""
FRAMES = """
() => {
  const frames = (window.frames_ = { live: [], saved: [] });
  let before = performance.now();
  requestAnimationFrame(function frame(now) {
    const where = document.querySelector(".snb-progress[role]") ? frames.live : frames.saved;
    where.push(Math.round(now - before));
    before = now;
    requestAnimationFrame(frame);
  });
}
"""
MANY = "replies = streamnb.map([f'{n}. Why?' for n in range(200)], model='demo:haiku', concurrency=16); None"


@pytest.mark.slow
def test_a_table_fills_while_answers_stream_and_is_saved_whole(
    sheet: Callable[..., Sheet], page: Page
) -> None:
    notebook = sheet(GRID)
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
def test_two_hundred_rows_make_no_frame_late_while_they_fill(sheet: Callable[..., Sheet], page: Page) -> None:
    notebook = sheet("import streamnb", MANY)
    notebook.run(0)
    page.evaluate(FRAMES)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    until(lambda: output.locator("details").count() == 200, "the saved table", page)
    frames = page.evaluate("window.frames_")
    notebook.screenshot("table-of-200")
    print({where: sorted(lengths)[-5:] for where, lengths in frames.items()})
    assert len(frames["live"]) > 100
    assert max(frames["live"]) <= 100
