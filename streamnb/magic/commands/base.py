"""What a command of ``%stream`` is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..state import MagicState

__all__ = ["Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes
    ----------
    takes
        What follows its name, as the help shows it.
    about
        What it does.
    run
        Does it; gets the words after the name.
    min_words, max_words
        How many of them there may be.
    example
        A whole line, for who typed too few or too many; empty where the name is enough.
    """

    takes: str
    about: str
    run: Callable[[MagicState, list[str]], None]
    min_words: int = 0
    max_words: int = 0
    example: str = ""
