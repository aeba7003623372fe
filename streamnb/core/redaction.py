"""Discretion: what of a stream may be kept or shown, so that no key gets into a file or a notebook.

Left out is what is named like a secret; starred are the texts that are known to be one, wherever a
server repeats them, also where the network cut one in two: what may be the beginning of one waits
for the bytes after it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from .wire_events import Data, EndOfBody, ResponseHead, WireEvent

__all__ = ["ENVIRON", "Redactor", "Secret"]

MIN_SECRET_CHARACTERS = (
    12  # characters; what is shorter is a stand-in ("EMPTY", "ollama") that texts may contain
)

# Names of options and headers under which people and servers pass keys on.
_SECRET_NAME = re.compile(
    r"(?i)api[_-]?key|authorization|auth[_-]token|cookie|credential|headers|passw|secret"
)


class Redactor:
    """Takes secrets out of one stream: ``hide`` are the texts that are one (the key that was used)."""

    def __init__(self, hide: Iterable[str] = ()) -> None:
        self._hide = [text for text in hide if len(text) >= MIN_SECRET_CHARACTERS]
        self._bytes = [text.encode() for text in self._hide]
        self._held: Data | None = None  # the end of a block, which may begin a secret

    def feed(self, message: WireEvent) -> list[WireEvent]:
        """Return what may be kept after this message, in order: mostly the message itself."""
        if isinstance(message, Data):
            return self._block(message.at, message.data)
        if isinstance(message, ResponseHead):
            message = replace(message, headers=self.redact(message.headers))
        elif isinstance(message, EndOfBody) and message.fault is not None:
            said = self.redact(message.fault.message)
            message = replace(message, fault=replace(message.fault, message=said))
        return [*self.flush(), message]

    def flush(self) -> list[WireEvent]:
        """Return what was held back; called when nothing more will come of a body."""
        held, self._held = self._held, None
        return [] if held is None else [held]

    def _block(self, at: float, data: bytes) -> list[WireEvent]:
        if self._held is not None:
            data, self._held = self._held.data + data, None
        for secret in self._bytes:
            data = data.replace(secret, b"*" * len(secret))
        if begun := max((_begun(secret, data) for secret in self._bytes), default=0):
            self._held, data = Data(at, data[-begun:]), data[:-begun]
        return [Data(at, data)] if data or not begun else []

    def redact(self, value: Any) -> Any:
        """Return a copy of JSON without hidden texts, and without what is named like a secret."""
        if isinstance(value, Mapping):
            shown = {name: kept for name, kept in value.items() if not _SECRET_NAME.search(str(name))}
            return {str(name): self.redact(kept) for name, kept in shown.items()}
        if isinstance(value, list | tuple):
            return [self.redact(kept) for kept in value]
        if isinstance(value, str):
            for secret in self._hide:
                value = value.replace(secret, "*" * len(secret))
        return value


def _begun(secret: bytes, data: bytes) -> int:
    """Return how many bytes at the end of ``data`` may be the beginning of ``secret``."""
    if data[-1:] not in secret:  # the usual line feed
        return 0
    return next((n for n in range(len(secret) - 1, 0, -1) if data.endswith(secret[:n])), 0)


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
