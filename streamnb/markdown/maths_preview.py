"""Preview of an incomplete formula: its longest start that can be read and will stay the same.

A formula is typeset as a whole, so a start of it makes sense only up to certain places: not within the name
of a command or its arguments, not before an exponent that may follow.  The rows of an aligned block, the left
side of an equation, the terms of a sum come one after the other.

How a formula is written is ``maths``' business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from math_core import LatexError, LatexToMathML

from .hold_back import MAX_HELD_CHARACTERS
from .mathjax import group_brackets
from .tex_cleaning import has_doubled_backslashes, undouble_backslashes
from .tex_rewriting import rewrite_in_known_commands

__all__ = ["MAX_READABLE_CHARACTERS", "readable_start"]

MAX_READABLE_CHARACTERS = 1_000
"""A formula that is open for longer is shown as its source until it is closed."""

_MAX_TRIES = 40
_TEX_TOKEN = re.compile(
    r"\\(?:begin|(?P<end>end))\s*\{(?P<environment>[^{}]*)\}"
    r"|\\(?:left|(?P<right>right))\s*(?P<bracket>\\(?:[A-Za-z]+|.)|[^\\\s])"
    r"|(?P<letter>\\(?:[A-Za-z]+|.)|\S)"
    r"|\s+",
    re.DOTALL,
)
_ROW_ENVIRONMENTS = frozenset(
    ("aligned", "align", "align*", "gathered", "gather", "gather*", "split", "array", "matrix")
)
_BRACKET_OF_ENVIRONMENT = {
    "pmatrix": "(",
    "bmatrix": "[",
    "Bmatrix": r"\{",
    "vmatrix": "|",
    "Vmatrix": r"\|",
    "cases": r"\{",
}


class _OpenConstruct(NamedTuple):
    """A group, environment or ``\\left`` without its end.

    Attributes
    ----------
    start, end
        Where the TeX that opens it stands in the formula.
    opening, closing
        What stands for that TeX in the preview, and what ends it there; empty where nothing is needed.
    has_rows
        Whether it is an environment of rows, as a matrix is.
    """

    start: int
    end: int
    opening: str
    closing: str
    has_rows: bool = False


class _Cut(NamedTuple):
    """A position where a formula may be cut, and what is open there."""

    end: int
    open_constructs: tuple[_OpenConstruct, ...]

    @property
    def has_only_rows_open(self) -> bool:
        """Whether nothing but environments with rows is open: later text changes no earlier row."""
        return all(one.has_rows for one in self.open_constructs)


def readable_start(source: str) -> str:
    """Return the longest readable start of an incomplete formula, with everything open in it closed.

    An argument is shown when it is whole, or when it has gone on for a line.  Empty if nothing can be shown
    without holding more than a line back.

    Parameters
    ----------
    source
        LaTeX between its dollars, cut off anywhere

    Returns
    -------
    str
        TeX that is whole in itself, or an empty text.
    """
    if len(source) > MAX_READABLE_CHARACTERS:
        return ""
    if has_doubled_backslashes(source):
        source = undouble_backslashes(source)
    first = len(source) - MAX_HELD_CHARACTERS  # the argument around the last letters may still be closed
    cuts = [cut for cut in _possible_cuts(source) if cut.end >= first and _is_stable_before(source, cut.end)]
    cuts.reverse()
    calm = [cut for cut in cuts if cut.has_only_rows_open]
    starts = (_closed_formula(source, cut) for cut in (calm if calm or first <= 0 else cuts)[:_MAX_TRIES])
    return next((start for start in starts if _is_readable(start)), "")


def _possible_cuts(source: str) -> Iterator[_Cut]:
    """Yield the positions where a formula may be cut, in order."""
    open_: list[_OpenConstruct] = []
    for piece in _TEX_TOKEN.finditer(source):
        environment, bracket, letter = piece["environment"], piece["bracket"], piece["letter"]
        if environment is None and bracket is None and letter is None:
            continue
        if piece["end"] or piece["right"] or letter == "}":
            open_ = open_[:-1]
        elif environment is not None:
            name = "matrix" if environment in _BRACKET_OF_ENVIRONMENT else environment
            opening = f"{_BRACKET_OF_ENVIRONMENT.get(environment, '')}\\begin{{{name}}}"
            open_.append(
                _OpenConstruct(*piece.span(), opening, f"\\end{{{name}}}", environment in _ROW_ENVIRONMENTS)
            )
        elif bracket is not None:
            open_.append(_OpenConstruct(*piece.span(), bracket.removeprefix("."), ""))
        elif letter == "{":
            open_.append(_OpenConstruct(*piece.span(), "{", "}"))
        if letter != "{":
            yield _Cut(piece.end(), tuple(open_))


def _is_stable_before(source: str, end: int) -> bool:
    """Tell whether the formula before ``end`` looks the same whatever follows: no exponent comes."""
    following = source[end:].lstrip()
    return bool(following) and following[0] not in "^_'["


def _closed_formula(source: str, cut: _Cut) -> str:
    """Return the formula up to the cut, with everything open closed."""
    pieces: list[str] = []
    done = 0
    for one in cut.open_constructs:
        pieces += source[done : one.start], one.opening
        done = one.end
    return "".join((*pieces, source[done : cut.end], *(one.closing for one in reversed(cut.open_constructs))))


def _is_readable(source: str) -> bool:
    for form in (source, rewrite_in_known_commands(source)):
        # A start has many open brackets, which would take math-core ages.
        grouped_source = group_brackets(form)
        try:
            LatexToMathML(max_expansions=100).convert_with_local_state(grouped_source, displaystyle=True)
        except (LatexError, UnicodeError):
            continue
        return bool(grouped_source)
    return False
