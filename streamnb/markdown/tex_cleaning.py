"""Cleaning of a formula of what TeX reads otherwise than its writer: doubled backslashes, percent signs."""

from __future__ import annotations

import re

__all__ = ["clean_formula", "has_doubled_backslashes", "strip_comments", "undouble_backslashes"]

_COMMENT = re.compile(r"(?m)(?:^[ \t]*%|(?<=\s)%(?=[ \t]+[A-Za-z]{3})).*\n")
_SINGLE = re.compile(r"(?<!\\)\\(?:\\\\)*[A-Za-z]")
_LAST_BACKSLASH = re.compile(r"(?<=[^\\\s])\s*\\\Z")  # of a mark that closes with two
_DOUBLED = re.compile(r"\\\\(?=[A-Za-z]{3,})")
_PERCENT = re.compile(r"(?<!\\)%")


def has_doubled_backslashes(source: str) -> bool:
    """Tell whether every backslash of a formula is written twice, as a program would hold it."""
    return bool(_DOUBLED.search(source)) and not _SINGLE.search(source)


def undouble_backslashes(source: str) -> str:
    """Return a formula that ``has_doubled_backslashes`` with single ones."""
    return _DOUBLED.sub(r"\\", source)


def clean_formula(source: str) -> str:
    """Return a formula without what TeX would read otherwise than its writer: doubled backslashes, percents.

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
