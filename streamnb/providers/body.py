"""An answer's body, from raw bytes to chunks: uncompress, read as event stream or keep as a page.

What came with a status of success gives chunks; anything else (an error, a proxy's HTML) is kept
as a page, bounded, for whoever words the refusal.  No I/O in here.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Protocol

from ..core.text import sanitize_line
from ..core.wire_events import Fault
from .base import Chunk
from .error_messages import is_success
from .sse import SSEParser

__all__ = ["BodyReader", "Decoder", "decoder"]

MAX_ERROR_PAGE_BYTES = 64_000  # bytes of a page that are kept


class BodyReader:
    """Reads one body.

    Attributes
    ----------
    is_page
        Whether this is no event stream; then ``page`` holds its first bytes.
    done
        Whether ``[DONE]`` has been read.
    overlong
        Whether a line broke the bound; nothing is read after it.
    fault
        What was wrong with the compression, ``None`` if nothing.
    """

    def __init__(self, status: int, headers: Mapping[str, str], longest_line: int) -> None:
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        self.headers = headers
        # A body of JSON may hold chunks, or an error. Some gateways say 201 or 202 to a new stream.
        self.is_page = not is_success(status) or kind == "text/html"
        self.page = b""
        self.fault: Fault | None = None
        self._reader = SSEParser(longest_line)
        self._encoding = headers.get("content-encoding", "").strip().lower()
        self._plain = decoder(self._encoding)

    @property
    def done(self) -> bool:
        """Whether ``[DONE]`` has been read."""
        return self._reader.done

    @property
    def is_too_long(self) -> bool:
        """Whether a line broke the bound."""
        return self._reader.overlong

    @property
    def unreadable(self) -> str | None:
        """A sentence about lines that could not be read, ``None`` if all could."""
        if not self._reader.unreadable:
            return None
        lines = "a line" if self._reader.unreadable == 1 else f"{self._reader.unreadable} lines"
        return sanitize_line(f"{lines} of the answer could not be read; the text around it is kept")

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks that ``data`` completes."""
        if self.fault is not None:
            return []
        try:
            plain = self._plain.decompress(data)
        except zlib.error:
            self.fault = Fault("lost", f"the compressed answer ({self._encoding}) is damaged; try again")
            return []
        return self._take(plain)

    def close(self) -> list[Chunk]:
        """Return the chunks of a last event that was not closed by a blank line."""
        if self.fault is None and self._encoding and not self._plain.eof:
            self.fault = Fault(
                "unfinished", f"the compressed answer ({self._encoding}) was cut short; try again"
            )
        chunks = [] if self.is_page else self._take(self._plain.flush())
        return chunks + ([] if self.is_page else self._reader.close())

    def _take(self, plain: bytes) -> list[Chunk]:
        if not self.is_page:
            return self._reader.feed(plain)
        self.page += plain[: MAX_ERROR_PAGE_BYTES - len(self.page)]
        return []


class Decoder(Protocol):
    """Uncompresses a body piece by piece."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


class _Plain:
    eof = True

    def decompress(self, data: bytes, /) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""


def decoder(encoding: str) -> Decoder:
    """Return what uncompresses a body of this ``content-encoding``; nothing where there is none."""
    # Asked for none, some servers compress all the same; 47 reads the headers of gzip and zlib.
    return zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else _Plain()
