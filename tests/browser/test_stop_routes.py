"""Stop and ■ reach a cell that awaits and one that blocks, whichever ipykernel runs it.

``scripts/matrix`` runs this file with the kernels that differ in what they hear while a cell runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator

from tests.browser.lab import OpenNotebook
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext streamnb"
GONE = 0.5  # seconds from the click until the server has seen it: the promise
BUSY = 3  # a single run may take this many times longer, for the machine may be busy
ROUND_TRIPS = 5  # and on one that is busier yet so many times as long as a cell that does nothing
CELLS = {
    "awaiting": "%%stream openai:test --base-url {url}\nhi",
    "blocking": "%%time\n%%stream openai:test --base-url {url}\nhi",
    "synchronous": "%%time\n%%stream openai:test --sync --base-url {url}\nhi",
}
EACH = pytest.mark.parametrize("kind", CELLS)


@pytest.fixture
def provider() -> Iterator[Upstream]:
    """An answer that goes on for minutes."""
    with Upstream(lambda request: answer_request(request, ModelAnswer(TEXT * 200, delay=0.02))) as server:
        yield server


def click_stop(notebook: OpenNotebook, output: Locator) -> None:
    output.get_by_role("button", name="Stop").click()


def interrupt(notebook: OpenNotebook, output: Locator) -> None:
    """Do what ■ does, by its keys."""
    notebook.cell(1).locator(".jp-InputPrompt").click()
    notebook.page.keyboard.press("i")
    notebook.page.keyboard.press("i")


@EACH
@pytest.mark.parametrize("how", [click_stop, interrupt])
def test_the_server_is_left_the_text_stays_and_what_was_queued_does_not_run(
    open_notebook: Callable[..., OpenNotebook],
    provider: Upstream,
    kind: str,
    how: Callable[[OpenNotebook, Locator], None],
) -> None:
    cell = CELLS[kind].format(url=provider.openai_url)
    notebook = open_notebook(
        LOAD, cell, "print('queued')", "print(answer.state, len(answer), 'Rayleigh' in answer)"
    )
    notebook.run(0)
    notebook.note_gestures()
    allowed = max(BUSY * GONE, ROUND_TRIPS * notebook.round_trip(0))
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.get_by_text("Rayleigh").first.wait_for()
    notebook.run(2, wait=False)
    how(notebook, output)
    assert provider.wait_until_client_left(20), "the server goes on"
    left = (provider.closed_at or 0) - notebook.gesture()
    print(f"{kind}, {how.__name__}: {left:.2f} s")
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    assert "interrupted" in output.locator(".snb-footer").inner_text()
    assert "Interrupted: answer has the" in output.inner_text()
    assert "Traceback" not in output.inner_text()
    assert notebook.output(2).inner_text() == ""
    notebook.run(3)
    assert notebook.output(3).inner_text().startswith("interrupted")
    assert notebook.output(3).inner_text().strip().endswith("True")
    assert left < allowed


def test_a_stream_in_the_background_is_stopped_alone(
    open_notebook: Callable[..., OpenNotebook], provider: Upstream
) -> None:
    line = f"%%stream openai:test --bg --base-url {provider.openai_url}"
    notebook = open_notebook(
        LOAD,
        f"{line} -o first\nhi",
        f"{line} -o second\nhi",
        "import asyncio\nawait asyncio.sleep(3); print('slept')",
        "print(first.state, second.state)",
        "%stream stop",
    )
    urls: list[str] = []
    notebook.page.on("request", lambda r: urls.append(r.url) if r.url.endswith("/interrupt") else None)
    for index in range(3):
        notebook.run(index)
    for index in (1, 2):
        notebook.output(index).get_by_text("Rayleigh").first.wait_for()
    notebook.run(3, wait=False)
    notebook.output(1).get_by_role("button", name="Stop").click()
    notebook.ended(3)
    assert "slept" in notebook.output(3).inner_text()
    notebook.output(1).locator(".snb-live").wait_for(state="detached")
    notebook.run(4)
    assert notebook.output(4).inner_text().split() == ["interrupted", "running"]
    notebook.run(5)
    notebook.output(2).locator(".snb-live").wait_for(state="detached")
    assert "second: interrupted" in notebook.output(5).inner_text()
    assert urls == []
    assert provider.wait_until(lambda seen: seen.left == 2, 5)
