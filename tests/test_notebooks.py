"""The lessons run from the top to the bottom, offline, and are clean in the repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.support import PROJECT

NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
BLOCK_THE_NETWORK = """
import socket

def _refuse(*arguments, _connect=socket.socket.connect):
    address = arguments[1]
    if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
        raise AssertionError(f"a lesson called {address}")
    return _connect(*arguments)

socket.socket.connect = _refuse
"""


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def name(path: Path) -> str:
    return path.stem


def test_there_is_a_first_lesson() -> None:
    assert NOTEBOOKS[0].name == "01_first_stream.ipynb"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_is_kept_without_outputs_and_counts(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)  # type: ignore[no-untyped-call]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
        assert cell.id


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_has_something_to_try_and_names_no_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("**Try it:**") >= 2
    assert not re.search(r"\bsk-\w{8}", text)


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_runs_offline_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    notebook = read(path)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BLOCK_THE_NETWORK))  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert list(tmp_path.iterdir()) == []  # a lesson leaves nothing behind
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("%%stream"):
            (shown,) = (output.data for output in cell.outputs if "data" in output)
            assert "text/html" in shown
            assert "the demo model: a recorded answer" in shown["text/plain"]
            assert "interrupted" not in shown["text/plain"]
