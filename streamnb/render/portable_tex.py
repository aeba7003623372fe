r"""A formula in LaTeX that stands between dollars in any document: MathJax is kinder than LaTeX is.

MathJax takes ``$$\begin{align}…$$``, a lone ``&`` and ``\text{a_b}``; LaTeX ends with an error at each, and
the whole document with it.
"""

from __future__ import annotations

import re

__all__ = ["portable_tex"]

_UNKNOWN = re.compile(r"\\[bx]?cancel(?![A-Za-z])")  # of a package that no exporter loads
_INNER_ENVIRONMENTS = {
    "split": "aligned",
    "align*": "aligned",
    "alignat*": "alignedat",
    "gather*": "gathered",
    "multline*": "gathered",
    "equation*": "gathered",
}
_OUTER = re.compile(r"(\\(?:begin|end))\s*\{(" + "|".join(map(re.escape, _INNER_ENVIRONMENTS)) + r")\}")
_TEXT = re.compile(r"(\\text[a-z]*\s*)\{((?:[^{}\\]|\\.|\{[^{}]*\})*)\}", re.DOTALL)
_SIGN_IN_TEXT = re.compile(r"(?<!\\)[_&]")
_TOKEN = re.compile(r"\\(?:begin|end)\s*\{|\\.|&", re.DOTALL)


def portable_tex(source: str) -> str:
    r"""Return a formula, without its dollars, that LaTeX takes as well; empty where there is none.

    >>> print(portable_tex(r"\begin{align*} a &= b \end{align*}"))
    \begin{aligned} a &= b \end{aligned}
    >>> print(portable_tex(r"\text{max_len} \\ a &= b"))
    \begin{aligned} \text{max\_len} \\ a &= b \end{aligned}
    """
    if _UNKNOWN.search(source):
        return ""
    source = _TEXT.sub(lambda text: f"{text[1]}{{{_escape_signs(text[2])}}}", source)
    source = _OUTER.sub(lambda match: f"{match[1]}{{{_INNER_ENVIRONMENTS[match[2]]}}}", source)
    return rf"\begin{{aligned}} {source} \end{{aligned}}" if _has_lone_ampersand(source) else source


def _escape_signs(text: str) -> str:
    return _SIGN_IN_TEXT.sub(lambda sign: f"\\{sign[0]}", text).replace("^", r"\textasciicircum ")


def _has_lone_ampersand(source: str) -> bool:
    depth = 0
    for token in _TOKEN.findall(source):
        depth += token.startswith(r"\begin") - token.startswith(r"\end")
        if token == "&" and depth == 0:
            return True
    return False
