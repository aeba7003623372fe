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

NOTEBOOK = """
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
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "notebook.py").write_text(NOTEBOOK)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "-y", "run", "notebook.py", "--headless", "--no-token"]
    environ = os.environ | {"PYTHONPATH": str(PROJECT), "MARIMO_SKIP_UPDATE_CHECK": "1"}
    server = subprocess.Popen([*command, "--port", str(port)], cwd=tmp_path, env=environ)
    yield f"http://127.0.0.1:{port}"
    server.terminate()
    server.wait(30)


def test_an_answer_grows_in_its_cell_and_stays(address: str, page: Page) -> None:
    def loads() -> bool:
        try:
            page.goto(address)
        except Exception:
            return False
        return True

    until(loads, "marimo to answer")
    cells = page.locator(".snb-answer")
    lengths = set()

    def has_ended() -> bool:
        text = page.inner_text("body")
        lengths.add(len(text))
        return cells.count() == 2 and "409 output tokens" in text

    until(has_ended, "both answers", page)
    assert len(lengths) > 3, lengths
    for index in (0, 1):
        assert cells.nth(index).locator("table td").first.inner_text() == "Earth"
        assert cells.nth(index).locator("math").count() == 2
        assert cells.nth(index).locator("section li").count() == 1
    assert not re.search(r"Something went wrong|\$e", page.inner_text("body"))
    picture(page, "marimo")
