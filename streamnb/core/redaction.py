"""Redaction of a text: known secrets are replaced by stars, in any encoding in which they may come back.

As they are, in another case, with characters between the letters that nobody sees, escaped for JSON, an
address or a page, in base64 and in hexadecimal digits, and truncated.
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
MAX_LITERAL_CHARACTERS = 24  # of a secret, in a pattern; those after them match by their number

# What no page and no terminal shows: between two letters of a key it hides the key from us alone.
_INVISIBLE = (
    "\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u180e\\u200b-\\u200f\\u202a-\\u202e"
    "\\u2060-\\u206f\\ufe00-\\ufe0f\\ufeff"
)
_INVISIBLE_CHARACTER = re.compile(f"[{_INVISIBLE}]")
_GAP = f"[{_INVISIBLE}]{{0,3}}"
_GAP_IN_BYTES = (
    r"(?:[\x00-\x08\x0e-\x1f\x7f]|\xc2\xad|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf"
    r"|\\u(?:00[01]\w|00ad|200[b-f]|202[a-e]|206\w|feff)){0,3}"
)

_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/?#@\s\"'<>]+@")


class Secret(str):
    """A text whose ``repr`` does not show it; its methods return plain texts, as every ``str``'s do."""

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
    """Finds and masks secrets in a text, in every encoding in which they may come back.

    >>> Secrets(["sk-canary-0123"]).mask("not SK-CANARY-0123 nor sk%2Dcanary%2D0123")
    'not ************** nor ******************'
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self.plain = tuple(
            sorted({str.__str__(text) for text in secrets if is_maskable(text)}, key=len, reverse=True)
        )
        self.shortest = min(map(len, self.plain), default=0)
        self.encoded = tuple(secret.encode() for secret in self.plain)
        self.first_letters = frozenset(
            letter for secret in self.plain for letter in (secret[0].lower(), secret[0].upper())
        )
        self._pattern = _compile_patterns(self.plain) if self.plain else None
        self._string_end = _partial_secret_at_string_end_pattern(self.encoded) if self.plain else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def mask(self, text: str) -> str:
        """Return a text with every secret starred, letter for letter."""
        if self._pattern is None:
            return text
        return self._pattern.text.sub(lambda match: "*" * len(match[0]), text)

    def mask_bytes(self, data: bytes) -> bytes:
        """Return bytes that are mostly UTF-8 with every secret starred."""
        if self._pattern is None:
            return data
        return self._pattern.data.sub(lambda match: b"*" * len(match[0]), data)

    def partial_match_length(self, text: str) -> int:
        """Return how many characters at the end of ``text`` may be the beginning of a secret."""
        return max((_partial_match_with_gaps(secret, text) for secret in self.plain), default=0)

    def undecided_length(self, text: AnyStr, *, is_json: bool = False) -> int:
        """Return how many characters at the end of ``text`` have to wait for what follows.

        Parameters
        ----------
        text
            What has come so far.
        is_json
            Whether it is a text of JSON, in which letters may be escaped.
        """
        if isinstance(text, str):
            begun = self.partial_match_length(text)
            if is_json:
                letters: str = text
                begun = max([begun, *(_partial_escape_length(secret, letters) for secret in self.plain)])
        else:
            begun = max((_partial_match_length(secret, text) for secret in self.encoded), default=0)
        return self._length_unless_whole_secret(begun, text)

    def find_spans(self, text: AnyStr) -> list[tuple[int, int]]:
        """Return start and end of every secret in a text."""
        if self._pattern is None:
            return []
        pattern: Any = self._pattern.text if isinstance(text, str) else self._pattern.data
        return [match.span() for match in pattern.finditer(text)]

    def has_partial_match_at_string_end(self, json: bytes) -> bool:
        """Whether a JSON string that is no name ends in the beginning of a secret."""
        return self._string_end is not None and self._string_end.search(json) is not None

    def partial_match_length_in_bytes(self, data: bytes) -> int:
        """Return how many bytes at the end of ``data`` may be the beginning of a secret, escaped or not."""
        begun = max((_partial_escaped_match_length(secret, data) for secret in self.encoded), default=0)
        return self._length_unless_whole_secret(begun, data)

    def _length_unless_whole_secret(self, begun: int, text: AnyStr) -> int:
        """Return ``begun``, the length of a partial match, or 0 where it lies in a whole secret."""
        start = len(text) - begun
        return 0 if begun and any(first < start < last for first, last in self.find_spans(text)) else begun


def mask(text: str, secrets: Iterable[str]) -> str:
    """Return a line for a person: secrets starred, no user and password in an address.

    >>> mask("http://me:hunter2@host/v1 said hunter2", ["hunter2"])
    'http://…@host/v1 said *******'
    """
    return Secrets(secrets).mask(strip_userinfo(text))


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
    codes = [_encoded_form_pattern(code) for text in secrets for code in sorted(set(_encoded_forms(text)))]
    in_text, in_bytes = (
        "|".join([*(_secret_pattern(text, gap) for text in secrets), *codes]) for gap in (_GAP, _GAP_IN_BYTES)
    )
    return _TextAndBytesPattern(
        re.compile(in_text, re.IGNORECASE), re.compile(in_bytes.encode(), re.IGNORECASE)
    )


@functools.lru_cache(maxsize=32)
def _partial_secret_at_string_end_pattern(secrets: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """Return a pattern of the beginning of a secret, and not all of it, before a closing quote."""
    shapes = []
    for secret in secrets:
        shape = b""
        begin, remaining = secret[:-1][:MAX_LITERAL_CHARACTERS], secret[:-1][MAX_LITERAL_CHARACTERS:]
        if remaining:  # of a long one any end will do: a pattern for each letter would be too deep
            shapes.append(b'%b[^"\\\\\\s]{0,%d}' % (re.escape(begin), len(remaining)))
        for code in reversed(begin):
            shape = re.escape(bytes((code,))) + (b"(?:%b)?" % shape if shape else b"")
        shapes.append(shape)
    return re.compile(b'(?:%b)"(?!\\s*:)' % b"|".join(shapes), re.IGNORECASE)


def _secret_pattern(secret: str, gap: str) -> str:
    """Return a pattern of a secret, each letter as it is or escaped; half of a long one is enough."""
    if len(secret) < MIN_SECRET_CHARACTERS:
        return rf"(?<![A-Za-z0-9]){gap.join(map(_letter_pattern, secret))}(?![A-Za-z0-9])"
    enough = max(MIN_SECRET_CHARACTERS, min(len(secret) // 2, MAX_LITERAL_CHARACTERS))
    begin, remaining = secret[:enough], secret[enough:]
    letter = rf"(?:{gap}(?:%[0-9a-f]{{2}}|\\u00[0-9a-f]{{2}}|&#x?[0-9a-f]+;|[\w-]))"
    cut_or_escaped = f"{letter}{{0,{len(remaining)}}}"
    return f"{gap.join(map(_letter_pattern, begin))}(?:{re.escape(remaining)}|{cut_or_escaped})"


def _encoded_form_pattern(code: str) -> str:
    begin, remaining = code[:MAX_LITERAL_CHARACTERS], code[MAX_LITERAL_CHARACTERS:]
    return rf"{re.escape(begin)}[\w+/=-]{{0,{len(remaining)}}}"


def _letter_pattern(letter: str) -> str:
    code = ord(letter)
    if code > 0x7F:
        return re.escape(letter)
    backslash = "" if letter.isalnum() else r"\\?"
    return rf"(?:{backslash}{re.escape(letter)}|\\u00{code:02x}|%{code:02x}|&#(?:0*{code}|x0*{code:x});)"


def _encoded_forms(secret: str) -> Iterator[str]:
    """Yield a secret in hexadecimal and, in each of its three alignments, in base64."""
    data = secret.encode()
    if len(data) >= MIN_SECRET_CHARACTERS:
        yield data.hex()
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            if last - first >= MIN_SECRET_CHARACTERS:
                yield encode(bytes(shift) + data).decode()[first:last]


def _partial_match_length(secret: AnyStr, text: AnyStr) -> int:
    """Return how many letters at the end of ``text`` may be the beginning of ``secret``, in any case."""
    secret, text = _lower(secret), _lower(text[-len(secret) :])
    start = text.find(secret[:1], max(0, len(text) - len(secret) + 1))
    while start >= 0:
        if secret.startswith(text[start:]):
            return len(text) - start
        start = text.find(secret[:1], start + 1)
    return 0


def _lower(text: AnyStr) -> AnyStr:
    """Return a text in lower case, letter for letter; one that would be longer, as it is."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text


