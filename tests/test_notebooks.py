"""The lessons run from the top to the bottom, offline, and are clean in the repository."""

from __future__ import annotations

import re
import shutil
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


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_names_the_next_one_if_there_is_one(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for mentioned in re.findall(r"\b\d\d_\w+\.ipynb", text):
        assert (path.parent / mentioned).exists(), mentioned


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=name)
def test_a_lesson_runs_offline_from_top_to_bottom(path: Path, tmp_path: Path) -> None:
    notebook = read(path)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(BLOCK_THE_NETWORK))  # type: ignore[no-untyped-call]
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert list(tmp_path.iterdir()) == []  # a lesson leaves nothing behind
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("%%stream"):
            check_shown(cell)


def check_shown(cell: Any) -> None:
    """Check what stands below a cell that streams: the demo model's answer, or the fault that is meant."""
    meant_to_fail = "raises-exception" in cell.metadata.get("tags", ())
    failed = [output for output in cell.outputs if output.output_type == "error"]
    refused = "UsageError" in "".join(output.get("text", "") for output in cell.outputs)
    assert bool(failed or refused) == meant_to_fail, cell.source
    displayed = [output.data for output in cell.outputs if "data" in output]
    if not meant_to_fail:
        assert "demo" in displayed[0]["text/plain"]
        if "--bg" not in cell.source:
            assert "interrupted" not in displayed[0]["text/plain"]
    for data in displayed:
        assert "text/html" in data
        assert "<script" not in data["text/html"]
    assert len(displayed) == (not refused) * (1 + ("--xray" in cell.source))


@pytest.mark.slow
def test_a_lesson_needs_no_home_and_no_package_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "streamnb"
    shutil.copytree(PROJECT / "streamnb", package, ignore=shutil.ignore_patterns("__pycache__"))
    home = tmp_path / "home"
    home.mkdir()
    room = tmp_path / "room"
    room.mkdir()
    for folder in (*package.rglob("*"), package, package.parent, home):
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    notebook = read(PROJECT / "notebooks" / "03_what_a_stream_is.ipynb")
    where = f"import os, streamnb; os.environ['HOME'] = {str(home)!r}; print(streamnb.__file__)"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(where))  # type: ignore[no-untyped-call]
    before = sorted(package.rglob("*"))  # looked at below, since root may write whatever the modes say
    NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(room)}}).execute()
    assert str(package) in notebook.cells[0].outputs[0].text  # the copy is what ran
    assert list(home.iterdir()) == []
    assert list(room.iterdir()) == []
    assert sorted(package.rglob("*")) == before
    for folder in (package.parent, home, *package.rglob("*")):  # so that the folder can be removed
        folder.chmod(0o755)


def test_the_recordings_of_the_lessons_are_small() -> None:
    sizes = [path.stat().st_size for path in (PROJECT / "streamnb" / "recordings").iterdir()]
    assert sum(sizes) < 400_000
