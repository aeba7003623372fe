"""Server-sent events: bytes in, the JSON objects of the events out.

Follows the WHATWG rules for event streams where servers do, and reads on where they do not: one
line that cannot be read never costs the events around it.  In here is no I/O and no knowledge of
a provider.  A piece goes through four steps: line ends are made alike, whole lines are cut off
(the rest waits for the next piece), data lines are parsed, what is no object is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .base import Chunk

__all__ = ["MAX_LINE_BYTES", "SSEParser"]

MAX_LINE_BYTES = 1_000_000  # bytes, the bound on one line and on the data of one event
_SHOWN = 80  # characters kept of a line that cannot be read

# Not strict: raw control characters inside a string are taken as they are.
_parse = json.JSONDecoder(strict=False).decode
_NOT_JSON = (ValueError, RecursionError)


class SSEParser:
    """Cuts the bytes of an answer into chunks, wherever the bytes themselves were cut.

    An answer without a single data line is read as JSON at the end: error bodies, and the
    array that Gemini sends where nobody asked for server-sent events.

    >>> parser = SSEParser()
    >>> parser.feed(b'data: {"a"'), parser.feed(b': 1}\\n')
    ([], [{'a': 1}])

    Attributes
    ----------
    done
        ``[DONE]`` was seen; what comes after it is left out.
    unreadable
        How many lines should have been JSON and are not.
    first_unreadable
        The beginning of the first of them, as the server sent it; ``None`` if there was none.
    overlong
        A line or an event was longer than ``max_line`` bytes, and reading stopped there.
    """

    def __init__(self, max_line: int = MAX_LINE_BYTES) -> None:
        self.done = False
        self.unreadable = 0
        self.first_unreadable: str | None = None
        self.overlong = False
        self._max_line = max_line
        self._rest: list[bytes] = []  # the pieces of a line whose end has not come
        self._rest_size = 0
        self._after_cr = False  # the last piece ended in CR: an LF that comes next belongs to it
        self._at_start = True
        self._named_error = False  # the event that is being read is called "error"
        self._data: list[str] = []  # data lines that are no object by themselves
        self._stray: list[str] | None = []  # lines of no event; None once there was a data line
        self._held = 0  # bytes in the two above

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks that ``data`` completes, in order."""
        if self.overlong or self.done:
            return []
        lines, newline, rest = self._with_plain_line_ends(data).rpartition(b"\n")
        chunks: list[Chunk] = []
        if newline:
            self._rest.append(lines)
            block = b"".join(self._rest)
            self._rest, self._rest_size = [], 0
            self._read(block, chunks)
        if rest:
            self._rest.append(rest)
            self._rest_size += len(rest)
            self.overlong |= self._rest_size > self._max_line
        return chunks

    def close(self) -> list[Chunk]:
        """Return what was held back: a last event counts without its blank line."""
        chunks: list[Chunk] = []
        last, readable = b"".join(self._rest), (self.unreadable, self.first_unreadable)
        if not (self.overlong or self.done):
            self._read(last, chunks)
        if not (self.overlong or self.done):
            self._end_of_event(chunks)
            self._end_of_strays(chunks)
        if last.startswith(b"data:"):  # cut short, and so missing its end: that is no broken line
            self.unreadable, self.first_unreadable = readable
        return chunks

    def _with_plain_line_ends(self, data: bytes) -> bytes:
        if not data:
            return data
        if self._after_cr:
            data = data.removeprefix(b"\n")
            self._after_cr = False
        if b"\r" in data:
            self._after_cr = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _read(self, block: bytes, chunks: list[Chunk]) -> None:
        """Read whole lines; most are ``data:`` and an object, or empty."""
        for line in self._lines(block):
            if line.startswith("data:"):
                self._data_line(line[5:], chunks)
                if self.done or self.overlong:
                    return
            elif line:
                self._other_line(line, chunks)
            else:
                if self._data:
                    self._end_of_event(chunks)
                self._named_error = False

    def _lines(self, block: bytes) -> list[str]:
        if len(block) > self._max_line:
            whole = block.split(b"\n")
            short = next((i for i, line in enumerate(whole) if len(line) > self._max_line), len(whole))
            self.overlong = short < len(whole)
            if not short:
                return []
            block = b"\n".join(whole[:short])
        text = block.decode("utf-8", "replace")  # whole lines, so no character is cut in two
        if self._at_start and text:
            self._at_start = False
            text = text.removeprefix("\ufeff")
        return text.split("\n")  # not splitlines: U+2028, U+2029 and U+0085 end no line here

    def _data_line(self, text: str, chunks: list[Chunk]) -> None:
        """Parse one data line at once; what is no object by itself waits for the lines after it."""
        if self._stray is not None:
            self._end_of_strays(chunks, events_follow=True)
        if not self._data:
            try:
                value = _parse(text)
            except _NOT_JSON:
                if text.strip() == "[DONE]":
                    self.done = True
                    return
            else:
                if type(value) is dict and not self._named_error:
                    chunks.append(value)
                    return
                if isinstance(value, dict | list):
                    self._emit(value, chunks)
                    return
        self._data.append(text)
        self._hold(text)

    def _other_line(self, line: str, chunks: list[Chunk]) -> None:
        name, _, value = line.partition(":")
        if name == "event":
            self._named_error = value.strip() == "error"
        elif name in ("", "id", "retry", "data"):
            pass  # a comment, or a field that says nothing about the answer
        elif self._stray is not None:
            self._stray.append(line)
            self._hold(line)
        elif line.lstrip().startswith(("{", "[")):
            self._parse_alone(line, chunks)  # some proxies drop an error between the events, unframed

    def _end_of_event(self, chunks: list[Chunk]) -> None:
        """Join the data lines that waited; if that is no JSON, read each by itself."""
        lines, self._data, self._held = self._data, [], 0
        if not lines:
            return
        try:
            self._emit(_parse("\n".join(lines)), chunks)
        except _NOT_JSON:
            for line in lines:
                self._parse_alone(line, chunks)

    def _end_of_strays(self, chunks: list[Chunk], *, events_follow: bool = False) -> None:
        """Read what was no event: JSON as a whole, or line by line, or (a page) not to be read at all."""
        lines, self._stray, self._held = self._stray or [], None, 0
        if not lines:
            return
        try:
            self._emit(_parse("\n".join(lines)), chunks)
        except _NOT_JSON:
            objects = [line for line in lines if line.startswith("{")]
            for line in objects or ([] if events_follow else lines[:1]):
                self._parse_alone(line, chunks)

    def _parse_alone(self, line: str, chunks: list[Chunk]) -> None:
        try:
            self._emit(_parse(line), chunks)
        except _NOT_JSON:
            if self._named_error:
                chunks.append({"error": {"message": line.strip()}})
            elif line.strip() == "[DONE]":
                self.done = True
            elif line.strip():
                self.unreadable += 1
                self.first_unreadable = self.first_unreadable or line.strip()[:_SHOWN]

    def _emit(self, value: Any, chunks: list[Chunk]) -> None:
        """Add the objects in ``value``; a number, a text or null is no chunk and does no harm."""
        if self._named_error and not (isinstance(value, dict) and value.get("error")):
            # The name of the event alone says so: adapters see an error like any other.
            value = {"error": value if value and isinstance(value, dict) else {"message": str(value or "")}}
        found: Iterable[Any] = value if isinstance(value, list) else (value,)
        chunks.extend(item for item in found if isinstance(item, dict))

    def _hold(self, text: str) -> None:
        self._held += len(text.encode("utf-8", "surrogatepass"))
        self.overlong |= self._held > self._max_line
