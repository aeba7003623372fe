"""The times of a stream: gaps are worked out when they are asked for, and read like a tuple all the same."""

from __future__ import annotations

import pickle
from array import array
from dataclasses import asdict
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.events import TextDelta, Usage
from streamnb.core.timing import Clock, Gaps

MARKS = st.lists(st.floats(0, 1e6, allow_nan=False), max_size=20)


@given(MARKS, st.slices(20))
def test_gaps_are_what_a_tuple_of_them_would_be(marks: list[float], part: slice) -> None:
    gaps, whole = Gaps(array("d", marks)), tuple(b - a for a, b in pairwise(marks))
    assert gaps == whole
    assert list(whole) == gaps
    assert (len(gaps), repr(gaps), hash(gaps)) == (len(whole), repr(whole), hash(whole))
    assert [gaps[place] for place in range(-len(whole), len(whole))] == [*whole, *whole]
    assert gaps[part] == whole[part]
    assert pickle.loads(pickle.dumps(gaps)) == whole


def test_gaps_are_those_of_the_moment_when_they_were_asked_for() -> None:
    clock = Clock()
    clock.sent(0.0)
    for at in (1.0, 1.5):
        clock.mark([TextDelta("a")], at)
    early = clock.timing(Usage(), 2.0)
    clock.mark([TextDelta("b")], 4.0)
    assert (early.gaps, early.chunks) == ((0.5,), 2)
    assert clock.timing(Usage(), 5.0).gaps == (0.5, 2.5)
    assert asdict(early)["gaps"] == (0.5,)


def test_gaps_are_no_number_and_no_text() -> None:
    assert Gaps(array("d", [1.0, 2.0])) != 1.0
    assert Gaps(array("d")) != None  # noqa: E711
