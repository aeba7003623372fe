"""Formulas on one line of plain letters."""

from __future__ import annotations

import re

import pytest

from streamnb.markdown import render
from streamnb.render.html_tree import parse_html
from streamnb.render.terminal_maths import formula_text

FORMULAS = {
    r"E = mc^2": "E = mc²",
    r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}": "x = (−b ± √(b² − 4ac))/(2a)",
    r"\sum_{i=1}^{n} \frac{i(i+1)}{2} \le \sqrt[3]{x}": "∑_(i=1)ⁿ (i(i + 1))/2 ≤ ³√x",
    r"\int_{-\infty}^{\infty} e^{-x^2}\,dx = \sqrt{\pi}": "∫_(−∞)^∞ e^(−x²) dx = √π",
    r"\tfrac{1}{2} g t^2": "1/2 gt²",
    r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}": "(1, 2; 3, 4)",
    r"\log_2 n + 10^{-3}": "log₂ n + 10⁻³",
    r"\lim_{x\to 0} f'(x)": "lim_(x→0) f′(x)",
    r"\binom{n}{k} \cdot \mathbf{E}": "(n choose k) ⋅ E",
    r"\bar{x}, \dot{x}, \overline{ab}, \underbrace{a+b}_{n}": "x̄, ẋ, ab, (a + b)_n",
    r"\text{if } x > 0": "if x > 0",
    r"\begin{align} v &= g t \\ s &= \frac12 g t^2 \end{align}": "v = gt\ns = 1/2 gt²",
}


@pytest.mark.parametrize("tex", FORMULAS)
def test_a_formula_is_written_in_one_line(tex: str) -> None:
    match = re.search("<math.*</math>", render(f"$${tex}$$"), re.DOTALL)
    assert match is not None
    assert formula_text(parse_html(match[0])) == FORMULAS[tex]
