"""Joining of small HTTP chunks, and pauses between reads, where a server sends faster than any model writes.

A server puts each event into an HTTP chunk of its own, whose way up through h11, httpcore2 and httpx2 costs
more than all that we do with it.  So whole chunks that came in one read are handed up as one, byte for byte
the same body.  Whatever is not framed exactly as expected is handed up untouched, and so is the rest of that
answer: how a body is framed is h11's to judge.

The first sixteen kilobytes of an answer are handed up as they came: a short one may be all in one read, and
each of its chunks has its time.  Where data comes faster than any model writes, the next read waits two
milliseconds, and finds more at once.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any, Literal, TypeAlias

__all__ = ["HTTPChunkJoiner", "ReadPacer", "acoalesce_reads", "coalesce_reads"]

FLOOD_BYTES_PER_S = 1_000_000  # five events within a millisecond: no model writes as fast
FULL_READ_BYTES = 16_384  # a read of so many gains nothing by waiting
PAUSE_S = 0.002
MAX_HEAD_BYTES = 65_536
_STATUS_LINE_START = b"HTTP/1.1 200 "
_CHUNKED_HEADER = re.compile(rb"(?i)\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n")
_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,7})\r\n")
_PARTIAL_SIZE_LINE = re.compile(rb"[0-9A-Fa-f]{0,7}\r?\Z")

_ResponsePart: TypeAlias = Literal["head", "chunks", "other"]


class HTTPChunkJoiner:
    """Joins the HTTP chunks of an answer, as far as they came together, after its beginning.

    >>> joiner = HTTPChunkJoiner()
    >>> first = joiner.feed(b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n")
    >>> first = joiner.feed(b"5000\\r\\n" + bytes(0x5000) + b"\\r\\n")
    >>> joiner.feed(b"2\\r\\nab\\r\\n1\\r\\nc\\r\\n")
    b'3\\r\\nabc\\r\\n'
    """

    def __init__(self) -> None:
        self._part: _ResponsePart = "head"
        self._head = b""
        self._open_bytes = 0  # still to come of a chunk whose beginning was handed up, its line end included
        self._held = b""  # the beginning of a line with a chunk's size
        self._body_bytes = 0  # that were handed up so far

    def expect_head(self) -> None:
        """Be told that a request goes out: what comes next is an answer."""
        self._part, self._head, self._open_bytes, self._held, self._body_bytes = "head", b"", 0, b"", 0

    @property
    def is_joining(self) -> bool:
        """Whether a body in chunks is being read."""
        return self._part == "chunks"

    def feed(self, data: bytes) -> bytes:
        """Return what h11 gets for this; nothing where a line was cut, and for the end all that was held."""
        if self._part == "head":
            return self._feed_head(data)
        return self._join_chunks(data) if self._part == "chunks" else data

    def _feed_head(self, data: bytes) -> bytes:
        before = len(self._head)
        self._head += data
        end = self._head.find(b"\r\n\r\n") + 4
        if end < 4:
            if len(self._head) > MAX_HEAD_BYTES:
                self._part = "other"
            return data
        head, self._head = self._head[:end], b""
        is_plain = head.startswith(_STATUS_LINE_START) and head.count(b"\n") == head.count(b"\r\n")
        self._part = "chunks" if is_plain and _CHUNKED_HEADER.search(head) else "other"
        body = data[end - before :]
        return data[: end - before] + (self.feed(body) if body else b"")

    def _join_chunks(self, data: bytes) -> bytes:
        if not data:  # the end, which h11 judges
            self._part = "other"
            return self._held
        data, self._held = self._held + data, b""
        position = first = min(self._open_bytes, len(data))
        self._open_bytes -= first
        pieces: list[bytes] = []
        while line := _SIZE_LINE.match(data, position):
            start = line.end()
            end = start + int(line[1], 16)
            if data[end : end + 2] != b"\r\n" or end == start:
                break
            pieces.append(data[start:end])
            position = end + 2
        whole = data[first:position]
        if self._body_bytes >= FULL_READ_BYTES and len(pieces) > 1:
            body = b"".join(pieces)
            whole = b"%x\r\n%b\r\n" % (len(body), body)
        self._body_bytes += len(data)
        return data[:first] + whole + self._feed_partial_chunk(data[position:])

    def _feed_partial_chunk(self, data: bytes) -> bytes:
        """Return what follows the last whole chunk, and note whether it is a chunk's beginning or the end."""
        if line := _SIZE_LINE.match(data):
            end = line.end() + int(line[1], 16) + 2
            if len(data) < end and int(line[1], 16):
                self._open_bytes = end - len(data)
            else:
                self._part = "other"
        elif _PARTIAL_SIZE_LINE.match(data):
            self._held, data = data, b""
        else:
            self._part = "other"
        return data


class ReadPacer:
    """Computes how long the next read waits, from the times and sizes of those before."""

    def __init__(self) -> None:
        self._read_at = float("-inf")
        self._is_flood = False

    def pause_s(self, now: float) -> float:
        """Return the seconds to wait before a read."""
        return max(0.0, self._read_at + PAUSE_S - now) if self._is_flood else 0.0

    def note_read(self, now: float, size: int) -> None:
        """Note how many bytes of a body a read gave."""
        self._is_flood = (now - self._read_at) * FLOOD_BYTES_PER_S < size < FULL_READ_BYTES
        self._read_at = now


def coalesce_reads(stream: Any) -> None:
    """Have a new connection's stream (httpcore2's ``NetworkStream``) join chunks and pace its reads."""
    joiner, pacer, read, write = HTTPChunkJoiner(), ReadPacer(), stream.read, stream.write

    def read_joined(max_bytes: int, timeout: float | None = None) -> bytes:
        if pause := pacer.pause_s(time.perf_counter()):
            time.sleep(pause)
        while True:
            data: bytes = read(max_bytes, timeout)
            if joiner.is_joining:
                pacer.note_read(time.perf_counter(), len(data))
            if (block := joiner.feed(data)) or not data:
                return block

    def write_request(buffer: bytes, timeout: float | None = None) -> None:
        joiner.expect_head()
        write(buffer, timeout)

    stream.read, stream.write = read_joined, write_request


def acoalesce_reads(stream: Any) -> None:
    """Do the same for an ``AsyncNetworkStream``."""
    joiner, pacer, read, write = HTTPChunkJoiner(), ReadPacer(), stream.read, stream.write

    async def read_joined(max_bytes: int, timeout: float | None = None) -> bytes:
        if pause := pacer.pause_s(time.perf_counter()):
            await asyncio.sleep(pause)
        while True:
            data: bytes = await read(max_bytes, timeout)
            if joiner.is_joining:
                pacer.note_read(time.perf_counter(), len(data))
            if (block := joiner.feed(data)) or not data:
                return block

    async def write_request(buffer: bytes, timeout: float | None = None) -> None:
        joiner.expect_head()
        await write(buffer, timeout)

    stream.read, stream.write = read_joined, write_request
