"""The text of a link is looked for once, however many brackets stand around it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt, helpers
from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline

from streamnb.markdown.parser import new_parser
from tests.support import shared

PIECES = [
    "[",
    "[",
    "]",
    "](u)",
    "][a]",
    "[a]",
    "![",
    "a",
    " ",
    "`",
    "\\",
    "*",
    "<http://x.y>",
    "(",
    ")",
    "[^1]",
]


def parsers() -> tuple[MarkdownIt, MarkdownIt]:
    """Our parser, and the same one with the parser's own way to find the end of a label."""
    ours, theirs = new_parser(), new_parser()
    theirs.helpers = helpers
    return ours, theirs


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_labels_end_where_the_parser_finds_their_end(text: str) -> None:
    text += "\n\n[a]: /u\n\n[^1]: n\n"
    ours, theirs = parsers()
    assert ours.render(text) == theirs.render(text)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["commonmark-0.31.2", "gfm-0.29", "gfm-extensions"])
def test_every_example_of_the_specifications_looks_the_same(name: str) -> None:
    ours, theirs = parsers()
    for example in json.loads(shared(f"spec/{name}.json").read_text("utf-8")):
        assert ours.render(example["markdown"]) == theirs.render(example["markdown"])


@pytest.mark.parametrize("text", ["[" * 2_000, "![" * 2_000, "[" * 2_000 + "]" * 2_000, "[a](" * 2_000])
def test_a_row_of_brackets_is_read_in_a_time_that_grows_with_its_length(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = 0
    skip = ParserInline.skipToken

    def counting(self: ParserInline, state: StateInline) -> None:
        nonlocal skipped
        skipped += 1
        skip(self, state)

    monkeypatch.setattr(ParserInline, "skipToken", counting)
    new_parser().render(text)
    assert skipped < 3 * len(text)
