"""``streamnb demo``: an offline answer in this terminal, then JupyterLab on the first notebook.

Without a terminal (a pipe, CI) it stops after the first part and says how to go on.  The
notebook is the one of a source checkout, else the wheel's: all lessons are copied into a folder.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .core.errors import StreamInterrupted, UsageError
from .render import footer
from .request.options import Options
from .streaming.planner import make_plan
from .streaming.runner import run_plan
from .views.terminal import TerminalView

__all__ = ["run"]

FIRST_NOTEBOOK = "01_first_stream.ipynb"
LESSONS_FOLDER = "streamnb-lessons"  # each links to the next, so they lie together
DEMO_PROMPT = "What is streaming?"
START_TIMEOUT_S = 60.0
NEXT_STEPS = "Next: open the address, if no browser did, and run the cells with Shift+Enter. Ctrl-C ends it."


def run(argv: Sequence[str]) -> int:
    """Play the demo answer, then run JupyterLab on the first notebook; return the exit status.

    Raises
    ------
    UsageError
        There is another word than ``--no-browser``.
    """
    for word in argv:
        if word != "--no-browser":
            raise UsageError(f"demo: there is no {word!r}; streamnb demo [--no-browser]")
    if status := _play_demo_answer():
        return status
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("CI"):
        print(f"\nNext, in a terminal: streamnb demo (opens JupyterLab on {FIRST_NOTEBOOK})", file=sys.stderr)
        return 0
    notebook = find_or_copy_first_notebook(Path(__file__).resolve().parent, Path.cwd())
    return _run_jupyterlab(notebook, browser="--no-browser" not in argv)


def _play_demo_answer() -> int:
    print(f"> {DEMO_PROMPT}\n", file=sys.stderr)
    try:
        run_plan(
            make_plan(DEMO_PROMPT, Options(models=("demo",))),
            TerminalView(sys.stdout, sys.stderr, closing=footer.terminal_line),
        )
    except StreamInterrupted:
        return 130
    return 0


def find_or_copy_first_notebook(package: Path, here: Path) -> Path:
    """Return the first notebook: a checkout's, else the one in ``package``, copied here with all others."""
    # Where one stands among the lessons or in the checkout, and where the package itself is one.
    for lessons in (here, here / "notebooks", package.parent / "notebooks"):
        if (lessons / FIRST_NOTEBOOK).is_file():
            return lessons / FIRST_NOTEBOOK
    folder = here / LESSONS_FOLDER
    folder.mkdir(exist_ok=True)
    for lesson in sorted((package / "notebooks").glob("*.ipynb")):
        if not (folder / lesson.name).exists():  # one that is there may hold a person's own changes
            shutil.copyfile(lesson, folder / lesson.name)
    return folder / FIRST_NOTEBOOK


def _run_jupyterlab(notebook: Path, *, browser: bool) -> int:
    """Run JupyterLab on ``notebook`` until it ends, and print its address once it answers."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise UsageError("JupyterLab is not installed here: pip install 'streamnb[lab]', then streamnb demo")
    command = [sys.executable, "-m", "jupyterlab", notebook.name, f"--ServerApp.root_dir={notebook.parent}"]
    command += [] if browser else ["--no-browser"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # containers have no other user, and Jupyter refuses this one
    server = subprocess.Popen(command, cwd=notebook.parent, stderr=subprocess.DEVNULL)
    try:
        address = _wait_for_server_address(server, notebook.name)
        if address:
            print(f"\nJupyterLab: {address}\nThe lessons: {notebook.parent}\n{NEXT_STEPS}", flush=True)
            return server.wait()
        server.terminate()
        raise UsageError(f"JupyterLab did not start; this shows why: jupyter lab {notebook}")
    except KeyboardInterrupt:
        server.terminate()
        server.wait()
        return 0


def _wait_for_server_address(server: subprocess.Popen[bytes], notebook: str) -> str | None:
    """Return where the server can be reached, ``None`` if it ended instead."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        if (info := _read_server_info(server.pid)) is not None:
            return f"{info['url']}lab/tree/{notebook}?token={info['token']}"
        time.sleep(0.2)
    return None


def _read_server_info(pid: int) -> Mapping[str, Any] | None:
    """Return what a Jupyter server wrote down about itself, once it listens."""
    from jupyter_core.paths import jupyter_runtime_dir

    try:
        info = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{pid}.json").read_text())
    except (OSError, ValueError):  # not written yet, or half
        return None
    return info if isinstance(info, Mapping) else None
