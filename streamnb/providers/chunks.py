"""The chunks of an answer: fields of an event stream in, the JSON objects of its events out.

Servers keep to the rules of server-sent events less than well, so this reads on where they do not: one
line that cannot be read never costs the events around it.  Data lines that are an object by themselves
count at once, without waiting for the blank line; others are joined; what is no event at all (a body of
JSON, an error dropped between two events, a plain sentence) is looked at, too.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable
from typing import Any

import jiter

from .base import Chunk
from .sse import MAX_LINE_BYTES, SSEParser

__all__ = ["ChunkReader"]

MAX_EXCERPT_CHARACTERS = 80  # characters kept of a line that cannot be read
MAX_OBJECTS_PER_LINE = 1_000  # in one line
MAX_SENTENCE_CHARACTERS = 1_000  # characters kept of a plain sentence

_JSON_ERRORS = (ValueError, RecursionError)
# Not strict: raw control characters inside a string are taken as they are.
_lenient_decoder = json.JSONDecoder(strict=False)
_parse_leniently = _lenient_decoder.decode
_SEPARATORS = re.compile(r"[\s,]*")  # between the objects of a list
_DATA_PREFIXES = re.compile(r"\A(?:data:\s*)+")
# Indented, in capitals, a blank before the colon.
_MALFORMED_DATA_PREFIX = re.compile(r"(?i)\A[\s\ufeff\x00]*data\s*:\s*(?=[\[{])")
_ERROR_FIELD = re.compile(r"(?i)\Aerror\s*:\s*(?=\{)")  # llama.cpp's
_NO_SENTENCE = re.compile(r"\A(?:\Z|[{<\"}\]]|\[(?!\w+\]))")
# Signs of life that some proxies send as data; they are no part of an answer.
_KEEPALIVE = re.compile(
    r"(?i)\A\s*(?::\s*[\w -]*|\[?(?:ping|pong|keep[-_ ]?alive|heartbeat|connected|start|done|ok)\]?)\s*\Z"
)


def _parse_json(text: str) -> Any:
    """Return the value of a JSON text, by the quick reader where it agrees to read it."""
    try:
        return jiter.from_json(text.encode(), cache_mode="keys")
    except ValueError:  # it also refuses halves of surrogate pairs, and more than 200 levels
        return _parse_leniently(text.strip("\x00\ufeff"))  # C's end of a text, a mark of joined files


def _split_joined_objects(line: str) -> list[Chunk]:
    """Return the objects of a line that holds several without anything between them; none for other lines."""
    chunks: list[Chunk] = []
    remaining = line.strip()
    while remaining.startswith("{") and len(chunks) < MAX_OBJECTS_PER_LINE:
        try:
            value, end = _lenient_decoder.raw_decode(remaining)
        except _JSON_ERRORS:
            return []
        chunks.append(value)
        remaining = remaining[end:].lstrip()
    return [] if remaining else chunks


def _objects_of_partial_list(text: str) -> list[Chunk]:
    """Return the whole objects of a JSON list without an end; none for other texts."""
    values: list[Any] = []
    at = 1
    with contextlib.suppress(*_JSON_ERRORS):
        while text.startswith("[") and (gap := _SEPARATORS.match(text, at)):
            value, at = _lenient_decoder.raw_decode(text, gap.end())
            values.append(value)
    return [value for value in values if type(value) is dict]


class ChunkReader:
    """Reads the bytes of an answer into chunks, wherever the bytes themselves were cut.

    An answer without a single data line is read as JSON at the end: error bodies, and the
    array that Gemini sends where nobody asked for server-sent events.

    >>> reader = ChunkReader()
    >>> reader.feed(b'data: {"a"'), reader.feed(b': 1}\\n')
    ([], [{'a': 1}])

    Attributes
    ----------
    done
        ``[DONE]`` was seen; what comes after it is left out.
    unreadable_count
        How many lines should have been JSON and are not.
    first_unreadable
        The beginning of the first of them, as the server sent it; ``None`` if there was none.
    sentence
        What a server said in plain text where an event was due, ``""`` for nothing.
    is_too_long
        A line or an event was longer than ``max_line`` bytes, and reading stopped there.
    """

    def __init__(self, max_line: int = MAX_LINE_BYTES, charset: str = "utf-8") -> None:
        self.done = False
        self.unreadable_count = 0
        self.first_unreadable: str | None = None
        self.sentence = ""
        self.is_too_long = False
        self._max_line = max_line
        self._parser = SSEParser(max_line, charset)
        self._is_error_event = False  # the event that is being read is called "error"
        self._event_type = ""  # or by one of the names of Responses
        self._data: list[str] = []  # data lines that are no object by themselves
        self._stray_lines: list[str] | None = []  # lines of no event; None once there was a data line
        self._held_bytes = 0  # in the two above

    def feed(self, data: bytes) -> list[Chunk]:
        """Return the chunks that ``data`` completes, in order."""
        if self.is_too_long or self.done:
            return []
        chunks: list[Chunk] = []
        self._read_fields(self._parser.feed(data), chunks)
        self.is_too_long |= self._parser.line_too_long
        return chunks

    def close(self) -> list[Chunk]:
        """Return what was held back: a last event counts without its blank line."""
        chunks: list[Chunk] = []
        before = (self.unreadable_count, self.first_unreadable, self.sentence)
        last = self._parser.close()
        if not (self.is_too_long or self.done):
            self._read_fields(last, chunks)
        if not (self.is_too_long or self.done):
            self._dispatch_event(chunks)
            self._flush_stray_lines(chunks)
        if last and last[0][0] == "data":  # cut short, and so missing its end: that is no broken line
            self.unreadable_count, self.first_unreadable, self.sentence = before
        return chunks

    def _read_fields(self, fields: Iterable[tuple[str, str]], chunks: list[Chunk]) -> None:
        """Read the fields; most are data and an object, or blank."""
        for name, value in fields:
            if name == "data":
                if not value and not self._data and self._stray_lines is None:
                    continue  # an empty event, of which there may be millions
                self._feed_data_line(value, chunks)
                if self.done or self.is_too_long:
                    return
            elif not name:
                if self._data:
                    self._dispatch_event(chunks)
                self._is_error_event, self._event_type = False, ""
            elif name == "event":
                name = value.strip()
                self._is_error_event = name.lower() == "error"
                self._event_type = name if name.startswith("response.") else ""
            elif name == "stray":
                self._feed_stray_line(value, chunks)

    def _feed_data_line(self, text: str, chunks: list[Chunk]) -> None:
        """Parse one data line at once; what is no object by itself waits for the lines after it."""
        if self._stray_lines is not None:
            self._flush_stray_lines(chunks, events_follow=True)
        if not self._data:
            try:
                value = _parse_json(text)
            except _JSON_ERRORS:
                if text.strip(" \t\x00").upper() == "[DONE]":
                    self.done = True
                    return
                if text.startswith("data:"):  # framed twice on its way
                    self._feed_data_line(_DATA_PREFIXES.sub("", text), chunks)
                    return
            else:
                if type(value) is dict and not self._is_error_event:
                    if self._event_type:  # the name alone says what it is
                        value.setdefault("type", self._event_type)
                    chunks.append(value)
                    return
                if isinstance(value, dict | list):
                    self._append_objects(value, chunks)
                    return
                if type(value) is str and value.lstrip().startswith("{"):  # written as JSON twice on its way
                    self._parse_single_line(value, chunks)
                    return
        self._data.append(text)
        self._count_held_bytes(text)

    def _feed_stray_line(self, line: str, chunks: list[Chunk]) -> None:
        if error := _ERROR_FIELD.match(line):
            self._is_error_event = True
            self._parse_single_line(line[error.end() :], chunks)
        elif frame := _MALFORMED_DATA_PREFIX.match(line):
            self._feed_data_line(line[frame.end() :], chunks)
        elif self._stray_lines is not None:
            self._stray_lines.append(line)
            self._count_held_bytes(line)
        elif line.lstrip().startswith(("{", "[")):
            self._parse_single_line(line, chunks)  # some proxies drop an error between the events, unframed
        else:
            self._keep_first_sentence(line)

    def _dispatch_event(self, chunks: list[Chunk]) -> None:
        """Join the data lines that waited; if that is no JSON, read each by itself."""
        lines, self._data, self._held_bytes = self._data, [], 0
        if not lines:
            return
        try:
            self._append_objects(_parse_json("\n".join(lines)), chunks)
        except _JSON_ERRORS:
            for line in lines:
                self._parse_single_line(line, chunks)

    def _flush_stray_lines(self, chunks: list[Chunk], *, events_follow: bool = False) -> None:
        """Read what was no event: JSON as a whole, or line by line, or (a page) not to be read at all."""
        lines, self._stray_lines, self._held_bytes = self._stray_lines or [], None, 0
        if not lines:
            return
        try:
            self._append_objects(_parse_json("\n".join(lines)), chunks)
        except _JSON_ERRORS:
            if values := _objects_of_partial_list("\n".join(lines).lstrip()):
                chunks.extend(values)
                return
            objects = [line for line in lines if line.startswith("{")]
            for line in objects or ([] if events_follow else lines[:1]):
                self._parse_single_line(line, chunks)

    def _parse_single_line(self, line: str, chunks: list[Chunk]) -> None:
        try:
            self._append_objects(_parse_json(line), chunks)
        except _JSON_ERRORS:
            if self._is_error_event:
                chunks.append({"error": {"message": line.strip()}})
            elif line.strip().upper() == "[DONE]":
                self.done = True
            elif pieces := _split_joined_objects(line):
                chunks.extend(pieces)
            elif line.strip() and not _KEEPALIVE.match(line):
                self.unreadable_count += 1
                self.first_unreadable = self.first_unreadable or line.strip()[:MAX_EXCERPT_CHARACTERS]
                self._keep_first_sentence(line)

    def _append_objects(self, value: Any, chunks: list[Chunk]) -> None:
        """Add the objects in ``value``; a number, a text or null is no chunk and does no harm."""
        if self._is_error_event and not (isinstance(value, dict) and value.get("error")):
            # The name of the event alone says so: adapters see an error like any other.
            value = {"error": value if value and isinstance(value, dict) else {"message": str(value or "")}}
        if isinstance(value, str):
            self._keep_first_sentence(value)
        values: Iterable[Any] = value if isinstance(value, list) else (value,)
        chunks.extend(item for item in values if isinstance(item, dict))

    def _keep_first_sentence(self, line: str) -> None:
        """Keep a plain sentence, the first; broken JSON and markup are none."""
        line = line.strip()
        if not self.sentence and not _NO_SENTENCE.match(line):
            self.sentence = line[:MAX_SENTENCE_CHARACTERS]

    def _count_held_bytes(self, text: str) -> None:
        self._held_bytes += len(text.encode("utf-8", "surrogatepass")) + 1
        self.is_too_long |= self._held_bytes > self._max_line
