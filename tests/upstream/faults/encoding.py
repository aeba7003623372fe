"""Faults and oddities in the bytes: line ends, encodings, framing, compression, size."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from functools import partial

from ..answers import TEXT
from ..messages import Answer, Request
from .scenario import (
    HALF_TEXT,
    TIMEOUT_S,
    AnyWireFormat,
    MakeAnswer,
    Scenario,
    end_events,
    fails_midway,
    first_half,
    harmless,
    second_half,
)

__all__ = ["SCENARIOS"]

ChangeBytes = Callable[[bytes], bytes]


def _change_events(change: ChangeBytes) -> MakeAnswer:
    """Every event of a good answer, changed."""
    return lambda wire, _request: Answer(tuple(map(change, (*first_half(wire), *second_half(wire)))))


def _change_body(change: ChangeBytes) -> MakeAnswer:
    """A good answer in one piece, changed."""
    return lambda wire, _request: Answer((change(b"".join((*first_half(wire), *second_half(wire)))),))


def _sends_of_size(size: int) -> MakeAnswer:
    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        data = b"".join((*first_half(wire), *second_half(wire)))
        return Answer([data[at : at + size] for at in range(0, len(data), size)])

    return make


def _replace_newlines(newline: bytes, data: bytes) -> bytes:
    return re.sub(rb"\r\n|\n", newline, data)


def _several_data_lines(data: bytes) -> bytes:
    """Break the JSON after its first opening braces, where a line break is allowed."""
    return data.replace(b'{"', b'{\ndata: "', 2)


def _add_other_fields(data: bytes) -> bytes:
    return b": note\nid: 7\nretry: 1000\nevent: message\n" + data


def _escape_letters(data: bytes) -> bytes:
    return data.replace(b"sky", b"\\u0073\\u006b\\u0079").replace(b"/", b"\\/")


def _raw_bytes_in_delta(raw: bytes) -> MakeAnswer:
    """A delta with these raw bytes inside its JSON text, between the halves."""

    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        odd = wire.delta("(RAW)").replace(b"RAW", raw)
        return Answer((*first_half(wire), odd, *second_half(wire)))

    return make


def _text_with_raw(raw: str) -> str:
    return f"{HALF_TEXT}({raw}){TEXT[50:]}"


# -- compression ----------------------------------------------------------------------------
GZIP = {"content-encoding": "gzip"}


def _gzip_events(events: list[bytes], *, finish: bool = True) -> list[bytes]:
    """Compress event by event, flushed each time, so that what was sent can be read."""
    packer = zlib.compressobj(wbits=31)
    pieces = [packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH) for event in events]
    return [*pieces, packer.flush()] if finish else pieces


def _gzipped(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(tuple(_gzip_events([*first_half(wire), *second_half(wire)])), headers=GZIP)


def _deflated(wire: AnyWireFormat, _request: Request) -> Answer:
    data = zlib.compress(b"".join((*first_half(wire), *second_half(wire))))
    return Answer((data,), headers={"content-encoding": "deflate"})


def _gzip_cut(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(tuple(_gzip_events(first_half(wire), finish=False)), headers=GZIP)


def _gzip_corrupt(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*_gzip_events(first_half(wire), finish=False), b"\xff\x00\xff\x00" * 50), headers=GZIP)


def _gzip_header_only(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*first_half(wire), *second_half(wire)), headers=GZIP)


# -- size -----------------------------------------------------------------------------------
def _huge_line(size: int) -> MakeAnswer:
    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        return Answer((*first_half(wire), wire.delta("x" * size), *end_events(wire)))

    return make


def _endless_flood(
    first: Callable[[AnyWireFormat], bytes], again: Callable[[AnyWireFormat], bytes]
) -> MakeAnswer:
    """Half of the text, then ``first`` and ``again`` for ever, as fast as it is read."""

    def body(wire: AnyWireFormat) -> Iterator[bytes]:
        yield from first_half(wire)
        yield first(wire)
        piece = again(wire)
        while True:
            yield piece

    return lambda wire, _request: Answer(body(wire))


def _comment_lines(_wire: AnyWireFormat) -> bytes:
    return b": ping\n\n" * 1000


LINE_FORMATS = (
    harmless("crlf", "CRLF line ends", _change_events(partial(_replace_newlines, b"\r\n"))),
    harmless("lf", "LF line ends", _change_events(partial(_replace_newlines, b"\n"))),
    harmless("cr", "bare CR line ends", _change_events(partial(_replace_newlines, b"\r"))),
    harmless("byte-by-byte", "one byte a send", _sends_of_size(1)),
    harmless("seven-bytes", "seven bytes a send", _sends_of_size(7)),
    harmless("one-blob", "everything in one send", _change_body(lambda data: data)),
    harmless("bom", "a byte order mark first", _change_body(lambda data: b"\xef\xbb\xbf" + data)),
    harmless("several-data-lines", "one JSON on several data lines", _change_events(_several_data_lines)),
    harmless("no-space", "no space after data:", _change_events(lambda e: e.replace(b"data: ", b"data:"))),
    harmless("other-lines", "comment, id, retry, event lines", _change_events(_add_other_fields)),
    harmless("comments-between", "a comment before each event", _change_events(lambda e: b": ping\n\n" + e)),
    harmless(
        "blank-lines-between", "blank lines around events", _change_events(lambda e: b"\n\n" + e + b"\n")
    ),
    harmless("escapes", "letters as JSON escapes", _change_events(_escape_letters)),
)

CHARACTERS = (
    harmless(
        "raw-u2028",
        "U+2028 and U+2029 as they are",
        _raw_bytes_in_delta("\u2028\u2029".encode()),
        _text_with_raw("\u2028\u2029"),
    ),
    harmless("raw-u0085", "U+0085 as it is", _raw_bytes_in_delta("\x85".encode()), _text_with_raw("\x85")),
    harmless(
        "raw-vt-ff", "VT and FF as they are", _raw_bytes_in_delta(b"\x0b\x0c"), _text_with_raw("\x0b\x0c")
    ),
    harmless("bad-utf-8", "a byte that is no UTF-8", _raw_bytes_in_delta(b"\xff"), _text_with_raw("\ufffd")),
    harmless("nul", "NUL as an escape", _raw_bytes_in_delta(b"\\u0000"), _text_with_raw("\0")),
)


def _raw_deflate(wire: AnyWireFormat, _request: Request) -> Answer:
    data = zlib.compress(b"".join((*first_half(wire), *second_half(wire))))[2:-4]
    return Answer((data,), headers={"content-encoding": "deflate"})


def _gzip_members(wire: AnyWireFormat, _request: Request) -> Answer:
    """Each event a gzip of its own, and padding at the end."""
    return Answer((*map(gzip.compress, (*first_half(wire), *second_half(wire))), bytes(8)), headers=GZIP)


def _gzip_bomb(piece: bytes) -> MakeAnswer:
    """Half of the text, then 120 MB of ``piece``, in some hundred kilobytes."""

    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        packer = zlib.compressobj(wbits=31)
        first = packer.compress(b"".join(first_half(wire))) + packer.flush(zlib.Z_SYNC_FLUSH)
        block = piece * (1_000_000 // len(piece))
        flood = b"".join(packer.compress(block) for _ in range(120)) + packer.flush()
        return Answer((first, flood), headers=GZIP)

    return make


COMPRESSION = (
    harmless("deflate-raw", "deflate without its frame", _raw_deflate),
    harmless("gzip-members", "a gzip for each event, and padding", _gzip_members),
    fails_midway(
        "gzip-line-feeds", "120 MB of line feeds in 120 KB", _gzip_bomb(b"\n"), "capped", within=8, slow=True
    ),
    fails_midway(
        "gzip-comments", "120 MB of comments in 120 KB", _gzip_bomb(b": x\n\n"), "capped", within=8, slow=True
    ),
    fails_midway(
        "gzip-empty-events",
        "120 MB of empty events",
        _gzip_bomb(b"data: {}\n\n"),
        "capped",
        within=8,
        slow=True,
    ),
    harmless("gzip", "gzip, flushed after each event", _gzipped),
    harmless("deflate", "deflate, in one piece", _deflated),
    fails_midway("gzip-cut", "gzip, cut half way", _gzip_cut, "unfinished"),
    fails_midway("gzip-corrupt", "gzip, then garbage", _gzip_corrupt, "lost"),
    Scenario("gzip-untrue", "says gzip, sends none", (_gzip_header_only,), "lost", ""),
)

SIZES = (
    fails_midway(
        "flood",
        "comments as fast as they are read",
        _endless_flood(_comment_lines, _comment_lines),
        "timed-out",
        timeout=TIMEOUT_S,
    ),
    fails_midway("huge-line", "one line of 2 MB", _huge_line(2_000_000), "capped", within=3),
    fails_midway(
        "endless-line",
        "a line without end",
        _endless_flood(lambda _: b"data: ", lambda _: b"x" * 65536),
        "capped",
        within=3,
    ),
    Scenario(
        "endless-stream",
        "text without end",
        (_endless_flood(lambda wire: wire.delta(" ..."), lambda wire: wire.delta("x" * 100_000)),),
        "capped",
        text=None,
        within=5,
    ),
)

SCENARIOS = (*LINE_FORMATS, *CHARACTERS, *COMPRESSION, *SIZES)
