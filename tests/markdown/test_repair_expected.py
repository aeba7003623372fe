"""References and footnotes that an answer uses before it defines them."""

from __future__ import annotations

import pytest
from hypothesis import given

from streamnb.markdown.footnotes import Notes, add_footnotes_across_segments
from streamnb.markdown.forward_references import (
    FORWARD_REFERENCES_KEY,
    ForwardReferences,
    add_forward_reference_rules,
)
from streamnb.markdown.parser import new_parser
from streamnb.markdown.repair import Repair

from .reading import Page, read
from .test_repair import SOUP

PARSER = new_parser()
add_footnotes_across_segments(PARSER)
add_forward_reference_rules(PARSER)
REPAIR = Repair(PARSER)


def with_known(labels: set[str], text: str) -> Page:
    """Render a tail where these footnotes count as known."""
    return read(
        REPAIR.render(
            text, Notes(frozenset(labels)).tail_env() | {FORWARD_REFERENCES_KEY: ForwardReferences()}
        )
    )


def test_a_reference_without_a_definition_is_shown_as_a_link_that_leads_nowhere() -> None:
    expected = ForwardReferences()
    html = REPAIR.render("see [the **guide**][g] and [it][]\n\n", {FORWARD_REFERENCES_KEY: expected})
    assert html == "<p>see <a>the <strong>guide</strong></a> and <a>it</a></p>\n"
    assert expected.links == {"g", "it"}


def test_sealed_text_is_treated_alike() -> None:
    assert (
        PARSER.render("see [the guide][g]\n", {FORWARD_REFERENCES_KEY: ForwardReferences()})
        == "<p>see <a>the guide</a></p>\n"
    )


@pytest.mark.parametrize(
    "text", ["m[i][j]", "[1][2]", "a claim[1][2][3]", "[x][y]", "![cat][c]", "[^note][a]"]
)
def test_other_brackets_stay_brackets(text: str) -> None:
    assert text in REPAIR.render(f"{text}\n\n", {FORWARD_REFERENCES_KEY: ForwardReferences()})


@given(SOUP)
def test_without_being_asked_nothing_is_expected(text: str) -> None:
    assert PARSER.render(text, {}) == new_parser().render(text, {})


def test_a_definition_that_is_known_is_used() -> None:
    expected = ForwardReferences()
    env = {FORWARD_REFERENCES_KEY: expected, "references": {"G": {"href": "https://a.b", "title": ""}}}
    assert read(REPAIR.render("see [the guide][g]\n\n", env)).values("href") == ["https://a.b"]
    assert not expected.links


def test_the_labels_of_unknown_footnotes_are_noted() -> None:
    expected = ForwardReferences()
    REPAIR.render(
        "one[^1], two[^note], no class [^a-z], no [^x], `no[^2]`, \\[^3], [^late]",
        {FORWARD_REFERENCES_KEY: expected},
    )
    assert expected.notes == {":1", ":note"}  # [^late] ends the text: the next letter decides


def test_a_footnote_without_a_definition_has_its_number_and_no_entry() -> None:
    page = with_known({":1", ":2"}, "one[^1], two[^2]\n\n[^2]: second\n\n")
    assert page.text.split() == ["one1,", "two2", "second", "↩"]
    assert page.values("data-snb-note") == ["2"]


def test_with_no_definition_at_all_there_is_no_list_of_footnotes() -> None:
    assert "section" not in with_known({":1"}, "one[^1] ").tags


def test_the_way_back_follows_when_a_footnote_is_written() -> None:
    text = "one[^1]\n\n[^1]: fir"
    assert "↩" not in REPAIR.render(text, {})
    assert "↩" in REPAIR.render(text + "st.\n\n", {})
