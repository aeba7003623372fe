"""Redaction of secrets in recorded traffic that are split over the JSON strings of several events.

A model writes a key in pieces of a few letters, each in an event of its own.  In the bytes of a recording no
pattern finds it, but whoever joins the events has it whole.  So the strings that follow one another under one
name (``content``, ``text``, ``delta``, ``arguments``) are looked at as one text, and a block waits as long as
such a text may be the beginning of a secret.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from .redaction import Secrets

__all__ = ["CrossEventSecretMasker"]

MAX_WAITING_BYTES = 256_000  # of blocks that wait, and of a line without an end
_NAMED_STRING = re.compile(rb'"(\w+)"\s*:\s*"((?:[^"\\]|\\.)*)"')

TimedBytes: TypeAlias = tuple[float, bytes]
"""When a block of the stream came, and the block."""


class _StringEnd(NamedTuple):
    """The end of the joined strings of one name, which may begin a secret; the offset of each byte."""

    data: bytes = b""
    offsets: tuple[int, ...] = ()  # counted from the first byte of the stream


class CrossEventSecretMasker:
    """Stars secrets that events cut, and leaves those that stand in one piece.

    >>> masker = CrossEventSecretMasker(Secrets(["sk-canary-0123"]))
    >>> masker.feed(0.0, b'{"text": "is sk-can"}\\n')
    []
    >>> [data for at, data in masker.feed(1.0, b'{"text": "ary-0123"}\\n')]
    [b'{"text": "is ******"}\\n', b'{"text": "********"}\\n']
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._waiting: list[TimedBytes] = []
        self._waiting_from = 0  # where the first of them begins, in bytes of the stream
        self._size = 0  # of the stream so far
        self._line = b""  # the beginning of a line
        self._ends: dict[bytes, _StringEnd] = {}
        self._stars: list[int] = []  # offsets in blocks that wait

    def feed(self, at: float, data: bytes) -> list[TimedBytes]:
        """Return the blocks in which no secret can begin any more, in order."""
        self._waiting.append((at, data))
        start = self._size - len(self._line)
        self._size += len(data)
        lines, _, self._line = (self._line + data).rpartition(b"\n")
        if self._ends or self._secrets.has_partial_match_at_string_end(lines):
            for match in _NAMED_STRING.finditer(lines):
                self._add_string(match[1], match[2], start + match.start(2))
        if len(self._line) > MAX_WAITING_BYTES:
            self._line = b""
        if self._size - self._waiting_from > MAX_WAITING_BYTES:
            self._ends = {}
        # A line is read when it is whole; until then its blocks wait, if it matters.
        is_open = self._secrets.has_partial_match_at_string_end(self._line)
        until = self._size - len(self._line) if is_open else self._size
        return self._take_ready_blocks(min((until, *(end.offsets[0] for end in self._ends.values()))))

    def close(self) -> list[TimedBytes]:
        """Return the blocks that were held back."""
        for end in self._ends.values():
            self._stars += [
                end.offsets[at] for span in self._secrets.find_spans(end.data) for at in range(*span)
            ]
        self._ends, self._line = {}, b""
        return self._take_ready_blocks(self._size)

    def _add_string(self, name: bytes, value: bytes, offset: int) -> None:
        """Take one more string of a name."""
        before = self._ends.pop(name, _StringEnd())
        data, size_before = before.data + value, len(before.data)
        waits_from = len(data) - self._secrets.undecided_length(data)

        def offsets(start: int, end: int) -> tuple[int, ...]:
            later = range(offset + max(start, size_before) - size_before, offset + end - size_before)
            return *before.offsets[start:end], *later

        for start, end in self._secrets.find_spans(data) if before.data else ():
            if start < waits_from:
                self._stars += offsets(start, end)
        if waits_from < len(data):
            self._ends[name] = _StringEnd(data[waits_from:], offsets(waits_from, len(data)))

    def _take_ready_blocks(self, until: int) -> list[TimedBytes]:
        """Return the blocks that end before an offset in the stream, with their stars."""
        ready: list[TimedBytes] = []
        while self._waiting and self._waiting_from + len(self._waiting[0][1]) <= until:
            at, data = self._waiting.pop(0)
            start, self._waiting_from = self._waiting_from, self._waiting_from + len(data)
            offsets = [offset - start for offset in self._stars if start <= offset < self._waiting_from]
            ready.append((at, _mask_at(data, offsets)))
        self._stars = [offset for offset in self._stars if offset >= self._waiting_from]
        return ready


def _mask_at(data: bytes, offsets: list[int]) -> bytes:
    if not offsets:
        return data
    output = bytearray(data)
    for offset in offsets:
        output[offset] = ord("*")
    return bytes(output)
