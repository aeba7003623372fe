"""How often an output without a widget is updated, and how much that sends, by a clock of the test's own."""

from __future__ import annotations

import re
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from streamnb.core.events import TextDelta, TextWasReasoning
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.render.snapshot import bundle
from streamnb.views import display_update, draft_html
from streamnb.views.draft_html import DraftHtmlRenderer
from tests.benchmarks import figures
from tests.markdown.growing import growing

from .updates import FRAME_S, Updates, evenly, play, real_answers

PROSE = "It rains, and it goes on raining. " * 12 + "\n\n"


def play_unit(*, seconds: float, per_second: int, unit: str = PROSE) -> Updates:
    """Play an answer that grows evenly, of plain paragraphs if nothing else is said."""
    text = unit * (1 + int(seconds * per_second) // len(unit))
    step = max(1, round(per_second * FRAME_S))
    return play([text[frame * step : (frame + 1) * step] for frame in range(int(seconds / FRAME_S))])


def test_an_answer_of_eight_thousand_characters_is_updated_four_times_a_second() -> None:
    updates = play_unit(seconds=10, per_second=800)
    assert updates.sent[0][0] <= 0.1
    for second in range(8):
        assert sum(second <= at < second + 1 for at, _ in updates.sent) >= 4


@pytest.mark.parametrize(("seconds", "per_second"), [(3, 800), (10, 200), (10, 800), (60, 400), (20, 4_000)])
def test_all_updates_together_are_at_most_twenty_times_the_end(seconds: float, per_second: int) -> None:
    updates = play_unit(seconds=seconds, per_second=per_second)
    assert sum(size for _, size in updates.sent) + updates.last <= 20 * updates.last
    for second in range(int(seconds)):
        # One that was sent a moment ago may be followed by one that is as large.
        within = [size for at, size in updates.sent if second <= at < second + 1]
        assert sum(within) - max(within, default=0) <= 250_000


def test_a_long_answer_slows_down_and_never_stops() -> None:
    times = [at for at, _ in play_unit(seconds=90, per_second=400).sent]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) <= 10.0
    assert times[-1] > 80.0


def test_where_nothing_new_has_come_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    output: Any = Updates()
    monkeypatch.setattr(display_update, "time", SimpleNamespace(monotonic=lambda: output.now))
    view = display_update.DisplayUpdateView("demo:test", output=output)
    view.open(lambda: None)
    view.show([TextDelta("One word.")])
    for second in range(1, 60):
        output.now = float(second)
        view.show([])
    assert len(output.sent) == 1


@pytest.mark.parametrize(
    ("unit", "per_second"),
    [
        (PROSE, 50),
        (PROSE, 800),
        (growing("answer", 1_522), 50),
        (growing("answer", 1_522), 800),
        (figures.PARAGRAPH, 50),
        (figures.PARAGRAPH, 200),
    ],
    ids=[
        "prose, slow",
        "prose, fast",
        "mixed, slow",
        "mixed, fast",
        "code and lists, slow",
        "code and lists",
    ],
)
def test_an_answer_of_any_kind_is_updated_four_times_a_second_for_twenty_seconds(
    unit: str, per_second: int
) -> None:
    updates = play_unit(seconds=20, per_second=per_second, unit=unit)
    assert updates.sent[0][0] <= 0.1
    for second in range(20):
        sizes = [size for at, size in updates.sent if second <= at < second + 1]
        assert len(sizes) >= 4
        assert sum(sizes) - max(sizes) <= 250_000
    assert updates.in_all <= 20 * updates.whole


def test_real_answers_of_all_kinds_are_updated_four_times_a_second_within_twenty_times_their_end() -> None:
    for kind, texts in real_answers(1).items():
        for text in texts:
            updates = play(evenly(text, 20))
            assert updates.sent[0][0] <= 0.1, kind
            assert min(map(len, updates.per_second(20))) >= 4, (kind, text[:40])
            assert updates.in_all <= 20 * updates.whole, (kind, text[:40])


@pytest.mark.parametrize("seconds", [30, 120])
def test_what_is_sent_for_a_longer_answer_is_bounded_too(seconds: int) -> None:
    updates = play_unit(seconds=seconds, per_second=200)
    assert updates.in_all <= 20 * updates.whole
    times = [at for at, _ in updates.sent]
    assert all(later - earlier <= 0.11 * earlier + 0.3 for earlier, later in pairwise(times))


