"""What is used of other libraries without being their public interface is still as it is used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote import footnote_plugin

from streamnb.markdown import compat


def test_a_copied_parser_has_rules_of_its_own() -> None:
    md = MarkdownIt("commonmark")
    twin = compat.copy_parser(md)
    twin.block.ruler.disable("heading")
    twin.inline.ruler.disable("emphasis")
    twin.inline.ruler2.disable("emphasis")
    twin.core.ruler.disable("inline")
    text = "# *a*"
    assert md.render(text) == "<h1><em>a</em></h1>\n"
    assert "a" not in twin.render(text)


def test_a_label_parser_of_ours_is_asked_and_other_parsers_keep_theirs() -> None:
    md, calls = MarkdownIt("commonmark"), list[tuple[int, bool]]()

    def find(state: StateInline, start: int, disable_nested: bool = False) -> int:
        calls.append((start, disable_nested))
        return -1

    compat.set_label_parser(md, find)
    assert "<a" not in md.render("x [a](b)")
    assert calls == [(2, True)]
    assert "<a" in MarkdownIt("commonmark").render("x [a](b)")


def test_text_stops_where_a_pattern_says_so() -> None:
    md, starts = MarkdownIt("commonmark"), list[int]()
    md.inline.ruler.before("text", "note", lambda state, silent: bool(starts.append(state.pos)))
    compat.stop_text_at(md.inline, "qq")
    md.render("abc qq d!")
    assert starts == [0, 4, 5, 8]
    twin = MarkdownIt("commonmark").inline
    assert not compat.ends_text(twin, "q")
    assert compat.ends_text(twin, "!")
    compat.copy_text_ends(twin, md.inline)
    assert compat.ends_text(twin, "qq")


def test_pairs_of_delimiters_are_found_in_a_list() -> None:
    md = MarkdownIt("commonmark")
    state = StateInline("*a*", md, {}, [])
    md.inline.tokenize(state)
    compat.pair_delimiters(state, state.delimiters)
    assert [one.end for one in state.delimiters] == [1, -1]


def test_a_delimiter_is_made_of_these_fields_and_paired_by_them() -> None:
    state = StateInline("~a~", MarkdownIt("commonmark"), {}, [])
    state.delimiters = [
        compat.Delimiter(marker=ord("~"), length=0, token=0, end=-1, open=True, close=False),
        compat.Delimiter(marker=ord("~"), length=0, token=2, end=-1, open=False, close=True),
    ]
    compat.pair_delimiters(state, state.delimiters)
    assert [(delimiter.token, delimiter.end) for delimiter in state.delimiters] == [(0, 1), (2, -1)]


def test_a_row_is_split_at_bars_that_no_backslash_escapes() -> None:
    assert compat.split_row(r"|a\|b|c|") == ["", "a|b", "c", ""]


def test_the_footnote_rules_are_those_that_the_plugin_adds() -> None:
    md, text = MarkdownIt("commonmark").use(footnote_plugin, inline=False), "a[^x]\n\n[^x]: note\n"
    html = md.render(text)
    assert "footnote-backref" in html
    md.block.ruler.at("footnote_def", compat.footnote_def, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.at("footnote_ref", compat.footnote_ref)
    md.core.ruler.at("footnote_tail", compat.footnote_tail)
    assert md.render(text) == html


def test_the_rules_of_each_chain_are_combined_and_combined_again_when_they_change() -> None:
    chains = list[list[str]]()

    def combine(rules: Sequence[tuple[str, Any]]) -> Any:
        chains.append([name for name, _ in rules])
        return lambda *arguments: any(rule(*arguments) for _, rule in rules)

    md = MarkdownIt("commonmark")
    md.block.ruler = compat.CombiningRuler(md.block.ruler, combine)
    assert md.render("# a\n> b") == MarkdownIt("commonmark").render("# a\n> b")
    assert any("paragraph" in names for names in chains)
    assert any("heading" in names and "paragraph" not in names for names in chains)
    twin = compat.copy_parser(md)
    chains.clear()
    twin.block.ruler.disable("heading")
    assert twin.render("# a") == "<p># a</p>\n"
    assert chains
    assert not any("heading" in names for names in chains)
