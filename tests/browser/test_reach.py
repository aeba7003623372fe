"""Everybody can use the output: by keyboard, by ear, without motion, in a narrow window, in any script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from streamnb import footer
from streamnb.display import snapshot
from streamnb.events import Finished, TextDelta, Usage
from streamnb.markdown import LiveMarkdown
from streamnb.reply import Draft, Reply
from tests.browser.bare import Bare
from tests.browser.everything import EVERYTHING

pytestmark = pytest.mark.browser

TEXT = "A first paragraph with [a link](https://example.org/).\n\nA second one"
FOCUSED = "document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText"
HEIGHT = "document.querySelector('.streamnb').getBoundingClientRect().height"


def frame(text: str, **more: Any) -> dict[str, Any]:
    """Return a frame with some text."""
    return {"text": text, "characters": len(text), "patch": LiveMarkdown().feed(text).to_json()} | more


def ended(text: str) -> Reply:
    """Return a reply of an ordinary kind."""
    draft = Draft("openai:gpt-4.1-mini")
    draft.clock.sent(0.0)
    usage = Usage(input_tokens=812, output_tokens=1204)
    for at, part in enumerate((text[:4], text[4:9], text[9:])):
        draft.feed([TextDelta(part)], 0.6 + 4 * at)
    draft.feed([usage, Finished("complete")], 9.1)
    return draft.reply(9.1)


def last(reply: Reply) -> dict[str, Any]:
    """Return the frame that ends an answer."""
    end = {"footer": snapshot.closing(reply), "said": "Answer complete"}
    return {"end": end, "patch": {"seal": [], "fix": {}, "keep": 10**6, "tail": ""}}


def test_the_keyboard_reaches_folds_links_and_buttons(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT, reasoning="a thought")])
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
    assert reached == ["Reasoning", "a link", "Copy answer", "Stop"]
    page.keyboard.press("Enter")
    assert {"kind": "stop"} in page.evaluate("window.sent")
    assert page.evaluate(FOCUSED) == "Stop"


def test_a_question_is_said_and_answered_by_keyboard(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT)])
    bare.say({"kind": "question", "html": "<div>The model asks to run</div>"})
    assert "asks to run" in page.get_by_role("status").inner_text()
    page.get_by_role("button", name="Refuse").focus()
    page.keyboard.press("Enter")
    assert {"kind": "answer", "yes": False} in page.evaluate("window.sent")
    bare.say({"kind": "question", "html": None})
    assert page.evaluate(FOCUSED) == "Stop"


def test_finished_text_is_a_log_and_the_end_is_said_once(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT)])
    assert page.get_by_role("log").inner_text().startswith("A first paragraph")
    assert "A second one" not in page.get_by_role("log").inner_text()
    assert page.locator("[aria-busy=true]").count() == 1
    assert page.get_by_role("status").inner_text() == ""
    bare.send([last(ended(TEXT))])
    assert page.get_by_role("status").inner_text() == "Answer complete"
    assert page.locator("[aria-busy=true]").count() == 0


def test_the_focus_stays_at_an_answer_that_ends(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT)])
    page.get_by_role("button", name="Stop").focus()
    reply = ended(TEXT)
    bare.send([last(reply)])
    bare.give_way(snapshot.bundle(reply).data["text/html"])
    page.wait_for_function("document.activeElement.className === 'snb-answer'")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "a link"


def test_nothing_moves_for_those_who_asked_for_that(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    bare = Bare(page)
    bare.send([frame(TEXT)])
    names = "[['.snb-dot', null], ['[data-snb-end]', '::after']].map(([name, part]) =>"
    names += " getComputedStyle(document.querySelector(name), part).animationName)"
    assert page.evaluate(names) == ["none", "none"]
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(names) == ["snb-breathe", "snb-breathe"]


@pytest.mark.parametrize("width", [420, 700, 1100])
def test_the_footer_has_its_room_from_the_beginning(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    reply = ended("A short answer.")
    bare = Bare(page, footer.expected(reply.model))
    bare.send([frame("A short answer.")])
    before = page.evaluate(HEIGHT)
    bare.send([{"end": {"footer": snapshot.closing(reply), "said": ""}}])
    assert page.evaluate(HEIGHT) == pytest.approx(before, rel=0.02)


def test_a_narrow_page_scrolls_in_its_tables_only(page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 700})
    bare = Bare(page)
    bare.send([frame(EVERYTHING)])
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    wider = (
        "[...document.querySelectorAll('.snb-answer *')].filter((e) => e.scrollWidth > e.clientWidth + 1 &&"
    )
    wider += " getComputedStyle(e).overflowX === 'auto').map((e) => e.localName)"
    assert "table" in page.evaluate(wider)


def test_a_paragraph_runs_in_the_direction_of_its_script(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame("Left to right.\n\nمرحبا بالعالم.\n\nend")])
    starts = """[...document.querySelectorAll("p")].map((p) => {
      const range = document.createRange();
      range.setStart(p.firstChild, 0);
      range.setEnd(p.firstChild, 1);
      return range.getBoundingClientRect().left - p.getBoundingClientRect().left > p.clientWidth / 2;
    })"""
    assert page.evaluate(starts)[:2] == [False, True]
