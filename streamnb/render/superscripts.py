"""Raised and lowered text in plain letters, for places that have no smaller ones."""

from __future__ import annotations

__all__ = ["subscript", "superscript"]

_RAISED = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


def superscript(text: str) -> str:
    """Return a text raised where there are letters for all of it, else behind a ``^``.

    >>> raised("2"), raised("ab")
    ('²', '^(ab)')
    """
    return _moved(text, text.translate(_RAISED), "^")


def subscript(text: str) -> str:
    """Return a text lowered where there are letters for all of it, else behind a ``_``.

    >>> lowered("2"), lowered("ab")
    ('₂', '_(ab)')
    """
    return _moved(text, text.translate(_LOWERED), "_")


def _moved(text: str, moved: str, mark: str) -> str:
    is_whole = all(before != after for before, after in zip(text, moved, strict=True))
    return moved if is_whole else f"{mark}({text})"
