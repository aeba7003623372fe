"""An answer's body, from plain bytes to chunks: read as an event stream, or kept as an error.

What came with a status of success gives chunks, whatever type it is said to have: the bytes decide.
Anything else (an error, a proxy's HTML) is kept as an error body, bounded, for whoever words the refusal.
No I/O in here.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping

from ..core.text import sanitize_line
from .base import Chunk
from .chunks import ChunkReader
from .error_messages import is_success
from .sse import decode

__all__ = ["MAX_ERROR_BODY_BYTES", "BodyReader"]

MAX_ERROR_BODY_BYTES = 64_000  # of an error body that are kept
_CHARSET = re.compile(r"(?i)charset\s*=\s*[\"']?([\w.:-]+)").search
_BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}  # byte order marks
_BLANK_BYTES = b" \t\r\n\xef\xbb\xbf"  # what may stand before the first letter, a byte order mark included


class BodyReader:
    """Reads one body.

    Attributes
    ----------
    is_error_body
        Whether this is no event stream; then ``error_body`` holds its beginning.
    """

    def __init__(self, status: int, headers: Mapping[str, str], max_line: int) -> None:
        self.headers = headers
        self.is_error_body = not is_success(status)
        self._error_body = b""
        self._charset = _declared_charset(headers)
        self._reader = ChunkReader(max_line, self._charset)
        self._decoder: codecs.IncrementalDecoder | None = None  # of two bytes a letter
        self._start: bytes | None = b""  # of the body, until it is clear how it is written
        self._has_begun = self.is_error_body
        self._has_chunks = False

    @property
    def error_body(self) -> bytes:
        """The first bytes of an error body, as UTF-8; empty for an event stream."""
        is_utf_8 = self._charset == "utf-8"
        return self._error_body if is_utf_8 else decode(self._error_body, self._charset).encode()

    @property
    def is_done(self) -> bool:
        """Whether ``[DONE]`` has been read."""
        return self._reader.done

    @property
    def is_too_long(self) -> bool:
        """Whether a line broke the bound; nothing is read after it."""
        return self._reader.is_too_long

    @property
    def plain_message(self) -> str:
        """What the server said in plain text where an event was due, as it came; empty for nothing."""
        return self._reader.sentence

    @property
    def unreadable_message(self) -> str | None:
        """A sentence about lines that could not be read, ``None`` if all could."""
        if not self._reader.unreadable_count:
            return None
        sentence = sanitize_line(self._reader.sentence, 110)
        if "\ufffd" in sentence and not self._has_chunks:
            return "the server answered with bytes that are no text: look at the proxy or the base URL"
        if sentence and not self._has_chunks:
            return sanitize_line(f"the server answered with a sentence and no stream: {sentence}")
        lines = "a line" if self._reader.unreadable_count == 1 else f"{self._reader.unreadable_count} lines"
        quoted = f" ({sentence})" if sentence else ""
        return sanitize_line(f"{lines} of the answer could not be read{quoted}; the text around it is kept")

    def detect_error_body(self, data: bytes) -> bool:
        """Decide by the first bytes whether this is an error: no event stream begins with markup."""
        if not self._has_begun and (start := data.lstrip(_BLANK_BYTES)):
            self._has_begun = True
            self.is_error_body = start.startswith(b"<")
        return self.is_error_body

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks that ``data`` completes."""
        if self._start is not None:
            data, self._start = self._start + data, None
            if len(data) < len("data"):  # too little to tell
                self._start = data
                return []
            if encoding := _utf_16_encoding(data):
                self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        return self._feed(data)

    def _feed(self, data: bytes) -> list[Chunk]:
        if self._decoder is not None:
            data = self._decoder.decode(data).encode("utf-8", "replace")
        if self.detect_error_body(data):
            self._error_body += data[: MAX_ERROR_BODY_BYTES - len(self._error_body)]
            return []
        chunks = self._reader.feed(data)
        self._has_chunks = self._has_chunks or bool(chunks)
        return chunks

    def close(self) -> list[Chunk]:
        """Return the chunks of a last event that was not closed by a blank line."""
        start, self._start = self._start, None
        chunks = self._feed(start) if start else []
        chunks += [] if self.is_error_body else self._reader.close()
        self._has_chunks = self._has_chunks or bool(chunks)
        return chunks


def _declared_charset(headers: Mapping[str, str]) -> str:
    """Return the encoding that the head names, UTF-8 for none and for one that is no such thing."""
    match = _CHARSET(headers.get("content-type", ""))
    try:
        name = codecs.lookup(match[1]).name if match else "utf-8"
        "".encode(name)  # some codecs make no text
    except (LookupError, ValueError, TypeError):
        return "utf-8"
    return "utf-8" if name == "ascii" or name.startswith(("utf", "idna", "punycode")) else name


def _utf_16_encoding(start: bytes) -> str | None:
    """Return the UTF-16 that a body is written in, ``None`` for none: what it says has no NUL in it.

    >>> _utf_16_encoding("data".encode("utf-16-be")), _utf_16_encoding(b"data")
    ('utf-16-be', None)
    """
    if encoding := _BYTE_ORDER_MARKS.get(start[:2]):
        return encoding
    nulls = "".join("0" if byte == 0 else "x" for byte in start[:4])
    return {"x0x0": "utf-16-le", "0x0x": "utf-16-be"}.get(nulls)
