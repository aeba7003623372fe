"""Expressions within ``{{ }}``: parsed by Python's own parser, evaluated node by node.

Names, attributes, indices and arithmetic, and no calls.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from numbers import Rational
from typing import Any, TypeAlias

from ..core.errors import UsageError
from ..core.text import error_line, sanitize_line

__all__ = ["Names", "evaluate", "evaluation_error", "is_likely_expression", "parse", "uses_known_names"]

Names: TypeAlias = Mapping[str, Any]
"""The notebook's variables."""

MAX_RESULT_BYTES = 1_000_000  # of arithmetic

_PERCENT_FORMAT = re.compile(r"%(?:\([^)]*\))?[-+ #0]*(\*|\d+)?(?:\.(\*|\d+))?")

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}

_ALLOWED_NODES = (
    ast.Name,
    ast.Attribute,
    ast.Subscript,
    ast.Slice,
    ast.Constant,
    ast.Tuple,
    ast.List,
    ast.BinOp,
    ast.UnaryOp,
)
_ALLOWED_OPERATORS = (*_OPERATORS, ast.Load)


def parse(text: str) -> ast.expr | None:
    """Return the syntax tree of an allowed expression, ``None`` for anything else."""
    tree = _parse_or_none(text)
    if tree is None:
        return None
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED_NODES + _ALLOWED_OPERATORS):
            return None
        if isinstance(node, ast.Attribute) and node.attr.startswith("__"):
            return None
    return tree


def is_likely_expression(text: str) -> bool:
    """Tell whether a text is Python and more than a constant: a calculation, a call, a name."""
    return not isinstance(_parse_or_none(text), ast.Constant | None)


def _parse_or_none(text: str) -> ast.expr | None:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # all four are the parser's own
        return None


def uses_known_names(tree: ast.expr, names: Names) -> bool:
    """Tell whether there are names in ``tree`` and all of them exist."""
    names_in_tree = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return bool(names_in_tree) and all(name in names and not name.startswith("__") for name in names_in_tree)


def evaluate(expression: str, tree: ast.expr, names: Names) -> Any:
    """Return the value of an expression.

    Parameters
    ----------
    expression
        What was typed, for the message.
    tree
        Its syntax tree, which ``parse`` has allowed.
    names
        The notebook's variables.

    Returns
    -------
    Any
        The value itself, no copy of it.

    Raises
    ------
    UsageError
        It cannot be worked out; the line has its text.
    """
    try:
        return _evaluate_node(tree, names)
    except BaseException as error:  # the variables' own code runs here, and an interrupt ends it, too
        raise evaluation_error(expression, error) from None


def evaluation_error(expression: str, error: BaseException) -> UsageError:
    """Return the line about an exception of the person's own code."""
    about = sanitize_line(error_line(error), 120)
    return UsageError(f"{{{{ {expression.strip()} }}}}: {about}; nothing was sent")


def _check_result_size(operation: ast.operator, left: Any, right: Any) -> None:
    """Refuse arithmetic whose result would take minutes or all memory: n**n**n, "x" * 10**9."""
    match operation:
        case ast.Pow() if isinstance(right, int) and not isinstance(left, float | complex):
            size = _bit_length(left) * abs(right) // 8
        case ast.Mult() if isinstance(left, int) and isinstance(right, int):
            size = (left.bit_length() + right.bit_length()) // 8
        case ast.Mult() if isinstance(left, int) and isinstance(right, Sequence):
            size = left * _count_items(right)
        case ast.Mult() if isinstance(right, int) and isinstance(left, Sequence):
            size = right * _count_items(left)
        case ast.Mod() if isinstance(left, str | bytes | bytearray):
            size = _count_padding_characters(left)
        case _:
            return
    if size > MAX_RESULT_BYTES:
        raise ValueError(f"the result would have more than {MAX_RESULT_BYTES:,} bytes")


def _bit_length(value: Any) -> int:
    """Return how many bits a number grows by with each power; 0 for what does not grow."""
    if isinstance(value, Rational):
        return int(value.numerator).bit_length() + int(value.denominator).bit_length()
    return 64 if str(getattr(value, "dtype", "")) == "object" else 0  # an array of Python's own numbers


def _count_items(value: Any, limit: int = MAX_RESULT_BYTES) -> int:
    """Return how many letters and items a sequence has, those in its items included, ``limit`` at most."""
    if not isinstance(value, list | tuple):
        return len(value) if isinstance(value, Sequence) else 1
    count = 1
    for item in value:
        count += _count_items(item, limit - count)
        if count >= limit:
            break
    return count


def _count_padding_characters(template: str | bytes | bytearray) -> int:
    """Return how many characters the widths and precisions of a %-template add; a star may be any width."""
    text = template if isinstance(template, str) else template.decode("latin-1")
    widths = [width for places in _PERCENT_FORMAT.findall(text) for width in places if width]
    return sum(MAX_RESULT_BYTES + 1 if width == "*" else int(width[:20]) for width in widths)


def _evaluate_node(node: ast.expr | None, names: Names) -> Any:
    match node:
        case ast.Name():
            return names[node.id]
        case ast.Constant():
            return node.value
        case ast.Attribute():
            return getattr(_evaluate_node(node.value, names), node.attr)
        case ast.Subscript():
            return _evaluate_node(node.value, names)[_evaluate_node(node.slice, names)]
        case ast.Slice():
            return slice(*(_evaluate_node(bound, names) for bound in (node.lower, node.upper, node.step)))
        case ast.Tuple():
            return tuple(_evaluate_node(element, names) for element in node.elts)
        case ast.List():
            return [_evaluate_node(element, names) for element in node.elts]
        case ast.BinOp():
            left, right = _evaluate_node(node.left, names), _evaluate_node(node.right, names)
            _check_result_size(node.op, left, right)
            return _OPERATORS[type(node.op)](left, right)
        case ast.UnaryOp():
            return _OPERATORS[type(node.op)](_evaluate_node(node.operand, names))
    return None  # an absent bound of a slice
