"""A compressed answer is read in bites, whole or as far as it came, and never at once."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest

from streamnb.core.decompress import MAX_PIECE_BYTES, Decompressor
from streamnb.core.recording import Header, RecordingWriter, parse
from streamnb.core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, WireEvent
from streamnb.streaming.replay import Player

TEXT = b"data: {}\n\n" * 5_000
PACKED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + bytes(16),
    "deflate": zlib.compress(TEXT),
    " Deflate ": zlib.compress(TEXT)[2:-4],
    "identity": TEXT,
    "br": TEXT,  # said, and not done
}


def read(encoding: str, pieces: Iterable[bytes]) -> list[WireEvent]:
    plain = Decompressor()
    events: list[WireEvent] = [
        ResponseHead(0.0, 200, {"content-encoding": encoding}),
        *(Data(1.0, piece) for piece in pieces),
        EndOfBody(2.0),
    ]
    return [out for event in events for out in plain.feed(event)]


def body(events: list[WireEvent]) -> bytes:
    return b"".join(event.data for event in events if isinstance(event, Data))


@pytest.mark.parametrize("encoding", PACKED)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_every_encoding_comes_to_its_bytes_wherever_it_was_cut(encoding: str, size: int) -> None:
    data = PACKED[encoding] if size > 1 else PACKED[encoding][:3_000]
    events = read(encoding, [data[at : at + size] for at in range(0, len(data), size)])
    assert isinstance(events[0], ResponseHead)
    assert "content-encoding" not in events[0].headers
    assert TEXT.startswith(body(events))
    if size > 1:
        assert body(events) == TEXT
        assert events[-1] == EndOfBody(2.0)


def test_many_megabytes_come_in_small_bites() -> None:
    events = read("gzip", [gzip.compress(b"\n" * 20_000_000)])
    assert max(len(event.data) for event in events if isinstance(event, Data)) == MAX_PIECE_BYTES
    assert len(body(events)) == 20_000_000


def test_a_bite_is_made_only_when_it_is_asked_for() -> None:
    plain = Decompressor()
    list(plain.feed(ResponseHead(0.0, 200, {"content-encoding": "gzip"})))
    bites = plain.feed(Data(1.0, gzip.compress(b"\n" * 100_000_000)))
    first = next(bites)
    assert isinstance(first, Data)
    assert len(first.data) == MAX_PIECE_BYTES


@pytest.mark.parametrize(
    ("encoding", "pieces", "state"),
    [
        ("gzip", [PACKED["gzip"][:50]], "unfinished"),
        ("gzip", [PACKED["gzip"][:-8], bytes(8)], "lost"),
        ("gzip", [b"data: {}"], "lost"),
        ("br", [b"\x8b\x00\x80"], "error"),
        ("zstd", [b"\x28\xb5\x2f\xfd"], "error"),
    ],
)
def test_what_cannot_be_uncompressed_ends_once_with_its_reason(
    encoding: str, pieces: list[bytes], state: str
) -> None:
    ends = [event for event in read(encoding, pieces) if isinstance(event, EndOfBody)]
    (end,) = ends
    assert isinstance(end.fault, Fault)
    assert end.fault.state == state


def test_a_recording_of_compressed_bytes_made_before_is_played_plain(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "r", Header("openai", "openai:m"))
    head = ResponseHead(0.0, 200, {"content-encoding": "gzip"})
    for event in (RequestSent(0.0), head, Data(0.0, PACKED["gzip"]), EndOfBody(0.0)):
        writer.feed(event)
    writer.close()
    recording = parse((tmp_path / "r").read_bytes(), "r")
    assert body(list(recording.wire_events)) == TEXT
    heard: list[WireEvent] = []
    Player(recording, heard.append, speed=0).join(5)
    assert body(heard) == TEXT
    assert isinstance(heard[-1], EndOfBody)


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_a_second_member_is_read_wherever_the_network_cut_its_beginning(size: int) -> None:
    text = b"data: {}\n\n"
    data = gzip.compress(text) + gzip.compress(b"") + gzip.compress(text)
    assert body(read("gzip", [data[at : at + size] for at in range(0, len(data), size)])) == text * 2
