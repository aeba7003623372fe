"""What would go wrong on Windows or macOS, as far as Linux can tell; the table is docs/platforms.md."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from streamnb.core.recording import Header
from streamnb.providers.base import Request
from streamnb.storage import journal
from streamnb.storage.cassette import Cassette
from tests.support import PROJECT

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def files_of_the_project() -> list[str]:
    """Return the files that git keeps; without git, those of the package and its tests."""
    ran = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True)
    if ran.returncode == 0 and ran.stdout:
        return ran.stdout.splitlines()
    folders = (PROJECT / "streamnb", PROJECT / "tests")
    return [
        str(file.relative_to(PROJECT)) for folder in folders for file in folder.rglob("*") if file.is_file()
    ]


def files_named(cell: str, root: Path) -> list[Path]:
    """Return the files that a cell of a table names; one without a folder is beside the one before."""
    files: list[Path] = []
    for name in re.findall(r"`([\w/]+\.py)`", cell):
        files.append(root / name if "/" in name else files[-1].with_name(name) if files else root / name)
    return files


def test_every_row_of_the_page_names_files_and_tests_that_there_are() -> None:
    page = (PROJECT / "docs" / "platforms.md").read_text("utf-8")
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\| .* \|$", page, re.M)]
    assert len(rows) > 25
    for source, *_, test in rows:
        files = files_named(source, PROJECT / "streamnb") + files_named(test, PROJECT)
        assert [file for file in files if not file.is_file()] == [], source


def test_no_two_files_differ_in_case_alone() -> None:
    names = [name.casefold() for name in files_of_the_project()]
    assert len(names) > 100
    assert sorted(set(names)) == sorted(names)


def test_what_only_posix_has_is_imported_where_it_is_needed() -> None:
    """An import at the top of a file would keep Windows from reading it, and pytest from running any test."""
    modules = {"curses", "fcntl", "grp", "pty", "pwd", "readline", "resource", "termios", "tty"}
    for folder in (PROJECT / "streamnb", PROJECT / "tests"):
        for file in folder.rglob("*.py"):
            for node in ast.parse(file.read_text("utf-8")).body:
                names = [name.name for name in getattr(node, "names", ())] + [getattr(node, "module", "")]
                assert not modules & set(names), file


def test_windows_takes_every_name_of_a_file() -> None:
    for name in files_of_the_project():
        for part in Path(name).parts:
            assert not re.search(r'[<>:"|?*\\]|[. ]$', part), name
            assert part.partition(".")[0].casefold() not in RESERVED, name


@pytest.mark.parametrize(
    "model", ["openai:gpt-4.1", "ollama:llama3.2:3b", 'x"<>|?*\\/..', "con", "ends with a dot."]
)
def test_windows_takes_the_name_of_every_cassettes_file(tmp_path: Path, model: str) -> None:
    writer = Cassette(tmp_path).make_writer(model, Request(model=model, turns=()), Header("openai", model))
    writer.open(secrets=(), on_fault=pytest.fail).finish(complete=True)
    (path,) = tmp_path.iterdir()
    assert re.fullmatch(r"[A-Za-z0-9.-]+", path.name)
    assert path.stem.casefold() not in RESERVED


def test_a_journal_on_windows_never_signals_a_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_: object) -> None:
        raise AssertionError("on Windows this would be a Ctrl-C for that process")

    cut_off = tmp_path / f"20260101-000000-{os.getpid() + 1}-1.part"
    cut_off.write_text(
        '{"streamnb": "recording", "version": 1, "provider": "demo", "model": "demo:a", "recorded": ""}\n'
    )
    with cut_off.open("a", encoding="utf-8") as file:
        file.write('{"at": 0.0, "sent": true}\n{"at": 0.1, "text": "data: [DONE]"}\n')
    windows = SimpleNamespace(name="nt", kill=kill, getpid=os.getpid)
    monkeypatch.setattr(journal, "os", windows)
    with pytest.raises(journal.UsageError, match="no stream was cut off"):
        journal.latest_cut_off_recording(tmp_path / "empty")
    assert journal.latest_cut_off_recording(tmp_path).header.model == "demo:a"
