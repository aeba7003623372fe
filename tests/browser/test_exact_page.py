"""What the browser has at the end is what one parse of the whole text gives, however the text was cut."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from streamnb.core.events import Finished, TextDelta
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.markdown import LiveMarkdown, render
from streamnb.render import snapshot
from tests.browser.bare import Bare
from tests.browser.everything import EVERYTHING

pytestmark = pytest.mark.browser

END = {"footer": "the footer", "said": "Answer complete"}


def cut(text: str, luck: random.Random, longest: int) -> list[str]:
    """Cut a text into pieces of random lengths."""
    pieces, at = [], 0
    while at < len(text):
        size = luck.randint(1, longest)
        pieces.append(text[at : at + size])
        at += size
    return pieces


def frames(text: str, luck: random.Random, longest: int) -> list[dict[str, Any]]:
    """Return what a view sends for such pieces; some frames are painted one by one, others together."""
    live = LiveMarkdown()
    sent = [
        {"text": piece, "patch": live.feed(piece).to_json(), "paint": luck.random() < 0.05}
        for piece in cut(text, luck, longest)
    ]
    return [*sent, {"patch": live.close().to_json(), "end": END}]


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 9))])
def test_a_page_in_every_script_ends_equal_to_the_one_shot_page(page: Page, seed: int) -> None:
    luck = random.Random(seed)
    bare = Bare(page)
    bare.send(frames(EVERYTHING, luck, luck.choice([2, 20, 120])))
    assert bare.shown() == bare.parsed(render(EVERYTHING))


def test_the_static_bundle_says_the_same_as_the_page(page: Page) -> None:
    bare = Bare(page)
    bare.send(frames(EVERYTHING, random.Random(0), 60))
    draft = ReplyBuilder("demo:test")
    draft.feed([TextDelta(EVERYTHING), Finished("complete")], 1.0)
    static = snapshot.bundle(draft.build_reply(2.0)).data["text/html"]
    text_script = """(html) => {
      const box = document.createElement("div");
      box.innerHTML = html;
      for (const maths of box.querySelectorAll(".snb-maths, .mathjax_process")) maths.replaceWith("FORMULA");
      return (box.querySelector(".snb-answer") ?? box).textContent;
    }"""
    live = page.evaluate(text_script, bare.shown())
    saved = page.evaluate(text_script, static)
    assert re.sub(r"\s+", "", live) == re.sub(r"\s+", "", saved)
    assert "FORMULA" in live
    assert "It costs $5 and $6" in saved


def test_formulas_stay_as_they_were_read_when_the_saved_output_comes(page: Page) -> None:
    text = "One $a^2$ and $\\foo{x}$.\n\n- two $b$\n\n$$\nc\n$$\n\n| $d$ |\n|---|\n| $\\href{x}{e}$ |\n\nEnd."
    bare = Bare(page)
    bare.send(frames(text, random.Random(0), 60))
    formulas = "(part) => [...document.querySelectorAll(part + ' math')].map((own) => own.outerHTML)"
    before = page.evaluate(formulas, ".snb-live")
    draft = ReplyBuilder("demo:test")
    draft.feed([TextDelta(text), Finished("complete")], 1.0)
    static = snapshot.bundle(draft.build_reply(2.0)).data["text/html"]
    assert static.count("mathjax_process") == len(before) == 4
    bare.give_way(static)
    # In the page's own next step, before it is painted and before MathJax looks for what it has to set.
    assert page.evaluate(formulas, ".snb-answer:not(.snb-live)") == before
    assert page.locator(".mathjax_process").count() == 0
    assert page.locator(".snb-maths-source").all_inner_texts() == [r"$\foo{x}$", r"$\href{x}{e}$"]
