"""What becomes of a formula: MathML, the ``$…$`` that notebooks typeset, or its source.

``$…$`` and ``$$…$$`` are found by a rule of our own in a line and by the dollarmath plugin as a block.
math-core reads every formula.  One that it cannot read shows its source, and so does one whose MathML
holds anything that ``sanitizer.ALLOWED`` does not list.

``"tex"`` is for the static bundle, where the page's MathJax does the typesetting.  MathJax keeps what one
formula defines for every other formula of the notebook, so only formulas whose every command is in
``_COMMANDS`` are handed to it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from math_core import LatexToMathML
from mdit_py_plugins.dollarmath import dollarmath_plugin

from .mathjax import for_mathjax, group_brackets, is_allowed
from .sanitizer import ALLOWED, MATHS, STYLES, escape, escape_attribute

__all__ = ["Maths", "add_maths"]

Maths = Literal["mathml", "tex"]

MAX_TEX_CHARACTERS = 10_000  # characters of a formula's source
_MAX_DEPTH = 100  # elements within elements; browsers lay formulas out recursively

# "it costs $5 and $6$" is money: a number, then a word.
_MONEY = re.compile(r"\d[\d.,]*[kKmMbB]?\s+[A-Za-z]{2,}")

_WITHIN = MATHS | {"code", "span"}  # how math-core writes \texttt and \textsf
_TAG = re.compile(r'<(/?)([a-z]+)((?: [a-z-]+="[^"<>]*")*)(/?)>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_STYLE = re.compile(r"([a-z-]+): *([a-zA-Z0-9#.% -]+)")
_LENGTH = re.compile(r"(-?[0-9]*\.?[0-9]+)(?:em|ex|mu|px|pt|pc|cm|mm|in|%)")
_CLASS = re.compile(r"[a-z-]+")

Rule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]


def add_maths(md: MarkdownIt, maths: Maths) -> None:
    """Add the rules that find formulas and the ones that write them."""
    dollarmath_plugin(md, allow_labels=False, allow_blank_lines=False)
    md.inline.ruler.at("math_inline", _find)
    write = _tex if maths == "tex" else _mathml
    for name, block in (("math_inline", False), ("math_inline_double", True), ("math_block", True)):
        md.add_render_rule(name, _rule(write, block, name == "math_block"))


def _find(state: StateInline, silent: bool) -> bool:
    """Find ``$…$`` and ``$$…$$`` within a line of text, as pandoc does, and leave money alone."""
    text, start = state.src, state.pos
    if text[start] != "$" or (start and text[start - 1] == "$"):
        return False
    fence = "$$" if text.startswith("$$", start) else "$"
    first = start + len(fence)
    end = _closing(text, fence, first, state.posMax)
    source = text[first:end] if end > 0 else ""
    if not source.strip() or "`" in source:
        return False
    after = text[end + len(fence) : end + len(fence) + 1]
    if fence == "$" and (source[0].isspace() or source[-1].isspace() or after.isdigit() or after == "$"):
        return False
    if fence == "$" and _MONEY.match(source):
        return False
    if not silent:
        token = state.push("math_inline_double" if fence == "$$" else "math_inline", "math", 0)
        token.content, token.markup = source, fence
    state.pos = end + len(fence)
    return True


def _closing(text: str, fence: str, start: int, end: int) -> int:
    """Return where the next ``fence`` stands that no backslash escapes, or -1."""
    at = text.find(fence, start, end)
    while at > 0:
        before = at - 1
        while before >= start and text[before] == "\\":
            before -= 1
        if (at - before) % 2:
            return at
        at = text.find(fence, at + 1, end)
    return -1


def _rule(write: Callable[[str, bool], str], display: bool, block: bool) -> Rule:
    def rule(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        written = write(tokens[index].content.strip(), display)
        return f'<div class="snb-maths-block">{written}</div>\n' if block else written

    return rule


def _mathml(source: str, display: bool) -> str:
    written = _convert(source, display)
    return f'<span class="snb-maths">{written}</span>' if written else _source(source, display)


def _tex(source: str, display: bool) -> str:
    if not is_allowed(source) or not _convert(source, display):
        return _source(source, display)
    return f'<span class="mathjax_process tex2jax_process">{_dollars(for_mathjax(source), display)}</span>'


def _source(source: str, display: bool) -> str:
    return f'<code class="snb-maths-source">{_dollars(source, display)}</code>'


def _dollars(source: str, display: bool) -> str:
    fence = "$$" if display else "$"
    return f"{fence}{escape(source)}{fence}"


def _convert(source: str, display: bool) -> str:
    """Return a formula as MathML, or an empty text if it cannot be read or is not ours to show."""
    tamed = group_brackets(source) if len(source) <= MAX_TEX_CHARACTERS else ""
    if not tamed:
        return ""
    try:
        reader = LatexToMathML(fancy_error=False, max_expansions=100)
        written = reader.convert_with_local_state(tamed, displaystyle=display)
    except Exception:  # its own LatexError, and text that cannot be encoded: the source is shown
        return ""
    return _checked(written)


class _UnlistedError(Exception):
    """Something in the MathML that ``ALLOWED`` does not list."""


def _checked(written: str) -> str:
    """Write MathML again, tag by tag, as a browser would; empty if a tag is not in the list."""
    out: list[str] = []
    done = depth = 0
    try:
        for tag in _TAG.finditer(written):
            out += _plain(written[done : tag.start()]), _tag(tag)
            done = tag.end()
            depth += -1 if tag[1] else not tag[4]
            if depth > _MAX_DEPTH:
                raise _UnlistedError
        out.append(_plain(written[done:]))
    except _UnlistedError:
        return ""
    return "".join(out)


def _plain(text: str) -> str:
    if "<" in text or ">" in text:
        raise _UnlistedError
    return escape(html.unescape(text))


def _tag(tag: re.Match[str]) -> str:
    end, name, attributes, empty = tag.groups()
    if name not in _WITHIN:
        raise _UnlistedError
    if end:
        return f"</{name}>"
    written = "".join(_attribute(name, *pair) for pair in _ATTRIBUTE.findall(attributes))
    return f"<{name}{written}>" + (f"</{name}>" if empty else "")


def _attribute(element: str, name: str, value: str) -> str:
    if name not in ALLOWED[element]:
        raise _UnlistedError
    value = html.unescape(value)
    # A formula stays in its place: \hspace and \raisebox could draw it over another cell.
    highest = 2 if name == "voffset" else 100
    if not all(-2 <= float(length) <= highest for length in _LENGTH.findall(value)):
        raise _UnlistedError
    if name == "style":
        value = ";".join(_declaration(part) for part in value.split(";") if part.strip())
    elif name == "class":
        if not _CLASS.fullmatch(value):
            raise _UnlistedError
        value = f"snb-{value}"
    return f' {name}="{escape_attribute(value)}"'


def _declaration(text: str) -> str:
    style = _STYLE.fullmatch(text.strip())
    if not style or style[1] not in STYLES:
        raise _UnlistedError
    return f"{style[1]}:{style[2]}"
