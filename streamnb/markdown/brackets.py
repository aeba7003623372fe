"""A formula that math-core reads in a time that grows with its length.

math-core (0.9) tries every way to pair an opening bracket that is never closed: its time doubles with
each, ten seconds at thirty of them, and nothing can interrupt it.  It does so for brackets that stand next
to each other in one group, so a formula with many has each of them put into a group of its own, which
looks the same.  Definitions could hide brackets and are not read.
"""

from __future__ import annotations

import re

__all__ = ["group_brackets"]

_FEW = 8  # two to the power of this is nothing yet
_DEFINITION = re.compile(r"\\(?:[egx]?def|(?:future)?let|(?:re)?newcommand|providecommand)(?![a-zA-Z])")
_PIECE = re.compile(
    # What takes a bracket as its own argument, and needs it as it is.
    r"\\(?:left|right|middle|[bB]igg?[mr]?)(?![a-zA-Z])\s*(?:\\[a-zA-Z]+|\\?.)"
    r"|\\\\\s*\[|\\(?:sqrt|x[a-zA-Z]*)\s*\[|\\begin\s*\{[a-zA-Z*]*\}\s*\["
    # What opens.
    r"|(?P<open>\\[bB]iggl?\s*(?:\\[a-zA-Z]+|\\?.)|\\[bB]igl\s*(?:\\[a-zA-Z]+|\\?.)|\\\{"
    r"|\\(?:ulcorner|l[A-Za-z]*(?:ang|angle|brace|brack|bracket|ceil|floor|group|moustache|paren|corner|[vV]ert))"
    r"(?![a-zA-Z])"
    r"|[(\[⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼])"
    # Every other command, so that a bracket in its name is none.
    r"|\\(?:[a-zA-Z]+|.)",
    re.DOTALL,
)


def group_brackets(source: str) -> str:
    """Return a formula that is safe to read and looks like ``source``; empty if it defines a command."""
    if _DEFINITION.search(source):
        return ""
    if sum(1 for piece in _PIECE.finditer(source) if piece["open"]) <= _FEW:
        return source
    return _PIECE.sub(lambda piece: f"{{{{}}{piece[0]}}}" if piece["open"] else piece[0], source)
