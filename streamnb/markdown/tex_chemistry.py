r"""Conversion of chemical formulas, ``\ce{2H2 + O2 -> 2H2O}``, to plain TeX.

Digits behind a letter or a bracket are an index, a sign behind a whole formula is a charge, ``->`` and
``<=>`` are arrows, with what is above and below in brackets.
"""

from __future__ import annotations

import re

__all__ = ["chemistry_to_tex"]

_CHEMISTRY = re.compile(
    r"(?P<arrow><=>>?|<<=>|<->|->|<-|→|⇌)(?:\[(?P<above>[^\]]*)\])?(?:\[(?P<below>[^\]]*)\])?"
    r"|\^\{?(?P<charge>[0-9+\-•.]+|(?<=\^\{)[^{}]*)\}?|(?P<sign>(?<=[A-Za-z0-9)\]}])[+-](?=[\s)\]]|\Z))"
    r"|(?:(?<=[A-Za-z)\]}])|_)\{?(?P<index>\d+|(?<=_\{)[^{}]*)\}?"
    r"|\$(?P<maths>[^$]+)\$|(?P<command>\\[A-Za-z]+(?:\{[^{}]*\})*)|(?P<letters>[A-Za-z]+)|(?P<other>.)",
    re.DOTALL,
)
_ARROWS = {
    "<->": r"\leftrightarrow ",
    "->": r"\rightarrow ",
    "→": r"\rightarrow ",
    "<-": r"\leftarrow ",
}


def chemistry_to_tex(text: str) -> str:
    r"""Return the argument of ``\ce`` as a formula."""
    return _CHEMISTRY.sub(_piece_to_tex, text)


def _arrow_label_to_tex(text: str) -> str:
    """Return TeX for what is written above or below an arrow: words, or a formula."""
    return chemistry_to_tex(text) if re.search(r"[\\0-9^_]", text) else rf"\text{{{text}}}"


def _piece_to_tex(piece: re.Match[str]) -> str:
    r"""Return TeX for one token of ``\ce{…}``."""
    if arrow := piece["arrow"]:
        arrow_tex = _ARROWS.get(arrow, r"\rightleftharpoons ")
        above, below = _arrow_label_to_tex(piece["above"] or ""), _arrow_label_to_tex(piece["below"] or "")
        is_bare = not (piece["above"] or piece["below"])
        return arrow_tex if is_bare else rf"\underset{{{below}}}{{\overset{{{above}}}{{{arrow_tex}}}}}"
    if verbatim := piece["command"] or piece["maths"]:
        return verbatim
    if piece["charge"]:
        return f"^{{{piece['charge']}}}"
    if piece["sign"]:
        return f"^{{{piece['sign']}}}"
    if piece["index"]:
        return f"_{{{piece['index']}}}"
    if piece["letters"]:
        return rf"\mathrm{{{piece['letters']}}}"
    return {"*": r"\cdot ", "·": r"\cdot ", "#": r"\equiv ", "^": r"\uparrow "}.get(piece[0], piece[0])
