"""Voila, for real: a notebook that it runs shows answers and columns as JupyterLab does."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

from tests.browser.lab import picture, until
from tests.support import PROJECT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("voila") is None, reason="Voila: pip install voila"),
]

CELLS = (
    "%load_ext streamnb",
    "%%stream demo:tour --speed 4\nhi",
    "%%stream -m demo:haiku -m demo --speed 0\nhi",
)


def environ(folder: Path) -> dict[str, str]:
    """Return an environment whose one kernel is this Python: among several, ``python3`` may be another."""
    spec = folder / "share" / "jupyter" / "kernels" / "tested"
    spec.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (spec / "kernel.json").write_text(
        json.dumps({"argv": command, "display_name": "T", "language": "python"})
    )
    return os.environ | {"PYTHONPATH": str(PROJECT), "JUPYTER_PATH": str(folder / "share" / "jupyter")}


def test_answers_are_shown_whole(tmp_path: Path, page: Page) -> None:
    version = subprocess.run([sys.executable, "-m", "voila", "--version"], capture_output=True, text=True)
    if version.returncode:
        pytest.skip(f"the Voila of this Python does not start: {version.stderr.strip()[-300:]}")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    book.metadata["kernelspec"] = {"name": "tested", "display_name": "T", "language": "python"}
    nbformat.write(book, tmp_path / "notebook.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", "notebook.ipynb", "--no-browser", f"--port={port}"]
    server = subprocess.Popen(command, cwd=tmp_path, env=environ(tmp_path))
    try:

        def loads() -> bool:
            assert server.poll() is None, "Voila has ended"
            try:
                page.goto(f"http://127.0.0.1:{port}", wait_until="commit")
            except Exception:
                return False
            return True

        until(loads, "Voila to answer")
        until(lambda: page.locator(".snb-compared").count(), "the columns", page)
        assert page.locator(".snb-answer table td").first.inner_text() == "Earth"
        assert page.locator(".snb-column").count() == 2
        assert page.locator(".snb-footer").count() == 3
        picture(page, "voila")
    finally:
        server.terminate()
        server.wait(30)
