"""Symbols that the fonts of TeX lack, as formulas: a document says nothing where a letter is missing.

nbconvert, Quarto and pandoc set a document in Latin Modern, which has ``→``, ``×`` and ``²``, but neither
``≈`` nor ``₂`` nor any Greek letter.  A word in Greek stays as it is: that needs another font.
"""

from __future__ import annotations

import re

from .superscripts import SUBSCRIPTS, SUPERSCRIPTS

__all__ = ["box_drawing_to_ascii", "escape_digit_after_formula", "sup_or_sub_letters", "symbols_to_formulas"]

_SYMBOLS = {
    "≈": r"\approx", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≡": r"\equiv", "≪": r"\ll", "≫": r"\gg",
    "≲": r"\lesssim", "≳": r"\gtrsim", "∝": r"\propto", "∼": r"\sim", "≃": r"\simeq", "≅": r"\cong",
    "⩽": r"\leqslant", "⩾": r"\geqslant", "⋅": r"\cdot", "∘": r"\circ", "∓": r"\mp", "⋆": r"\star",
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∬": r"\iint", "∮": r"\oint", "∂": r"\partial",
    "∇": r"\nabla", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq", "⊃": r"\supset",
    "⊇": r"\supseteq", "∪": r"\cup", "∩": r"\cap", "∖": r"\setminus", "∅": r"\emptyset", "∀": r"\forall",
    "∃": r"\exists", "∧": r"\land", "∨": r"\lor", "∴": r"\therefore", "∵": r"\because", "⊕": r"\oplus",
    "⊗": r"\otimes", "⊙": r"\odot", "∠": r"\angle", "⊥": r"\perp", "∥": r"\parallel", "∣": r"\mid",
    "⇒": r"\Rightarrow", "⇐": r"\Leftarrow", "⇔": r"\Leftrightarrow", "↦": r"\mapsto",
    "↔": r"\leftrightarrow", "⇌": r"\rightleftharpoons", "⟶": r"\longrightarrow", "⟹": r"\Longrightarrow",
    "⟺": r"\Longleftrightarrow", "➜": r"\rightarrow", "➔": r"\rightarrow", "➡": r"\rightarrow",
    "⬅": r"\leftarrow", "↗": r"\nearrow", "↘": r"\searrow", "⟨": r"\langle", "⟩": r"\rangle",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "′": r"{}^{\prime}",
    "″": r"{}^{\prime\prime}", "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}",
    "ℂ": r"\mathbb{C}", "ℚ": r"\mathbb{Q}", "ℏ": r"\hbar", "ℓ": r"\ell", "⅓": r"\frac{1}{3}",
    "⅔": r"\frac{2}{3}", "⅛": r"\frac{1}{8}", "✓": r"\checkmark", "✔": r"\checkmark", "✅": r"\checkmark",
    "☑": r"\checkmark", "✗": r"\times", "✘": r"\times", "❌": r"\times", "✖": r"\times", "☐": r"\square",
    "☒": r"\boxtimes", "★": r"\bigstar", "⭐": r"\bigstar", "☆": r"\star", "■": r"\blacksquare",
    "▪": r"\blacksquare", "□": r"\square", "●": r"\bullet", "○": r"\circ", "◆": r"\blacklozenge",
    "▲": r"\blacktriangle", "▼": r"\blacktriangledown", "△": r"\triangle", "▶": r"\blacktriangleright",
    "►": r"\blacktriangleright",
}  # fmt: skip
_GREEK_NAMES = """
alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi
chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
_GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ", _GREEK_NAMES.split(), strict=True))
_TO_SUPERSCRIPT = SUPERSCRIPTS | dict(
    zip("abcdefghijklmoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True)
)
_TO_SUBSCRIPT = SUBSCRIPTS | dict(zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_FROM_SUPERSCRIPT = {raised: letter for letter, raised in _TO_SUPERSCRIPT.items()}
_FROM_SUBSCRIPT = {lowered: letter for letter, lowered in _TO_SUBSCRIPT.items()}
_IN_FONT = "¹²³"
_SUP_SUB_WORD = re.compile(f"([{''.join(_FROM_SUPERSCRIPT)}]+)|([{''.join(_FROM_SUBSCRIPT)}]+)|([A-Za-z]+)")
_SYMBOL = re.compile(
    f"(?:(?P<symbol>[{''.join(_SYMBOLS)}])\ufe0f?"
    f"|(?<![\\u0370-\\u03ff\\u1f00-\\u1fff])(?P<greek>[{''.join(_GREEK)}])(?![\\u0370-\\u03ff\\u1f00-\\u1fff])"
    # All of a word, so that what stands high or low has something that it belongs to.
    f"|(?P<word>(?:(?<![A-Za-z0-9])[A-Za-z0-9]{{1,20}})?"
    f"(?:[{''.join({**_FROM_SUPERSCRIPT, **_FROM_SUBSCRIPT})}]+[A-Za-z0-9]*)+))(?P<digit>[0-9]?)"
)
_ADJACENT_DOLLARS = re.compile(r"(?<!\\)\$\$")
_SPACES = {"\u202f": "\xa0", "\u2009": " ", "\u2002": " ", "\u2003": " ", "\u2005": " ", "\u200a": " "}
_ASCII_BY_BOX_DRAWING = str.maketrans(
    "─━┄┈═│┃┆║├└┌┐┘┤┬┴┼╭╮╯╰╠╚╔╗╝╣╦╩╬┣┗┏┓┛┫┳┻╋▼▲►▶◄◀●■█▓░",
    "----=||||" + "+" * 31 + "v^>><<**###",
)
_ANY_SYMBOL = re.compile(
    f"[{''.join({**_SYMBOLS, **_GREEK, **_FROM_SUPERSCRIPT, **_FROM_SUBSCRIPT, **_SPACES})}]"
)


def symbols_to_formulas(text: str) -> str:
    r"""Return Markdown in which each symbol that TeX's fonts lack is a formula.

    >>> print(symbols_to_formulas("CO₂ is ≈5 m², α in Ελλάδα, 10⁻³"))
    $\text{CO}_{2}$ is $\approx$&#53; m², $\alpha$ in Ελλάδα, $10^{-3}$
    """
    if not _ANY_SYMBOL.search(text):
        return text
    for space, plain in _SPACES.items():
        text = text.replace(space, plain)
    return _ADJACENT_DOLLARS.sub("", _SYMBOL.sub(_match_to_formula, text))


def escape_digit_after_formula(text: str) -> str:
    """Return the text behind a formula, a digit at its start escaped: pandoc ends no formula before one."""
    return f"&#{ord(text[0])};{text[1:]}" if "0" <= text[:1] <= "9" else text


def sup_or_sub_letters(text: str, tag: str) -> str:
    """Return the text of a ``sup`` or ``sub`` in Unicode letters; empty where one is missing.

    >>> sup_or_sub_letters("th", "sup"), sup_or_sub_letters("2", "sub"), sup_or_sub_letters("Q", "sup")
    ('ᵗʰ', '₂', '')
    """
    letters = _TO_SUPERSCRIPT if tag == "sup" else _TO_SUBSCRIPT
    return "".join(letters[letter] for letter in text) if set(text) <= letters.keys() else ""


def box_drawing_to_ascii(text: str) -> str:
    """Return a drawing of lines (``├──``) in ASCII characters, each in its place.

    >>> print(box_drawing_to_ascii("├── a.py"))
    +-- a.py
    """
    return text.translate(_ASCII_BY_BOX_DRAWING)


def _match_to_formula(match: re.Match[str]) -> str:
    if symbol := match["symbol"]:
        return f"${_SYMBOLS[symbol]}${escape_digit_after_formula(match['digit'])}"
    if greek := match["greek"]:
        return f"$\\{_GREEK[greek]}${escape_digit_after_formula(match['digit'])}"
    small = {letter for letter in match["word"] if letter in _FROM_SUBSCRIPT or letter in _FROM_SUPERSCRIPT}
    if small <= set(_IN_FONT):
        return match[0]
    tex = _SUP_SUB_WORD.sub(_sup_sub_to_tex, match["word"])
    return f"${tex}${escape_digit_after_formula(match['digit'])}"


def _sup_sub_to_tex(match: re.Match[str]) -> str:
    raised, lowered, letters = match.groups()
    if letters:
        return rf"\text{{{letters}}}"
    text = "".join((_FROM_SUPERSCRIPT if raised else _FROM_SUBSCRIPT)[letter] for letter in raised or lowered)
    text = rf"\text{{{text}}}" if text.isalpha() and len(text) > 1 else text
    return f"{'^' if raised else '_'}{{{text}}}"
