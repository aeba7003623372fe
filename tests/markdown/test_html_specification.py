"""The examples of CommonMark and GitHub: the same elements, the same words."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from streamnb.markdown.links import LinkKeepingParser, is_allowed_address
from streamnb.markdown.parser import new_parser
from streamnb.markdown.sanitizer import sanitize
from tests.markdown.reading import read
from tests.support import shared

SPECIFICATIONS = ("commonmark-0.31.2", "gfm-0.29", "gfm-extensions")

# Here CommonMark shows an address as text, and GitHub's extension makes it a link.
BARE_ADDRESSES = re.compile(
    r"<? ?https?://(?:foo\.bar(?:/baz bim)?|example\.com) ?>?\n|foo@bar\.example\.com\n"
)


# GitHub strikes out what stands between single tildes; here only two of them do.
SINGLE_TILDE = re.compile(r"(?<!~)~(?!~)")


def examples(name: str) -> list[dict[str, Any]]:
    """Return the examples of one specification."""
    examples: list[dict[str, Any]] = json.loads(shared(f"spec/{name}.json").read_text("utf-8"))
    return examples


def has_raw_html(markdown: str) -> bool:
    """Say whether a parser that knows HTML would find any."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    every = [*tokens, *(child for token in tokens for child in token.children or [])]
    return any(token.type in ("html_block", "html_inline") for token in every)


def drops_a_link(html: str) -> bool:
    """Say whether the expected HTML has an address that is not ours to show, or an image."""
    page = read(html)
    address = LinkKeepingParser().normalizeLink
    return "img" in page.tags or not all(is_allowed_address(address(href)) for href in page.values("href"))


def elements(html: str) -> list[str]:
    """Return the elements; ``span`` is what colours and dropped links are made of."""
    void = ("/input", "/br", "/hr")
    return [tag for tag in read(html).tags if tag not in ("span", "/span", *void)]


@pytest.mark.parametrize("name", SPECIFICATIONS)
def test_every_example_has_the_elements_and_the_words_of_its_specification(name: str) -> None:
    parser = new_parser()
    compared, wrong = 0, []
    for example in examples(name):
        expected = example["html"]
        if BARE_ADDRESSES.fullmatch(example["markdown"]) or has_raw_html(example["markdown"]):
            continue
        if drops_a_link(expected) or "<IGNORE>" in expected or SINGLE_TILDE.search(example["markdown"]):
            continue
        compared += 1
        html = parser.render(example["markdown"])
        if elements(html) != elements(expected) or read(html).words != read(expected).words:
            wrong.append((example["example"], example["markdown"], html))
    assert not wrong
    assert compared > 10


@pytest.mark.parametrize("name", SPECIFICATIONS)
@pytest.mark.parametrize("maths", ["mathml", "tex"])
def test_the_second_wall_changes_no_byte_of_an_example(name: str, maths: Any) -> None:
    parser = new_parser(maths=maths)
    for example in examples(name):
        html = parser.render(example["markdown"])
        assert sanitize(html) == html
