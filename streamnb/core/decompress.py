"""Decompression of response bodies in small pieces, so that kilobytes never expand to many megabytes at once.

A source sends its events through ``Decompressor`` before anything else sees them: what is parsed, recorded
and shown is plain, and decompressed bytes count towards the size limits.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace

from .text import sanitize_line
from .wire_events import Data, EndOfBody, Fault, ResponseHead, WireEvent

__all__ = ["MAX_PIECE_BYTES", "Decompressor"]

MAX_PIECE_BYTES = 16_384  # of plain bytes in one event
_ZLIB_OR_GZIP, _RAW_DEFLATE = 47, -15  # zlib's names for what it should expect
_GZIP_MAGIC = b"\x1f\x8b"
_UNCOMPRESSED_ENCODINGS = ("", "identity", "none", "utf-8")
_KNOWN_ENCODINGS = ("gzip", "x-gzip", "deflate")


class Decompressor:
    """Passes the events of one answer on, its body uncompressed.

    >>> plain = Decompressor()
    >>> list(plain.feed(ResponseHead(0.0, 200, {"content-encoding": "gzip"})))
    [ResponseHead(at=0.0, status=200, headers={})]

    Attributes
    ----------
    failed
        The body cannot be uncompressed any further, and the end was told: nothing more is worth reading.
    """

    def __init__(self) -> None:
        self.failed = False
        self._encoding = ""
        self._stream: zlib._Decompress | None = None  # None for a plain body
        self._started = False
        self._unknown = False  # nothing has come yet of a body in an encoding that we cannot read

    def feed(self, event: WireEvent) -> Iterable[WireEvent]:
        """Return the events that stand for this one, made one by one, their data decompressed."""
        if self.failed:
            return ()
        if type(event) is Data and self._stream is None and not self._unknown:  # nearly always
            return (event,)
        return self._decompress_event(event)

    def _decompress_event(self, event: WireEvent) -> Iterator[WireEvent]:
        match event:
            case ResponseHead(headers=headers):
                yield replace(event, headers=self._start_decoding(dict(headers)))
            case Data(data=data) if self._unknown:
                self._unknown = False
                if _looks_like_text(data):  # the header is not true
                    yield event
                else:
                    self.failed = True
                    message = f"the answer is compressed in a way that nobody asked for ({self._encoding})"
                    yield EndOfBody(event.at, Fault("error", f"{message}; look at the proxy or the base URL"))
            case Data(data=data) if self._stream is not None:
                yield from self._decompress_data(event, data)
            case EndOfBody(fault=None) if self._stream is not None and not self._is_body_complete():
                message = f"the compressed answer ({self._encoding}) was cut short; try again"
                yield replace(event, fault=Fault("unfinished", message))
            case _:
                yield event

    def _start_decoding(self, headers: dict[str, str]) -> dict[str, str]:
        names = [name.strip() for name in headers.pop("content-encoding", "").lower().split(",")]
        encoding = ", ".join(name for name in names if name not in _UNCOMPRESSED_ENCODINGS)
        self._encoding, self._started = sanitize_line(encoding, 40), False
        self._unknown = encoding not in ("", *_KNOWN_ENCODINGS)
        self._stream = zlib.decompressobj(_ZLIB_OR_GZIP) if encoding in _KNOWN_ENCODINGS else None
        return headers

    def _is_body_complete(self) -> bool:
        return not self._started or (self._stream is not None and self._stream.eof)

    def _decompress_data(self, event: Data, data: bytes) -> Iterator[WireEvent]:
        try:
            # In blocks: zlib copies what it has not used, and a member of gzip may be twenty bytes of many.
            for start in range(0, len(data), MAX_PIECE_BYTES):
                for plain in self._decompress_in_pieces(data[start : start + MAX_PIECE_BYTES]):
                    yield replace(event, data=plain)
        except zlib.error:
            self.failed = True
            message = f"the compressed answer ({self._encoding}) is damaged; try again"
            yield EndOfBody(event.at, Fault("lost", message))

    def _decompress_in_pieces(self, data: bytes) -> Iterator[bytes]:
        while data:
            assert self._stream is not None
            if self._stream.eof:  # gzip may be several, one after the other; what else follows is padding
                if not _GZIP_MAGIC.startswith(data[:2]):  # or the first byte of it, where a block ends
                    return
                self._stream = zlib.decompressobj(_ZLIB_OR_GZIP)
            try:
                plain = self._stream.decompress(data, MAX_PIECE_BYTES)
            except zlib.error:
                if self._started or self._encoding != "deflate":
                    raise
                self._stream = zlib.decompressobj(_RAW_DEFLATE)  # what some servers call deflate
                plain = self._stream.decompress(data, MAX_PIECE_BYTES)
            self._started = True
            if plain:
                yield plain
            data = self._stream.unconsumed_tail or self._stream.unused_data
            if not data and len(plain) == MAX_PIECE_BYTES and not self._stream.eof:
                yield from self._flush()

    def _flush(self) -> Iterator[bytes]:
        """Yield what is left in zlib's own window after the last byte went in."""
        assert self._stream is not None
        while plain := self._stream.decompress(b"", MAX_PIECE_BYTES):
            yield plain


def _looks_like_text(data: bytes) -> bool:
    """Whether bytes begin as an event stream, JSON or a page does."""
    start = data[:16].decode("utf-8", "replace")[:-1]  # the last letter may be cut
    return "\ufffd" not in start and all(letter >= " " or letter in "\t\r\n" for letter in start)
