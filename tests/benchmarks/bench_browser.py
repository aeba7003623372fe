"""What a long answer does to the page: ours in a real JupyterLab, beside the two usual ways of showing one.

One answer, pieces of 4 characters, 400 a second.  The usual ways display the whole text again as Markdown,
for each piece or every 50 ms.  Counted in the page: nodes removed, frames over 100 ms after the first second,
whether a selection lasts, how late the first and the last piece are on screen; for 100 KB, memory.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from playwright.sync_api import TimeoutError as TooLate

from streamnb.markdown import render
from tests.browser.lab import FLAGS, OpenNotebook, Server
from tests.browser.watch import SELECTION, long_answer, read_trace, select_first_word, watch
from tests.support import chromium

from .figures import Row, show

WAYS = {
    "ours": "await play(noted(pieces(LONG), times)); reply = None",
    "Markdown for each piece": "await repeat(noted(pieces(LONG), times))",
    "Markdown every 50 ms": "await repeat(noted(pieces(LONG), times), between=0.05)",
}
AT_ONCE = """draft = ReplyBuilder("demo:test")
draft.feed([TextDelta(LONG), Finished("complete")], 1.0)
display(bundle(draft.build_reply(2.0)).data, raw=True)"""
SETUP = """from pathlib import Path
from streamnb.render.snapshot import bundle
from tests.browser.feed import *
LONG = Path("long.md").read_text()
times = []
await play(pieces("warm, *warmer*")); reply = None"""
GIVEN_UP = 20.0  # seconds


@contextmanager
def lab() -> Iterator[tuple[Server, Browser]]:
    """A Jupyter server and a browser."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield server, browser
        finally:
            browser.close()
            server.stop()


@contextmanager
def ready(server: Server, browser: Browser, code: str, answer: str) -> Iterator[OpenNotebook]:
    """A notebook in a fresh page that has streamed before; its second cell is this code."""
    (server.folder / "long.md").write_text(answer)  # in a cell it would be a long answer to lay out, too
    page = browser.new_context(viewport={"width": 1100, "height": 900}).new_page()
    notebook = OpenNotebook(page, server, server.notebook("bench.ipynb", [SETUP, code])).open()
    notebook.run(0)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    yield notebook
    page.context.close()
    server.shut_down_kernels()


def measure_in_page(server: Server, browser: Browser, way: str, answer: str) -> dict[str, float]:
    """Stream an answer; return what the page noted, and what it holds more than before."""
    code = f"{WAYS[way]}\nPath('times.json').write_text(str(times)); None"
    with ready(server, browser, code, answer) as notebook:
        page = notebook.page
        before = memory(page)
        watch(page, 1)
        notebook.run(1, wait=False)
        page.wait_for_timeout(3000)
        select_first_word(page, 1)
        patience = len(answer) / 4 / 400 + GIVEN_UP
        with suppress(TooLate):  # some ways show the end minutes later, or never: the server has dropped it
            page.wait_for_function("window.watch.last", timeout=1000 * patience, polling=500)
        page.wait_for_timeout(1000)
        figures = read_trace(page)
        selection_stays = page.evaluate(SELECTION) == "Some"
        figures |= {
            "late": len(figures["late"]),
            "after": len(figures["after"]),
            "kept": selection_stays,
            "memory": memory(page) - before,
        }
    arrived = json.loads((server.folder / "times.json").read_text())
    for name, at in zip(("first", "last"), arrived, strict=True):
        figures[name] = figures[name] - at if figures[name] else GIVEN_UP
    return figures


def shown_at_once(server: Server, browser: Browser, answer: str) -> dict[str, float]:
    """Display the finished answer as it is saved; return what the page noted and holds in addition."""
    with ready(server, browser, AT_ONCE, answer) as notebook:
        before = memory(notebook.page)
        watch(notebook.page, 1, grace=0)
        notebook.run(1)
        notebook.page.wait_for_function("window.watch.last")
        notebook.page.wait_for_timeout(1000)
        return read_trace(notebook.page) | {"memory": memory(notebook.page) - before}


def memory(page: Page) -> float:
    """Return the bytes that scripts and documents of a page hold, after the garbage is gone."""
    session: CDPSession = page.context.new_cdp_session(page)
    page.wait_for_timeout(6000)  # what was there to catch the saved output has given up
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(200)
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return float(usage["usedSize"] + usage["embedderHeapUsedSize"] + usage["backingStorageSize"])


def rows_of(way: str, figures: dict[str, float]) -> list[Row]:
    """Return the figures of one way; only ours has limits."""
    ours = way == "ours"
    wanted = [
        ("nodes removed", figures["removed"], 600, ""),
        ("frames over 100 ms after the first second", figures["late"] + figures["after"], 0, ""),
        ("longest frame", figures["longest"], 100, "ms"),
        ("selections lost", 1 - figures["kept"], 0, ""),
        ("first piece on screen after", figures["first"], 0.1, "s"),
        ("last piece on screen after (20 s: not yet)", figures["last"], None, "s"),
    ]
    return [
        Row("1", f"20 KB, {way}: {what}", figure, limit if ours else None, unit)
        for what, figure, limit, unit in wanted
    ]


def at_length(server: Server, browser: Browser) -> list[Row]:
    """Return what 100 KB do.

    A browser needs hundreds of bytes for an element, a notebook keeps copies of an output and reads it for
    its table of contents.  So the ground is what the same saved output costs where nothing was streamed.
    """
    answer = long_answer(100_000)
    ours = measure_in_page(server, browser, "ours", answer)
    ground = shown_at_once(server, browser, answer)
    size = len(render(answer))
    beyond = (ours["memory"] - ground["memory"]) / size
    at_end = ours["longestAtEnd"] - ground["longest"]
    return [
        Row("4", "100 KB, ours: longest frame at the end beyond displaying it at once", at_end, 100, "ms"),
        Row("6", "100 KB, ours: frames over 100 ms after the first second", ours["late"], 0),
        Row("6", "100 KB, ours: frames over 100 ms after the last words", ours["after"]),
        Row("6", "100 KB, ours: longest frame", ours["longest"], unit="ms"),
        Row("6", "100 KB, displayed at once: longest frame", ground["longest"], unit="ms"),
        Row(
            "6",
            "100 KB, ours: memory beyond displaying it at once / HTML",
            beyond,
            10,
            detail=f"{size:,} bytes",
        ),
        Row("6", "100 KB, ours: memory in all / HTML", ours["memory"] / size),
        Row("6", "100 KB, displayed at once: memory / HTML", ground["memory"] / size),
    ]


def main() -> list[dict[str, Any]]:
    """Measure 20 KB in three ways, and 100 KB in ours."""
    with lab() as (server, browser):
        rows = [
            row
            for way in WAYS
            for row in rows_of(way, measure_in_page(server, browser, way, long_answer(20_000)))
        ]
        rows += at_length(server, browser)
    return show(rows)


if __name__ == "__main__":
    main()
