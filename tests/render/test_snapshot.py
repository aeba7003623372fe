"""The static bundle shows everything, runs nothing and asks for nothing."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.events import Citation, Image, Usage
from streamnb.core.reply import Reply, ToolCall
from streamnb.core.timing import Timing
from streamnb.render import inline_css, snapshot, static_files
from tests.markdown.test_sanitizer import WRAPPERS, payloads
from tests.support import shared

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


class Elements(HTMLParser):
    """Every element of some HTML, with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))


def html(reply: Reply) -> str:
    return str(snapshot.bundle(reply).data["text/html"])


def full(**about: object) -> Reply:
    return Reply(
        "# Rain\n\nIt *falls*.",
        reasoning="clouds",
        tool_calls=[ToolCall("look", {"up": True}, result="wet")],
        citations=[Citation("Sky", "https://example.org/sky")],
        images=[Image("image/png", b"\x89PNG")],
        model="openai:gpt-x",
        **about,
    )


def harmless(markup: str) -> None:
    for tag, attributes in Elements(markup).all:
        assert tag not in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "link",
            "meta",
            "base",
            "svg",
        }
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, attributes)
            if name == "src":
                assert str(value).startswith("data:image/"), attributes
            if name == "href":
                assert not re.match(r"\s*(javascript|data|vbscript):", str(value), re.IGNORECASE), attributes
            if name == "style":
                assert "url(" not in str(value).lower(), attributes


def test_a_bundle_has_safe_html_and_plain_text_and_facts() -> None:
    usage, timing = Usage(3, 7), Timing(0.5, 0.6, 2.0, 3.5, 4, (0.1, 0.2, 0.3))
    bundle = snapshot.bundle(full(usage=usage, timing=timing, finish_reason="stop"))
    assert set(bundle.data) == {"text/html", "text/markdown", "text/plain"}
    facts = bundle.metadata["streamnb"]
    assert facts["model"] == "openai:gpt-x"
    assert (facts["state"], facts["finish_reason"]) == ("complete", "stop")
    assert facts["usage"]["output_tokens"] == 7
    assert facts["timing"]["time_to_first_token"] == 0.5
    json.dumps(bundle.metadata)


def test_everything_beside_the_text_is_there_and_folded() -> None:
    markup = html(full())
    for text in ("Reasoning", "clouds", "1 tool call", "look(up=true)", "wet", "1 source", "Sky"):
        assert text in markup
    details = [attributes for tag, attributes in Elements(markup).all if tag == "details"]
    assert len(details) == 3
    assert not any("open" in attributes for attributes in details)
    assert "data:image/png;base64,iVBORw==" in markup


def test_the_footer_comes_last_and_names_a_state_that_is_not_complete() -> None:
    markup = html(full(state="lost", error="the connection broke"))
    assert markup.index("snb-footer") > markup.index("snb-answer")
    assert re.search(r'class="snb-state"[^>]*>lost</span>: the connection broke', markup)
    assert "snb-state" not in html(full())


def test_text_plain_is_the_source_and_the_footer() -> None:
    plain = snapshot.plain_text(full())
    assert plain.startswith("# Rain\n\nIt *falls*.\n\n")
    assert "openai:gpt-x" in plain.splitlines()[-1]


