"""Discretion: what of a stream may be kept or shown, so that no key gets into a file or a notebook.

Left out is what is named like a secret; starred are the texts that are known to be one, wherever a
server repeats them.  A text that arrives in two blocks is not seen as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .traffic import Block, Head, Message

__all__ = ["Discretion"]

LEAST_SECRET = 12  # characters; what is shorter is a stand-in ("EMPTY", "ollama") that texts may contain

# Names of options and headers under which people and servers pass keys on.
_SECRET_NAME = re.compile(
    r"(?i)api[_-]?key|authorization|auth[_-]token|cookie|credential|headers|passw|secret"
)


class Discretion:
    """Takes secrets out: ``hide`` are the texts that are one (the key that was used)."""

    def __init__(self, hide: Iterable[str] = ()) -> None:
        self._hide = [text for text in hide if len(text) >= LEAST_SECRET]

    def message(self, message: Message) -> Message:
        """Return a message without secrets."""
        if isinstance(message, Block):
            data = message.data
            for secret in self._hide:
                data = data.replace(secret.encode(), b"*" * len(secret))
            return Block(message.at, data)
        if isinstance(message, Head):
            return replace(message, headers=self.public(message.headers))
        return message

    def public(self, value: Any) -> Any:
        """Return a copy of JSON without hidden texts, and without what is named like a secret."""
        if isinstance(value, Mapping):
            shown = {name: kept for name, kept in value.items() if not _SECRET_NAME.search(str(name))}
            return {str(name): self.public(kept) for name, kept in shown.items()}
        if isinstance(value, list | tuple):
            return [self.public(kept) for kept in value]
        if isinstance(value, str):
            for secret in self._hide:
                value = value.replace(secret, "*" * len(secret))
        return value
