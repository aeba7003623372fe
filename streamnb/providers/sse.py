"""Server-sent events, strictly: bytes in, the lines of the stream out as fields.

Follows the WHATWG rules for event streams and knows neither JSON nor providers.  A piece goes through
three steps: line ends are made alike, whole lines are cut off (the rest waits for the next piece), each is
parted into name and value.  What servers do beside the rules is read by ``chunks``.  No I/O in here.
"""

from __future__ import annotations

import re

__all__ = ["MAX_LINE_BYTES", "SSEParser", "decode"]

MAX_LINE_BYTES = 1_000_000  # bytes, the bound on one line and on the data of one event

Field = tuple[str, str]
"""Name and value of a line: ``("data", "{}")``, ``("", "")`` for a blank one; comments are left out."""

_BLANK_FIELD: Field = ("", "")
_BLANK_LINES = re.compile(rb"\n{3,}")
_COMMENTS = re.compile(rb"(?m)^:[^\n]*\n")


class SSEParser:
    """Cuts the bytes of an answer into fields, wherever the bytes themselves were cut.

    >>> parser = SSEParser()
    >>> parser.feed(b'data: {"a"'), parser.feed(b': 1}\\n')
    ([], [('data', '{"a": 1}')])

    Attributes
    ----------
    line_too_long
        A line was longer than ``max_line`` bytes, and reading stopped there.
    """

    def __init__(self, max_line: int = MAX_LINE_BYTES, charset: str = "utf-8") -> None:
        self.line_too_long = False
        self._max_line = max_line
        self._charset = charset
        self._open_line: list[bytes] = []  # the pieces of a line whose end has not come
        self._open_size = 0
        self._after_cr = False  # the last piece ended in CR: an LF that comes next belongs to it
        self._at_start = True

    def feed(self, data: bytes) -> list[Field]:
        """Return the fields of the lines that ``data`` completes, in order."""
        if self.line_too_long:
            return []
        lines, newline, remainder = self._normalize_line_ends(data).rpartition(b"\n")
        fields: list[Field] = []
        if newline:
            self._open_line.append(lines)
            fields = self._parse_fields(b"".join(self._open_line))
            self._open_line, self._open_size = [], 0
        if remainder:
            self._open_line.append(remainder)
            self._open_size += len(remainder)
            self.line_too_long |= self._open_size > self._max_line
        return fields

    def close(self) -> list[Field]:
        """Return the field of a last line without an end."""
        last, self._open_line = b"".join(self._open_line), []
        return self._parse_fields(last) if last and not self.line_too_long else []

    def _normalize_line_ends(self, data: bytes) -> bytes:
        if not data:
            return data
        if self._after_cr:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _parse_fields(self, block: bytes) -> list[Field]:
        """Part whole lines into names and values."""
        if len(block) > self._max_line:
            block = self._lines_within_limit(block)
            if self.line_too_long and not block:
                return []
        if b"\n\n\n" in block:  # a flood of blank lines costs nothing
            block = _BLANK_LINES.sub(b"\n\n", block)
        if b"\n:" in block:
            block = _COMMENTS.sub(b"", block)
        text = decode(block, self._charset)  # whole lines, so no character is cut in two
        if self._at_start and text:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        fields: list[Field] = []
        for line in text.split("\n"):  # not splitlines: U+2028, U+2029 and U+0085 end no line here
            if line.startswith("data: "):  # nearly all are this,
                fields.append(("data", line[6:]))
            elif not line:  # or blank
                fields.append(_BLANK_FIELD)
            elif not line.startswith(":"):
                fields.append(_parse_line(line))
        return fields

    def _lines_within_limit(self, block: bytes) -> bytes:
        lines = block.split(b"\n")
        count = next((i for i, line in enumerate(lines) if len(line) > self._max_line), len(lines))
        self.line_too_long = count < len(lines)
        return b"\n".join(lines[:count])


def decode(data: bytes, charset: str = "utf-8") -> str:
    """Return the text of bytes: read as UTF-8, which event streams have to be, or else as ``charset``.

    >>> decode("é".encode("latin-1"), "latin-1"), decode("é".encode(), "latin-1")
    ('é', 'é')
    """
    try:
        return data.decode("utf-8", "replace" if charset == "utf-8" else "strict")
    except UnicodeDecodeError:
        return data.decode(charset, "replace")


def _parse_line(line: str) -> Field:
    name, _, value = line.partition(":")
    if name not in ("data", "event", "id", "retry"):
        return "stray", line
    return name, value.removeprefix(" ")
