"""A stream looked into, in a real JupyterLab: stepping through it, and what is saved of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.lab import DARK, SETTINGS, OpenNotebook, Server

pytestmark = pytest.mark.browser

LOOK = """
from streamnb.views.xray import show_xray
from streamnb.providers.demo import answer_for
from streamnb.storage.xray import build_xray
show_xray(build_xray(answer_for({name!r}, "")))
"""

HOSTILE = """
from streamnb.views.xray import show_xray
from streamnb.core.recording import Header, Recording
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead
from streamnb.storage.xray import build_xray
bad = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
chunk = 'data: {"choices":[{"delta":{"content":' + __import__("json").dumps(bad) + '}}]}\\n\\n'
head = ResponseHead(0.1, 200, {"content-type": "text/event-stream", bad: bad})
kept = Recording(Header("demo", bad), (RequestSent(0), head, Data(0.2, chunk.encode()), EndOfBody(0.3)))
show_xray(build_xray(kept, origin=bad, end=(0.4, bad)))
"""


def open_xray(notebook: OpenNotebook, index: int = 0) -> Locator:
    """Run the cell and wait until the page's own x-ray has taken the picture's place."""
    notebook.run(index)
    return settled(notebook, index)


def settled(notebook: OpenNotebook, index: int) -> Locator:
    """Wait until the page's own x-ray stands where the saved picture was."""
    xray = notebook.output(index).locator(".jp-RenderedHTML .snb-x-live")
    xray.wait_for()
    return xray


def streamed(open_notebook: Callable[..., OpenNotebook], model: str) -> tuple[OpenNotebook, Locator]:
    """Stream with ``--xray`` and wait for what stands below the answer."""
    notebook = open_notebook("%load_ext streamnb", f"%%stream {model} --xray\nHello")
    notebook.run(0)
    notebook.run(1, wait=False)
    xray = settled(notebook, 1)
    return notebook, xray


def position(xray: Locator) -> str:
    return xray.locator(".snb-x-count").inner_text()


@pytest.mark.slow
def test_buttons_and_arrows_step_through_the_events(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(LOOK.format(name="thinking"))
    xray = open_xray(notebook)
    at, of = position(xray).split(" of ")
    assert at == of  # the whole stream, as in the picture
    xray.get_by_role("slider").press("Home")
    assert position(xray).startswith("1 of ")
    xray.get_by_role("button", name="Next event").click()
    xray.get_by_role("button", name="Next event").click()
    assert position(xray).startswith("3 of ")
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        notebook.page.keyboard.press(key)
    assert position(xray).startswith("4 of ")
    assert "data: {" in xray.locator(".snb-x-raw").inner_text()
    notebook.page.keyboard.press("End")
    assert xray.locator(".snb-x-name").all_inner_texts() == ["reasoning", "text"]
    assert xray.get_by_role("button", name="Next event").is_disabled()
    assert notebook.cell(0).locator(".cm-content").count() == 1  # the arrows left the notebook alone


@pytest.mark.slow
def test_a_click_on_the_timeline_goes_there_and_the_slider_too(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(LOOK.format(name="weather"))
    xray = open_xray(notebook)
    box = xray.locator(".snb-x-bars").bounding_box()
    assert box
    notebook.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 20)
    assert int(position(xray).split()[0]) > 10
    notebook.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    assert " · " in (xray.locator(".snb-x-bars").get_attribute("title") or "")
    xray.get_by_role("slider").fill("0")
    assert position(xray).startswith("1 of ")
    assert "tool call" in xray.locator(".snb-x-keys").inner_text()


@pytest.mark.slow
def test_only_the_picture_is_saved(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(LOOK.format(name="haiku"))
    open_xray(notebook)
    (saved,) = notebook.save().cells[0].outputs
    assert set(saved.data) == {"text/html", "text/markdown", "text/plain"}
    assert "<script" not in saved.data["text/html"]
    notebook.open(kernel=False)
    picture = notebook.output(0).locator(".snb-x")
    assert picture.locator(".snb-x-slice").count() == 90
    notebook.screenshot("xray-saved")


@pytest.mark.slow
def test_what_came_over_the_wire_is_text_and_nothing_else(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(HOSTILE)
    xray = open_xray(notebook)
    xray.get_by_role("slider").press("Home")
    for _ in range(4):
        assert xray.locator("img, script").count() == 0
        notebook.page.keyboard.press("ArrowRight")
        xray.get_by_role("button", name="Next event").click(force=True)
    xray.locator(".snb-x-bars").hover()
    assert notebook.page.title() not in ("1", "2")
    notebook.open(kernel=False)
    assert notebook.output(0).locator(".snb-x img, .snb-x script").count() == 0


@pytest.mark.slow
def test_it_can_be_read_in_the_dark_and_where_there_is_little_room(
    lab: Server, open_notebook: Callable[..., OpenNotebook], page: Page
) -> None:
    notebook, xray = streamed(open_notebook, "demo:thinking")
    middle(xray)
    notebook.screenshot("xray-light")
    notebook, xray = streamed(open_notebook, "demo:stall --timeout 2")
    xray.get_by_role("button", name="Go to: stall").click()
    xray.scroll_into_view_if_needed()
    notebook.screenshot("xray-stall")
    lab.write_settings(SETTINGS | DARK)
    try:
        notebook = open_notebook(LOOK.format(name="weather"))
        middle(open_xray(notebook))
        notebook.screenshot("xray-dark")
    finally:
        lab.write_settings(SETTINGS)
    page.set_viewport_size({"width": 640, "height": 1000})
    notebook = open_notebook(LOOK.format(name="thinking"))
    xray = open_xray(notebook)
    middle(xray)
    notebook.screenshot("xray-narrow")
    box = xray.bounding_box()
    assert box
    assert box["width"] < 560


def middle(xray: Locator) -> None:
    """Go to the middle of the stream."""
    slider = xray.get_by_role("slider")
    slider.fill(str(int(slider.get_attribute("max") or 0) * 2 // 3))
