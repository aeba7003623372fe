"""Formulas: found where they are, read or shown as source, harmless to the page and to the clock."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.markdown import LiveMarkdown, render
from streamnb.markdown.mathjax import is_allowed_tex
from streamnb.markdown.parser import new_parser
from streamnb.markdown.tex_rewriting import rewrite_in_known_commands
from tests.markdown.reading import read
from tests.markdown.test_sanitizer import faults


@pytest.mark.parametrize(
    "text",
    [
        "it costs $5 and $6",
        "$5-$6",
        "$5",
        "US$5 or A$6",
        "$20 for two, $30 for three",
        "`$x$`",
        r"\$x$",
        "$ price $",
        "$5 to $10",
        "$47.50 * 0.14 = $6.65",
        "echo $HOME/$USER",
        "价格是$5，总共$10；5$和10$",
        "$user_id$ and $MAX_LEN$, $HOME$",
        "let c=$a+$b; c=$((a+b))",
        "$$var; $$a = $$b",
        "print(df$x[df$y_1]); s/a$_/b$_x$y/",
        "$50-$x, $100 ($5)",
        "价格（$）为5，成本（$）为3",
        r"between \( and \), or \[ and \]",
        "AS $$ SELECT 1; $$ LANGUAGE sql",
        "$$ is the pid, $! the last; kill $$",
        "cheap: $$ and $$$, or $$–$$$",
        r"\[Smith 2020\] and \[a-z\]\+ and \[Name\] x",
        "$name = 1;\n$other = $_",
        "/^a+$/ or /b$/",
        r"\[1\] and \[text\](u)",
        "Price: $$ | Rating: 4.5 | Tip: $$",
        "- $$ (cheap), $$$ (dear)\n- A – $$ – B – $$ – C\n- $$: ok, $$: good\n- cost $$, value $$",
        "- **A:** $$ / **B:** good / **C:** $$",
        "| A | $$ | cheap | $$ |\n|-|-|-|-|\n| B | $$ | good food | $$$ |\n",
        "^[a-z]+$ and /^foo$/",
        "$(patsubst %.c,%.o,$(SRC)); $$HOME $$(pwd)",
        r"> \[!NOTE\]",
        r"\(?:x\) and \\(foo\\) and \\[a-z\\]",
        "5 $ + tax = 6 $ total",
        "비용 = 5 $, 이익 = 3 $ 이다",
        "1 $ = 0.9 €, 2 $ = 1.8 €",
        "{ $_.a -gt 1 } | select $_.b",
        "$$",
    ],
)
def test_money_and_single_dollars_are_text(text: str) -> None:
    assert "math" not in read(new_parser().render(text)).tags


@pytest.mark.parametrize(
    "text",
    [
        "$x$",
        "a $x$, b",
        "$2x$",
        r"$\$5$",
        "$$x$$",
        "a $$x$$ b",
        "$$\nx\n$$",
        "> $$\n> x\n> $$",
        "| $x$ |\n|-|\n",
        "$5$",
        "$ x = 1 $",
        "$ x $",
        r"\(x\)",
        r"a \[x\] b",
        "\\[\nx\n= y\n\\]",
        "a \\[\nx\n- y\n\\]",
        "- a\n  \\[\n  x\n  \\]",
        r"# \(x\)",
        r"| \[x\] |" + "\n|-|\n",
        "\\begin{align}\nx&=y\n\\end{align}",
        "```math\nx\n```\n",
        "$x_i$",
        "$v_max$",
        "$2xy$",
        "$MSE$",
        "$GDP = C + I$",
        "$v = 3$m",
        r"$|\psi\rangle$",
        "$|ψ⟩$",
        "H$_2$O",
        "cm$^2$",
        "10$^{-3}$ m",
        r"$45^\circ$N",
        "$_5C_2$",
        r"25 $^\circ$C",
        r"between $50 and $100 ($\mu = 75$)",
        r"$ p(x; \theta) $",
        r"$ \langle a | b \rangle $",
        "$ P(A | B) $",
        "$ f(x) $",
        "$ (x, y) $",
        "$ -1 $",
        "$ a, b, c $",
        "$ ABC $",
        r"$\&$",
        r"\\( x^2 \\)",
        "- a\n  \\\\[\n  x = \\\\frac{1}{2}\n  \\\\]",
        "a $$|x| = 5$$",
        r"$$|\psi\rangle$$",
        "| $$|x|$$ |\n|-|\n",
        r"\( ∅ \)",
        "$OABC$",
        "$CH_3COOH$",
        "$0.5 mol/L$",
        r"$\ce{Ag+ + Cl- -> AgCl v}$",
        r"$\ce{$n$ H2O}$",
        "$ 95% $",
        "$ 5 cm $",
        "$ 10! $",
        "$ |A| = n $",
        "$ x >= 0 $",
        "$ dp[i][j] $",
        "$ A[i] = A[j] $",
        "$ H2O $",
        "$ p ∧ q $",
        "$ log n $",
        "$ Profit = Revenue - Cost $",
        "$ ReLU(x) = max(0, x) $",
        r"$ AB \parallel CD $",
    ],
)
def test_formulas_are_mathml(text: str) -> None:
    page = read(new_parser().render(text))
    assert page.tags.count("math") == 1
    assert "$" not in page.text or r"\$" in text or "$50" in text


@pytest.mark.parametrize("text", ["$x$$y$", "$$x$$$$y$$", "$$\nx\n$$$$\ny\n$$"])
def test_formulas_without_a_blank_between_them_are_two(text: str) -> None:
    page = read(new_parser().render(text))
    assert page.tags.count("math") == 2
    assert "$" not in page.text


@pytest.mark.parametrize(
    "source",
    [
        r"\begin{aligned}a&=b\\c&=d\end{aligned}",
        r"\begin{cases}a&b\\c&d\end{cases}",
        r"\begin{pmatrix}1&2\\3&4\end{pmatrix}",
        r"\left[\begin{array}{c|c}1&2\\\hline 3&4\end{array}\right]",
        r"\boxed{x^2}",
        r"\text{if }x\text{ and }y",
        r"\operatorname{argmax}_x f(x)",
        r"\int_0^\infty e^{-x^2}\,dx=\frac{\sqrt\pi}{2}",
        r"\mathbb{E}_{x\sim p}[f(x)]",
        r"a \gtreqless b \multimap c",
    ],
)
def test_what_answers_are_full_of_is_read_and_typeset(source: str) -> None:
    text = f"$$\n{source}\n$$"
    assert "math" in read(new_parser().render(text)).tags
    typeset = read(new_parser(maths="tex").render(text))
    assert typeset.text.strip() == f"$${source}$$"
    assert typeset.values("class") == ["snb-maths-block", "mathjax_process tex2jax_process"]


@pytest.mark.parametrize(
    "source", [r"\unknown", r"\frac{a}", r"\href{https://a.example}{x}", "{" * 200, r"\sqrt" * 400]
)
def test_a_formula_that_cannot_be_read_shows_its_source(source: str) -> None:
    for kind in ("mathml", "tex"):
        page = read(new_parser(maths=kind).render(f"${source}$"))  # type: ignore[arg-type]
        assert page.values("class") == ["snb-maths-source"]
        assert page.text.strip() == f"${source}$"


@pytest.mark.parametrize(
    "source",
    [
        r"\def\alpha{x}\alpha",
        r"\gdef\alpha{x}",
        r"\let\alpha\beta",
        r"\renewcommand{\alpha}{x}",
        r"\newcommand\a{x}",
        r"\href{https://a.example}{x}",
        r"\require{html}x",
        r"\class{a}{x}",
        r"\style{color:red}{x}",
        r"\cssId{a}{x}",
        r"x % comment",
        r"\text{$x$}",
        r"\begin{unknown}x\end{unknown}",
        r"\unicode{x41}",
        "\\",
    ],
)
def test_a_formula_that_may_reach_beyond_itself_is_not_handed_to_mathjax(source: str) -> None:
    assert not is_allowed_tex(source)
    assert "mathjax_process" not in new_parser(maths="tex").render(f"$$\n{source}\n$$")


@pytest.mark.parametrize("source", [r"\hspace{-100em}x", r"\raisebox{9em}{x}", r"\kern-50em x"])
def test_a_formula_stays_in_its_place(source: str) -> None:
    assert read(new_parser().render(f"${source}$")).values("class") == ["snb-maths-source"]


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "source",
    [
        "(" * 100,
        "{(}" * 60,
        r"\bigl(" * 60,
        r"\bigl\rfloor" * 60,
        r"\mathopen(" * 60,
        r"(\text)" * 60,
        r"(\rightarrow" * 60,
        r"\\(" * 60,
        r"\lvert x" * 60,
        r"\sin(" * 60,
        "(&)" * 60,
        r"\let\o=(" + r"\o" * 60,
        r"\def\o{(}" + r"\o" * 60,
        "⟨" * 60,
        r"\{" * 60,
    ],
)
def test_brackets_that_are_never_closed_take_no_time(source: str) -> None:
    assert read(new_parser().render(f"$$\n{source}\n$$")).text.strip()


COMMANDS = r"""
\frac \text{ \left( \right) \begin{matrix} \end{matrix} \sqrt \color{red} \hspace{ \operatorname{ \\ \textbf{
\eqref{a} \tag{ \not \bigl \lvert \textcolor \mathbf \limits \substack
"""
PIECES = st.sampled_from([*COMMANDS.split(), *"{}()[]&^_<>x1 '\"%#~|.é\ud83d\0"])


@pytest.mark.timeout(60)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_no_soup_of_commands_raises_hangs_or_leaves_the_list(source: str) -> None:
    for kind in ("mathml", "tex"):
        assert faults(new_parser(maths=kind).render(f"$$\n{source}\n$$")) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("source", "latex"),
    [
        (r"\bm{v} = \bm\alpha", r"\boldsymbol{v} = \boldsymbol\alpha"),
        (r"f \coloneqq g", r"f \mathrel{:=} g"),
        (r"a\medspace b", r"a\: b"),
        (r"20^\degree", r"20^{\text{°}}"),
        (r"\begin{dcases} a & b \end{dcases}", r"\begin{cases} a & b \end{cases}"),
        (r"\cancel{x}", r"\cancel{x}"),
    ],
)
def test_a_page_gets_a_formula_in_words_that_every_mathjax_knows(source: str, latex: str) -> None:
    typeset = read(new_parser(maths="tex").render(f"${source}$"))
    assert typeset.text.strip() == rf"\({latex}\)"
    assert typeset.values("class") == ["mathjax_process tex2jax_process"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"\ketbra{a}{b} \tag{1}", "|a⟩⟨b|(1)"),
        (r"\text{50% of a_b & c^2}", "50% of a_b & c2"),
        ("50% x", "50%x"),
        ("a % b", "a%b"),
        (r"\text{if (\(x\)일 때)}", "if (x일 때)"),
        (r"(-$25,000)", "(−$25,000)"),
        (r"\frak a \subset \Q", "𝔞⊂ℚ"),
        ("a &= b \\\\ c &= d", "a=bc=d"),
        (r"\begin{eqnarray} a &=& b \end{eqnarray}", "a=b"),
        (r"\begin{array}{r@{}l} a & b \end{array}", "ab"),
        (r"\ce{2H2 + O2 -> 2H2O}", "2H2+O2→2H2O"),
        (r"\ce{SO4^2- + Na+}", "SO42−+Na+"),
        (r"\\frac{a}{b}", "ab"),
        (r"x &lt; y", "x<y"),
        (r"\SI{5}{m/s}", "5m/s"),
        (r"\norm{x}_2", "‖x‖2"),
        (r"\color{red}{x} \cancelto{0}{y}", "xy0"),
    ],
)
def test_commands_that_the_converter_lacks_are_written_in_others(source: str, text: str) -> None:
    page = read(new_parser().render(f"\\[{source}\\]"))
    assert "math" in page.tags, page.text
    assert page.words == "".join(text.split()).replace("²", "2")


@pytest.mark.parametrize(
    "source",
    [
        r"\ket{0}\bra{1}",
        r"\text{a_b}",
        r"\R",
        r"50\%",
        r"a \tag{2}",
        r"\$5",
        r"\xmapsto[a]{b}",
        r"x\hspace{-0.5em}y",
        "A ⊥ B",
    ],
)
def test_such_commands_are_typeset_in_a_file_as_well(source: str) -> None:
    html = new_parser(maths="tex").render(f"\\({source}\\)")
    assert read(html).values("class") == ["mathjax_process tex2jax_process"]


def test_doubled_backslashes_are_those_of_a_formula() -> None:
    page = read(new_parser().render(r"a \( \\mathbb{Q}(\\sqrt{-11}) \\), b"))
    assert page.words == "aℚ(−11),b"


def test_a_mark_that_closes_with_two_backslashes_closes_a_formula_without_any() -> None:
    page = read(new_parser().render(r"where \( D = -11 \\), and \( x^2 \\) or \( a \\\\) b \)"))
    assert page.tags.count("math") == 3


@pytest.mark.parametrize(
    ("source", "letters"),
    [
        (r"a \lt b \gt c", "a<b>c"),
        (r"\mathop{\mathrm{argmax}}\limits_x f", "argmaxxf"),
        (r"\ce{A ->[\Delta] B}", "A→ΔB"),
        (r"\ce{A ->[H2SO4][\text{heat}] B}", "A→H2SO4heatB"),
        (r"\text{a\_b} = 1", "a_b=1"),
        (r"\pmatrix{1&2\\3&4}", "(1234)"),
        (r"\qty{3}{\kilo\metre\per\second\squared}", "3km/s2"),
        (r"\vv{AB} \to \infin", "AB→→∞"),
        (r"\sum_{\substack{i=1 \\ i \neq j}}^n a_i", "∑i=1i≠jnai"),
        (r"\widetilde{ab} + \LaTeX + √2", "ab∼+LaTeX+2"),
        (r"\si{\kilo\meter} \num{1.5e-3} \SIrange{1}{5}{\second}", "km1.5×10−31–5s"),
        (r"\begin{pmatrix*}[r] 1 & 2 \end{pmatrix*}", "(12)"),
        (r"5\text{ %} + \text{%}", "5%+%"),
        ("∠ABC ⊥ ∅ ∴ ∛8", "∠ABC⟂∅\ufe00∴83"),
        (r"\left< x \right> \vspace{1em} \pqty{y}", "⟨x⟩(y)"),
        (r"\xRightarrow[a]{b} \versin x \Alpha", "⟹baversinxA"),
        (r"\begin{array}{*{2}{c}} a & b \end{array}", "ab"),
        (r"\begin{aligned} a & b \\ \hline c & d \end{aligned}", "abcd"),
        (r"\newcommand{\E}[2]{#1 + #2} \E{a}{b}", "a+b"),
        (r"\def\x{5} \DeclareMathOperator*{\foo}{foo} \foo_\x", "foo5"),
    ],
)
def test_what_models_write_is_typeset_live_and_saved(source: str, letters: str) -> None:
    page = read(new_parser().render(f"${source}$"))
    assert "snb-maths-source" not in page.values("class")
    assert re.sub(r"[\s\u200b\u2061-\u2064]", "", page.text) == letters
    assert "mathjax_process" in new_parser(maths="tex").render(f"${source}$")


def test_rows_below_an_operator_are_as_small_as_what_stands_there() -> None:
    assert "mtable" not in render(r"\(\sum_{\substack{a \\ b \\ c}}\)")
    assert "math" in read(render(r"\(\substack{" + r"a\\" * 900 + r"b}\)")).tags


def test_amounts_in_a_formula_are_typeset_in_a_file_as_well() -> None:
    html = new_parser(maths="tex").render(r"\[ $100 \times 2 = $200 \]")
    assert read(html).text.strip() == r"$$\$100 \times 2 = \$200$$"


def test_a_comment_of_tex_is_none_of_the_formula() -> None:
    text = "$$\n% first\nx = 1 % then the rest\n+ 50% y\n$$"
    assert read(new_parser().render(text)).words == "x=1+50%y"
    assert read(new_parser(maths="tex").render(text)).text.split() == [
        "$$",
        "x",
        "=",
        "1",
        "+",
        r"50\%",
        "y$$",
    ]


@pytest.mark.parametrize(
    "source",
    [
        r"\newcommand{\xa}{\xb\xb}\newcommand{\xb}{\xc\xc}\xa",  # each would double the text
        r"\newcommand{\a}[1]{#1#1}\a{\a{x}}",
        r"\newcommand{\alpha}{x}\alpha",  # has a meaning for the whole page
        r"\newcommand{\R}{\mathbb{R}}",  # nothing but a definition
    ],
)
def test_a_definition_that_could_grow_or_reach_further_is_shown(source: str) -> None:
    for kind in ("mathml", "tex"):
        page = read(new_parser(maths=kind).render(f"${source}$"))  # type: ignore[arg-type]
        assert page.values("class") == ["snb-maths-source"]


def test_what_stands_below_an_operator_stands_there() -> None:
    assert r"\operatorname*{argmax}_x" in rewrite_in_known_commands(
        r"\mathop{\mathrm{argmax}}\limits_x"
    ).replace(r"\limits", "")


def test_a_sign_in_a_text_stands_outside_of_it_for_mathjax_which_would_show_its_backslash() -> None:
    saved = read(new_parser(maths="tex").render(r"$\text{50\% of a\_b}$"))
    assert saved.text.strip() == r"\(\text{50}\%\text{ of a}\_\text{b}\)"


@pytest.mark.parametrize("text", [r"$\text{if $x>0$}$", r"$y = \text{a $b$ and $c$} + 1$"])
def test_a_dollar_in_the_braces_of_a_text_ends_no_formula(text: str) -> None:
    page = read(new_parser().render(text))
    assert "snb-maths-source" not in page.values("class")
    assert "$" not in page.text


@pytest.mark.parametrize("text", [r"$\text{a$ and $b$", "$\\text{a$\nb}$", r"\text{x $5 and $6}"])
def test_a_text_that_is_not_closed_hides_no_dollar(text: str) -> None:
    live = LiveMarkdown(repair=False)
    for letter in text:
        live.feed(letter)
    live.close()
    assert live.html == render(text)
