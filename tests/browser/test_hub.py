"""A server below ``/user/NAME/``, as JupyterHub starts one for each person: live, stoppable, saved."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, Server
from tests.support import PROJECT
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("hub"), base="/user/ada/")
    yield server
    server.stop()


@pytest.fixture
def open_in_hub(hub: Server, page: Page) -> Iterator[Callable[[str], OpenNotebook]]:
    yield lambda name: OpenNotebook(page, hub, name).open()
    hub.shut_down_kernels()


@pytest.mark.parametrize("options", ["", " --sync"], ids=["awaiting", "blocking"])
def test_stop_finds_the_kernel_of_this_person(
    hub: Server, open_in_hub: Callable[[str], OpenNotebook], options: str
) -> None:
    with Upstream(lambda request: answer_request(request, ModelAnswer(TEXT * 200, delay=0.02))) as provider:
        cell = f"%%time\n%%stream openai:test --base-url {provider.openai_url}{options}\nhi"
        notebook = open_in_hub(
            hub.notebook("stop.ipynb", ["%load_ext streamnb", cell, "print(answer.state)"])
        )
        notebook.run(0)
        notebook.run(1, wait=False)
        output = notebook.output(1)
        output.locator(".snb-live").get_by_text("Rayleigh").first.wait_for()
        output.get_by_role("button", name="Stop").click()
        assert provider.wait_until_client_left(20)
        notebook.ended(1)
    assert "interrupted" in output.locator(".snb-footer").inner_text()
    notebook.run(2)
    assert notebook.output(2).inner_text().strip() == "interrupted"


def test_a_lesson_is_opened_run_and_read(hub: Server, open_in_hub: Callable[[str], OpenNotebook]) -> None:
    shutil.copy(PROJECT / "notebooks" / "01_first_stream.ipynb", hub.folder)
    notebook = open_in_hub("01_first_stream.ipynb")
    for index in range(2):
        notebook.run(index)
    notebook.output(1).locator(".snb-live").wait_for(state="detached")
    assert "demo" in notebook.output(1).locator(".snb-footer").inner_text()
    assert "text/html" in notebook.save().cells[4].outputs[0].data
