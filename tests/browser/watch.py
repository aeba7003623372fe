"""A long answer, and what a page notices while it comes.

Counted are the nodes that come and go, the HTML that is parsed and the frames that are late, noted the times
of the first and the last words.  The looking has to cost next to nothing, however long the answer: it happens
in the page that is looked at.  On a busy machine a frame is late whatever the page does, so tests hold the
page's tasks instead: the processor's time that each took, to which other programs add little.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

__all__ = ["SELECTION", "Task", "Trace", "long_answer", "read_trace", "select_first_word", "traced", "watch"]

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
WATCH = """
({ cell, grace }) => {
  const counts = { added: 0, removed: 0, parsed: 0 };
  const nothing = { late: [], after: [], longest: 0, longestAtEnd: 0, began: null, first: null, last: null };
  const watch = (window.watch = { ...counts, ...nothing });
  const parse = DOMParser.prototype.parseFromString;
  DOMParser.prototype.parseFromString = function (text, type) {
    watch.parsed += text.length;
    return parse.call(this, text, type);
  };
  const html = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  const set = function (text) {
    watch.parsed += text.length;
    html.set.call(this, text);
  };
  Object.defineProperty(Element.prototype, "innerHTML", { ...html, set });
  const area = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-Cell-outputArea");
  const paragraphs = area.getElementsByTagName("p");
  new MutationObserver((records) => {
    watch.began ??= performance.now();
    for (const { addedNodes, removedNodes } of records) {
      watch.added += addedNodes.length;
      watch.removed += removedNodes.length;
    }
    if (!watch.first && area.querySelector("h2")?.textContent) watch.first = Date.now() / 1000;
    if (!watch.last && paragraphs[paragraphs.length - 1]?.textContent.startsWith("That was all")) {
      watch.last = Date.now() / 1000;
      performance.mark("last words");
    }
  }).observe(area, { childList: true, subtree: true, characterData: true });
  let before = performance.now();
  requestAnimationFrame(function frame(now) {
    if (watch.began && now - watch.began > grace) {
      if (now - before > 100) (watch.last ? watch.after : watch.late).push(Math.round(now - before));
      watch.longest = Math.max(watch.longest, now - before);
      if (watch.last) watch.longestAtEnd = Math.max(watch.longestAtEnd, now - before);
    }
    before = now;
    requestAnimationFrame(frame);
  });
}
"""
SELECT = """
(cell) => {
  const area = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-Cell-outputArea");
  const words = area.querySelector("p").firstChild;
  document.getSelection().setBaseAndExtent(words, 0, words, 4);
}
"""
SELECTION = "document.getSelection().toString()"


def long_answer(characters: int) -> str:
    """Return an answer of about this length whose end can be told."""
    parts = characters // len(PART.format(n=10))
    return "".join(PART.format(n=n) for n in range(parts)) + "That was all."


def watch(page: Page, cell: int = 0, *, grace: float = 1.0) -> None:
    """Begin to look at a cell's output; for the first seconds no frame counts as late."""
    page.evaluate(WATCH, {"cell": cell, "grace": 1000 * grace})


def read_trace(page: Page) -> dict[str, Any]:
    """Return what the page noted so far: times in seconds, frames in milliseconds, parsed HTML in characters.

    ``late`` are the frames over 100 ms until the last words were there, ``after`` those since: the saved
    output takes the place of the live one, and the front end reads it for its table of contents.
    """
    figures: dict[str, Any] = page.evaluate("window.watch")
    return figures


def select_first_word(page: Page, cell: int = 0) -> None:
    """Select the first word of the first paragraph: ``Some``."""
    page.evaluate(SELECT, cell)


@dataclass(frozen=True, slots=True)
class Task:
    """One turn of a page's main thread, in which no frame can come.

    Attributes
    ----------
    began, ended
        When, in seconds.
    cpu_ms
        The processor's time that it took, in milliseconds.
    """

    began: float
    ended: float
    cpu_ms: float


@dataclass(slots=True)
class Trace:
    """What a page's main thread did, and when the page noted what (``performance.mark``), in seconds."""

    tasks: list[Task] = field(default_factory=list)
    marks: dict[str, float] = field(default_factory=dict)

    def between(self, start: float, end: float = float("inf")) -> list[float]:
        """Return the milliseconds of work of each task that began and ended then."""
        return [task.cpu_ms for task in self.tasks if start <= task.began and task.ended <= end]


@contextmanager
def traced(page: Page) -> Iterator[Trace]:
    """Look at what a page does; the trace is filled in the end."""
    trace = Trace()
    browser = page.context.browser
    assert browser is not None
    categories = ["disabled-by-default-devtools.timeline", "blink.user_timing"]
    browser.start_tracing(page=page, categories=categories)
    try:
        yield trace
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    for event in events:
        if event.get("cat") == "blink.user_timing":
            trace.marks.setdefault(event["name"], event["ts"] / 1e6)
        elif event["name"] == "RunTask" and event.get("ph") == "X" and (event["pid"], event["tid"]) in mains:
            began, took = event["ts"] / 1e6, event["dur"] / 1e6
            trace.tasks.append(Task(began, began + took, event.get("tdur", 0) / 1e3))
