"""The Stop button in the output ends the stream, and the text stays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamnb.views import comms
from tests.browser.lab import OpenNotebook, until

pytestmark = pytest.mark.browser

ENDLESS = """from itertools import count
from tests.browser.feed import *
from streamnb.core.events import TextDelta
endless = (TextDelta(f"word{n} ") for n in count())
"""


@pytest.mark.parametrize("application", ["lab/tree", pytest.param("notebooks", marks=pytest.mark.slow)])
def test_stop_ends_a_cell_that_awaits(open_notebook: Callable[..., OpenNotebook], application: str) -> None:
    notebook = open_notebook(
        ENDLESS + "reply = await play(endless, rate=50); print(reply.state)", application=application
    )
    notebook.run(0, wait=False)
    output = notebook.output(0)
    output.get_by_text("word20").wait_for()
    output.get_by_role("button", name="Stop").click()
    notebook.ended(0)
    output.locator(".snb-live").wait_for(state="detached")
    assert "interrupted" in output.locator(".snb-footer").inner_text()
    assert "word20" in output.inner_text()
    notebook.screenshot(f"stopped-{application.partition('/')[0]}")


@pytest.mark.slow
@pytest.mark.skipif(
    comms.interrupt_delay_ms(blocking=True) > 0, reason="this kernel hears a click in a cell that blocks"
)
def test_stop_reaches_a_cell_that_blocks_through_the_server(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    notebook = open_notebook(ENDLESS + "block(endless, rate=50)")
    notebook.run(0, wait=False)
    output = notebook.output(0)
    output.get_by_text("word20").wait_for()
    output.get_by_role("button", name="Stop").click()
    notebook.ended(0)
    until(lambda: "KeyboardInterrupt" in output.inner_text(), "the interrupt", notebook.page)


@pytest.mark.slow
def test_the_server_is_not_asked_to_interrupt_for_a_stream_in_the_background(
    open_notebook: Callable[..., OpenNotebook],
) -> None:
    background = "import asyncio; task = asyncio.ensure_future(play(endless, rate=50))"
    notebook = open_notebook(ENDLESS + background, "import time; time.sleep(3); print('slept')")
    interrupts: list[str] = []
    notebook.page.on("request", lambda r: interrupts.append(r.url) if "interrupt" in r.url else None)
    notebook.run(0)
    output = notebook.output(0)
    output.get_by_text("word5").wait_for()
    notebook.run(1, wait=False)
    output.get_by_role("button", name="Stop").click()
    notebook.ended(1)
    assert "slept" in notebook.output(1).inner_text()
    output.locator(".snb-live").wait_for(state="detached")
    assert "interrupted" in output.locator(".snb-footer").inner_text()
    assert interrupts == []
