"""What is built can be installed, holds what it needs, and imports nothing before its time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

import streamnb
from tests.support import PROJECT


def project() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, without a network: what it is built with is installed already."""
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--wheel-dir", str(folder)]
    run(sys.executable, "-m", "pip", "wheel", *options, str(PROJECT), cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.parametrize("module", ["openai", "google.genai", "IPython", "anywidget", "genai_prices"])
def test_importing_streamnb_does_not_import(module: str, tmp_path: Path) -> None:
    run(sys.executable, "-c", f"import sys, streamnb; sys.exit({module!r} in sys.modules)", cwd=tmp_path)


def test_the_version_is_the_projects_and_heads_the_changelog() -> None:
    version = project()["project"]["version"]
    assert streamnb.__version__ == version
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert headings[0] == version
    citation = (PROJECT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^version: (\S+)$", citation, re.MULTILINE)[1] == version  # type: ignore[index]


def test_no_dependency_has_an_upper_bound() -> None:
    about = project()["project"]
    extras = [entry for entries in about["optional-dependencies"].values() for entry in entries]
    for entry in [*about["dependencies"], *extras]:
        assert "<" not in entry, entry
        assert ">=" in entry, entry


def test_the_reasons_for_every_dependency_are_written_down() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for entry in project()["project"]["dependencies"]:
        name = re.split(r"[<>=!~\[ ]", entry)[0]
        assert f"| {name} |" in text, f"{name} has no row in CONTRIBUTING.md"


def test_the_wheel_holds_the_front_end_the_recordings_and_the_lesson(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    package = PROJECT / "streamnb"
    for folder in ("static", "recordings"):
        files = {f"streamnb/{folder}/{file.name}" for file in (package / folder).iterdir() if file.is_file()}
        assert files
        assert files <= held
    assert {"streamnb/py.typed", "streamnb/notebooks/01_first_stream.ipynb"} <= held
    templates = {name.partition(".data/data/share/jupyter/nbconvert/templates/")[2] for name in held}
    assert {"streamnb-pdf/conf.json", "streamnb-pdf/index.tex.j2"} <= templates
    lessons = {f"streamnb/notebooks/{file.name}" for file in (PROJECT / "notebooks").glob("*.ipynb")}
    assert {name for name in held if name.endswith(".ipynb")} == lessons
    assert not any("test" in name or "__pycache__" in name for name in held)


@pytest.mark.slow
def test_the_wheel_installs_into_a_fresh_environment_and_streams_there(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "fresh"
    venv.create(home, with_pip=False)
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    python = str(scripts / "python")
    run(
        sys.executable,
        "-m",
        "pip",
        f"--python={python}",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        str(wheel),
        cwd=home,
    )
    # The dependencies are those of this environment, so that no network is needed.
    libraries = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home).strip()
    ours = "\n".join(dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib"))))
    (Path(libraries) / "dependencies.pth").write_text(ours)
    where = run(python, "-c", "import streamnb; print(streamnb.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(libraries)
    output = run(str(scripts / "streamnb"), "Write a haiku", "-m", "demo:haiku", "--speed", "0", cwd=tmp_path)
    assert "a whole sentence: spring." in output


def test_every_file_that_contributing_names_is_there() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+\w+\.(?:py|js|md))`", text)
    assert len(named) > 25
    for path in named:
        assert (PROJECT / path).exists() or (PROJECT / "streamnb" / path).exists(), path
