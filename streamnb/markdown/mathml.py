"""Conversion of a formula to MathML by math-core, filtered by the list of allowed elements.

A formula that math-core cannot read gives an empty text, and so does one whose MathML holds anything that
``sanitizer.ALLOWED_ATTRIBUTES`` does not list.
"""

from __future__ import annotations

import html
import re

from math_core import LatexToMathML

from .mathjax import group_brackets
from .sanitizer import ALLOWED_ATTRIBUTES, ALLOWED_STYLES, MATHS_TAGS, escape, escape_attribute
from .tex_rewriting import rewrite_in_known_commands

__all__ = ["MAX_TEX_CHARACTERS", "to_mathml"]

MAX_TEX_CHARACTERS = 10_000  # of a formula's source
_MAX_ELEMENT_DEPTH = 100  # elements within elements; browsers lay formulas out recursively

_ALLOWED_TAGS = MATHS_TAGS | {"code", "span"}  # how math-core writes \texttt and \textsf
_TAG = re.compile(r'<(/?)([a-z]+)((?: [a-z-]+="[^"<>]*")*)(/?)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_STYLE_DECLARATION = re.compile(r"([a-z-]+): *([a-zA-Z0-9#.% -]+)")
_CSS_LENGTH = re.compile(r"(-?[0-9]*\.?[0-9]+)(?:em|ex|mu|px|pt|pc|cm|mm|in|%)")
_LONG_FRACTION = re.compile(r"-?[0-9]*\.[0-9]{6,}")
_CLASS_NAME = re.compile(r"[a-z-]+")


def to_mathml(source: str, display: bool) -> str:
    """Return a formula as MathML, or an empty text if math-core cannot read it or it is not allowed."""
    if len(source) > MAX_TEX_CHARACTERS:
        return ""
    return _latex_to_mathml(source, display) or _latex_to_mathml(rewrite_in_known_commands(source), display)


def _latex_to_mathml(source: str, display: bool) -> str:
    grouped_source = group_brackets(source)
    if not grouped_source:
        return ""
    try:
        reader = LatexToMathML(fancy_error=False, max_expansions=100)
        written = reader.convert_with_local_state(grouped_source, displaystyle=display)
    except Exception:  # its own LatexError, and text that cannot be encoded: the source is shown
        return ""
    return _checked_mathml(written)


class _UnlistedMarkupError(Exception):
    """Something in the MathML that ``ALLOWED_ATTRIBUTES`` does not list."""


def _checked_mathml(written: str) -> str:
    """Return MathML written as a browser would, or an empty text if a tag is not in the list."""
    out: list[str] = []
    done = depth = 0
    try:
        for tag in _TAG.finditer(written):
            out += _checked_text_html(written[done : tag.start()]), _checked_tag_html(tag)
            done = tag.end()
            depth += -1 if tag[1] else not tag[4]
            if depth > _MAX_ELEMENT_DEPTH:
                raise _UnlistedMarkupError
        out.append(_checked_text_html(written[done:]))
    except _UnlistedMarkupError:
        return ""
    return "".join(out)


def _checked_text_html(text: str) -> str:
    if "<" in text or ">" in text:
        raise _UnlistedMarkupError
    return escape(html.unescape(text))


def _checked_tag_html(tag: re.Match[str]) -> str:
    end, name, attributes, empty = tag.groups()
    if name not in _ALLOWED_TAGS:
        raise _UnlistedMarkupError
    if end:
        return f"</{name}>"
    written = "".join(_checked_attribute_html(name, *pair) for pair in _ATTRIBUTE.findall(attributes))
    return f"<{name}{written}>" + (f"</{name}>" if empty else "")


def _checked_attribute_html(element: str, name: str, value: str) -> str:
    if name not in ALLOWED_ATTRIBUTES[element]:
        raise _UnlistedMarkupError
    value = html.unescape(value)
    # A formula stays in its place: \hspace and \raisebox could draw it over another cell.
    highest = 2 if name == "voffset" else 100
    if not all(-2 <= float(length) <= highest for length in _CSS_LENGTH.findall(value)):
        raise _UnlistedMarkupError
    if name == "style":
        value = ";".join(_checked_declaration(part) for part in value.split(";") if part.strip())
    elif name == "class":
        if not _CLASS_NAME.fullmatch(value):
            raise _UnlistedMarkupError
        value = f"snb-{value}"
    return f' {name}="{escape_attribute(value)}"'


def _checked_declaration(text: str) -> str:
    style = _STYLE_DECLARATION.fullmatch(text.strip())
    if not style or style[1] not in ALLOWED_STYLES:
        raise _UnlistedMarkupError
    return f"{style[1]}:{_LONG_FRACTION.sub(_rounded_length, style[2])}"


def _rounded_length(number: re.Match[str]) -> str:
    """Return a length with four decimals, as nh3 writes it."""
    return f"{float(number[0]):.4f}"