def _partial_match_with_gaps(secret: str, text: str) -> int:
    """Return the length of a partial match at the end, invisible characters between its letters counted."""
    tail = text[-4 * len(secret) :]
    if not _INVISIBLE_CHARACTER.search(tail):
        return _partial_match_length(secret, tail)
    visible = [index for index, letter in enumerate(tail) if not _INVISIBLE_CHARACTER.match(letter)]
    count = _partial_match_length(secret, "".join(tail[index] for index in visible))
    return len(tail) - visible[-count] if count else 0


def _partial_escape_length(secret: str, text: str) -> int:
    """Return how many characters at the end of JSON begin with the escaped first letter, or part of it."""
    tail = text[-6 * len(secret) :].lower()
    escape = f"\\u{ord(secret[0].lower()):04x}"
    if (start := tail.find(escape)) >= 0:
        return len(tail) - start
    return next((count for count in range(5, 0, -1) if tail.endswith(escape[:count])), 0)


def _partial_escaped_match_length(secret: bytes, data: bytes) -> int:
    """Return the length of a partial match at the end; an escaped first letter begins one, too."""
    count = _partial_match_length(secret, data)
    tail = data[-6 * len(secret) :].rpartition(b"\n")[2].lower()
    escapes = (b"\\u00%02x" % secret[0], b"%%%02x" % secret[0], b"&#")
    starts = [start for escape in escapes if (start := tail.find(escape)) >= 0]
    return max([count, *(len(tail) - start for start in starts)])
