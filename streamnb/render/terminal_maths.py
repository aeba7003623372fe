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
_BIG_OPERATORS = "∑∏∐∫∬∭∮⋃⋂⨁⨂"
_SPACED_OPERATOR = re.compile(r"[=≠≈≡<>≤≥≪≫∼≃≅∝∈∉∋⊂⊃⊆⊇→←↔⇒⇐⇔↦∧∨∪∩×÷⋅∘⊗⊕:∣]|:=")
_PLUS_MINUS = "+−-±∓"
_BEFORE_UNARY = "(=<>≤≥,;[{|+−-±⋅×^_"
_FUNCTION_APPLICATION = "\u2061"  # stands between the name of a function and what it is of
_INVISIBLE = dict.fromkeys(map(ord, "\u2062\u2063\u2064\u200b")) | {ord(_FUNCTION_APPLICATION): " "}
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
    table = _sole_table(node)
    lines = (
        [_row_to_text(node.children)] if table is None else [" ".join(cells) for cells in _table_cells(table)]
    )
    text = "\n".join(_BLANK_BEFORE_CLOSING.sub("", _BLANKS.sub(" ", line)).strip() for line in lines)
    return _MATHS_LETTERS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def _sole_table(node: Node) -> Node | None:
    """Return the table that a formula consists of, through elements that hold nothing else."""
    while node.name != "mtable":
        if len(node.children) != 1 or isinstance(node.children[0], str):
            return None
        node = node.children[0]
    return node


def _table_cells(table: Node) -> list[list[str]]:
    rows = [
        [_row_to_text(cell.children) for cell in row.child_elements("mtd")]
        for row in table.child_elements("mtr")
    ]
    return [[cell for cell in row if cell] for row in rows]


def _row_to_text(children: list[Node | str]) -> str:
    """Return the text of elements in a row, with blanks around operators between two of them."""
    text = ""
    for child in children:
        if isinstance(child, str):
            text += child.translate(_INVISIBLE)
        elif child.name == "mo":
            text += _spaced_operator(child.text_content().translate(_INVISIBLE), text)
        else:
            written = _element_to_text(child)
            is_apart = child.name == "mfrac" or written[:1] in _BIG_OPERATORS  # else 1/2 x would be 1/2x
            text += f"{written} " if is_apart and written else written
    return text


def _spaced_operator(sign: str, before: str) -> str:
    if _SPACED_OPERATOR.fullmatch(sign):
        return f" {sign} "
    if sign in _PLUS_MINUS:
        return f" {sign} " if before.strip() and before.rstrip()[-1] not in _BEFORE_UNARY else sign
    return f"{sign} " if sign in (",", ";") or sign in _BIG_OPERATORS else sign


def _element_to_text(node: Node) -> str:
    write = _WRITERS.get(node.name)
    return write(node) if write else _row_to_text(node.children)


def _child_texts(node: Node) -> list[str]:
    """Return the texts of the children, filled up with empty ones to three at least."""
    parts = [
        _element_to_text(child) if child.name != "mo" else child.text_content()
        for child in node.child_elements()
    ]
    return [part.translate(_INVISIBLE).strip() for part in parts] + ["", "", ""]


def _bracket_unless_one_term(text: str) -> str:
    return text if _ONE_TERM.fullmatch(text) else f"({text})"


def _to_superscript(text: str) -> str:
    text = _BLANKS_AROUND_SIGN.sub(r"\1", text)
    if not text.strip("′*†"):  # stand high by themselves
        return text
    raised = superscript(text.replace("−", "-")).replace("^(∘)", "°")
    return raised if not raised.startswith("^") else f"^{text}" if len(text) == 1 else f"^({text})"


def _to_subscript(text: str) -> str:
    text = _BLANKS_AROUND_SIGN.sub(r"\1", text)
    lowered = subscript(text.replace("−", "-"))
    return lowered if not lowered.startswith("_") else f"_{text}" if len(text) == 1 else f"_({text})"


def _scripts_to_text(node: Node) -> str:
    base, first, second, *_ = _child_texts(node)
    base = f"({base})" if " " in base and not base.startswith("(") else base
    if node.name in ("msup", "mover"):
        first, second = "", first
    return base + _to_subscript(first) + _to_superscript(second)


def _accent_to_text(node: Node) -> str:
    base, accent, *_ = _child_texts(node)
    if accent and accent in _BRACES:
        return base
    if accent not in _ACCENTS:
        return _scripts_to_text(node)
    return unicodedata.normalize("NFC", base + _ACCENTS[accent]) if len(base) == 1 else base


def _fraction_to_text(node: Node) -> str:
    top, bottom, *_ = _child_texts(node)
    if node.attributes.get("linethickness", "").startswith("0"):
        return f"{top} choose {bottom}"
    return f"{_bracket_unless_one_term(top)}/{_bracket_unless_one_term(bottom)}"


def _root_to_text(node: Node) -> str:
    inside, index, *_ = _child_texts(node)
    return f"{_to_superscript(index)}√{_bracket_unless_one_term(inside)}"


_WRITERS: dict[str, Callable[[Node], str]] = {
    "mfrac": _fraction_to_text,
    "msqrt": lambda node: f"√{_bracket_unless_one_term(_row_to_text(node.children).strip())}",
    "mroot": _root_to_text,
    "msup": _scripts_to_text,
    "msub": _scripts_to_text,
    "msubsup": _scripts_to_text,
    "munder": _accent_to_text,
    "munderover": _scripts_to_text,
    "mover": _accent_to_text,
    "mspace": lambda node: " " if node.attributes.get("width", "0") not in ("0", "0em") else "",
    "mtable": lambda node: "; ".join(", ".join(cells) for cells in _table_cells(node)),
    "mtext": lambda node: node.text_content(),
}
