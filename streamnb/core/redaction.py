"""Redaction: what of a stream may be shown or kept, so that no key gets into a sentence, a page or a file.

Left out is what is named like a secret; starred are the texts that are known to be one, wherever a
server repeats them: as they are, in letters of another size, escaped for JSON, an address or a page, in
base64, cut short, and where the network or the events cut one in two.  ``Secret`` is a key wherever one is
kept: a traceback that prints variables prints none.  ``ENVIRON`` is the process's environment for code
whose frames may end up in such a traceback.
"""

from __future__ import annotations

import base64
import functools
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, AnyStr, NamedTuple

from .events import Event, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta
from .wire_events import Data, EndOfBody, ResponseHead, WireEvent

__all__ = ["ENVIRON", "EventRedactor", "Redactor", "Secret", "is_maskable", "mask", "without_users"]

MIN_SECRET_CHARACTERS = 12  # what is shorter is a stand-in ("EMPTY", "ollama") that texts may contain,
MIN_MIXED_CHARACTERS = 6  # unless it mixes letters and digits and stands for itself ("hunter2")
MAX_SHAPED_CHARACTERS = 24  # that are looked for in escaped shapes, too
MIN_HELD_CHARACTERS = 4  # of the beginning of a secret at the end of a piece, before the piece waits

# Names of options and headers under which people and servers pass keys on.
_SECRET_NAME = re.compile(
    r"(?i)api[_-]?key|authorization|auth[_-]token|cookie|credential|headers|passw|secret"
)
_USER_IN_ADDRESS = re.compile(r"(?<=://)[^/?#@\s\"'<>]+@")


