"""What answers cost on the wire: the widget's code comes once for a kernel and a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWER = "%%stream demo:haiku --speed 20\na haiku"


@pytest.fixture
def models(page: Page) -> list[bytes]:
    """What a page hears of each new model."""
    heard: list[bytes] = []

    def see(payload: str | bytes) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        if b"comm_open" in data:
            heard.append(data)

    page.on("websocket", lambda socket: socket.on("framereceived", see))
    return heard


def has_extension(models: list[bytes]) -> bool:
    """Say whether the extension's own widget has come, which it does when there is time."""
    return any(b"PageWidget" in data for data in models)


def test_from_the_second_answer_on_a_model_is_some_hundred_bytes(
    models: list[bytes], open_notebook: Callable[..., OpenNotebook]
) -> None:
    notebook = open_notebook(
        "%load_ext streamnb", ANSWER, ANSWER, ANSWER, "%%stream -m demo:haiku -m demo:recipe\nboth"
    )
    notebook.run(0)
    until(lambda: has_extension(models), "the extension's own widget", notebook.page)
    for cell in range(1, 5):
        notebook.run(cell)
        notebook.output(cell).locator(".snb-live").wait_for(state="detached")
        until(lambda cell=cell: notebook.output(cell).locator(".snb-footer").count() > 0, "the footer")
    sizes = [len(data) for data in models if b"StreamWidget" in data or b"ColumnsWidget" in data]
    print("bytes of each model", sizes)
    assert len(sizes) == 4
    assert max(sizes[1:]) < 4000


def test_an_answer_goes_on_in_a_page_that_was_loaded_again(
    models: list[bytes], open_notebook: Callable[..., OpenNotebook]
) -> None:
    notebook = open_notebook("%load_ext streamnb", ANSWER, "%%stream demo:long --speed 0.5\na long story")
    notebook.run(0)
    notebook.run(1)
    until(lambda: has_extension(models), "the extension's own widget", notebook.page)
    notebook.run(2, wait=False)
    notebook.output(2).locator(".snb-log p").first.wait_for()
    notebook.save()
    notebook.open(kernel=False)
    live = notebook.output(2).locator(".snb-live")
    live.wait_for()
    length = len(live.inner_text())
    until(lambda: len(live.inner_text()) > length + 200, "the answer to go on", notebook.page)
