"""One Jupyter server and one browser for all tests in this folder; a fresh page for each.

Both end with the folder, not with the session: while Playwright's synchronous interface is open, it
counts as a running event loop, and no test after it could run one of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.lab import FLAGS, OpenNotebook, Server, picture
from tests.support import chromium


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Jupyter server that serves JupyterLab and Notebook 7."""
    server = Server(tmp_path_factory.mktemp("lab"))
    yield server
    server.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of a fresh profile; what it complains of is printed with a failure."""
    context = browser.new_context(viewport={"width": 1100, "height": 900})
    page = context.new_page()
    page.on("console", lambda message: print(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: print(error))
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        picture(page, f"failed-{re.sub('[^a-z_]+', '-', request.node.name)}")
    context.close()


@pytest.fixture
def open_notebook(
    lab: Server, page: Page, request: pytest.FixtureRequest
) -> Iterator[Callable[..., OpenNotebook]]:
    """Make a notebook of the given cells and open it, in JupyterLab unless told otherwise."""

    def opened(*cells: str, application: str = "lab/tree") -> OpenNotebook:
        name = lab.notebook(f"{re.sub('[^a-z_]+', '-', request.node.name)}.ipynb", list(cells))
        return OpenNotebook(page, lab, name).open(application)

    yield opened
    lab.shut_down_kernels()
