"""A long answer at full pace disturbs nobody: few nodes go, no frame is late, selections and scroll stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.lab import Sheet, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = """from tests.browser.feed import *
PART = '''## Part {n}

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

'''
LONG = "".join(PART.format(n=n) for n in range(45))
"""
WATCH = """
() => {
  const watch = (window.watch = { removed: 0, added: 0, late: [], began: null });
  const size = (nodes) => nodes.length;
  new MutationObserver((records) => {
    for (const record of records) {
      const at = record.target.closest ? record.target : record.target.parentElement;
      if (!at?.closest(".jp-OutputArea")) continue;
      watch.began ??= performance.now();
      watch.removed += size(record.removedNodes);
      watch.added += size(record.addedNodes);
    }
  }).observe(document.body, { childList: true, subtree: true });
  let last = performance.now();
  const frame = (now) => {
    if (watch.began && now - watch.began > 1000 && now - last > 100) watch.late.push(Math.round(now - last));
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}
"""
SELECT = """
() => {
  const paragraph = document.querySelector(".snb-log p");
  document.getSelection().setBaseAndExtent(paragraph.firstChild, 0, paragraph.firstChild, 4);
}
"""
SCROLLER = "document.querySelector('.jp-WindowedPanel-outer')"


def watched(sheet: Callable[..., Sheet], rate: int = 400) -> Sheet:
    notebook = sheet(LONG + f"await play(pieces(LONG), rate={rate}); reply = None")
    notebook.page.evaluate(WATCH)
    notebook.run(0, wait=False)
    notebook.output(0).locator(".snb-log h2").nth(2).wait_for()
    return notebook


def finish(notebook: Sheet) -> Any:
    notebook.ended(0)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    return notebook.page.evaluate("window.watch")


def test_a_long_answer_removes_few_nodes_and_delays_no_frame(sheet: Callable[..., Sheet]) -> None:
    figures = finish(watched(sheet))
    print(figures)
    assert figures["removed"] <= 600
    assert figures["late"] == []


def test_a_selection_in_finished_text_is_kept_to_the_end(sheet: Callable[..., Sheet]) -> None:
    notebook = watched(sheet)
    notebook.page.evaluate(SELECT)
    selected = "document.getSelection().toString()"
    assert notebook.page.evaluate(selected) == "Some"
    notebook.output(0).locator(".snb-log h2").nth(30).wait_for()
    assert notebook.page.evaluate(selected) == "Some"
    finish(notebook)
    notebook.page.wait_for_timeout(300)
    assert notebook.page.evaluate(selected) == "Some"


def test_the_page_follows_the_end_for_a_reader_who_is_there(sheet: Callable[..., Sheet]) -> None:
    notebook = watched(sheet)
    notebook.output(0).locator(".snb-log h2").nth(20).wait_for()
    footer = notebook.output(0).locator(".snb-footer")
    box = footer.bounding_box()
    assert box is not None
    assert box["y"] < 900
    assert notebook.page.evaluate(f"{SCROLLER}.scrollTop") > 500


def test_the_page_stays_for_a_reader_who_has_scrolled_away(sheet: Callable[..., Sheet]) -> None:
    notebook = watched(sheet)
    notebook.output(0).locator(".snb-log h2").nth(10).wait_for()
    notebook.output(0).hover()
    notebook.page.mouse.wheel(0, -700)
    notebook.page.wait_for_timeout(300)
    top = notebook.page.evaluate(f"{SCROLLER}.scrollTop")
    notebook.output(0).locator(".snb-log h2").nth(30).wait_for(state="attached")
    assert notebook.page.evaluate(f"{SCROLLER}.scrollTop") == top
    finish(notebook)
    notebook.page.wait_for_timeout(300)
    assert abs(notebook.page.evaluate(f"{SCROLLER}.scrollTop") - top) <= 2


def test_the_first_piece_is_on_screen_within_a_tenth_of_a_second(sheet: Callable[..., Sheet]) -> None:
    notebook = sheet(
        "from tests.browser.feed import *\nimport asyncio, time",
        """view = WidgetView('demo:test'); view.open(lambda: None); await asyncio.sleep(2)
arrived = time.time(); view.show([TextDelta('first piece')]); await asyncio.sleep(2)
print('arrived', arrived)""",
    )
    notebook.run(0)
    notebook.run(1, wait=False)
    notebook.page.evaluate(
        """() => new MutationObserver(() => {
          if (document.querySelector('.snb-tail')?.innerText.includes('first piece'))
            window.seen ??= Date.now() / 1000;
        }).observe(document.body, { childList: true, subtree: true, characterData: true })"""
    )
    notebook.ended(1)
    until(lambda: "arrived" in notebook.output(1).inner_text(), "the time of arrival", notebook.page)
    arrived = float(notebook.output(1).inner_text().split("arrived")[1].split()[0])
    assert notebook.page.evaluate("window.seen") - arrived < 0.1
