"""Superscripts and subscripts in Unicode characters, for plain text."""

from __future__ import annotations

__all__ = ["SUBSCRIPTS", "SUPERSCRIPTS", "subscript", "superscript"]

SUPERSCRIPTS = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
"""Letters and what they are raised."""

SUBSCRIPTS = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))
"""Letters and what they are lowered."""


def superscript(text: str) -> str:
    """Return a text raised where there are letters for all of it, else behind a ``^``.

    >>> superscript("2"), superscript("ab")
    ('²', '^(ab)')
    """
    return _moved(text, "".join(SUPERSCRIPTS.get(letter, letter) for letter in text), "^")


def subscript(text: str) -> str:
    """Return a text lowered where there are letters for all of it, else behind a ``_``.

    >>> subscript("2"), subscript("ab")
    ('₂', '_(ab)')
    """
    return _moved(text, "".join(SUBSCRIPTS.get(letter, letter) for letter in text), "_")


def _moved(text: str, moved: str, mark: str) -> str:
    is_whole = all(before != after for before, after in zip(text, moved, strict=True))
    return moved if is_whole else f"{mark}({text})"
