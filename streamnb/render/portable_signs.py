"""Signs that the fonts of TeX lack, as formulas: a document says nothing where a letter is missing.

nbconvert, Quarto and pandoc set a document in Latin Modern, which has ``→``, ``×`` and ``²``, but neither
``≈`` nor ``₂`` nor any Greek letter.  A word in Greek stays as it is: that needs another font.
"""

from __future__ import annotations

import re

from .superscripts import SUBSCRIPTS, SUPERSCRIPTS

__all__ = ["after_formula", "as_formulas"]

_SIGNS = {
    "≈": r"\approx", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≡": r"\equiv", "≪": r"\ll", "≫": r"\gg",
    "≲": r"\lesssim", "≳": r"\gtrsim", "∝": r"\propto", "∼": r"\sim", "≃": r"\simeq", "≅": r"\cong",
    "⋅": r"\cdot", "∘": r"\circ", "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∂": r"\partial", "∇": r"\nabla",
    "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "∪": r"\cup", "∩": r"\cap",
    "∅": r"\emptyset", "∀": r"\forall", "∃": r"\exists", "∧": r"\land", "∨": r"\lor", "⊕": r"\oplus",
    "⇒": r"\Rightarrow", "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto",
    "↔": r"\leftrightarrow", "⟨": r"\langle", "⟩": r"\rangle", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}",
    "ℤ": r"\mathbb{Z}", "ℂ": r"\mathbb{C}", "ℚ": r"\mathbb{Q}", "ℏ": r"\hbar", "✓": r"\checkmark",
}  # fmt: skip
_GREEK_NAMES = """
alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi
chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", _GREEK_NAMES.split(), strict=True))
_RAISED = {raised: letter for letter, raised in SUPERSCRIPTS.items()}
_LOWERED = {lowered: letter for letter, lowered in SUBSCRIPTS.items()}
_SIGN = re.compile(
    f"(?:(?P<sign>[{''.join(_SIGNS)}])"
    f"|(?<![\\u0370-\\u03ff\\u1f00-\\u1fff])(?P<greek>[{''.join(_GREEK)}])(?![\\u0370-\\u03ff\\u1f00-\\u1fff])"
    f"|(?P<raised>[{''.join(_RAISED)}]+)|(?P<lowered>[{''.join(_LOWERED)}]+))(?P<digit>[0-9]?)"
)


def as_formulas(text: str) -> str:
    r"""Return Markdown in which such a sign is a formula.

    >>> print(as_formulas("CO₂ is ≈5 m², α in Ελλάδα"))
    CO$_{2}$ is $\approx$&#53; m², $\alpha$ in Ελλάδα
    """
    return _SIGN.sub(_formula, text)


def after_formula(text: str) -> str:
    """Return what follows a formula: pandoc takes no dollar for the end of one where a digit comes next."""
    return f"&#{ord(text[0])};{text[1:]}" if "0" <= text[:1] <= "9" else text


def _formula(match: re.Match[str]) -> str:
    letters = match[0].removesuffix(match["digit"])
    if match["raised"]:
        if all(letter in "¹²³" for letter in letters):
            return match[0]
        formula = f"^{{{''.join(_RAISED[letter] for letter in letters)}}}"
    elif match["lowered"]:
        formula = f"_{{{''.join(_LOWERED[letter] for letter in letters)}}}"
    else:
        formula = _SIGNS.get(letters) or f"\\{_GREEK[letters]}"
    return f"${formula}${after_formula(match['digit'])}"
