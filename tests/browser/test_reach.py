"""Everybody can use the output: by keyboard, by ear, without motion, in a narrow window, in any script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from streamnb.core.events import Citation, Finished, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from streamnb.core.reply import Reply, ToolCall
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.markdown import LiveMarkdown
from streamnb.render import footer, panels, snapshot
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
    draft = ReplyBuilder("openai:gpt-4.1-mini")
    draft.timing_builder.mark_sent(0.0)
    usage = Usage(input_tokens=812, output_tokens=1204)
    for at, part in enumerate((text[:4], text[4:9], text[9:])):
        draft.feed([TextDelta(part)], 0.6 + 4 * at)
    draft.feed([usage, Finished("complete")], 9.1)
    return draft.build_reply(9.1)


def last(reply: Reply) -> dict[str, Any]:
    """Return the frame that ends an answer."""
    end = {"footer": snapshot.answer_footer_html(reply), "said": "Answer complete"}
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
    bare.say({"kind": "question", "html": "<div>The model asks to run</div>", "id": "q1"})
    assert "asks to run" in page.get_by_role("status").inner_text()
    page.locator(".snb-no:not([aria-disabled])").focus()
    page.keyboard.press("Enter")
    assert {"kind": "answer", "id": "q1", "yes": False} in page.evaluate("window.sent")
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
    bare = Bare(page, footer.placeholder_line(reply.model))
    bare.send([frame("A short answer.")])
    before = page.evaluate(HEIGHT)
    bare.send([{"end": {"footer": snapshot.answer_footer_html(reply), "said": ""}}])
    assert page.evaluate(HEIGHT) == pytest.approx(before, rel=0.02)


def test_a_narrow_page_scrolls_in_its_tables_and_code_only(page: Page) -> None:
    page.set_viewport_size({"width": 420, "height": 700})
    bare = Bare(page)
    bare.send([frame(EVERYTHING)])
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    named = page.locator("pre[data-snb-language]")
    assert min(named.evaluate_all("(all) => all.map((block) => block.firstChild.offsetTop)")) > 15
    wider = (
        "[...document.querySelectorAll('.snb-answer *')].filter((e) => e.scrollWidth > e.clientWidth + 1 &&"
    )
    wider += " getComputedStyle(e).overflowX === 'auto').map((e) => e.localName)"
    assert set(page.evaluate(wider)) <= {"table", "code", "div"}  # a formula has a div around it
    assert {"table", "code"} <= set(page.evaluate(wider))


WIDE = "```python\n" + "long = " * 60 + "1\n```\n\n|" + " a cell |" * 60 + "\n|" + "---|" * 60 + "\n\nend"
BOXES = "[...document.querySelectorAll('pre > code, table')]"


def test_the_keyboard_reaches_what_scrolls_and_the_copy_button_stays(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame("```\nshort\n```\n\n" + WIDE)])
    assert page.evaluate(f"{BOXES}.map((box) => box.tabIndex)") == [-1, 0, 0]
    copy = page.get_by_role("button", name="Copy this code").nth(1)
    before = copy.bounding_box()
    page.locator("pre > code").nth(1).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"{BOXES}[1].scrollLeft > 0")
    assert copy.bounding_box() == before


def test_blocks_of_code_have_buttons_where_somebody_may_look_or_come(page: Page) -> None:
    bare = Bare(page)
    reply = ended("".join(f"Words.\n\n```\nblock {n}\n```\n\n" for n in range(100)))
    bare.send([frame(reply.text), last(reply)])
    bare.give_way(snapshot.bundle(reply).data["text/html"])
    fences = page.locator("pre")
    fences.last.locator(".snb-copy").wait_for(state="attached")  # the page follows the end
    page.evaluate("scrollTo(0, 0)")
    fences.first.locator(".snb-copy").wait_for(state="attached")
    bare_block = "[...document.querySelectorAll('pre')].findIndex((fence) => !fence.querySelector('button'))"
    first_without = page.evaluate(bare_block)
    assert 1 < first_without < 50  # each block with buttons costs 20 KB of the page
    fences.nth(first_without - 1).locator("button").last.focus()
    for button in (".snb-copy", ".snb-wrap"):
        page.keyboard.press("Tab")
        on_button = f"pre:nth-of-type({first_without + 1}) {button}"
        assert page.evaluate(f"document.activeElement.matches('{on_button}')")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('.snb-copy')")


def test_a_block_of_code_has_its_language_and_its_wrap_switch_while_it_comes(page: Page) -> None:
    bare, live = Bare(page), LiveMarkdown()
    feed = lambda text: bare.send([{"text": text, "patch": live.feed(text).to_json()}])
    feed("Words.\n\n```python\nwords = 'a line that is long' ")
    block = page.locator(".snb-tail pre")
    assert "python" in block.evaluate("(block) => getComputedStyle(block, '::before').content")
    block.hover()
    wrap = page.get_by_role("button", name="Wrap the lines of this code")
    wrap.click()
    node = block.element_handle()
    for text in ("+ 'and grows'\n" * 9, "```\n\n", "More.\n\n", "And more."):
        feed(text)
    assert page.locator(".snb-log pre").evaluate("(block, before) => block === before", node)
    assert page.locator(".snb-log pre[data-snb-wrapped]").count() == 1
    assert wrap.get_attribute("aria-pressed") == "true"
    assert page.locator(".snb-code-actions").count() == 1


def test_on_paper_nothing_is_cut_off(page: Page) -> None:
    page.set_viewport_size({"width": 700, "height": 900})
    bare = Bare(page)
    reply = ended(WIDE.replace(" a cell |" * 60, " a cell |" * 10).replace("---|" * 60, "---|" * 10))
    bare.send([frame(reply.text), last(reply)])
    page.emulate_media(media="print")
    whole = f"{BOXES}.every((box) => box.scrollWidth <= box.clientWidth)"
    assert page.evaluate(whole)
    bare.give_way(snapshot.bundle(reply).data["text/html"])
    assert page.evaluate(whole)
    page.emulate_media(media="screen")
    assert not page.evaluate(whole)


def test_what_the_reader_unfolded_stays_so_when_the_saved_output_takes_its_place(page: Page) -> None:
    bare = Bare(page)
    calls = panels.tool_calls_panel([ToolCall("look", {}, result="wet")])
    sources = panels.sources_panel([Citation("Sky", "https://example.org/")])
    bare.send([frame(TEXT, reasoning="a thought", asides={"calls": calls, "sources": sources})])
    page.get_by_text("Reasoning").click()
    page.get_by_text("1 source").click()
    draft = ReplyBuilder("demo:test")
    draft.feed([ReasoningDelta("a thought"), TextDelta(TEXT), ToolCallDelta(0, "1", "look", "{}")], 1.0)
    draft.feed([Citation("Sky", "https://example.org/"), Finished("complete")], 1.0)
    reply = draft.build_reply(2.0)
    bare.send([last(reply)])
    bare.give_way(snapshot.bundle(reply).data["text/html"])
    page.locator("details[open]").first.wait_for()
    folds = "[...document.querySelectorAll('details.snb-aside')].map((fold) => [fold.innerText, fold.open])"
    unfolded = {title.partition("\n")[0]: is_open for title, is_open in page.evaluate(folds)}
    assert unfolded == {"Reasoning": True, "1 tool call": False, "1 source": True}


def test_a_call_folds_when_the_answer_goes_on_unless_the_reader_holds_it(page: Page) -> None:
    bare = Bare(page)
    writing, written = (
        panels.tool_calls_panel([ToolCall("look", {})], unfolded=unfolded) for unfolded in (True, False)
    )
    bare.send([frame(TEXT, asides={"calls": writing})])
    assert page.locator("details.snb-aside[open]").count() == 1
    bare.send([{"asides": {"calls": written}}])
    assert page.locator("details.snb-aside[open]").count() == 0
    page.get_by_text("1 tool call").click()
    bare.send([{"asides": {"calls": writing}}, {"asides": {"calls": written}}])
    assert page.locator("details.snb-aside[open]").count() == 1


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


# -- a question takes one answer, and only from a person who can have read it --------------------


def answers(page: Page) -> list[dict[str, Any]]:
    """Return the answers that the page has sent."""
    sent: list[dict[str, Any]] = page.evaluate("window.sent")
    return [message for message in sent if message.get("kind") == "answer"]


def ask(bare: Bare, name: str) -> None:
    bare.say({"kind": "question", "html": f"<div>The model asks to run {name}</div>", "id": name})


def test_the_second_half_of_a_double_click_does_not_answer_the_next_question(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT)])
    ask(bare, "first")
    page.locator(".snb-yes:not([aria-disabled])").wait_for()
    box = page.locator(".snb-yes").bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(*at)
    bare.say({"kind": "question", "html": None})
    ask(bare, "second")
    page.mouse.click(*at)
    page.mouse.dblclick(*at)
    assert [answer["id"] for answer in answers(page)] == ["first"]
    page.locator(".snb-yes:not([aria-disabled])").click()
    assert [answer["id"] for answer in answers(page)] == ["first", "second"]


def test_enter_held_down_answers_once_and_stops_nothing(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT)])
    ask(bare, "first")
    page.locator(".snb-yes:not([aria-disabled])").focus()
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    bare.say({"kind": "question", "html": None})
    page.keyboard.press("Enter")
    ask(bare, "second")
    page.keyboard.press("Enter")
    assert [answer["id"] for answer in answers(page)] == ["first"]
    assert {"kind": "stop"} not in page.evaluate("window.sent")


def test_a_click_that_a_script_makes_answers_nothing(page: Page) -> None:
    bare = Bare(page)
    bare.send([frame(TEXT)])
    ask(bare, "first")
    page.locator(".snb-yes:not([aria-disabled])").evaluate("button => button.click()")
    assert answers(page) == []
