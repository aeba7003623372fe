"""A file that ran elsewhere and that nobody here has trusted, opened without a kernel: all of it is shown."""

from __future__ import annotations

import nbformat
import pytest
from nbclient import NotebookClient
from playwright.sync_api import Page

from tests.browser.lab import OpenNotebook, Server, until
from tests.upstream import ModelAnswer, Upstream, answer_request

pytestmark = [pytest.mark.browser, pytest.mark.slow]

TEXT = """# Rain

It **falls** for $5 or $6, and $E = mc^2$ holds.

| kind | drops |
|------|------:|
| mist | few   |

$$\\int_0^1 x\\,dx$$

![a cloud](https://elsewhere.example/cloud.png) <img src=x onerror="document.title='ran'"> The end.
"""


@pytest.fixture(scope="module")
def book() -> nbformat.NotebookNode:
    """A notebook as nbclient leaves it."""
    with Upstream(
        lambda request: answer_request(request, ModelAnswer(TEXT, reasoning="hidden thoughts"))
    ) as server:
        line = f"%%stream openai:test --base-url {server.openai_url}"
        code = ["%load_ext streamnb", f"{line}\nrain?", f"{line} --bg -o second\nrain?", "%stream wait"]
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in code])
        NotebookClient(made, timeout=60).execute()
    return made


@pytest.mark.parametrize("application", ["lab/tree", "notebooks"])
def test_it_is_shown_whole_and_nothing_of_it_runs(
    lab: Server, page: Page, book: nbformat.NotebookNode, application: str
) -> None:
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    name = f"foreign-{application.partition('/')[0]}.ipynb"
    nbformat.write(book, lab.folder / name)
    notebook = OpenNotebook(page, lab, name).open(application, kernel=False)
    for index in (1, 2):
        output = notebook.output(index)
        until(lambda output=output: "The end." in output.inner_text(), "the answer to be shown", page)
        assert output.locator("h1").inner_text() == "Rain"
        assert output.locator("td").first.inner_text() == "mist"
        assert "openai:test" in output.locator(".snb-footer").inner_text()
        assert "$5 or $6" in output.inner_text()
        thoughts = output.get_by_text("hidden thoughts")
        assert not thoughts.is_visible()
        output.locator("summary").first.click()
        assert thoughts.is_visible()
        output.locator("mjx-container").nth(1).wait_for(timeout=30_000)
        assert output.locator("script, img").count() == 0
    notebook.screenshot(f"foreign-{application.partition('/')[0]}")
    assert page.title() != "ran"
    assert [url for url in urls if not url.startswith((lab.url, "data:", "blob:"))] == []
