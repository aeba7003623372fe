"""An answer that comes is seen, however its cell was run; who does anything else is left where he is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, until

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.frames]

ABOVE = ["print('above\\n' * 8)"] * 3
LONG = """from tests.browser.feed import *
from tests.browser.watch import long_answer
await play(pieces(long_answer({size})), rate=120); reply = None"""
LATE = "import asyncio\nprint('begun'); await asyncio.sleep(3)\n" + LONG
BELOW = ["\n".join(f"a{n} = {n}" for n in range(20)), *ABOVE]
SCROLLER = "document.querySelector('.jp-WindowedPanel-outer')"
LOOK = """() => {
  const answer = document.querySelector(".jp-Cell-outputArea .streamnb");
  if (!answer) return null;
  const view = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
  const { top, bottom, height } = answer.getBoundingClientRect();
  const seen = Math.max(0, Math.min(bottom, view.bottom) - Math.max(top, view.top));
  const isLive = Boolean(answer.querySelector(".snb-live"));
  const share = seen / Math.min(height, view.height);
  return { share, top: top - view.top, isFull: height > view.height, isLive };
}"""
BACKWARDS = """() => {
  const scroller = document.querySelector(".jp-WindowedPanel-outer");
  window.backwards = 0;
  let before = scroller.scrollTop;
  requestAnimationFrame(function frame() {
    if (scroller.scrollTop < before - 1) window.backwards += 1;
    before = scroller.scrollTop;
    requestAnimationFrame(frame);
  });
}"""
PLACES = """(cell) => {
  const scroller = document.querySelector(".jp-WindowedPanel-outer");
  const area = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-Cell-outputArea");
  window.places = [];
  requestAnimationFrame(function frame() {
    if (area.querySelector(".snb-answer")?.textContent)
      window.places.push({ top: scroller.scrollTop, height: area.offsetHeight });
    requestAnimationFrame(frame);
  });
}"""

FRAMES_STAND_STILL = """() => {
  window.waiting = [];
  window.realFrame ??= window.requestAnimationFrame;
  window.requestAnimationFrame = (paint) => 1e6 + window.waiting.push(paint);
}"""
FRAMES_GO_ON = """() => {
  window.requestAnimationFrame = window.realFrame;
  window.waiting.forEach((paint) => requestAnimationFrame(paint));
}"""


def run_by_hand(notebook: OpenNotebook, index: int) -> None:
    notebook.cell(index).scroll_into_view_if_needed()
    notebook.cell(index).locator(".cm-content").click()
    notebook.page.keyboard.press("Shift+Enter")


def open_and_run_above(
    open_notebook: Callable[..., OpenNotebook], *cells: str, application: str = "lab/tree"
) -> OpenNotebook:
    """Open a notebook and run the cells above the answer."""
    notebook = open_notebook(*ABOVE, *cells, application=application)
    notebook.page.set_viewport_size({"width": 1100, "height": 800})
    for index in range(len(ABOVE)):
        run_by_hand(notebook, index)
        notebook.ended(index)
    return notebook


def looks(page: Page) -> list[dict[str, Any]]:
    """Look four times a second until the answer has ended, and once after that."""
    seen: list[dict[str, Any]] = []
    while not seen or seen[-1]["isLive"]:
        page.wait_for_timeout(250)
        if look := page.evaluate(LOOK):
            seen.append(look)
    page.wait_for_timeout(500)
    return [*seen, page.evaluate(LOOK)]


def at_rest(page: Page) -> None:
    """Wait until the page has scrolled to where it stays."""
    tops: list[float] = []

    def stays() -> bool:
        tops.append(top(page))
        return len(tops) > 5 and len(set(tops[-5:])) == 1

    until(stays, "the page to come to rest", page)


def top(page: Page) -> float:
    return float(page.evaluate(f"{SCROLLER}.scrollTop"))


@pytest.mark.parametrize("application", ["lab/tree", "notebooks"])
@pytest.mark.parametrize("below", [BELOW, []], ids=["in the middle", "last"])
def test_shift_enter_shows_most_of_what_fits_in_every_second(
    open_notebook: Callable[..., OpenNotebook], application: str, below: list[str]
) -> None:
    notebook = open_and_run_above(open_notebook, LONG.format(size=3000), *below, application=application)
    run_by_hand(notebook, len(ABOVE))
    notebook.page.evaluate(BACKWARDS)
    seen = looks(notebook.page)
    print([round(look["share"], 2) for look in seen])
    assert len(seen) > 12
    assert min(look["share"] for look in seen[4:]) >= 0.6
    assert all(look["top"] >= -1 for look in seen if not look["isFull"])  # the first line is in view
    assert notebook.page.evaluate("window.backwards") <= 2
    assert notebook.page.locator(".jp-mod-outputsScrolled").count() == 0


@pytest.mark.parametrize("gesture", ["wheel", "key", "press"])
def test_a_reader_who_does_anything_is_left_there_for_good(
    open_notebook: Callable[..., OpenNotebook], gesture: str
) -> None:
    notebook = open_and_run_above(open_notebook, LONG.format(size=4000), *BELOW)
    page = notebook.page
    run_by_hand(notebook, len(ABOVE))
    notebook.output(len(ABOVE)).locator(".snb-log h2").nth(3).wait_for()
    if gesture == "wheel":
        page.mouse.move(600, 400)
        page.mouse.wheel(0, -300)
    elif gesture == "key":
        page.keyboard.press("PageUp")
    else:
        page.mouse.click(600, 400)  # into the answer, no paragraph of which stands still
    at_rest(page)
    before = top(page)
    notebook.output(len(ABOVE)).locator(".snb-log h2").nth(7).wait_for(state="attached")
    assert top(page) == before


def test_a_reader_who_has_gone_elsewhere_is_not_fetched_back(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    """When the output appears, the browser itself may hold what stands below it where it is on the screen."""
    notebook = open_and_run_above(open_notebook, LONG.format(size=20), LATE.format(size=2500), *BELOW)
    page = notebook.page
    late = len(ABOVE) + 1
    run_by_hand(notebook, len(ABOVE))  # the page's first answer: from now on it knows what the reader does
    notebook.ended(len(ABOVE))
    run_by_hand(notebook, late)
    until(lambda: "begun" in notebook.output(late).inner_text(), "the cell to begin", page)
    page.mouse.move(600, 400)
    page.mouse.wheel(0, -200)
    at_rest(page)
    before = top(page)
    page.evaluate(PLACES, late)
    notebook.output(late).locator(".snb-log h2").nth(5).wait_for(state="attached")
    places = page.evaluate("window.places")
    print(before, places[:5], places[-1])
    first, *later = places[2:]  # where the page is when what has just appeared is laid out
    assert first["top"] - before <= first["height"]
    assert {position["top"] for position in later} == {first["top"]}
    assert later[-1]["height"] > 1000


def test_of_two_answers_one_moves_the_page(open_notebook: Callable[..., OpenNotebook]) -> None:
    background = LONG.format(size=3000).replace(
        "await play", "import asyncio; task = asyncio.ensure_future(play"
    )
    notebook = open_and_run_above(
        open_notebook, background.replace("=120)", "=120))"), LONG.format(size=3000), *BELOW
    )
    run_by_hand(notebook, len(ABOVE))
    run_by_hand(notebook, len(ABOVE) + 1)
    notebook.page.evaluate(BACKWARDS)
    notebook.output(len(ABOVE) + 1).locator(".snb-log h2").nth(5).wait_for(state="attached")
    assert notebook.page.evaluate("window.backwards") <= 4  # 7 or 8 where both move it


def test_a_page_whose_frames_stood_still_shows_all_and_follows_again(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    """So it is in a tab of the browser that is not looked at, also if the answer ends meanwhile."""
    notebook = open_and_run_above(open_notebook, LONG.format(size=2500), *BELOW)
    page, output = notebook.page, notebook.output(len(ABOVE))
    run_by_hand(notebook, len(ABOVE))
    output.locator(".snb-log h2").nth(1).wait_for()
    for is_at_the_end in (False, True):
        page.evaluate(FRAMES_STAND_STILL)
        if is_at_the_end:
            notebook.ended(len(ABOVE))
            output.locator(".snb-live").wait_for(state="detached")
        else:
            page.wait_for_timeout(1500)  # text comes, and no frame is there in which it could be seen
        page.evaluate(FRAMES_GO_ON)
        output.locator("h2").nth(2).wait_for(state="attached")
        until(lambda: page.evaluate(LOOK)["share"] > 0.9, "the answer to be in view again", page)


def test_of_several_cells_that_run_one_after_the_other_none_fetches_a_reader(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    short = "%%stream demo:tour --speed 4\nhi"
    notebook = open_and_run_above(
        open_notebook, "%load_ext streamnb", short, BELOW[0], short, BELOW[0], short
    )
    page = notebook.page
    start = top(page)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.mouse.move(600, 400)
    until(lambda: top(page) > start, "the front end to go to the last cell itself", page)
    at_rest(page)
    page.mouse.wheel(0, -9000)
    at_rest(page)
    page.mouse.wheel(0, -9000)
    at_rest(page)
    before = top(page)
    notebook.ended(len(ABOVE) + 5)
    assert top(page) == before
