"""Faults and oddities in the bytes: line ends, encodings, framing, compression, size."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterator
from functools import partial

from ..answers import TEXT
from ..words import Answer, Request
from .scenario import (
    HALF,
    TIMEOUT,
    AnyWire,
    Make,
    Scenario,
    ended,
    half,
    harmless,
    midway,
    rest,
)

__all__ = ["SCENARIOS"]

Change = Callable[[bytes], bytes]


def _changed(change: Change) -> Make:
    """Every event of a good answer, changed."""
    return lambda wire, _request: Answer(tuple(map(change, (*half(wire), *rest(wire)))))


def _blob(change: Change) -> Make:
    """A good answer in one piece, changed."""
    return lambda wire, _request: Answer((change(b"".join((*half(wire), *rest(wire)))),))


def _in_sends_of(size: int) -> Make:
    def make(wire: AnyWire, _request: Request) -> Answer:
        data = b"".join((*half(wire), *rest(wire)))
        return Answer([data[at : at + size] for at in range(0, len(data), size)])

    return make


def _newlines(newline: bytes, data: bytes) -> bytes:
    return re.sub(rb"\r\n|\n", newline, data)


def _several_data_lines(data: bytes) -> bytes:
    """Break the JSON after its first opening braces, where a line break is allowed."""
    return data.replace(b'{"', b'{\ndata: "', 2)


def _lines_before(data: bytes) -> bytes:
    return b": note\nid: 7\nretry: 1000\nevent: message\n" + data


def _escaped(data: bytes) -> bytes:
    return data.replace(b"sky", b"\\u0073\\u006b\\u0079").replace(b"/", b"\\/")


def _with(raw: bytes) -> Make:
    """A delta with these raw bytes inside its JSON text, between the halves."""

    def make(wire: AnyWire, _request: Request) -> Answer:
        odd = wire.delta("(RAW)").replace(b"RAW", raw)
        return Answer((*half(wire), odd, *rest(wire)))

    return make


def _held(raw: str) -> str:
    return f"{HALF}({raw}){TEXT[50:]}"


# -- compression ----------------------------------------------------------------------------
GZIP = {"content-encoding": "gzip"}


def _gzip(events: list[bytes], *, finish: bool = True) -> list[bytes]:
    """Compress event by event, flushed each time, so that what was sent can be read."""
    packer = zlib.compressobj(wbits=31)
    pieces = [packer.compress(event) + packer.flush(zlib.Z_SYNC_FLUSH) for event in events]
    return [*pieces, packer.flush()] if finish else pieces


def _gzipped(wire: AnyWire, _request: Request) -> Answer:
    return Answer(tuple(_gzip([*half(wire), *rest(wire)])), headers=GZIP)


def _deflated(wire: AnyWire, _request: Request) -> Answer:
    data = zlib.compress(b"".join((*half(wire), *rest(wire))))
    return Answer((data,), headers={"content-encoding": "deflate"})


def _gzip_cut(wire: AnyWire, _request: Request) -> Answer:
    return Answer(tuple(_gzip(half(wire), finish=False)), headers=GZIP)


def _gzip_corrupt(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*_gzip(half(wire), finish=False), b"\xff\x00\xff\x00" * 50), headers=GZIP)


def _gzip_untrue(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*half(wire), *rest(wire)), headers=GZIP)


# -- size -----------------------------------------------------------------------------------
def _huge_line(size: int) -> Make:
    def make(wire: AnyWire, _request: Request) -> Answer:
        return Answer((*half(wire), wire.delta("x" * size), *ended(wire)))

    return make


def _flood(first: Callable[[AnyWire], bytes], again: Callable[[AnyWire], bytes]) -> Make:
    """Half of the text, then ``first`` and ``again`` for ever, as fast as it is read."""

    def body(wire: AnyWire) -> Iterator[bytes]:
        yield from half(wire)
        yield first(wire)
        piece = again(wire)
        while True:
            yield piece

    return lambda wire, _request: Answer(body(wire))


def _pings(_wire: AnyWire) -> bytes:
    return b": ping\n\n" * 1000


LINES = (
    harmless("crlf", "CRLF line ends", _changed(partial(_newlines, b"\r\n"))),
    harmless("lf", "LF line ends", _changed(partial(_newlines, b"\n"))),
    harmless("cr", "bare CR line ends", _changed(partial(_newlines, b"\r"))),
    harmless("byte-by-byte", "one byte a send", _in_sends_of(1)),
    harmless("seven-bytes", "seven bytes a send", _in_sends_of(7)),
    harmless("one-blob", "everything in one send", _blob(lambda data: data)),
    harmless("bom", "a byte order mark first", _blob(lambda data: b"\xef\xbb\xbf" + data)),
    harmless("several-data-lines", "one JSON on several data lines", _changed(_several_data_lines)),
    harmless("no-space", "no space after data:", _changed(lambda e: e.replace(b"data: ", b"data:"))),
    harmless("other-lines", "comment, id, retry, event lines", _changed(_lines_before)),
    harmless("comments-between", "a comment before each event", _changed(lambda e: b": ping\n\n" + e)),
    harmless("blank-lines-between", "blank lines around events", _changed(lambda e: b"\n\n" + e + b"\n")),
    harmless("escapes", "letters as JSON escapes", _changed(_escaped)),
)

CHARACTERS = (
    harmless(
        "raw-u2028", "U+2028 and U+2029 as they are", _with("\u2028\u2029".encode()), _held("\u2028\u2029")
    ),
    harmless("raw-u0085", "U+0085 as it is", _with("\x85".encode()), _held("\x85")),
    harmless("raw-vt-ff", "VT and FF as they are", _with(b"\x0b\x0c"), _held("\x0b\x0c")),
    harmless("bad-utf-8", "a byte that is no UTF-8", _with(b"\xff"), _held("\ufffd")),
    harmless("nul", "NUL as an escape", _with(b"\\u0000"), _held("\0")),
)


def _raw_deflate(wire: AnyWire, _request: Request) -> Answer:
    data = zlib.compress(b"".join((*half(wire), *rest(wire))))[2:-4]
    return Answer((data,), headers={"content-encoding": "deflate"})


def _gzip_members(wire: AnyWire, _request: Request) -> Answer:
    """Each event a gzip of its own, and padding at the end."""
    return Answer((*map(gzip.compress, (*half(wire), *rest(wire))), bytes(8)), headers=GZIP)


def _bomb(piece: bytes) -> Make:
    """Half of the text, then 120 MB of ``piece``, in some hundred kilobytes."""

    def make(wire: AnyWire, _request: Request) -> Answer:
        packer = zlib.compressobj(wbits=31)
        first = packer.compress(b"".join(half(wire))) + packer.flush(zlib.Z_SYNC_FLUSH)
        block = piece * (1_000_000 // len(piece))
        flood = b"".join(packer.compress(block) for _ in range(120)) + packer.flush()
        return Answer((first, flood), headers=GZIP)

    return make


FRAMES = (
    harmless("deflate-raw", "deflate without its frame", _raw_deflate),
    harmless("gzip-members", "a gzip for each event, and padding", _gzip_members),
    midway("gzip-line-feeds", "120 MB of line feeds in 120 KB", _bomb(b"\n"), "capped", within=8, slow=True),
    midway("gzip-comments", "120 MB of comments in 120 KB", _bomb(b": x\n\n"), "capped", within=8, slow=True),
    midway(
        "gzip-empty-events", "120 MB of empty events", _bomb(b"data: {}\n\n"), "capped", within=8, slow=True
    ),
    harmless("gzip", "gzip, flushed after each event", _gzipped),
    harmless("deflate", "deflate, in one piece", _deflated),
    midway("gzip-cut", "gzip, cut half way", _gzip_cut, "unfinished"),
    midway("gzip-corrupt", "gzip, then garbage", _gzip_corrupt, "lost"),
    Scenario("gzip-untrue", "says gzip, sends none", (_gzip_untrue,), "lost", ""),
)

SIZES = (
    midway(
        "flood", "comments as fast as they are read", _flood(_pings, _pings), "timed-out", timeout=TIMEOUT
    ),
    midway("huge-line", "one line of 2 MB", _huge_line(2_000_000), "capped", within=3),
    midway(
        "endless-line",
        "a line without end",
        _flood(lambda _: b"data: ", lambda _: b"x" * 65536),
        "capped",
        within=3,
    ),
    Scenario(
        "endless-stream",
        "text without end",
        (_flood(lambda wire: wire.delta(" ..."), lambda wire: wire.delta("x" * 100_000)),),
        "capped",
        text=None,
        within=5,
    ),
)

SCENARIOS = (*LINES, *CHARACTERS, *FRAMES, *SIZES)
