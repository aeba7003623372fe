"""Cleaning of a formula of what TeX reads otherwise than its writer: doubled backslashes, percent signs."""

from __future__ import annotations

import re

__all__ = ["clean_formula", "has_doubled_backslashes", "strip_comments", "undouble_backslashes"]

_COMMENT = re.compile(r"(?m)(?:^[ \t]*%|(?<=\s)%(?=[ \t]+[A-Za-z]{3})).*\n")
_SINGLE_BACKSLASH = re.compile(r"(?<!\\)\\(?:\\\\)*[A-Za-z]")
_LAST_BACKSLASH = re.compile(r"(?<=[^\\\s])\s*\\\Z")  # of a mark that closes with two
_DOUBLED_BACKSLASH = re.compile(r"\\\\(?=[A-Za-z]{3,})")
_PERCENT = re.compile(r"(?<!\\)%")


def has_doubled_backslashes(source: str) -> bool:
    """Tell whether every backslash of a formula is doubled, as in the source of a program."""
    return bool(_DOUBLED_BACKSLASH.search(source)) and not _SINGLE_BACKSLASH.search(source)


def undouble_backslashes(source: str) -> str:
    """Return a formula with single backslashes for doubled ones."""
    return _DOUBLED_BACKSLASH.sub(r"\\", source)


def clean_formula(source: str) -> str:
    """Return a formula with single backslashes, without comments and with percent signs escaped.

    Parameters
    ----------
    source
        LaTeX between its marks
    """
    if has_doubled_backslashes(source):
        source = undouble_backslashes(source)
    source = _LAST_BACKSLASH.sub("", source)
    return _PERCENT.sub(r"\%", strip_comments(source))


def strip_comments(source: str) -> str:
    """Return a formula without TeX's comments; a percent sign in its last line is a percent sign."""
    return _COMMENT.sub("\n", source)
