"""What a command of ``%stream`` is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..state import MagicState

__all__ = ["Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it takes, what it does, and the function that does it."""

    takes: str
    about: str
    do: Callable[[MagicState, list[str]], None]
    least: int = 0
    most: int = 0
