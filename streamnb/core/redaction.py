"""Redaction of a text: known secrets are replaced by stars, in any encoding in which they may come back.

As they are, in another case, escaped for JSON, an address or a page, in base64, and truncated.
``Secret`` holds a key: a traceback that prints variables does not print it.  ``ENVIRON`` is
the process's environment for code whose frames may end up in such a traceback.  What streams, and is
cut by the network or by the events, is ``stream_redaction``'s.
"""

from __future__ import annotations

import base64
import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, AnyStr, NamedTuple

__all__ = ["ENVIRON", "Secret", "Secrets", "is_maskable", "mask", "strip_userinfo"]

MIN_SECRET_CHARACTERS = 12  # what is shorter is a stand-in ("EMPTY", "ollama") that texts may contain,
MIN_MIXED_CHARACTERS = 6  # unless it mixes letters and digits and stands for itself ("hunter2")
MAX_SHAPED_CHARACTERS = 24  # that are looked for in escaped shapes, too

_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/?#@\s\"'<>]+@")


class Secret(str):
    """A text whose ``repr`` keeps it to itself; its methods return plain texts, as every ``str``'s do."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class _SecretEnviron(Mapping[str, str]):
    """``os.environ`` as it is now, read only, without its contents in its ``repr``."""

    def __getitem__(self, name: str) -> str:
        return Secret(os.environ[name])

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)

    def __repr__(self) -> str:
        return "<the environment>"


ENVIRON: Mapping[str, str] = _SecretEnviron()


class Secrets:
    """The texts that must not be seen, in every shape in which they may come back.

    >>> Secrets(["sk-canary-0123"]).mask("not SK-CANARY-0123 nor sk%2Dcanary%2D0123")
    'not ************** nor ******************'
    """

    def __init__(self, hide: Iterable[str] = ()) -> None:
        self.plain = tuple(
            sorted({str.__str__(text) for text in hide if is_maskable(text)}, key=len, reverse=True)
        )
        self.shortest = min(map(len, self.plain), default=0)
        self.encoded = tuple(secret.encode() for secret in self.plain)
        self._pattern = _compile_patterns(self.plain) if self.plain else None
        self._string_end = _partial_secret_at_string_end_pattern(self.encoded) if self.plain else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def mask(self, text: str) -> str:
        """Return a text with each of them starred, letter for letter."""
        return text if self._pattern is None else self._pattern.text.sub(_star_letters, text)

    def mask_bytes(self, data: bytes) -> bytes:
        """Do the same for bytes that are mostly UTF-8."""
        return data if self._pattern is None else self._pattern.data.sub(_star_bytes, data)

    def partial_match_length(self, text: str) -> int:
        """Return how many characters at the end of ``text`` may be the beginning of one of them."""
        return max((_partial_match_length(secret, text) for secret in self.plain), default=0)

    def undecided_length(self, text: AnyStr) -> int:
        """Return how many characters at the end of ``text`` have to wait for what follows."""
        hide: Any = self.plain if isinstance(text, str) else self.encoded
        begun: int = max((_partial_match_length(secret, text) for secret in hide), default=0)
        return self._length_unless_whole_secret(begun, text)

    def spans(self, text: AnyStr) -> list[tuple[int, int]]:
        """Return where in a text they are, from and to."""
        if self._pattern is None:
            return []
        pattern: Any = self._pattern.text if isinstance(text, str) else self._pattern.data
        return [match.span() for match in pattern.finditer(text)]

    def has_partial_match_at_string_end(self, json: bytes) -> bool:
        """Whether the beginning of one of them is the end of a JSON string that is no name."""
        return self._string_end is not None and self._string_end.search(json) is not None

    def partial_match_length_in_bytes(self, data: bytes) -> int:
        """Do the same for bytes, where the beginning may be escaped, too."""
        begun = max((_partial_escaped_match_length(secret, data) for secret in self.encoded), default=0)
        return self._length_unless_whole_secret(begun, data)

    def _length_unless_whole_secret(self, begun: int, text: AnyStr) -> int:
        """Return 0 where what may begin a secret ends a whole one."""
        start = len(text) - begun
        return 0 if begun and any(first < start < last for first, last in self.spans(text)) else begun


def mask(text: str, hide: Iterable[str]) -> str:
    """Return a line for a person: secrets starred, no user and password in an address.

    >>> mask("http://me:hunter2@host/v1 said hunter2", ["hunter2"])
    'http://…@host/v1 said *******'
    """
    return Secrets(hide).mask(strip_userinfo(text))


def strip_userinfo(text: str) -> str:
    """Return a text without users and passwords of the addresses in it."""
    return _USER_IN_ADDRESS.sub("…@", text) if "@" in text else text


def is_maskable(text: str) -> bool:
    """Whether a secret can be told from an ordinary word: others are masked in headers only."""
    if len(text) >= MIN_SECRET_CHARACTERS:
        return True
    mixed = any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    return mixed and len(text) >= MIN_MIXED_CHARACTERS


class _TextAndBytesPattern(NamedTuple):
    text: re.Pattern[str]
    data: re.Pattern[bytes]


@functools.lru_cache(maxsize=32)
def _compile_patterns(secrets: tuple[str, ...]) -> _TextAndBytesPattern:
    shapes = [_secret_pattern(text) for text in secrets]
    shapes += [_base64_pattern(code) for text in secrets for code in sorted(set(_base64_forms(text)))]
    pattern = "|".join(shapes)
    return _TextAndBytesPattern(
        re.compile(pattern, re.IGNORECASE), re.compile(pattern.encode(), re.IGNORECASE)
    )


@functools.lru_cache(maxsize=32)
def _partial_secret_at_string_end_pattern(secrets: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """Return what finds a beginning of a secret, and not all of it, before a closing quote."""
    shapes = []
    for secret in secrets:
        shape = b""
        begin, remaining = secret[:-1][:MAX_SHAPED_CHARACTERS], secret[:-1][MAX_SHAPED_CHARACTERS:]
        if remaining:  # of a long one any end will do: a pattern for each letter would be too deep
            shapes.append(b'%b[^"\\\\\\s]{0,%d}' % (re.escape(begin), len(remaining)))
        for code in reversed(begin):
            shape = re.escape(bytes((code,))) + (b"(?:%b)?" % shape if shape else b"")
        shapes.append(shape)
    return re.compile(b'(?:%b)"(?!\\s*:)' % b"|".join(shapes))


def _secret_pattern(secret: str) -> str:
    """Return what finds a secret, each letter as it is or escaped; half of a long one is as good as all."""
    if len(secret) < MIN_SECRET_CHARACTERS:
        return rf"(?<![A-Za-z0-9]){''.join(map(_letter_pattern, secret))}(?![A-Za-z0-9])"
    enough = max(MIN_SECRET_CHARACTERS, min(len(secret) // 2, MAX_SHAPED_CHARACTERS))
    begin, remaining = secret[:enough], secret[enough:]
    cut_or_escaped = rf"(?:%[0-9a-f]{{2}}|\\u00[0-9a-f]{{2}}|&#x?[0-9a-f]+;|[\w-]){{0,{len(remaining)}}}"
    return f"{''.join(map(_letter_pattern, begin))}(?:{re.escape(remaining)}|{cut_or_escaped})"


def _base64_pattern(code: str) -> str:
    begin, remaining = code[:MAX_SHAPED_CHARACTERS], code[MAX_SHAPED_CHARACTERS:]
    return rf"{re.escape(begin)}[\w+/=-]{{0,{len(remaining)}}}"


def _letter_pattern(letter: str) -> str:
    code = ord(letter)
    if code > 0x7F:
        return re.escape(letter)
    backslash = "" if letter.isalnum() else r"\\?"
    return rf"(?:{backslash}{re.escape(letter)}|\\u00{code:02x}|%{code:02x}|&#(?:0*{code}|x0*{code:x});)"


def _base64_forms(secret: str) -> Iterator[str]:
    """Yield what a secret looks like in base64, wherever it stands; without the letters that it shares."""
    data = secret.encode()
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            if last - first >= MIN_SECRET_CHARACTERS:
                yield encode(bytes(shift) + data).decode()[first:last]


def _star_letters(match: re.Match[str]) -> str:
    return "*" * len(match[0])


def _star_bytes(match: re.Match[bytes]) -> bytes:
    return b"*" * len(match[0])


def _partial_match_length(secret: AnyStr, text: AnyStr) -> int:
    """Return how many letters at the end of ``text`` may be the beginning of ``secret``."""
    start = text.find(secret[:1], max(0, len(text) - len(secret) + 1))
    while start >= 0:
        if secret.startswith(text[start:]):
            return len(text) - start
        start = text.find(secret[:1], start + 1)
    return 0


def _partial_escaped_match_length(secret: bytes, data: bytes) -> int:
    """Do the same for bytes; where the first letter stands escaped in the last line, from there on."""
    count = _partial_match_length(secret, data)
    tail = data[-6 * len(secret) :].rpartition(b"\n")[2].lower()
    escapes = (b"\\u00%02x" % secret[0], b"%%%02x" % secret[0], b"&#")
    starts = [start for escape in escapes if (start := tail.find(escape)) >= 0]
    return max([count, *(len(tail) - start for start in starts)])
