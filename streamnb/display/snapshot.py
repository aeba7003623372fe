"""The static bundle (being built)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Bundle:
    """MIME data and metadata of one output."""

    data: dict[str, str]
    metadata: dict[str, Any]


def plain(answer: Any) -> str:
    """Return the source and the footer as text."""
    return str(answer)


def bundle(answer: Any) -> Bundle:
    """Return the bundle."""
    return Bundle({"text/plain": plain(answer)}, {})
