"""A formula on one line of plain letters: ``x = (−b ± √(b² − 4ac))/(2a)``, for terminals.

It is read from MathML, so that every command of TeX has become a letter or an element already.  Rows of a
system of equations are lines; a matrix is written as ``(1, 2; 3, 4)``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from .html_tree import Node
from .superscripts import subscript, superscript

__all__ = ["formula_text"]

_ACCENTS = dict(
    zip(
        "^ˆ~˜¯‾\u0332˙¨→⃗ˇ",
        "\u0302\u0302\u0303\u0303\u0304\u0304\u0304\u0307\u0308\u20d7\u20d7\u030c",
        strict=True,
    )
)
_BRACES = "⏞⏟︷︸"
_BIG = "∑∏∐∫∬∭∮⋃⋂⨁⨂"
_SPACED = re.compile(r"[=≠≈≡<>≤≥≪≫∼≃≅∝∈∉∋⊂⊃⊆⊇→←↔⇒⇐⇔↦∧∨∪∩×÷⋅∘⊗⊕:∣]|:=")
_SIGNS = "+−-±∓"
_OPENS = "(=<>≤≥,;[{|+−-±⋅×^_"
_APPLIED = "\u2061"  # stands between the name of a function and what it is of
_INVISIBLE = dict.fromkeys(map(ord, "\u2062\u2063\u2064\u200b")) | {ord(_APPLIED): " "}
_BLANKS = re.compile(r"[ \u00a0\u2000-\u200a]+")
_BLANK_BEFORE_CLOSING = re.compile(r" (?=[),;\]}])")
_BLANKS_AROUND_SIGN = re.compile(r" ([=+−\-→≤≥<>∈]) ")
_MATHS_LETTERS = re.compile(
    "[\U0001d400-\U0001d7ff]"
)  # bold and leaning ones, which few fonts of terminals have
_ONE_TERM = re.compile(r"\d+(?:[.,]\d+)?|√?[^\W\d_][⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱ₀₁₂₃₄₅₆₇₈₉′!]*|\([^()]*\)")


def formula_text(node: Node) -> str:
    """Return the formula of a ``math`` element, on several lines where it has rows.

    >>> from .html_tree import parse_html
    >>> formula_text(parse_html("<math><msup><mi>x</mi><mn>2</mn></msup><mo>=</mo><mn>4</mn></math>"))
    'x² = 4'
    """
    table = _only_table(node)
    lines = [_row(node.children)] if table is None else [" ".join(cells) for cells in _cells(table)]
    text = "\n".join(_BLANK_BEFORE_CLOSING.sub("", _BLANKS.sub(" ", line)).strip() for line in lines)
    return _MATHS_LETTERS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _only_table(node: Node) -> Node | None:
    """Return the table that a formula consists of, through elements that hold nothing else."""
    while node.name != "mtable":
        if len(node.children) != 1 or isinstance(node.children[0], str):
            return None
        node = node.children[0]
    return node


def _cells(table: Node) -> list[list[str]]:
    rows = [[_row(cell.children) for cell in row.elements("mtd")] for row in table.elements("mtr")]
    return [[cell for cell in row if cell] for row in rows]


def _row(children: list[Node | str]) -> str:
    """Return elements one behind the other, blanks around what stands between two of them."""
    text = ""
    for child in children:
        if isinstance(child, str):
            text += child.translate(_INVISIBLE)
        elif child.name == "mo":
            text += _operator(child.text().translate(_INVISIBLE), text)
        else:
            written = _element(child)
            is_apart = child.name == "mfrac" or written[:1] in _BIG  # else 1/2 x would be 1/2x
            text += f"{written} " if is_apart and written else written
    return text


def _operator(sign: str, before: str) -> str:
    if _SPACED.fullmatch(sign):
        return f" {sign} "
    if sign in _SIGNS:
        return f" {sign} " if before.strip() and before.rstrip()[-1] not in _OPENS else sign
    return f"{sign} " if sign in (",", ";") or sign in _BIG else sign


def _element(node: Node) -> str:
    write = _WRITERS.get(node.name)
    return write(node) if write else _row(node.children)


def _parts(node: Node) -> list[str]:
    """Return what the children say, three of them at least."""
    parts = [_element(child) if child.name != "mo" else child.text() for child in node.elements()]
    return [part.translate(_INVISIBLE).strip() for part in parts] + ["", "", ""]


def _grouped(text: str) -> str:
    return text if _ONE_TERM.fullmatch(text) else f"({text})"


def _raised(text: str) -> str:
    text = _BLANKS_AROUND_SIGN.sub(r"\1", text)
    if not text.strip("′*†"):  # stand high by themselves
        return text
    raised = superscript(text.replace("−", "-")).replace("^(∘)", "°")
    return raised if not raised.startswith("^") else f"^{text}" if len(text) == 1 else f"^({text})"


def _lowered(text: str) -> str:
    text = _BLANKS_AROUND_SIGN.sub(r"\1", text)
    lowered = subscript(text.replace("−", "-"))
    return lowered if not lowered.startswith("_") else f"_{text}" if len(text) == 1 else f"_({text})"


def _scripts(node: Node) -> str:
    base, first, second, *_ = _parts(node)
    base = f"({base})" if " " in base and not base.startswith("(") else base
    if node.name in ("msup", "mover"):
        first, second = "", first
    return base + _lowered(first) + _raised(second)


def _over_or_under(node: Node) -> str:
    base, accent, *_ = _parts(node)
    if accent and accent in _BRACES:
        return base
    if accent not in _ACCENTS:
        return _scripts(node)
    return unicodedata.normalize("NFC", base + _ACCENTS[accent]) if len(base) == 1 else base


def _fraction(node: Node) -> str:
    top, bottom, *_ = _parts(node)
    if node.attributes.get("linethickness", "").startswith("0"):
        return f"{top} choose {bottom}"
    return f"{_grouped(top)}/{_grouped(bottom)}"


def _root(node: Node) -> str:
    inside, index, *_ = _parts(node)
    return f"{_raised(index)}√{_grouped(inside)}"


_WRITERS: dict[str, Callable[[Node], str]] = {
    "mfrac": _fraction,
    "msqrt": lambda node: f"√{_grouped(_row(node.children).strip())}",
    "mroot": _root,
    "msup": _scripts,
    "msub": _scripts,
    "msubsup": _scripts,
    "munder": _over_or_under,
    "munderover": _scripts,
    "mover": _over_or_under,
    "mspace": lambda node: " " if node.attributes.get("width", "0") not in ("0", "0em") else "",
    "mtable": lambda node: "; ".join(", ".join(cells) for cells in _cells(node)),
    "mtext": lambda node: node.text(),
}
