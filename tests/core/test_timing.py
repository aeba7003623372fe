"""The times of a stream: gaps are worked out when they are asked for, and read like a tuple all the same."""

from __future__ import annotations

import pickle
from array import array
from dataclasses import asdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.events import TextDelta, ToolResult, Usage
from streamnb.core.timing import Gaps, TimingBuilder

MARKS = st.lists(st.floats(0, 1e6, allow_nan=False), max_size=20)


@given(MARKS, st.slices(20))
def test_gaps_are_what_a_tuple_of_them_would_be(marks: list[float], part: slice) -> None:
    gaps, whole = Gaps(array("d", marks)), tuple(b - a for a, b in pairwise(marks))
    assert gaps == whole
    assert list(whole) == gaps
    assert (len(gaps), repr(gaps), hash(gaps)) == (len(whole), repr(whole), hash(whole))
    assert [gaps[index] for index in range(-len(whole), len(whole))] == [*whole, *whole]
    assert gaps[part] == whole[part]
    assert pickle.loads(pickle.dumps(gaps)) == whole


def test_gaps_are_those_of_the_moment_when_they_were_asked_for() -> None:
    builder = TimingBuilder()
    builder.mark_sent(0.0)
    for at in (1.0, 1.5):
        builder.mark_chunk([TextDelta("a")], at)
    early = builder.build_timing(Usage(), 2.0)
    builder.mark_chunk([TextDelta("b")], 4.0)
    assert (early.gaps, early.chunks) == ((0.5,), 2)
    assert builder.build_timing(Usage(), 5.0).gaps == (0.5, 2.5)
    assert asdict(early)["gaps"] == (0.5,)


def test_gaps_are_no_number_and_no_text() -> None:
    assert Gaps(array("d", [1.0, 2.0])) != 1.0
    assert Gaps(array("d")) != None  # noqa: E711


def test_the_rate_leaves_out_what_lies_between_two_rounds() -> None:
    builder, view = TimingBuilder(), TimingBuilder()
    for at in (1.0, 2.0, 3.0):
        builder.mark_chunk([TextDelta("a")], at)
        view.mark_chunk([TextDelta("a")], at)
    builder.mark_sent(103.0)  # a person decided, a tool ran
    view.mark_chunk([ToolResult(0, "f", 1)], 103.0)  # a view is told of that
    for at in (105.0, 106.0, 107.0):
        builder.mark_chunk([TextDelta("a")], at)
        view.mark_chunk([TextDelta("a")], at)
    for timing_builder in (builder, view):
        assert timing_builder.build_timing(Usage(output_tokens=8), 107.0).tokens_per_second == 2.0


def test_no_figure_has_more_digits_than_mean_anything() -> None:
    builder = TimingBuilder()
    builder.mark_sent(0.1)
    for at in (1 / 3, 2 / 3, 1.0):
        builder.mark_chunk([TextDelta("a")], at)
    timing = builder.build_timing(Usage(output_tokens=7), 1.1)
    assert (timing.time_to_first_token, timing.duration) == (0.233333, 1.0)
    assert timing.tokens_per_second == 10.5


def test_the_gaps_leave_out_what_lies_between_two_rounds() -> None:
    builder = TimingBuilder()
    builder.mark_sent(0.0)
    for at in (1.0, 1.5):
        builder.mark_chunk([TextDelta("a")], at)
    builder.mark_sent(11.0)  # a person thought about a tool for ten seconds
    for at in (12.0, 12.25, 12.75):
        builder.mark_chunk([TextDelta("a")], at)
    gaps = builder.build_timing(Usage(), 13.0).gaps
    assert tuple(gaps) == (0.5, 0.25, 0.5)
    assert (len(gaps), gaps[0], gaps[-1], gaps[1:]) == (3, 0.5, 0.5, (0.25, 0.5))
    assert builder.build_timing(Usage(), 13.0).chunks == 5
