"""Inline texts are read with less work than markdown-it takes, and become the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline, fragments_join, link
from markdown_it.token import Token

from streamnb.markdown import LiveMarkdown, compat, render
from streamnb.markdown.inline_parser import FIRST_LETTERS, use_fast_inline_parser
from streamnb.markdown.inline_state import new_token
from streamnb.markdown.parser import new_parser
from streamnb.markdown.work_counter import WorkCounter
from tests.markdown.documents import long_blocks, soups
from tests.support import shared


def parsers() -> tuple[MarkdownIt, MarkdownIt]:
    """Our parser, and the same one that asks every rule everywhere."""
    ours, theirs = new_parser(), new_parser()
    plain = ParserInline()
    plain.ruler, plain.ruler2 = theirs.inline.ruler, theirs.inline.ruler2
    compat.copy_text_ends(plain, theirs.inline)
    theirs.inline = plain
    plain.ruler2.at("fragments_join", fragments_join)
    theirs.core.ruler.enable("text_join")
    return ours, theirs


OURS, THEIRS = parsers()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(soups([]), long_blocks()))
def test_a_text_becomes_what_it_becomes_when_every_rule_is_asked_everywhere(text: str) -> None:
    assert OURS.render(text) == THEIRS.render(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["commonmark-0.31.2", "gfm-0.29", "gfm-extensions"])
def test_every_example_of_the_specifications_is_the_same(name: str) -> None:
    for example in json.loads(shared(f"spec/{name}.json").read_text("utf-8")):
        assert OURS.render(example["markdown"]) == THEIRS.render(example["markdown"])


def test_a_rule_without_a_row_is_asked_at_every_letter_that_may_begin_something() -> None:
    md, letters = MarkdownIt("commonmark"), ""

    def rule(state: object, silent: bool) -> bool:
        nonlocal letters
        letters += state.src[state.pos]  # type: ignore[attr-defined]
        return False

    use_fast_inline_parser(md)
    md.inline.ruler.before("text", "of_our_own", rule)
    md.render("a *b* [c")
    assert "of_our_own" not in FIRST_LETTERS
    assert {"a", "*", "b", "["} <= set(letters)


def test_a_token_is_what_the_parser_makes() -> None:
    assert new_token("text", "", "words", 2) == Token("text", "", 0, content="words", level=2)


def test_a_bracket_at_which_no_link_was_found_ahead_is_not_asked_again() -> None:
    md, asked = new_parser(), list[tuple[int, bool]]()

    def count_links(state: StateInline, silent: bool) -> bool:
        asked.append((state.pos, silent))
        return link(state, silent)

    md.inline.ruler.at("link", count_links)
    text = "[a [b] [c](d) "
    assert md.render(text) == render(text)
    assert asked == [(0, False), (3, True), (7, True), (7, False)]


def test_rows_above_the_last_are_not_read_again() -> None:
    head, row = "| a | b |\n|---|---|\n", "| *one* and `two` | three |\n"
    work = WorkCounter()
    live = LiveMarkdown(repair=False, work=work)
    live.feed(head + row)
    first = work.inline_attempts
    live.feed(row)
    assert work.inline_attempts == first
    assert live.html == render(head + row * 2)


def test_a_link_is_read_again_when_its_definition_has_come() -> None:
    live = LiveMarkdown(repair=False)
    live.feed("- see [the guide]\n- more\n")
    live.feed("- more\n\n[the guide]: https://example.org\n")
    assert live.html == render("- see [the guide]\n- more\n- more\n\n[the guide]: https://example.org\n")
    assert "https://example.org" in live.html


def test_a_footnote_used_in_every_item_costs_the_item_and_not_the_list() -> None:
    costs = []
    for items in (40, 80):
        work = WorkCounter()
        live = LiveMarkdown(work=work)
        live.feed("[^1]: a note\n\n")
        for _ in range(items):
            live.feed("- some words and a note[^1]\n")
        costs.append(work.total)
    assert costs[1] < 2.2 * costs[0]


def test_a_footnote_that_is_defined_below_a_long_list_is_one_all_through_it() -> None:
    text = "- some words and a note[^1]\n- and another[^2]\n" * 40 + "\n[^2]: b\n\n[^1]: a\n"
    live = LiveMarkdown(repair=False)
    for start in range(0, len(text), 28):
        live.feed(text[start : start + 28])
        assert live.html == render(text[: start + 28])
