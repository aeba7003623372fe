"""Kernels on another server (``--gateway-url``): live, stoppable and lasting, as kernels of one's own are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, Server
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext streamnb"
GONE = 1.5  # seconds until the provider sees that it was left; a busy machine's, see test_stop_routes
ROUND_TRIPS = 5  # the same


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that the page talks to; its kernels run on a second one."""
    far = Server(tmp_path_factory.mktemp("far"))
    reach = (f"--GatewayClient.url={far.url}", f"--GatewayClient.auth_token={far.token}")
    server = Server(tmp_path_factory.mktemp("near"), *reach)
    yield server
    server.stop()
    far.stop()


@pytest.fixture
def open_far_notebook(
    near: Server, page: Page, request: pytest.FixtureRequest
) -> Iterator[Callable[..., OpenNotebook]]:
    def opened(*cells: str) -> OpenNotebook:
        name = near.notebook(f"{re.sub('[^a-z_]+', '-', request.node.name)}.ipynb", list(cells))
        notebook = OpenNotebook(page, near, name).open()
        # A far kernel is ready before this page has found the way to speak to it.
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=60_000)
        return notebook

    yield opened
    near.shut_down_kernels()


@pytest.fixture
def provider() -> Iterator[Upstream]:
    with Upstream(lambda request: answer_request(request, ModelAnswer(TEXT * 200, delay=0.02))) as server:
        yield server


@pytest.mark.parametrize("above", ["", "%%time\n"], ids=["awaiting", "blocking"])
def test_an_answer_streams_and_stop_reaches_it(
    open_far_notebook: Callable[..., OpenNotebook], provider: Upstream, above: str
) -> None:
    cell = f"{above}%%stream openai:test --base-url {provider.openai_url}\nhi"
    notebook = open_far_notebook(LOAD, cell, "print(answer.state)")
    notebook.run(0)
    notebook.note_gestures()
    allowed = max(GONE, ROUND_TRIPS * notebook.round_trip(0))
    notebook.run(1, wait=False)
    output = notebook.output(1)
    output.locator(".snb-live").get_by_text("Rayleigh").first.wait_for()
    output.get_by_role("button", name="Stop").click()
    assert provider.wait_until_client_left(20), "the provider goes on"
    left = (provider.closed_at or 0) - notebook.gesture()
    print(f"{above.strip() or 'awaiting'}: {left:.2f} s")
    notebook.ended(1)
    output.locator(".snb-live").wait_for(state="detached")
    assert "interrupted" in output.locator(".snb-footer").inner_text()
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "interrupted"
    assert left < allowed


def test_what_is_saved_holds_the_answer(open_far_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_far_notebook(LOAD, "%%stream demo:haiku --speed 4\nhi")
    notebook.run(0)
    notebook.run(1)
    notebook.output(1).locator(".snb-live").wait_for(state="detached")
    (output,) = notebook.save().cells[1].outputs
    assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
    assert output.metadata["streamnb"]["state"] == "complete"
