"""What answers cost on the wire: the widget's code comes once for a kernel and a page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import Sheet, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANSWER = "%%stream demo:haiku --speed 20\na haiku"


def test_from_the_second_answer_on_a_model_is_some_hundred_bytes(sheet: Callable[..., Sheet]) -> None:
    notebook = sheet(
        "%load_ext streamnb", ANSWER, ANSWER, ANSWER, "%%stream -m demo:haiku -m demo:recipe\nboth"
    )
    sizes: list[int] = []

    def see(payload: str | bytes) -> None:
        data = payload.encode() if isinstance(payload, str) else payload
        if b"comm_open" in data and (b"StreamWidget" in data or b"ColumnsWidget" in data):
            sizes.append(len(data))

    notebook.page.on("websocket", lambda socket: socket.on("framereceived", see))
    notebook.open()  # once more: the socket is to be heard from its beginning
    for cell in range(5):
        notebook.run(cell)
        if cell:
            notebook.output(cell).locator(".snb-live").wait_for(state="detached")
            until(lambda cell=cell: notebook.output(cell).locator(".snb-footer").count() > 0, "the footer")
        else:
            notebook.page.wait_for_timeout(3000)  # the extension's own widget comes when there is time
    print("bytes of each model", sizes)
    assert len(sizes) == 4
    assert max(sizes[1:]) < 4000


def test_an_answer_goes_on_in_a_page_that_was_loaded_again(sheet: Callable[..., Sheet]) -> None:
    notebook = sheet("%load_ext streamnb", ANSWER, "%%stream demo:long --speed 1\na long story")
    notebook.run(0)
    notebook.run(1)
    notebook.page.wait_for_timeout(2000)
    notebook.run(2, wait=False)
    notebook.output(2).locator(".snb-log p").first.wait_for()
    notebook.save()
    notebook.open(kernel=False)
    live = notebook.output(2).locator(".snb-live")
    live.wait_for()
    length = len(live.inner_text())
    until(lambda: len(live.inner_text()) > length + 200, "the answer to go on", notebook.page)
