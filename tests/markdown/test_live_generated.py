"""Live Markdown is exact on texts that nobody would write, cut where nobody would cut them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streamnb.markdown import LiveMarkdown, block_split, split_points
from streamnb.markdown.normalize import normalize
from streamnb.markdown.parser import new_parser
from tests.markdown.documents import long_blocks, soups
from tests.markdown.receiver import at_every_cut
from tests.support import shared

PARSER = new_parser()
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
MANY = settings(FEW, max_examples=3_000)


def once(text: str) -> str:
    return str(PARSER.render(normalize(text)))


def cut_at(text: str, seed: int) -> list[int]:
    """Return cuts with gaps of 1 to 20 characters, derived from ``seed``."""
    ends, end = [], 0
    while end < len(text):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        end += (1, 1, 2, 3, 5, 8, 20, 1)[seed >> 16 & 7]
        ends.append(min(end, len(text)))
    return ends


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put text of an open block aside from its first letters on, so that short texts try it."""
    monkeypatch.setattr(block_split, "MIN_CHARACTERS", 8)
    monkeypatch.setattr(block_split, "MIN_GROWTH_CHARACTERS", 1)
    monkeypatch.setattr(block_split, "GROWTH_FACTOR", 1.05)
    monkeypatch.setattr(split_points, "MARGIN_CHARACTERS", 3)
    monkeypatch.setattr(split_points, "LONG_LINE_CHARACTERS", 20)


@FEW
@given(soups([]), st.integers(0, 1 << 30))
def test_soup_is_exact_after_every_piece(text: str, seed: int) -> None:
    at_every_cut(text, cut_at(text, seed), once)


@FEW
@given(long_blocks(), st.integers(0, 1 << 30))
@example("word word word word word \n字字字一二三四五一二三四五http://x.y/字http://x.y/字\n", 0)
@example("word word word word [ ` ] word \n字字字字字字字字字字字字`字`\n", 0)
@example("word word word word word \n字字字一二三四五一二三四五http://x.y/字a@b.org/字\n", 0)
@example("word word word word word word hello+xyz@mail.example\n", 7)
@example("word word word word word word hello+xyz@mail.example\n", 17)
@example("- item of words\n    [^2]: other\n    $5 and $6 words\n    > - item in quote words", 0)
@example("text\n\n> word *em* more\n> para\n> - l\n> x **b\n> `t\n> b**\n\n", 0)
@pytest.mark.usefixtures("eager")
def test_long_blocks_are_exact_after_every_piece(text: str, seed: int) -> None:
    at_every_cut(text, cut_at(text, seed), once)


@FEW
@given(st.one_of(soups([]), long_blocks()), st.integers(0, 1 << 30))
@pytest.mark.usefixtures("eager")
def test_after_the_close_nothing_of_the_repair_is_left(text: str, seed: int) -> None:
    live, start = LiveMarkdown(), 0
    for end in cut_at(text, seed):
        live.feed(text[start:end])
        start = end
    live.close()
    assert live.html == once(text)


@pytest.fixture(scope="module")
def examples() -> list[str]:
    """The examples of the specifications."""
    paths = [shared(f"spec/{name}.json") for name in ("commonmark-0.31.2", "gfm-0.29", "gfm-extensions")]
    return [item["markdown"] for path in paths for item in json.loads(path.read_text("utf-8"))]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("kind", ["soup", "soup of examples", "long blocks"])
@pytest.mark.usefixtures("eager")
def test_a_hundred_thousand_checks_on_generated_texts(kind: str, examples: list[str]) -> None:
    makers: dict[str, Callable[[], st.SearchStrategy[str]]] = {
        "soup": lambda: soups([]),
        "soup of examples": lambda: soups(examples),
        "long blocks": long_blocks,
    }
    checks = 0

    @MANY
    @given(makers[kind](), st.integers(0, 1 << 30))
    def check(text: str, seed: int) -> None:
        nonlocal checks
        checks += at_every_cut(text, cut_at(text, seed), once)

    check()
    assert checks >= 34_000
