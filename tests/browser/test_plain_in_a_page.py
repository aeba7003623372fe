"""A page that shows no widgets: the text is there while it comes, and the end is that of a page that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, until
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOAD = "%load_ext streamnb"
BLOCKED = {
    "no widget manager": "**/extensions/@jupyter-widgets/**",
    "no anywidget": "**/extensions/anywidget/**",
}


@pytest.fixture
def line() -> Iterator[str]:
    """A cell whose answer takes some ten seconds."""
    with Upstream(
        lambda request: answer_request(request, ModelAnswer(TEXT * 4 + "\n\n**last**", delay=0.1))
    ) as server:
        yield f"%%stream openai:test --base-url {server.openai_url}\nhi"


@pytest.mark.parametrize("what", BLOCKED)
def test_the_text_comes_in_updates_and_ends_as_ever(
    open_notebook: Callable[..., OpenNotebook], page: Page, line: str, what: str
) -> None:
    page.route(BLOCKED[what], lambda route: route.abort())
    notebook = open_notebook(LOAD, line)
    notebook.run(0)
    notebook.run(1, wait=False)
    output = notebook.output(1)
    until(lambda: "The sky is blue" in output.inner_text(), "text", page)
    assert notebook.cell(1).locator(".jp-InputPrompt").inner_text().startswith("[*]")
    length = len(output.inner_text())
    until(lambda: len(output.inner_text()) > length, "more text", page)
    notebook.ended(1)
    until(lambda: output.locator("strong").count() == 1, "the end", page)
    assert "openai:test" in output.locator(".snb-footer").inner_text()
    (saved,) = notebook.save().cells[1].outputs
    assert set(saved.data) == {"text/html", "text/markdown", "text/plain"}
    assert saved.metadata["streamnb"]["state"] == "complete"
