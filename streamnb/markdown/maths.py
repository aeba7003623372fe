r"""Rendering of a formula: as MathML, as the ``\(…\)`` that notebooks typeset, or as its source.

Which text is a formula is the matter of ``maths_inline`` and ``maths_blocks``, how it becomes MathML that of
``mathml``.  A formula that cannot be read shows its source, between the marks that it was written with.

``"tex"`` is for the static bundle, where the page's MathJax does the typesetting.  MathJax keeps what one
formula defines for every other formula of the notebook, so only formulas whose every command is in the list
of ``mathjax`` are handed to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .code import fence_language, is_closed_fence
from .mathjax import adapt_for_mathjax, is_allowed_tex
from .mathml import to_mathml
from .maths_blocks import add_maths_blocks
from .maths_inline import add_maths_inline
from .sanitizer import escape
from .tex_cleaning import clean_formula, strip_comments
from .tex_rewriting import rewrite_in_known_commands

__all__ = ["MathsFormat", "add_maths"]

MathsFormat = Literal["mathml", "tex"]

RenderRule = Callable[[RendererHTML, Sequence[Token], int, OptionsDict, EnvType], str]
_FormulaToHtml = Callable[[str, bool], str]

_NUMBERED_ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|alignat|gather|equation|multline)\}")
_DOLLAR_BEFORE_DIGIT = re.compile(r"(?<!\\)\$(?=\d)")
_COMMENT_OR_DOLLAR = re.compile(
    r"(?<![\\\w})\]{])%(?!\s*})|(?<!\\)\$"
)  # a comment of TeX, or the end of a formula
_CLOSING_MARK = {"$": "$", "$$": "$$", r"\(": r"\)", r"\[": r"\]", r"\\(": r"\\)", r"\\[": r"\\]", "": ""}


def add_maths(md: MarkdownIt, maths: MathsFormat) -> None:
    """Add the rules that find formulas and the ones that write them; ``add_code`` has to come before."""
    add_maths_inline(md)
    add_maths_blocks(md)
    write = _formula_to_tex_html if maths == "tex" else _formula_to_mathml_html
    for name, display in (("math_inline", False), ("math_inline_double", True)):
        md.add_render_rule(name, _inline_render_rule(write, display))
    md.add_render_rule("math_block", _block_render_rule(write))
    md.add_render_rule("fence", _fence_render_rule(write, md.renderer.rules["fence"]))  # type: ignore[attr-defined]


def _inline_render_rule(write: _FormulaToHtml, display: bool) -> RenderRule:
    def rule(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[index]
        return write(token.content.strip(), display) or _formula_source_html(token)

    return rule


def _block_render_rule(write: _FormulaToHtml) -> RenderRule:
    def rule(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[index]
        formula = write(token.content.strip(), True) or _formula_source_html(token)
        return f'<div class="snb-maths-block">{formula}</div>\n'

    return rule


def _fence_render_rule(write: _FormulaToHtml, code: Callable[..., str]) -> RenderRule:
    """Return the rule for fences: a closed ``math`` fence is a formula, any other is code."""

    def rule(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[index]
        is_formula = fence_language(token.info) == "math" and is_closed_fence(token)
        formula = write(token.content.strip(), True) if is_formula else ""
        return (
            f'<div class="snb-maths-block">{formula}</div>\n'
            if formula
            else str(code(tokens, index, options, env))
        )

    return rule


def _without_row_numbers(source: str) -> str:
    """Return a formula cleaned and with unnumbered rows: nothing in an answer refers to the numbers."""
    return _NUMBERED_ENVIRONMENT.sub(r"\\\1{\2*}", clean_formula(source))


@lru_cache(maxsize=64)  # the formulas of a tail are rendered again at each frame
def _formula_to_mathml_html(source: str, display: bool) -> str:
    formula = to_mathml(_without_row_numbers(source), display)
    return f'<span class="snb-maths">{formula}</span>' if formula else ""


@lru_cache(maxsize=64)
def _formula_to_tex_html(source: str, display: bool) -> str:
    source = _DOLLAR_BEFORE_DIGIT.sub(r"\\$", strip_comments(source))
    if _COMMENT_OR_DOLLAR.search(source):
        return ""
    source = _without_row_numbers(source)
    if not is_allowed_tex(source):
        source = rewrite_in_known_commands(source)
    if not is_allowed_tex(source) or not to_mathml(source, display):
        return ""
    # Within a line MathJax knows only these by itself: in Jupyter Book and Sphinx a dollar is a dollar.
    start, end = ("$$", "$$") if display else (r"\(", r"\)")
    formula = f"{start}{escape(adapt_for_mathjax(source))}{end}"
    return f'<span class="mathjax_process tex2jax_process">{formula}</span>'


def _formula_source_html(token: Token) -> str:
    source = f"{token.markup}{token.content.strip()}{_CLOSING_MARK[token.markup]}"
    return f'<code class="snb-maths-source">{escape(source)}</code>'