class Secret(str):
    """A text whose ``repr`` keeps it to itself; its methods return plain texts, as every ``str``'s do."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class _Environ(Mapping[str, str]):
    """``os.environ`` as it is now, read only, without its contents in its ``repr``."""

    def __getitem__(self, name: str) -> str:
        return Secret(os.environ[name])

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)

    def __repr__(self) -> str:
        return "<the environment>"


ENVIRON: Mapping[str, str] = _Environ()


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
        self._pattern = _compiled(self.plain) if self.plain else None

    def __bool__(self) -> bool:
        return self._pattern is not None

    def mask(self, text: str) -> str:
        """Return a text with each of them starred, letter for letter."""
        return text if self._pattern is None else self._pattern.text.sub(_stars, text)

    def mask_bytes(self, data: bytes) -> bytes:
        """Do the same for bytes that are mostly UTF-8."""
        return data if self._pattern is None else self._pattern.data.sub(_byte_stars, data)

    def begun(self, text: str) -> int:
        """Return how many characters at the end of ``text`` may be the beginning of one of them."""
        return max((_begun(secret, text) for secret in self.plain), default=0)

    def begun_in_bytes(self, data: bytes) -> int:
        """Do the same for bytes, where the beginning may be escaped, too."""
        return max((_begun_escaped(secret.encode(), data) for secret in self.plain), default=0)


def mask(text: str, hide: Iterable[str]) -> str:
    """Return a line for a person: secrets starred, no user and password in an address.

    >>> mask("http://me:hunter2@host/v1 said hunter2", ["hunter2"])
    'http://…@host/v1 said *******'
    """
    return Secrets(hide).mask(without_users(text))


def without_users(text: str) -> str:
    """Return a text without users and passwords of the addresses in it."""
    return _USER_IN_ADDRESS.sub("…@", text) if "@" in text else text


class Redactor:
    """Takes secrets out of the traffic of one stream: ``hide`` are the texts that are one."""

    def __init__(self, hide: Iterable[str] = ()) -> None:
        self._secrets = Secrets(hide)
        self._held: Data | None = None  # the end of a block, which may begin a secret

    def feed(self, message: WireEvent) -> list[WireEvent]:
        """Return what may be kept after this message, in order: mostly the message itself."""
        if isinstance(message, Data):
            return self._block(message.at, message.data)
        if isinstance(message, ResponseHead):
            message = replace(message, headers=self.redact(message.headers))
        elif isinstance(message, EndOfBody) and message.fault is not None:
            sentence = self.redact(message.fault.message)
            message = replace(message, fault=replace(message.fault, message=sentence))
        return [*self.flush(), message]

    def flush(self) -> list[WireEvent]:
        """Return what was held back; called when nothing more will come of a body."""
        held, self._held = self._held, None
        return [] if held is None else [replace(held, data=self._secrets.mask_bytes(held.data))]

    def _block(self, at: float, data: bytes) -> list[WireEvent]:
        if not self._secrets:
            return [Data(at, data)]
        if self._held is not None:
            data, self._held = self._held.data + data, None
        if begun := self._secrets.begun_in_bytes(data):
            self._held, data = Data(at, data[-begun:]), data[:-begun]
        return [Data(at, self._secrets.mask_bytes(data))] if data or not begun else []

    def redact(self, value: Any) -> Any:
        """Return a copy of JSON without hidden texts, and without what is named like a secret."""
        if isinstance(value, Mapping):
            public = {name: inner for name, inner in value.items() if not _SECRET_NAME.search(str(name))}
            return {str(name): self.redact(inner) for name, inner in public.items()}
        if isinstance(value, list | tuple):
            return [self.redact(inner) for inner in value]
        return self._secrets.mask(without_users(value)) if isinstance(value, str) else value


_GROWING: dict[type[Event], tuple[str, ...]] = {
    TextDelta: ("text",),
    ReasoningDelta: ("text",),
    ToolCallDelta: ("arguments",),
    StepDelta: ("arguments", "result"),
}


class EventRedactor:
    """Takes secrets out of the events of one answer, also where two events have one half each.

    >>> redactor = EventRedactor(["sk-canary-0123"])
    >>> redactor.feed([TextDelta("your key: sk-can")]), redactor.feed([TextDelta("ary-0123.")])
    ([TextDelta(text='your key: ')], [TextDelta(text='**************.')])
    """

    def __init__(self, hide: Iterable[str] = ()) -> None:
        self._secrets = Secrets(hide)
        self._ends: dict[tuple[type[Event], int, str], tuple[str, str]] = {}  # what was shown, what is held

    def feed(self, events: list[Event]) -> list[Event]:
        """Return the events of one chunk, as far as it is certain that no secret begins in them."""
        if not self._secrets:
            return events
        if not self._ends and all(map(self._is_harmless, events)):
            return events
        clean = [self._masked(event) for event in events]
        return [event for event in clean if event is not None]

    def close(self) -> list[Event]:
        """Return what was held back."""
        ends, self._ends = self._ends, {}
        return [
            _piece(kind, index, name, self._secrets.mask(held))
            for (kind, index, name), (_, held) in ends.items()
            if held
        ]

    def line(self, text: str) -> str:
        """Return a whole text with every secret starred, and without user and password in addresses."""
        return self._secrets.mask(without_users(text))

    def page(self, page: bytes) -> bytes:
        """Return a body that is no event stream with every secret starred."""
        return self._secrets.mask_bytes(page)

    def _is_harmless(self, event: Event) -> bool:
        """Whether this is a short piece of text, as most are, in which no secret ends or begins."""
        if not isinstance(event, TextDelta | ReasoningDelta):
            return False
        return len(event.text) < self._secrets.shortest and not self._secrets.begun(event.text)

    def _masked(self, event: Event) -> Event | None:
        growing = _GROWING.get(type(event), ())
        changes: dict[str, Any] = {}
        for field in fields(event):
            before = getattr(event, field.name)
            if type(before) is str and before:
                key = (type(event), getattr(event, "index", 0), field.name)
                text = self._grown(key, before) if field.name in growing else self._secrets.mask(before)
                if text != before:
                    changes[field.name] = text
        if not changes:
            return event
        event = replace(event, **changes)
        return None if type(event) in (TextDelta, ReasoningDelta) and not changes["text"] else event

    def _grown(self, key: tuple[type[Event], int, str], piece: str) -> str:
        """Return what of a text that goes on can be shown now.

        Three letters of a secret's beginning are let go, and remembered: words end like a secret begins.
        From the fourth on the piece waits for what follows.
        """
        shown, held = self._ends.pop(key, ("", ""))
        text = shown + held + piece
        begun = self._secrets.begun(text)
        start = len(text) - begun
        if begun < MIN_HELD_CHARACTERS:
            if begun:
                self._ends[key] = (text[start:], "")
            return self._secrets.mask(text)[len(shown) :]
        split = max(start, len(shown))
        self._ends[key] = (text[start:split], text[split:])
        return self._secrets.mask(text[:start])[len(shown) :]


def _piece(kind: type[Event], index: int, name: str, text: str) -> Event:
    if kind is ToolCallDelta:
        return ToolCallDelta(index, None, None, text)
    if kind is StepDelta:
        return StepDelta(index, None, **{name: text})
    return TextDelta(text) if kind is TextDelta else ReasoningDelta(text)


def is_maskable(text: str) -> bool:
    """Whether a secret can be told from an ordinary word: others are masked in headers only."""
    if len(text) >= MIN_SECRET_CHARACTERS:
        return True
    mixed = any(map(str.isalpha, text)) and any(map(str.isdigit, text))
    return mixed and len(text) >= MIN_MIXED_CHARACTERS


class _Pattern(NamedTuple):
    text: re.Pattern[str]
    data: re.Pattern[bytes]


@functools.lru_cache(maxsize=32)
def _compiled(secrets: tuple[str, ...]) -> _Pattern:
    shapes = [_pattern(text) for text in secrets]
    shapes += [_base64_pattern(code) for text in secrets for code in sorted(set(_base64(text)))]
    pattern = "|".join(shapes)
    return _Pattern(re.compile(pattern, re.IGNORECASE), re.compile(pattern.encode(), re.IGNORECASE))


def _pattern(secret: str) -> str:
    """Return what finds a secret, each letter as it is or escaped; half of a long one is as good as all."""
    if len(secret) < MIN_SECRET_CHARACTERS:
        return rf"(?<![A-Za-z0-9]){''.join(map(_shapes, secret))}(?![A-Za-z0-9])"
    enough = max(MIN_SECRET_CHARACTERS, min(len(secret) // 2, MAX_SHAPED_CHARACTERS))
    begin, remaining = secret[:enough], secret[enough:]
    cut_or_escaped = rf"(?:%[0-9a-f]{{2}}|\\u00[0-9a-f]{{2}}|&#x?[0-9a-f]+;|[\w-]){{0,{len(remaining)}}}"
    return f"{''.join(map(_shapes, begin))}(?:{re.escape(remaining)}|{cut_or_escaped})"


def _base64_pattern(code: str) -> str:
    begin, remaining = code[:MAX_SHAPED_CHARACTERS], code[MAX_SHAPED_CHARACTERS:]
    return rf"{re.escape(begin)}[\w+/=-]{{0,{len(remaining)}}}"


def _shapes(letter: str) -> str:
    code = ord(letter)
    if code > 0x7F:
        return re.escape(letter)
    backslash = "" if letter.isalnum() else r"\\?"
    return rf"(?:{backslash}{re.escape(letter)}|\\u00{code:02x}|%{code:02x}|&#(?:0*{code}|x0*{code:x});)"


def _base64(secret: str) -> Iterator[str]:
    """Yield what a secret looks like in base64, wherever it stands; without the letters that it shares."""
    data = secret.encode()
    for shift in range(3):
        first, last = -(-shift * 8 // 6), (shift + len(data)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            if last - first >= MIN_SECRET_CHARACTERS:
                yield encode(bytes(shift) + data).decode()[first:last]


def _stars(match: re.Match[str]) -> str:
    return "*" * len(match[0])


def _byte_stars(match: re.Match[bytes]) -> bytes:
    return b"*" * len(match[0])


def _begun(secret: AnyStr, text: AnyStr) -> int:
    """Return how many letters at the end of ``text`` may be the beginning of ``secret``."""
    start = text.find(secret[:1], max(0, len(text) - len(secret) + 1))
    while start >= 0:
        if secret.startswith(text[start:]):
            return len(text) - start
        start = text.find(secret[:1], start + 1)
    return 0


def _begun_escaped(secret: bytes, data: bytes) -> int:
    """Do the same for bytes; where the first letter stands escaped in the last line, from there on."""
    count = _begun(secret, data)
    tail = data[-6 * len(secret) :].rpartition(b"\n")[2].lower()
    escapes = (b"\\u00%02x" % secret[0], b"%%%02x" % secret[0], b"&#")
    starts = [start for escape in escapes if (start := tail.find(escape)) >= 0]
    return max([count, *(len(tail) - start for start in starts)])
