"""A long answer, and what a page notices while it comes.

Counted are the nodes that go and the frames that are late, noted the times of the first and the last words.
The looking has to cost next to nothing, however long the answer: it happens in the page that is looked at.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

__all__ = ["SELECTION", "long_answer", "noticed", "select_first_word", "watch"]

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
  const nothing = { removed: 0, late: [], after: [], longest: 0, began: null, first: null, last: null };
  const watch = (window.watch = nothing);
  const area = document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-Cell-outputArea");
  const paragraphs = area.getElementsByTagName("p");
  new MutationObserver((records) => {
    watch.began ??= performance.now();
    for (const { removedNodes } of records) watch.removed += removedNodes.length;
    if (!watch.first && area.querySelector("h2")?.textContent) watch.first = Date.now() / 1000;
    if (!watch.last && paragraphs[paragraphs.length - 1]?.textContent.startsWith("That was all"))
      watch.last = Date.now() / 1000;
  }).observe(area, { childList: true, subtree: true, characterData: true });
  let before = performance.now();
  requestAnimationFrame(function frame(now) {
    if (watch.began && now - watch.began > grace) {
      if (now - before > 100) (watch.last ? watch.after : watch.late).push(Math.round(now - before));
      watch.longest = Math.max(watch.longest, now - before);
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


def noticed(page: Page) -> dict[str, Any]:
    """Return what was noticed so far: times in seconds, frames in milliseconds.

    ``late`` are the frames over 100 ms until the last words were there, ``after`` those since: the saved
    output takes the place of the live one, and the front end reads it for its table of contents.
    """
    figures: dict[str, Any] = page.evaluate("window.watch")
    return figures


def select_first_word(page: Page, cell: int = 0) -> None:
    """Select the first word of the first paragraph: ``Some``."""
    page.evaluate(SELECT, cell)
