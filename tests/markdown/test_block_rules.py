"""Block rules are chosen by the first letter of a line, and every text becomes the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock

from streamnb.markdown.block_rules import FIRST_LETTERS, use_fast_block_rules
from streamnb.markdown.parser import new_parser
from tests.markdown.documents import long_blocks, soups
from tests.support import shared


def parsers() -> tuple[MarkdownIt, MarkdownIt]:
    """Our parser, and the same one that asks every rule at every line."""
    ours, theirs = new_parser(), new_parser()
    plain = Ruler[object]()
    plain.__rules__ = list(theirs.block.ruler.__rules__)  # type: ignore[arg-type]
    theirs.block.ruler = plain  # type: ignore[assignment]
    return ours, theirs


OURS, THEIRS = parsers()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(soups([]), long_blocks()))
def test_a_text_becomes_what_it_becomes_when_every_rule_is_asked_at_every_line(text: str) -> None:
    assert OURS.render(text) == THEIRS.render(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["commonmark-0.31.2", "gfm-0.29", "gfm-extensions"])
def test_every_example_of_the_specifications_is_the_same(name: str) -> None:
    for example in json.loads(shared(f"spec/{name}.json").read_text("utf-8")):
        assert OURS.render(example["markdown"]) == THEIRS.render(example["markdown"])


def test_a_rule_without_a_row_is_asked_at_every_line_and_one_with_a_row_at_its_letters() -> None:
    md, lines = MarkdownIt("commonmark"), dict[str, list[int]](of_our_own=[], heading=[])

    def rule(name: str) -> object:
        def note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
            lines[name].append(start)
            return False

        return note

    md.block.ruler.before("code", "of_our_own", rule("of_our_own"), {"alt": ["paragraph"]})  # type: ignore[arg-type]
    md.block.ruler.at("heading", rule("heading"), {"alt": ["paragraph"]})  # type: ignore[arg-type]
    use_fast_block_rules(md)
    md.render("a\n  # b\nc")
    assert "of_our_own" not in FIRST_LETTERS
    assert set(lines["of_our_own"]) == {0, 1, 2}
    assert set(lines["heading"]) == {1}
