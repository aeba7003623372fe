"""A long answer at full pace disturbs nobody: few nodes go, no frame is late, selections and scroll stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, until
from tests.browser.watch import SELECTION, read_trace, select_first_word, traced, watch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.frames]

LONG = """import asyncio
from streamnb.render.snapshot import bundle
from tests.browser.feed import *
from tests.browser.watch import long_answer
LONG = long_answer(20_000)
"""
SCROLLER = "document.querySelector('.jp-WindowedPanel-outer')"


def watched(open_notebook: Callable[..., OpenNotebook], *cells: str) -> OpenNotebook:
    notebook = open_notebook(LONG + "reply = await play(pieces(LONG), rate=400)", *cells)
    watch(notebook.page)
    notebook.run(0, wait=False)
    notebook.output(0).locator(".snb-log h2").nth(2).wait_for()
    return notebook


def at_rest(page: Page) -> None:
    """Wait until the page has scrolled to where it stays."""
    tops: list[float] = []

    def stays() -> bool:
        tops.append(page.evaluate(f"{SCROLLER}.scrollTop"))
        return len(tops) > 3 and len(set(tops[-4:])) == 1

    until(stays, "the page to come to rest", page)


def finish(notebook: OpenNotebook) -> Any:
    notebook.ended(0)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    return read_trace(notebook.page)


def test_a_long_answer_removes_few_nodes_and_delays_no_frame(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    """No turn of the page takes a tenth of a second of the processor; on a busy machine a frame may wait."""
    notebook = watched(open_notebook, "await asyncio.sleep(2); display(bundle(reply).data, raw=True)")
    with traced(notebook.page) as trace:
        figures = finish(notebook)
        at_rest(notebook.page)
        notebook.page.evaluate("performance.mark('static')")
        notebook.run(1)  # the same once more, never live: what the front end itself takes for it
        notebook.output(1).get_by_text("That was all.").wait_for()
        at_rest(notebook.page)
    start, last, static = trace.tasks[0].began, trace.marks["last words"], trace.marks["static"]
    middle = (start + last) / 2
    work = [sum(trace.between(start, middle)), sum(trace.between(middle, last))]
    longest = [max(trace.between(*at)) for at in ((start, last), (last, static), (static,))]
    print(figures, "ms of work in each half:", work, "longest live, at the end, static:", longest)
    assert figures["removed"] <= 600
    assert figures["parsed"] <= 800_000  # the growing tail of each frame; the whole each time were 5,000,000
    assert figures["added"] <= 2 * notebook.output(0).locator("*").count()
    assert longest[0] <= 100
    assert longest[1] <= max(100, 2 * longest[2])
    assert work[1] <= 1.6 * work[0]  # more text is no more work for each piece


def test_a_selection_in_finished_text_is_kept_to_the_end(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = watched(open_notebook)
    select_first_word(notebook.page)
    assert notebook.page.evaluate(SELECTION) == "Some"
    notebook.output(0).locator(".snb-log h2").nth(30).wait_for()
    assert notebook.page.evaluate(SELECTION) == "Some"
    finish(notebook)
    at_rest(notebook.page)
    assert notebook.page.evaluate(SELECTION) == "Some"


def test_the_page_follows_the_end_for_a_reader_who_is_there(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = watched(open_notebook)
    notebook.output(0).locator(".snb-log h2").nth(20).wait_for()
    footer = notebook.output(0).locator(".snb-footer")
    box = footer.bounding_box()
    assert box is not None
    assert box["y"] < 900
    assert notebook.page.evaluate(f"{SCROLLER}.scrollTop") > 500


def test_the_page_stays_for_a_reader_who_has_scrolled_away(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = watched(open_notebook)
    notebook.output(0).locator(".snb-log h2").nth(10).wait_for()
    notebook.page.mouse.move(500, 400)  # hover() would wait until the page no longer slides
    notebook.page.mouse.wheel(0, -700)
    at_rest(notebook.page)
    top = notebook.page.evaluate(f"{SCROLLER}.scrollTop")
    notebook.output(0).locator(".snb-log h2").nth(30).wait_for(state="attached")
    assert notebook.page.evaluate(f"{SCROLLER}.scrollTop") == top
    finish(notebook)
    at_rest(notebook.page)
    assert abs(notebook.page.evaluate(f"{SCROLLER}.scrollTop") - top) <= 2


def test_the_first_piece_is_on_screen_within_a_tenth_of_a_second(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    """Of five the quickest: other programs delay some of them, what we wait for delays all."""
    notebook = open_notebook(
        "from tests.browser.feed import *\nimport asyncio, time",
        """arrived = []
for number in range(5):
    view = WidgetView('demo:test'); view.open(lambda: None); await asyncio.sleep(1)
    arrived.append(time.time()); view.show([TextDelta(f'piece {number}')]); await asyncio.sleep(1)
print('arrived', *arrived)""",
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.page.evaluate(
        """() => {
          window.seen = {};
          new MutationObserver(() => {
            for (const tail of document.querySelectorAll('.snb-answer .snb-tail'))
              if (tail.textContent) window.seen[tail.textContent.trim()] ??= Date.now() / 1000;
          }).observe(document.body, { childList: true, subtree: true, characterData: true });
        }"""
    )
    notebook.ended(1)
    until(lambda: "arrived" in notebook.output(1).inner_text(), "the times of arrival", notebook.page)
    arrived = map(float, notebook.output(1).inner_text().split("arrived")[1].split()[:5])
    seen = notebook.page.evaluate("window.seen")
    delays = [seen[f"piece {number}"] - moment for number, moment in enumerate(arrived)]
    print(delays)
    assert min(delays) < 0.1
