"""Frames are due at the right times and lose nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.events import Citation, Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from streamnb.views.pacing import Pacer


def test_the_first_piece_is_due_at_once() -> None:
    pacer = Pacer(25, now=100.0)
    assert not pacer.is_due(100.0)
    pacer.feed([TextDelta("a")], now=100.0)
    assert pacer.is_due(100.0)
    assert pacer.min_sleep(100.0) == 0.0


def test_nothing_pending_means_nothing_to_wait_for() -> None:
    pacer = Pacer(25, now=0.0)
    assert not pacer.is_due(5.0)
    pacer.feed([], now=5.0)
    assert not pacer.is_due(5.0)


def test_a_cheap_frame_is_followed_by_one_at_the_steady_rate() -> None:
    pacer = Pacer(25, now=0.0)
    pacer.feed([TextDelta("a")], now=0.0)
    pacer.take_frame()
    pacer.note_painted(0.0, 0.001)
    pacer.feed([TextDelta("b")], now=0.01)
    assert not pacer.is_due(0.039)
    assert pacer.min_sleep(0.01) == 0.04 - 0.01
    assert pacer.is_due(0.04)


def test_a_costly_frame_is_followed_by_ten_times_its_cost() -> None:
    pacer = Pacer(25, now=0.0)
    pacer.feed([TextDelta("a")], now=0.0)
    pacer.take_frame()
    pacer.note_painted(1.0, 1.5)
    pacer.feed([TextDelta("b")], now=1.5)
    assert pacer.min_sleep(1.5) == 5.0
    assert not pacer.is_due(6.4)
    assert pacer.is_due(6.5)


def test_a_piece_after_a_silence_is_due_at_once() -> None:
    pacer = Pacer(25, now=0.0)
    pacer.feed([TextDelta("a")], now=0.0)
    pacer.take_frame()
    pacer.note_painted(0.0, 0.001)
    pacer.feed([TextDelta("b")], now=9.0)
    assert pacer.is_due(9.0)


def test_neighbouring_deltas_become_one_and_the_order_of_kinds_stays() -> None:
    pacer = Pacer(25, now=0.0)
    call = ToolCallDelta(0, "c1", "f", "{")
    citation = Citation("t", "u")
    pacer.feed([ReasoningDelta("a"), ReasoningDelta("b"), TextDelta("c")], now=0.0)
    pacer.feed([TextDelta("d"), call, TextDelta("e"), citation, Finished("complete")], now=0.0)
    assert pacer.take_frame() == [
        ReasoningDelta("ab"), TextDelta("cd"), call, TextDelta("e"), citation, Finished("complete"),
    ]  # fmt: skip


def test_a_usage_on_every_chunk_does_not_cut_the_text_into_pieces() -> None:
    pacer = Pacer(25, now=0.0)
    for count in range(5):
        pacer.feed([TextDelta(str(count)), Usage(output_tokens=count)], now=0.0)
    assert pacer.take_frame() == [TextDelta("01234"), Usage(output_tokens=4)]


def test_what_is_not_due_can_still_be_taken() -> None:
    pacer = Pacer(25, now=0.0)
    pacer.note_painted(0.0, 60.0)
    pacer.feed([TextDelta("the end")], now=60.0)
    assert not pacer.is_due(60.0)
    assert pacer.take_frame() == [TextDelta("the end")]
    assert pacer.take_frame() == []


@given(
    st.lists(
        st.lists(
            st.builds(TextDelta, st.text(max_size=3))
            | st.builds(ReasoningDelta, st.text(max_size=3))
            | st.builds(Usage, st.integers(0, 9))
        )
    )
)
def test_no_text_is_lost_however_it_is_framed(batches: list[list[Event]]) -> None:
    pacer = Pacer(20, now=0.0)
    events: list[Event] = []
    for now, batch in enumerate(batches):
        pacer.feed(batch, now=now * 0.02)
        if pacer.is_due(now * 0.02):
            events += pacer.take_frame()
            pacer.note_painted(now * 0.02, now * 0.02)
    events += pacer.take_frame()
    for kind in (TextDelta, ReasoningDelta):
        given_text = "".join(e.text for batch in batches for e in batch if isinstance(e, kind))
        assert "".join(e.text for e in events if isinstance(e, kind)) == given_text
