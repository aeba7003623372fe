"""Reasoning is rendered as an answer is, in its fold: live, in the saved output, and only if seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from streamnb.core.reply import Reply
from streamnb.markdown import LiveMarkdown
from streamnb.render import snapshot
from tests.browser.bare import Bare

pytestmark = pytest.mark.browser

THOUGHTS = "**First** \\(x^2\\)\n\n- a\n- `b`\n\n```python\nx = 1\n```\n\n<img src=x onerror=alert(1)>\n" * 3
INSIDE = """() => [...document.querySelectorAll(".snb-thoughts *")].map((node) => node.localName)
    .filter((name) => name !== "div" && name !== "button")"""


def test_an_open_fold_grows_as_an_answer_does_and_ends_as_the_saved_one(page: Page) -> None:
    bare, live = Bare(page), LiveMarkdown()
    bare.send([{"reasoning": THOUGHTS[:9], "thoughts": live.feed(THOUGHTS[:9]).to_json()}])
    assert page.locator(".snb-thoughts strong").count() == 0  # nobody looks
    page.get_by_text("Reasoning").click()
    assert page.locator(".snb-thoughts strong").inner_text() == "First"
    pieces = [THOUGHTS[start : start + 7] for start in range(9, len(THOUGHTS), 7)]
    bare.send([{"reasoning": piece, "thoughts": live.feed(piece).to_json()} for piece in pieces])
    bare.send([{"thoughts": live.close().to_json()}])
    growing = page.evaluate(INSIDE)
    assert {"strong", "math", "ul", "pre"} <= set(growing)
    assert "img" not in growing
    reply = Reply("done", model="m", reasoning=THOUGHTS)
    page.set_content(snapshot.bundle(reply).data["text/html"])
    plain = [name for name in page.evaluate(INSIDE) if name != "span"]
    assert plain == [name for name in growing if name != "span" and not name.startswith("m")]
