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
from tests.browser.lab import FLAGS, Server, Sheet
from tests.support import chromium

from .figures import Row, show

PART = """## Part {n}

Some **strong** words about number {n}, some `code`, and a [link](https://example.org/{n}), in a paragraph
that is long enough to fill more than one line of the page, as the paragraphs of answers often are.

- one thing
- another *thing*
- a third

```python
def part(n={n}):
    return [n * k for k in range(10)]
```

| name | value |
|------|------:|
| n    | {n}   |
| n+1  | more  |

"""
WAYS = {
    "ours": "await play(noted(pieces(LONG), times)); reply = None",
    "Markdown for each piece": "await repeat(noted(pieces(LONG), times))",
    "Markdown every 50 ms": "await repeat(noted(pieces(LONG), times), between=0.05)",
}
SETUP = """from pathlib import Path
from tests.browser.feed import *
LONG = Path("long.md").read_text()
times = []
await play(pieces("warm, *warmer*")); reply = None"""
WATCH = """
() => {
  const watch = (window.watch = { removed: 0, late: 0, longest: 0, began: null, first: null, last: null });
  new MutationObserver((records) => {
    for (const { target, removedNodes } of records) {
      const area = (target.closest ? target : target.parentElement)?.closest(".jp-OutputArea");
      if (area !== document.querySelectorAll(".jp-CodeCell .jp-OutputArea")[1]) continue;
      watch.removed += removedNodes.length;
      watch.began ??= performance.now();
      if (!watch.first && area.textContent.includes("Pa")) watch.first = Date.now() / 1000;
      if (!watch.last && area.textContent.includes("That was all")) watch.last = Date.now() / 1000;
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
  let before = performance.now();
  requestAnimationFrame(function frame(now) {
    if (watch.began && now - watch.began > 1000) {
      watch.late += now - before > 100;
      watch.longest = Math.max(watch.longest, now - before);
    }
    before = now;
    requestAnimationFrame(frame);
  });
}
"""
GIVEN_UP = 20.0  # seconds
SELECT = """
() => {
  const words = document.querySelectorAll(".jp-CodeCell .jp-OutputArea")[1].querySelector("p").firstChild;
  document.getSelection().setBaseAndExtent(words, 0, words, 4);
}
"""


def text(characters: int) -> str:
    """Return an answer of about this length whose end can be told."""
    parts = characters // len(PART.format(n=10))
    return "".join(PART.format(n=n) for n in range(parts)) + "That was all."


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


def seen(server: Server, browser: Browser, way: str, answer: str) -> dict[str, float]:
    """Stream an answer into a fresh page; return what the page noticed."""
    (server.folder / "long.md").write_text(answer)  # in a cell it would be a long answer to lay out, too
    page = browser.new_context(viewport={"width": 1100, "height": 900}).new_page()
    cells = [SETUP, f"{WAYS[way]}\nPath('times.json').write_text(str(times)); None"]
    notebook = Sheet(page, server, server.notebook("bench.ipynb", cells)).open()
    notebook.run(0)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    before = memory(page)
    page.evaluate(WATCH)
    notebook.run(1, wait=False)
    page.wait_for_timeout(3000)
    page.evaluate(SELECT)
    patience = len(answer) / 4 / 400 + GIVEN_UP
    with suppress(TooLate):  # some ways show the end minutes later, or never: the server has dropped it
        page.wait_for_function("window.watch.last", timeout=1000 * patience, polling=500)
    page.wait_for_timeout(1000)
    figures: dict[str, float] = page.evaluate("watch")
    figures["kept"] = page.evaluate("document.getSelection().toString() === 'Some'")
    figures["memory"] = memory(page) - before
    arrived = json.loads((server.folder / "times.json").read_text())
    for name, at in zip(("first", "last"), arrived, strict=True):
        figures[name] = figures[name] - at if figures[name] else GIVEN_UP
    page.context.close()
    server.shut_down_kernels()
    return figures


def memory(page: Page) -> float:
    """Return the bytes that scripts and documents of a page hold, after the garbage is gone."""
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    usage = session.send("Runtime.getHeapUsage")
    session.detach()
    return float(usage["usedSize"] + usage["embedderHeapUsedSize"] + usage["backingStorageSize"])


def rows_of(way: str, figures: dict[str, float]) -> list[Row]:
    """Return the figures of one way; only ours has limits."""
    ours = way == "ours"
    wanted = [
        ("nodes removed", figures["removed"], 600, ""),
        ("frames over 100 ms after the first second", figures["late"], 0, ""),
        ("longest frame", figures["longest"], 100, "ms"),
        ("selections lost", 1 - figures["kept"], 0, ""),
        ("first piece on screen after", figures["first"], 0.1, "s"),
        ("last piece on screen after (20 s: not yet)", figures["last"], None, "s"),
    ]
    return [
        Row("1", f"20 KB, {way}: {what}", figure, limit if ours else None, unit)
        for what, figure, limit, unit in wanted
    ]


def long_answer(server: Server, browser: Browser) -> list[Row]:
    """Return what 100 KB do."""
    answer = text(100_000)
    figures = seen(server, browser, "ours", answer)
    size = len(render(answer))
    return [
        Row("6", "100 KB, ours: frames over 100 ms after the first second", figures["late"], 0),
        Row("6", "100 KB, ours: longest frame", figures["longest"], 100, "ms"),
        Row(
            "6",
            "100 KB, ours: memory of the page / HTML",
            figures["memory"] / size,
            10,
            detail=f"{size:,} bytes",
        ),
    ]


def main() -> list[dict[str, Any]]:
    """Measure 20 KB in three ways, and 100 KB in ours."""
    with lab() as (server, browser):
        rows = [row for way in WAYS for row in rows_of(way, seen(server, browser, way, text(20_000)))]
        rows += long_answer(server, browser)
    return show(rows)


if __name__ == "__main__":
    main()
