r"""Formulas that MathJax takes, rewritten so that LaTeX takes them in any document: it is stricter.

MathJax takes ``$$\begin{align}…$$``, a lone ``&`` and ``\text{a_b}``; LaTeX ends with an error at each, and
the whole document with it.
"""

from __future__ import annotations

import re

__all__ = ["make_tex_portable"]

_UNKNOWN_COMMAND = re.compile(r"\\[bx]?cancel(?![A-Za-z])")  # of a package that no exporter loads
_INNER_ENVIRONMENTS = {
    "split": "aligned",
    "align*": "aligned",
    "alignat*": "alignedat",
    "gather*": "gathered",
    "multline*": "gathered",
    "equation*": "gathered",
}
_OUTER_ENVIRONMENT = re.compile(
    r"(\\(?:begin|end))\s*\{(" + "|".join(map(re.escape, _INNER_ENVIRONMENTS)) + r")\}"
)
_TEXT_COMMAND = re.compile(r"(\\text[a-z]*\s*)\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}", re.DOTALL)
_SPECIAL_IN_TEXT = re.compile(r"(?<!\\)[_&]")
_UNKNOWN_SIZE = re.compile(r"\\(Big(?=l)|[bB]igg?(?=m))[lm](?![A-Za-z])")  # to pandoc's Word
_HLINES = re.compile(r"(?:\\hline\s*)+(\\end\s*\{array\})?")  # before the end they are unknown to it, too
_TOKEN = re.compile(r"\\(?:begin|end)\s*\{|\\(?:left|right)(?![A-Za-z])|\\.|[&{}]", re.DOTALL)


def make_tex_portable(source: str) -> str:
    r"""Return a formula, without its dollars, rewritten so that LaTeX takes it; empty where it cannot be.

    >>> print(make_tex_portable(r"\begin{align*} a &= b \end{align*}"))
    \begin{aligned} a &= b \end{aligned}
    >>> print(make_tex_portable(r"\text{max_len} \\ a &= b"))
    \begin{aligned} \text{max\_len} \\ a &= b \end{aligned}
    """
    if _UNKNOWN_COMMAND.search(source):
        return ""
    source = _TEXT_COMMAND.sub(lambda text: f"{text[1]}{{{_escape_special_characters(text[2])}}}", source)
    source = _OUTER_ENVIRONMENT.sub(lambda match: f"{match[1]}{{{_INNER_ENVIRONMENTS[match[2]]}}}", source)
    source = _UNKNOWN_SIZE.sub(r"\\\1", _HLINES.sub(lambda rules: rules[1] or rules[0], source)).strip()
    # A blank that is escaped is none: pandoc takes no dollar behind a blank for the end of a formula.
    source += " {}" if source.endswith("\\") else ""
    lone = _top_level_separators(source)
    environment = "aligned" if "&" in lone else "gathered" if r"\\" in lone else ""
    return rf"\begin{{{environment}}} {source} \end{{{environment}}}" if environment else source


def _escape_special_characters(text: str) -> str:
    return _SPECIAL_IN_TEXT.sub(lambda sign: f"\\{sign[0]}", text).replace("^", r"\textasciicircum ")


def _top_level_separators(source: str) -> set[str]:
    r"""Return which of ``&`` and ``\\`` stand outside of every environment, brace and pair of brackets."""
    environments = braces = 0
    lone = set()
    for token in _TOKEN.findall(source):
        environments += token.startswith(r"\begin") - token.startswith(r"\end")
        braces += token.endswith("{") or token == r"\left"
        braces -= token == "}" or token == r"\right"
        if token in ("&", r"\\") and environments == braces == 0:
            lone.add(token)
    return lone
