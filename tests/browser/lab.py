"""A real Jupyter server and a real browser: started, driven by hand-like steps, looked at.

``Server`` serves JupyterLab under ``lab/tree`` and Notebook 7 under ``notebooks``, with a token and the
XSRF check on.  ``OpenNotebook`` is one notebook that is open in a page.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as TooLate

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    "@jupyterlab/docmanager-extension/plugin.jupyterlab-settings": {"autosave": False},
}
DARK = {"@jupyterlab/apputils-extension/themes.jupyterlab-settings": {"theme": "JupyterLab Dark"}}
NOTE_GESTURES = """() => {
  const note = () => (window.gesture = Date.now());
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, note, { capture: true });
}"""
PATIENCE = 30.0  # seconds; a loaded machine is slow, a broken one is slower


class Server:
    """A Jupyter server in a folder of its own, below ``base``, started with ``more`` options."""

    def __init__(self, folder: Path, *more: str, base: str = "/") -> None:
        self.folder = folder
        self.token = secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}{base}"
        self.write_settings(SETTINGS)
        self._ending: list[threading.Thread] = []
        self._log = open(folder / "server.log", "wb")  # noqa: SIM115 - open as long as the server runs
        self._process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
             f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1",
             f"--ServerApp.base_url={base}", f"--ServerApp.root_dir={folder}",
             f"--IdentityProvider.token={self.token}", *more],
            cwd=folder, env=self._environment(), stdout=self._log, stderr=self._log,
        )  # fmt: skip
        until(lambda: self.get("api/status"), "the Jupyter server to answer", patience=3 * PATIENCE)

    def _environment(self) -> dict[str, str]:
        home = {"HOME": str(self.folder), "JUPYTERLAB_SETTINGS_DIR": str(self.folder / "settings")}
        project = str(Path(__file__).resolve().parents[2])
        return os.environ | home | {"PYTHONPATH": project, "PYTHONWARNINGS": "ignore"}

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Set JupyterLab's own settings."""
        for name, values in settings.items():
            path = self.folder / "settings" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))

    def get(self, path: str, method: str = "GET", body: dict[str, Any] | None = None) -> Any:
        """Return what the server answers, ``None`` while it does not."""
        headers = {"Authorization": f"token {self.token}"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return json.loads(answer.read() or "null")
        except OSError:
            return None

    def notebook(self, name: str, cells: list[str]) -> str:
        """Write a notebook of code cells; return its name."""
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(book, self.folder / name)
        return name

    def start_kernel(self, name: str) -> None:
        """Start the kernel of a notebook, while its page loads; a page takes the one that is there."""
        kernel = {"name": "python3"}
        self.get("api/sessions", "POST", {"path": name, "name": name, "type": "notebook", "kernel": kernel})

    def shut_down_kernels(self) -> None:
        """Begin to stop every kernel; the next page loads meanwhile."""
        for kernel in self.get("api/kernels") or []:
            path = f"api/kernels/{kernel['id']}"
            self._ending.append(threading.Thread(target=self.get, args=(path, "DELETE")))
            self._ending[-1].start()

    def wait_for_shut_down(self) -> None:
        """Wait for their end, so that a test has the machine for itself."""
        while self._ending:
            self._ending.pop().join()

    def stop(self) -> None:
        """Stop the server, and its kernels with it."""
        self.wait_for_shut_down()
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class OpenNotebook:
    """One notebook in one page."""

    def __init__(self, page: Page, server: Server, name: str) -> None:
        self.page = page
        self.server = server
        self.name = name

    def open(self, application: str = "lab/tree", *, kernel: bool = True) -> OpenNotebook:
        """Load the page; with ``kernel``, wait until the kernel is ready."""
        if kernel:
            self.server.start_kernel(self.name)
        # Without "reset", JupyterLab opens the notebooks of earlier tests again.
        self.page.goto(f"{self.server.url}{application}/{self.name}?reset&token={self.server.token}")
        self.page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=1000 * PATIENCE)
        self.server.wait_for_shut_down()
        if kernel:
            until(self.idle, "the kernel to be ready", self.page)
        return self

    def idle(self) -> bool:
        """Say whether the kernel has nothing to do."""
        sessions = self.server.get("api/sessions") or []
        mine = [session for session in sessions if session["path"] == self.name]
        return bool(mine) and mine[0]["kernel"]["execution_state"] == "idle"

    def cell(self, index: int) -> Locator:
        """Return a cell."""
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)

    def output(self, index: int) -> Locator:
        """Return what stands below a cell."""
        return self.cell(index).locator(".jp-Cell-outputArea")

    def run(self, index: int, *, wait: bool = True) -> None:
        """Run a cell as a person does; with ``wait``, until it has ended."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.ended(index)

    def ended(self, index: int) -> None:
        """Wait until a cell has a number in its prompt."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        until(lambda: prompt.inner_text().strip("[]: ").isdigit(), f"cell {index} to end", self.page)

    def shows(self, index: int, text: str) -> str:
        """Wait until an output has a text, for a page renders it after the cell has ended; return it all."""

        def output() -> str:
            return " ".join(self.output(index).inner_text().split())

        until(lambda: text in output(), f"{text[:40]!r} below cell {index}", self.page)
        return output()

    def note_gestures(self) -> None:
        """Note from now on when something is pressed: Playwright may wait long before it presses."""
        self.page.evaluate(NOTE_GESTURES)

    def gesture(self) -> float:
        """Return when something was pressed last, in seconds of ``time.monotonic``."""
        moment = self.page.evaluate("window.gesture") / 1000
        return moment - time.time() + time.monotonic()

    def round_trip(self, index: int) -> float:
        """Run a cell that does nothing once more; return the seconds that this machine needs for it now."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        before = prompt.inner_text()
        self.run(index, wait=False)
        until(
            lambda: prompt.inner_text() != before and prompt.inner_text().strip("[]: ").isdigit(),
            f"cell {index} to end once more",
            self.page,
        )
        return time.monotonic() - self.gesture()

    def save(self) -> nbformat.NotebookNode:
        """Save with the keyboard; return the file as it then is."""
        path = self.server.folder / self.name
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        until(
            lambda: path.stat().st_mtime_ns != before and path.read_bytes().endswith(b"}\n"),
            "the file to be saved",
            self.page,
        )
        return nbformat.read(path, as_version=4)

    def screenshot(self, name: str) -> None:
        """Take a picture, where somebody wants to see it."""
        picture(self.page, name)


def picture(page: Page, name: str) -> None:
    """Take a picture of a page, where ``SCREENSHOTS`` names a folder for it."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def until(true: Callable[[], Any], what: str, page: Page | None = None, *, patience: float = PATIENCE) -> Any:
    """Ask until the answer is true; a failure says what was waited for."""
    end = time.monotonic() + patience
    while True:
        answer = true()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TooLate(f"waited {patience:.0f} s for {what}")
        if page is None:
            time.sleep(0.1)
        else:
            page.wait_for_timeout(50)  # lets Playwright take the page's events