def test_an_update_looks_like_the_end_but_for_colours_and_the_footer() -> None:
    text = "Hello *you*.\n\n```python\nx = 1\n```\n\n- a\n- b\n\n| a |\n|---|\n| 1 |\n\n"
    draft = ReplyBuilder("demo:test")
    draft.feed([TextDelta(text)], 1.0)
    html = DraftHtmlRenderer().render(draft.build_reply(1.0))
    end = bundle(draft.build_reply(1.0)).data["text/html"]
    (answer, foot), (final, _) = (one.split('<div class="snb-footer"') for one in (html, end))
    assert re.sub(r' style="[^"]*"', "", answer) == re.sub(r' style="[^"]*"|</?span[^>]*>', "", final)
    assert {"display:block", "padding:0.6em 0.9em", "font-weight:600"} <= set(re.split('[;"]', answer))
    assert foot.endswith(">demo:test is answering</div></div>")


FORMULAS = "The sum of $a$ and $b$ is $c$.\n\n"


def growing_html_of(text: str) -> str:
    draft = ReplyBuilder("demo:test")
    draft.feed([TextDelta(text)], 1.0)
    return DraftHtmlRenderer().render(draft.build_reply(1.0))


def test_formulas_of_a_part_have_one_mark_for_all_while_it_grows() -> None:
    html = growing_html_of(FORMULAS)
    assert (
        '<div class="mathjax_process tex2jax_process"><p>The sum of \\(a\\) and \\(b\\) is \\(c\\).</p>'
        in html
    )
    assert html.count("mathjax_process") == 1


@pytest.mark.parametrize(
    "text",
    [FORMULAS.replace("sum", "sum (\\$5)"), FORMULAS.replace("sum", "`sum` \\\\ref")],
    ids=["a price", "a backslash"],
)
def test_where_something_else_could_be_taken_for_a_formula_each_has_its_own_mark(text: str) -> None:
    assert '<div class="mathjax_process' not in growing_html_of(text)


def test_a_link_keeps_its_address_its_line_and_what_makes_it_safe_while_it_grows() -> None:
    """What it is called when a pointer rests on it waits for the end: an answer full of links has many."""
    assert (
        '<a href="https://example.org" rel="noopener noreferrer nofollow" target="_blank"><u>a '
        "<em>place</em></u></a>"
    ) in growing_html_of("Look at [a *place*](https://example.org) or\n\n")


@pytest.mark.parametrize("kind", ["paragraph", "quote"])
def test_an_answer_of_nothing_but_links_is_updated_four_times_a_second_too(kind: str) -> None:
    updates = play(evenly(growing(kind, 4_000), 20))
    assert min(map(len, updates.per_second(20))) >= 4
    assert updates.in_all <= 20 * updates.whole


def test_code_does_not_keep_formulas_from_one_mark_since_nobody_typesets_it() -> None:
    assert growing_html_of(FORMULAS.replace("sum", "`$sum`")).count("mathjax_process") == 1


def test_an_answer_that_runs_from_right_to_left_does_so_while_it_grows() -> None:
    draft, growing_answer = ReplyBuilder("demo:test"), DraftHtmlRenderer()
    draft.feed([TextDelta("One paragraph.\n\n")], 1.0)
    assert "unicode-bidi" not in growing_answer.render(draft.build_reply(1.0))
    draft.feed([TextDelta("\u0645\u0631\u062d\u0628\u0627\n\n")], 2.0)
    assert growing_answer.render(draft.build_reply(2.0)).count("unicode-bidi:plaintext") == 2


def test_what_was_text_and_turns_out_to_be_reasoning_is_shown_as_that() -> None:
    draft_html, draft = DraftHtmlRenderer(), ReplyBuilder("demo:test")
    draft.feed([TextDelta("Let me see.")], 1.0)
    assert "Let me see." in draft_html.render(draft.build_reply(1.0))
    draft.feed([TextWasReasoning(), TextDelta("It is *blue*.")], 2.0)
    html = draft_html.render(draft.build_reply(2.0))
    assert html.index("Let me see.") < html.index("<em>blue</em>")
    assert html.count("Let me see.") == 1
    assert html.index("<details") < html.index("Let me see.")


def test_an_update_costs_what_is_new_and_not_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    finished: list[int] = []
    sanitize = draft_html.sanitize
    monkeypatch.setattr(draft_html, "sanitize", lambda html: finished.append(len(html)) or sanitize(html))
    growing_answer, draft = DraftHtmlRenderer(), ReplyBuilder("demo:test")
    for _ in range(50):
        draft.feed([TextDelta(PROSE)], 1.0)
        growing_answer.render(draft.build_reply(1.0))
    assert sum(finished) < 3 * 50 * len(PROSE)
