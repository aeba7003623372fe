"""Several streams in one output of a real JupyterLab: live columns, their buttons, what is saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.lab import DARK, SETTINGS, OpenNotebook, Server, until

pytestmark = pytest.mark.browser

CONTRAST = """
(root) => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], back) => [r, g, b].map((part, at) => part * a + back[at] * (1 - a));
  const behind = (element) => {
    if (!element) return [255, 255, 255];
    return over(parse(getComputedStyle(element).backgroundColor), behind(element.parentElement));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratios = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const back = behind(element);
    const [a, b] = [light(over(parse(getComputedStyle(element).color), back)), light(back)];
    ratios.push((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
  }
  return Math.min(...ratios);
}
"""
LOAD = "%load_ext streamnb"


def start(notebook: OpenNotebook, index: int = 1) -> Locator:
    """Run the cell of several streams and wait until each shows something."""
    notebook.run(0)
    notebook.run(index, wait=False)
    output = notebook.output(index)
    until(lambda: all(texts(output)), "text in every column", notebook.page)
    return output


def texts(output: Locator) -> list[str]:
    """Return what stands in each live column."""
    return output.locator(".snb-column .snb-answer.snb-live").all_inner_texts() or [""]


def left(output: Locator) -> list[float]:
    """Return where each column begins, in pixels from the left."""
    boxes = [column.bounding_box() for column in output.locator(".snb-column").all()]
    return [round(box["x"]) for box in boxes if box]


def weakest_contrast(output: Locator) -> float:
    """Return the least contrast of any visible text in an output with what is behind it, by WCAG."""
    contrast: float = output.evaluate(CONTRAST)
    return contrast


def settled(notebook: OpenNotebook, index: int = 1) -> Locator:
    """Wait until the saved output has taken the widget's place."""
    notebook.ended(index)
    output = notebook.output(index)
    output.locator(".snb-live").first.wait_for(state="detached")
    output.locator(".snb-compared").wait_for()
    return output


def test_streams_stand_side_by_side_while_live_and_afterwards(
    open_notebook: Callable[..., OpenNotebook], page: Page
) -> None:
    page.set_viewport_size({"width": 1600, "height": 1000})
    notebook = open_notebook(
        LOAD, "%%stream -m demo:tour -m demo:streaming -m demo:haiku\nHello", "print(list(answer))"
    )
    output = start(notebook)
    assert len(set(left(output))) == 3
    until(lambda: all(len(text) > 40 for text in texts(output)), "some words in every column", page)
    notebook.screenshot("columns-live")
    assert output.get_by_role("button", name="Stop").count() >= 2
    output = settled(notebook)
    assert len(set(left(output))) == 3
    assert output.locator(".snb-footer").count() == 3
    assert output.locator(".snb-compared tr").count() == 4
    output.locator(".snb-compared").scroll_into_view_if_needed()
    notebook.screenshot("columns-end")
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "['demo:tour', 'demo:streaming', 'demo:haiku']"
    book = notebook.save()
    (saved,) = book.cells[1].outputs
    assert set(saved.data) == {"text/html", "text/markdown", "text/plain"}
    assert saved.data["text/html"].count('class="snb-column"') == 3
    assert set(saved.metadata["streamnb"]["answers"]) == {"demo:tour", "demo:streaming", "demo:haiku"}


@pytest.mark.slow
def test_columns_stack_where_there_is_no_room(open_notebook: Callable[..., OpenNotebook], page: Page) -> None:
    page.set_viewport_size({"width": 620, "height": 900})
    notebook = open_notebook(LOAD, "%%stream -m demo:haiku*2\nHello")
    output = start(notebook)
    assert len(set(left(output))) == 1
    notebook.screenshot("columns-narrow-live")
    output = settled(notebook)
    assert len(set(left(output))) == 1
    notebook.screenshot("columns-narrow")


@pytest.mark.slow
def test_a_columns_own_stop_stops_no_other(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(LOAD, "%%stream -m demo:long -m demo:haiku\nHello",
                     "print([reply.state for reply in answer.values()])")  # fmt: skip
    output = start(notebook)
    output.get_by_role("button", name="Stop").first.click()
    output = settled(notebook)
    assert "interrupted" in output.locator(".snb-footer").first.inner_text()
    notebook.screenshot("columns-one-stopped")
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "['interrupted', 'complete']"


@pytest.mark.slow
def test_the_interrupt_of_the_page_stops_all_and_keeps_their_texts(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(LOAD, "%%stream -m demo:long -m demo:tour\nHello",
                     "print([(reply.state, len(reply) > 0) for reply in answer.values()])")  # fmt: skip
    start(notebook)
    notebook.page.keyboard.press("Escape")
    notebook.page.keyboard.press("i")
    notebook.page.keyboard.press("i")
    output = settled(notebook)
    assert "Interrupted: answer has all 2 answers" in output.inner_text()
    assert "Traceback" not in output.inner_text()
    notebook.screenshot("columns-interrupted")
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "[('interrupted', True), ('interrupted', True)]"


@pytest.mark.slow
def test_a_cell_that_blocks_shows_the_same_columns(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(LOAD, "get_ipython().run_cell_magic('stream', '-m demo:haiku*2', 'Hello')")
    output = start(notebook)
    assert len(set(left(output))) == 2
    settled(notebook)


@pytest.mark.slow
def test_a_page_that_is_loaded_again_comes_back_to_every_column(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(LOAD, "%%stream -m demo:long -m demo:tour --speed 0.4\nHello")
    output = start(notebook)
    before = [text[:10] for text in texts(output)]
    notebook.save()
    notebook.open(kernel=False)

    def back() -> bool:
        pairs = zip(texts(output), before, strict=False)
        return output.locator(".snb-column").count() == 2 and all(now.startswith(was) for now, was in pairs)

    until(back, "the texts so far", notebook.page)
    lengths = sum(map(len, texts(output)))
    until(lambda: sum(map(len, texts(output))) > lengths, "more text", notebook.page)


@pytest.mark.slow
def test_columns_can_be_read_in_the_dark(lab: Server, open_notebook: Callable[..., OpenNotebook]) -> None:
    lab.write_settings(SETTINGS | DARK)
    try:
        notebook = open_notebook(
            LOAD, "%%stream -m demo:tour -m demo:haiku --option seed 1 --option seed 2\nHello"
        )
        output = start(notebook)
        until(lambda: all(len(text) > 40 for text in texts(output)), "some words", notebook.page)
        notebook.screenshot("columns-dark-live")
        assert weakest_contrast(output) >= 4.5
        output = settled(notebook)
        assert weakest_contrast(output) >= 4.5
        output.locator(".snb-compared").scroll_into_view_if_needed()
        notebook.screenshot("columns-dark")
    finally:
        lab.write_settings(SETTINGS)


@pytest.mark.slow
def test_both_surfaces_are_compared_with_their_pace(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(LOAD, '%stream compare "Hello" -m demo:haiku')
    notebook.run(0)
    notebook.run(1)
    output = notebook.output(1)
    output.locator(".snb-live").first.wait_for(state="detached")
    assert output.locator(".snb-pace").count() == 2
    assert "jitter" in output.locator(".snb-compared").inner_text()
    heights = output.locator(".snb-bar").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().height)"
    )
    assert max(heights) > 20
    notebook.screenshot("columns-surfaces")


@pytest.mark.slow
def test_a_list_of_prompts_has_a_bar(open_notebook: Callable[..., OpenNotebook]) -> None:
    ask = "import streamnb\nreplies = streamnb.map(['a', 'b', 'c', 'd'], model='demo:haiku', concurrency=2)"
    notebook = open_notebook(ask)
    notebook.run(0, wait=False)
    output = notebook.output(0)
    output.locator(".snb-progress").wait_for()
    notebook.screenshot("columns-map")
    notebook.ended(0)
    until(lambda: "4 of 4" in output.inner_text(), "the last count", notebook.page)
