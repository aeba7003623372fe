"""marimo, for real: an answer grows in its cell and stays; a reply that a cell ends in looks the same."""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.lab import picture, until
from tests.support import PROJECT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Not among what developing takes: it brings as many packages again as all of that.
    pytest.mark.skipif(importlib.util.find_spec("marimo") is None, reason="marimo: pip install marimo"),
]

ONE = """
import marimo
app = marimo.App()

@app.cell
def _():
    import streamnb
    reply = streamnb.stream("hi", model="demo:tour")
    return (reply,)

@app.cell
def _(reply):
    reply
    return

@app.cell
def _(reply):
    from streamnb import Replies
    Replies([reply])
    return
"""
SEVERAL = """
import marimo
app = marimo.App()

@app.cell
def _():
    from streamnb import compare, map as ask_all
    both = compare("hi", models=["demo:haiku", "demo:python"])
    return (ask_all, both)

@app.cell
def _(ask_all, both):
    many = ask_all(["rain", "sun", "snow"], model="demo:haiku", concurrency=1)
    return
"""


@pytest.fixture
def address(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    (tmp_path / "notebook.py").write_text(request.param)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "-y", "run", "notebook.py", "--headless", "--no-token"]
    environ = os.environ | {"PYTHONPATH": str(PROJECT), "MARIMO_SKIP_UPDATE_CHECK": "1"}
    server = subprocess.Popen([*command, "--port", str(port)], cwd=tmp_path, env=environ)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


def open_page(page: Page, address: str) -> None:
    def loads() -> bool:
        try:
            page.goto(address)
        except Exception:
            return False
        return True

    until(loads, "marimo to answer")


@pytest.mark.parametrize("address", [ONE], indirect=True, ids=["one"])
def test_an_answer_grows_in_its_cell_and_stays(address: str, page: Page) -> None:
    open_page(page, address)
    cells = page.locator(".snb-answer")
    lengths = set()

    def has_ended() -> bool:
        text = page.inner_text("body")
        lengths.add(len(text))
        return cells.count() == 3 and "409 output tokens" in text

    until(has_ended, "both answers", page)
    assert len(lengths) > 3, lengths
    for index in (0, 1):
        assert cells.nth(index).locator("table td").first.inner_text() == "Earth"
        assert cells.nth(index).locator("math").count() == 2
        assert cells.nth(index).locator("section li").count() == 1
    assert page.locator(".snb-compared summary").count() == 1  # a list of answers is a table, too
    assert not re.search(r"Something went wrong|\$e", page.inner_text("body"))
    picture(page, "marimo")


@pytest.mark.parametrize("address", [SEVERAL], indirect=True, ids=["several"])
def test_columns_and_the_progress_of_many_are_live_too(address: str, page: Page) -> None:
    open_page(page, address)
    columns = page.locator(".snb-column")
    until(lambda: columns.count() == 2, "the columns", page)
    assert "is answering" in columns.nth(1).inner_text() or not page.locator(".snb-compared").count()
    until(lambda: "1 of 3" in page.inner_text("body"), "a count on its way", page)
    assert columns.nth(1).locator("th").first.evaluate("th => getComputedStyle(th).textAlign") == "left"
    until(lambda: "3 of 3" in page.inner_text("body"), "all of them", page)
    columns.first.scroll_into_view_if_needed()
    picture(page, "marimo-columns")
