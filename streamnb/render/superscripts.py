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
    return _replace_letters(text, SUPERSCRIPTS, "^")


def subscript(text: str) -> str:
    """Return a text lowered where there are letters for all of it, else behind a ``_``.

    >>> subscript("2"), subscript("ab")
    ('₂', '_(ab)')
    """
    return _replace_letters(text, SUBSCRIPTS, "_")


def _replace_letters(text: str, letters: dict[str, str], mark: str) -> str:
    return "".join(map(letters.__getitem__, text)) if letters.keys() >= set(text) else f"{mark}({text})"
