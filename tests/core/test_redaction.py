"""No key is kept, wherever the network cut it in two, and nothing else is lost over it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core import recording
from streamnb.core.recording import Header, Writer
from streamnb.core.redaction import Redactor
from streamnb.core.wire_events import Data, EndOfBody, Fault, RequestSent, WireEvent

KEY = "sk-sk-canary-0123"  # begins twice in the same way
BODY = f"data: sk, {KEY}; s{KEY}s\n\ndata: sk-sk-can\n\n".encode()
STARRED = BODY.replace(KEY.encode(), b"*" * len(KEY))


def blocks(cuts: set[int]) -> list[Data]:
    places = [0, *sorted(cuts), len(BODY)]
    return [Data(start, BODY[start:end]) for start, end in pairwise(places)]


def joined(messages: list[WireEvent]) -> bytes:
    return b"".join(message.data for message in messages if isinstance(message, Data))


@given(cuts=st.sets(st.integers(1, len(BODY) - 1)), ends=st.booleans())
def test_a_key_is_starred_wherever_it_was_cut_and_the_rest_stays(cuts: set[int], ends: bool) -> None:
    discretion = Redactor([KEY, "another-secret-of-mine"])
    messages: list[WireEvent] = [*blocks(cuts), *([EndOfBody(99)] if ends else [])]
    kept = [kept for message in messages for kept in discretion.feed(message)]
    kept += discretion.flush()
    assert joined(kept) == STARRED
    times = [message.at for message in kept]
    assert times == sorted(times)


@pytest.mark.parametrize("cut", range(1, len(BODY)))
def test_no_file_holds_a_key_that_came_in_two_blocks(cut: int, tmp_path: Path) -> None:
    writer = Writer(tmp_path / "a", Header("openai", "openai:m"), hide=[KEY])
    for message in (RequestSent(0), *blocks({cut})):
        writer.feed(message)
        assert KEY.encode() not in (tmp_path / "a").read_bytes()
    writer.close()
    assert joined(list(recording.read(tmp_path / "a").messages)) == STARRED


def test_what_ends_like_no_key_waits_for_nothing() -> None:
    discretion = Redactor([KEY])
    assert discretion.feed(Data(1, b"data: {}\n\n")) == [Data(1, b"data: {}\n\n")]
    assert discretion.feed(Data(2, b"data: s")) == [Data(2, b"data: ")]
    assert discretion.feed(Data(3, b"\n")) == [Data(3, b"s\n")]


def test_a_key_in_the_words_of_a_fault_is_starred() -> None:
    (end,) = Redactor([KEY]).feed(EndOfBody(1, Fault("error", f"not {KEY}")))
    assert isinstance(end, EndOfBody)
    assert end.fault == Fault("error", "not " + "*" * len(KEY))
