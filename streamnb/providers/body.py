"""An answer's body, from plain bytes to chunks: read as an event stream, or kept as a page.

What came with a status of success gives chunks, whatever type it is said to have: the bytes decide.
Anything else (an error, a proxy's HTML) is kept as a page, bounded, for whoever words the refusal.
No I/O in here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import sanitize_line
from .base import Chunk
from .chunks import ChunkReader
from .error_messages import is_success

__all__ = ["MAX_PAGE_BYTES", "BodyReader"]

MAX_PAGE_BYTES = 64_000  # of a page that are kept
_BLANK = b" \t\r\n\xef\xbb\xbf"  # what may stand before the first letter, a byte order mark included


class BodyReader:
    """Reads one body.

    Attributes
    ----------
    is_page
        Whether this is no event stream; then ``page`` holds its first bytes.
    """

    def __init__(self, status: int, headers: Mapping[str, str], max_line: int) -> None:
        self.headers = headers
        self.is_page = not is_success(status)
        self.page = b""
        self._reader = ChunkReader(max_line)
        self._has_begun = self.is_page
        self._has_chunks = False

    @property
    def done(self) -> bool:
        """Whether ``[DONE]`` has been read."""
        return self._reader.done

    @property
    def is_too_long(self) -> bool:
        """Whether a line broke the bound; nothing is read after it."""
        return self._reader.overlong

    @property
    def sentence(self) -> str:
        """What the server said in plain text where an event was due, as it came; empty for nothing."""
        return self._reader.sentence

    @property
    def unreadable(self) -> str | None:
        """A sentence about lines that could not be read, ``None`` if all could."""
        if not self._reader.unreadable:
            return None
        sentence = sanitize_line(self._reader.sentence, 110)
        if sentence and not self._has_chunks:
            return sanitize_line(f"the server answered with a sentence and no stream: {sentence}")
        lines = "a line" if self._reader.unreadable == 1 else f"{self._reader.unreadable} lines"
        quoted = f" ({sentence})" if sentence else ""
        return sanitize_line(f"{lines} of the answer could not be read{quoted}; the text around it is kept")

    def sniff(self, data: bytes) -> bool:
        """Decide by the first bytes whether this is a page: no event stream begins with markup."""
        if not self._has_begun and (start := data.lstrip(_BLANK)):
            self._has_begun = True
            self.is_page = start.startswith(b"<")
        return self.is_page

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks that ``data`` completes."""
        if self.sniff(data):
            self.page += data[: MAX_PAGE_BYTES - len(self.page)]
            return []
        chunks = self._reader.feed(data)
        self._has_chunks = self._has_chunks or bool(chunks)
        return chunks

    def close(self) -> list[Chunk]:
        """Return the chunks of a last event that was not closed by a blank line."""
        chunks = [] if self.is_page else self._reader.close()
        self._has_chunks = self._has_chunks or bool(chunks)
        return chunks
