"""The footer says what happened, and never more than is known."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.events import Usage
from streamnb.core.reply import Reply
from streamnb.core.timing import Timing
from streamnb.render import footer, number_format

USAGE = Usage(1234, 356, 128, 1024, 1590)
TIMING = Timing(0.42, 0.43, 5.3, 84.2, 101, (0.01,) * 95 + (0.05,) * 5)


def answer(**about: Any) -> Reply:
    given = {"model": "openai:gpt-4.1-mini", "usage": USAGE, "timing": TIMING, "cost": 0.00123}
    return Reply("text", **given | about)


def test_a_whole_answer_shows_model_tokens_times_rate_and_cost_in_this_order() -> None:
    assert footer.line(answer()) == (
        "openai:gpt-4.1-mini · 1,234 input tokens (1,024 cached) · 356 output tokens (128 reasoning)"
        " · first token after 0.42 s · 5.30 s in all · 84 tokens/s · ≈ $0.0012"
    )


def test_the_command_line_shows_total_tokens_wall_clock_and_gaps() -> None:
    assert footer.terminal_line(answer()) == (
        "openai:gpt-4.1-mini · 1,590 total tokens · 5.30 s wall-clock · 84 tokens/s"
        " · gaps: median 10 ms, p95 10 ms, longest 50 ms · ≈ $0.0012"
    )


@pytest.mark.parametrize(
    "state", ["filtered", "unfinished", "lost", "error", "timed-out", "interrupted", "capped"]
)
def test_every_state_but_complete_comes_first(state: str) -> None:
    assert footer.line(answer(state=state)).startswith(f"{state} · openai:")
    assert footer.terminal_line(answer(state=state)).startswith(f"{state} · openai:")


def test_complete_is_not_said() -> None:
    assert "complete" not in footer.line(answer(state="complete", finish_reason="stop"))


def test_the_error_explains_the_state_and_else_the_providers_own_word() -> None:
    assert footer.line(answer(state="lost", error="the line broke")).startswith("lost: the line broke · ")
    assert footer.line(answer(state="filtered", finish_reason="SAFETY")).startswith("filtered: SAFETY · ")


def test_a_limit_of_tokens_says_which_option_raises_it() -> None:
    raises = "cut the answer; --max-tokens raises it · openai:"
    for reason in (None, "length"):
        line = footer.line(answer(state="length", finish_reason=reason))
        assert line.startswith(f"length: a limit of tokens {raises}")
    line = footer.terminal_line(answer(state="length", finish_reason="MAX_TOKENS"))
    assert line.startswith(f"length: a limit of tokens (MAX_TOKENS) {raises}")


def test_braces_that_name_nothing_are_in_the_line() -> None:
    line = footer.line(answer(details=["sent as typed: {{ dff }}", "{{ n }} → 1 character"]))
    assert "openai:gpt-4.1-mini · sent as typed: {{ dff }} · 1,234 input tokens" in line
    assert "{{ n }}" not in line


def test_the_demo_model_costs_nothing_and_its_replay_what_the_live_one_did() -> None:
    assert footer.line(answer(model="demo:haiku", cost=None)).endswith(" · costs nothing")


def test_usage_that_was_not_reported_is_said_to_be_so() -> None:
    assert "usage not reported" in footer.line(answer(usage=Usage()))
    assert "total tokens not reported" in footer.terminal_line(answer(usage=Usage()))
    assert "output not reported" in footer.line(answer(usage=Usage(input_tokens=3)))


def test_a_reported_zero_is_a_figure() -> None:
    assert "0 output tokens" in footer.line(answer(usage=Usage(3, 0)))


def test_a_total_that_was_not_reported_is_the_sum_of_what_was() -> None:
    assert "7 total tokens" in footer.terminal_line(answer(usage=Usage(3, 4)))


@pytest.mark.parametrize("cost", [None, 0, 0.0, -1.0, math.nan, math.inf])
def test_a_cost_that_is_not_known_is_never_nothing(cost: float | None) -> None:
    for line in (footer.line(answer(cost=cost)), footer.terminal_line(answer(cost=cost))):
        assert line.endswith("cost unknown")
        assert "$" not in line


@pytest.mark.parametrize("model", ["demo", "demo:haiku"])
def test_the_demo_model_says_that_no_model_was_asked(model: str) -> None:
    for line in (footer.line(answer(model=model, cost=None)), footer.terminal_line(answer(model=model))):
        assert f"{model} · the demo model: a recorded answer, no model was asked" in line


def test_a_replay_says_of_what_and_that_its_cost_was_the_live_ones() -> None:
    line = footer.line(answer(origin="replay of openai:gpt-4.1-mini, recorded 2026-11-20 12:00 UTC"))
    assert "replay of openai:gpt-4.1-mini, recorded 2026-11-20 12:00 UTC" in line
    assert line.endswith("≈ $0.0012 when it was live")


def test_before_the_first_token_there_is_no_time_to_it() -> None:
    line = footer.line(answer(timing=Timing(duration=3.0), state="interrupted"))
    assert "nothing came · 3.00 s in all" in line
    assert "tokens/s" not in line


@given(st.text(), st.text(), st.text())
def test_foreign_words_cannot_break_the_line(model: str, error: str, origin: str) -> None:
    reply = answer(model=model, state="error", error=error, origin=origin)
    for line in (footer.line(reply), footer.terminal_line(reply)):
        assert len(line.splitlines()) == 1
        assert "<" not in line


@given(st.floats(min_value=1e-9, max_value=1e6))
def test_money_above_nothing_never_reads_as_nothing(dollars: float) -> None:
    text = number_format.format_money(dollars)
    assert float(text.lstrip("$").replace(",", "")) > 0
    assert "e" not in text


@given(st.floats(min_value=0, max_value=1e6))
def test_a_span_of_time_is_near_what_it_says(span: float) -> None:
    text = number_format.format_seconds(span)
    number, _, unit = text.partition(" ")
    if text == "under 1 ms":
        assert span < 0.001
    elif unit in ("ms", "s"):
        value = float(number) * (0.001 if unit == "ms" else 1)
        assert value == pytest.approx(span, rel=0.06, abs=0.0006)
    else:
        minutes, seconds = int(number.replace(",", "")), int(unit.split()[1])
        assert minutes * 60 + seconds == pytest.approx(span, abs=0.5)
        assert seconds < 60


@given(st.lists(st.floats(min_value=0, max_value=100), min_size=1))
def test_the_spread_of_gaps_is_in_order_and_among_the_gaps(gaps: list[float]) -> None:
    shape = footer.gap_statistics(gaps)
    assert shape is not None
    assert min(gaps) <= shape.median <= shape.longest == max(gaps)
    assert shape.p95 in gaps


def test_no_gaps_have_no_spread() -> None:
    assert footer.gap_statistics(()) is None
    assert "no gaps between chunks" in footer.terminal_line(answer(timing=Timing(duration=1.0)))