@pytest.mark.parametrize(
    ("given_text", "visible"),
    [
        ("a\x1b]52;c;ZXZpbA==\x07b", "ab"),
        ("a\x1b[31mred\x1b[0m", "ared"),
        ("a\x9b2Jb", "ab"),
        ("over\rwritten\r\nline", "overwritten\nline"),
        ("left\u202eright", "left⟨U+202E⟩right"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_text_plain_cannot_steer_a_terminal(given_text: str, visible: str) -> None:
    assert snapshot.plain_text(Reply(given_text, model="m")).startswith(visible + "\n\n")


def test_every_word_from_outside_is_escaped() -> None:
    reply = Reply(
        EVIL,
        reasoning=EVIL,
        tool_calls=[ToolCall(EVIL, {EVIL: EVIL}, result=EVIL), ToolCall("f", EVIL)],
        citations=[
            Citation(EVIL, EVIL),
            Citation(EVIL, "https://x.org/" + EVIL),
            Citation("x", "javascript:alert(1)"),
        ],
        images=[Image(EVIL, b"x"), Image("image/svg+xml", b"<svg onload=alert(1)>")],
        model=EVIL,
        state="error",
        error=EVIL,
    )
    harmless(html(reply))


def test_no_payload_of_the_collections_becomes_more_than_text() -> None:
    for file in sorted(shared("xss").rglob("*")):
        if file.is_file():
            for payload in file.read_text(encoding="utf-8", errors="replace").splitlines()[::25]:
                harmless(html(Reply(payload, reasoning=payload, model=payload)))


@pytest.mark.slow
@pytest.mark.parametrize("name", WRAPPERS)
def test_no_payload_in_reasoning_gets_out_of_what_it_is_wrapped_in(name: str) -> None:
    for payload in payloads()[::10]:
        harmless(html(Reply("x", reasoning=WRAPPERS[name](payload), model="m")))


@given(st.text(), st.text(max_size=20))
def test_no_text_breaks_out_of_the_bundle(text: str, reasoning: str) -> None:
    harmless(html(Reply(text, reasoning=reasoning, model="m")))


def test_a_formula_is_left_to_mathjax_and_a_dollar_is_not() -> None:
    markup = html(Reply("It costs $5 and $6, and $x^2$ more.", model="m"))
    root = Elements(markup).all[0][1]
    assert str(root["class"]).split()[1:] == ["mathjax_ignore", "tex2jax_ignore"]
    assert '<span class="mathjax_process tex2jax_process">\\(x^2\\)</span>' in markup
    assert "$5 and $6" in markup


def test_the_look_is_written_into_the_elements() -> None:
    markup = html(Reply("[a](https://x.org)\n\n|a|b|\n|-|-:|\n|1|2|\n\n```\ncode\n```\n", model="m"))
    by_tag = {tag: attributes.get("style") or "" for tag, attributes in Elements(markup).all}
    assert "underline" in by_tag["a"]
    assert "padding" in by_tag["pre"]
    assert "transparent" in by_tag["code"]
    assert by_tag["td"].endswith("text-align:right"), "the column's own alignment wins"


def test_a_rule_of_one_class_is_inlined_and_others_are_not() -> None:
    assert inline_css.inline_styles('<p class="snb-other">') == '<p class="snb-other">'
    assert "font-size" in inline_css.inline_styles('<div class="snb-footer">')
    assert inline_css.inline_styles("<a>", tags_of="snb-answer") != "<a>"
    assert inline_css.inline_styles("<a>") == "<a>"


def test_text_that_looks_like_a_tag_is_not_styled() -> None:
    assert inline_css.inline_styles("<b>&lt;pre&gt;</b>", tags_of="snb-answer") == "<b>&lt;pre&gt;</b>"


def test_the_live_sheet_outranks_the_rules_of_the_page_and_has_each_rule_once() -> None:
    sheet = static_files.stylesheet()
    assert "\n.streamnb .snb-answer pre {" in sheet
    assert ".streamnb .streamnb" not in sheet
    assert not re.search(r"(?m)^\.snb-", sheet)


def test_the_script_is_one_module_without_its_comments() -> None:
    script = static_files.widget_script()
    assert script.count("export default") == 1
    assert not re.search(r"(?m)^\s*(//|import )", script)


@pytest.mark.parametrize(
    ("text", "stops"),
    [
        ("```\nshort\n```", 0),
        ("```\n" + "&" * 50 + "\n" + "&" * 50 + "\n```", 0),
        ("```python\nx = 1\n" + "long = " * 20 + "1\n```", 1),
        ("| a | b |\n|---|---|\n| 1 | 2 |", 0),
        ("| a | b |\n|---|---|\n" + f"| {'w' * 40} | {'w' * 40} |", 1),
    ],
)
def test_the_keyboard_stops_at_code_and_tables_that_will_scroll(text: str, stops: int) -> None:
    reached = [attributes for _, attributes in Elements(html(Reply(text))).all if "tabindex" in attributes]
    assert len(reached) == stops
    assert all("overflow-x:auto" in str(attributes["style"]) for attributes in reached)


def test_a_stop_at_a_fence_leaves_no_empty_box() -> None:
    assert "<pre" not in html(Reply("Before.\n\n```python\n", state="interrupted"))
    assert "<pre" in html(Reply("Before.\n\n```python\nx", state="interrupted"))
