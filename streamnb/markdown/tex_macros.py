r"""Table of TeX macros that the converters lack, each with its replacement: ``name arguments form``."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["MACROS"]

_MACRO_LINES = r"""
R 0 \mathbb{R}
Q 0 \mathbb{Q}
Z 0 \mathbb{Z}
N 0 \mathbb{N}
C 0 \mathbb{C}
F 0 \mathbb{F}
H 0 \mathbb{H}
E 0 \mathbb{E}
O 0 \mathcal{O}
Bbb 0 \mathbb
mathbbm 0 \mathbb
mathds 0 \mathbb
frak 0 \mathfrak
cal 0 \mathcal
bold 0 \mathbf
pmb 0 \boldsymbol
vb 0 \mathbf
mathnormal 0 \mathit
vu 0 \hat
underbar 0 \underline
space 0 \ {}
enskip 0 \enspace
empty 0 \emptyset
upmu 0 \mu
dd 0 \mathrm{d}
centerdot 0 \cdot
varpropto 0 \propto
shortmid 0 \mid
shortparallel 0 \parallel
qed 0 \square
QED 0 \blacksquare
euro 0 \text{€}
celsius 0 {}^{\circ}\text{C}
textdegree 0 {}^{\circ}
textellipsis 0 \ldots
mathellipsis 0 \ldots
argmax 0 \operatorname*{arg\,max}
argmin 0 \operatorname*{arg\,min}
plim 0 \operatorname*{plim}
varlimsup 0 \overline{\lim}
varliminf 0 \underline{\lim}
defeq 0 \overset{\text{def}}{=}
grad 0 \nabla
laplacian 0 \nabla^2
curl 0 \nabla\times
nobreakspace 0 \ {}
cr 0 \\
newline 0 \\
ket 1 \lvert #1\rangle
bra 1 \langle #1\rvert
braket 1 \langle #1\rangle
Ket 1 \left\lvert #1\right\rangle
Bra 1 \left\langle #1\right\rvert
Braket 1 \left\langle #1\right\rangle
ketbra 2 \lvert #1\rangle\langle #2\rvert
mel 3 \langle #1\lvert #2\rvert #3\rangle
expval 1 \langle #1\rangle
ev 1 \langle #1\rangle
comm 2 [#1, #2]
order 1 \mathcal{O}(#1)
bigO 1 \mathcal{O}(#1)
norm 1 \left\lVert #1\right\rVert
abs 1 \left\lvert #1\right\rvert
set 1 \left\{ #1\right\}
ceil 1 \left\lceil #1\right\rceil
floor 1 \left\lfloor #1\right\rfloor
dv 2 \frac{\mathrm{d} #1}{\mathrm{d} #2}
derivative 2 \frac{\mathrm{d} #1}{\mathrm{d} #2}
pdv 2 \frac{\partial #1}{\partial #2}
cancelto 2 \overset{#1}{\cancel{#2}}
sout 1 \cancel{#1}
overarc 1 \overset{\frown}{#1}
overparen 1 \overset{\frown}{#1}
wideparen 1 \overset{\frown}{#1}
colorbox 2 {#2}
textcolor 2 {#2}
color 1 {}
bbox 1 {#1}
enclose 2 \boxed{#2}
textcircled 1 {#1}
circled 1 {#1}
smash 1 {#1}
mathllap 1 {#1}
mathrlap 1 {#1}
llap 1 {#1}
rlap 1 {#1}
vcenter 1 {#1}
label 1 {}
cline 1 {}
eqref 1 \text{(#1)}
ref 1 \text{#1}
num 1 #1
ang 1 #1^{\circ}
rule 2 {}
textbullet 0 \bullet
textendash 0 \text{–}
textemdash 0 \text{—}
textasciitilde 0 \sim
textbackslash 0 \backslash
AA 0 \text{Å}
nCr 2 {}_{#1}C_{#2}
infin 0 \infty
oiint 0 \mathop{∯}
vv 1 \overrightarrow{#1}
widetilde 1 \overset{\sim}{#1}
utilde 1 \underset{\sim}{#1}
widecheck 1 \check{#1}
smallsetminus 0 \setminus
thickapprox 0 \approx
thicksim 0 \sim
smallint 0 \int
intop 0 \int
varinjlim 0 \underset{\rightarrow}{\lim}
varprojlim 0 \underset{\leftarrow}{\lim}
dotsb 0 \cdots
dotsi 0 \cdots
dotsm 0 \cdots
dotsc 0 \ldots
dotso 0 \ldots
hdots 0 \ldots
adots 0 \cdots
sdot 0 \cdot
plus 0 +
xor 0 \oplus
given 0 \mid
indep 0 \perp
LaTeX 0 \text{LaTeX}
TeX 0 \text{TeX}
KaTeX 0 \text{KaTeX}
textmu 0 \text{µ}
texteuro 0 \text{€}
textsterling 0 \text{£}
textregistered 0 \text{®}
textless 0 \text{<}
textgreater 0 \text{>}
textbar 0 \text{|}
textquotedblleft 0 \text{“}
textquotedblright 0 \text{”}
textquoteleft 0 \text{‘}
textquoteright 0 \text{’}
va 1 \vec{\mathbf{#1}}
acomm 2 \{#1, #2\}
pb 2 \{#1, #2\}
ip 2 \langle #1, #2\rangle
innerproduct 2 \langle #1, #2\rangle
matrixel 3 \langle #1\lvert #2\rvert #3\rangle
mqty 1 \begin{matrix}#1\end{matrix}
pmqty 1 \begin{pmatrix}#1\end{pmatrix}
bmqty 1 \begin{bmatrix}#1\end{bmatrix}
sfrac 2 {#1}/{#2}
nicefrac 2 {#1}/{#2}
fcolorbox 3 \boxed{#3}
mathclap 1 {#1}
clap 1 {#1}
sideset 3 {}#1{#3}#2
overbracket 1 \overline{#1}
underbracket 1 \underline{#1}
degreeCelsius 0 {}^{\circ}\mathrm{C}
prescript 3 {}^{#1}_{#2}{#3}
matrix 1 \begin{matrix}#1\end{matrix}
pmatrix 1 \begin{pmatrix}#1\end{pmatrix}
cases 1 \begin{cases}#1\end{cases}
eqalign 1 \begin{aligned}#1\end{aligned}
per 0 /
pqty 1 \left( #1\right)
bqty 1 \left[ #1\right]
Bqty 1 \left\{ #1\right\}
vqty 1 \left\lvert #1\right\rvert
eval 1 \left. #1\right|
Set 1 \left\{ #1\right\}
dyad 2 \lvert #1\rangle\langle #2\rvert
matrixelement 3 \langle #1\lvert #2\rvert #3\rangle
qq 1 \quad\text{#1}\quad
cross 0 \times
vdot 0 \cdot
independent 0 \perp
ensuremath 1 {#1}
vspace 1 {}
xLeftarrow 1 \overset{#1}{\Longleftarrow}
xRightarrow 1 \overset{#1}{\Longrightarrow}
xLeftrightarrow 1 \overset{#1}{\Longleftrightarrow}
xleftrightarrow 1 \overset{#1}{\longleftrightarrow}
xhookrightarrow 1 \overset{#1}{\hookrightarrow}
xhookleftarrow 1 \overset{#1}{\hookleftarrow}
xmapsto 1 \overset{#1}{\longmapsto}
xtwoheadrightarrow 1 \overset{#1}{\twoheadrightarrow}
xrightleftharpoons 1 \overset{#1}{\rightleftharpoons}
xlongequal 1 \overset{#1}{=\!=\!=}
xtofrom 1 \overset{#1}{\rightleftarrows}
underrightarrow 1 \underset{\rightarrow}{#1}
underleftarrow 1 \underset{\leftarrow}{#1}
llbracket 0 [\![
rrbracket 0 ]\!]
lparen 0 (
rparen 0 )
vcentcolon 0 :
coloneq 0 \mathrel{:=}
operatornamewithlimits 0 \operatorname*
rarr 0 \rightarrow
larr 0 \leftarrow
harr 0 \leftrightarrow
uarr 0 \uparrow
darr 0 \downarrow
Rarr 0 \Rightarrow
rArr 0 \Rightarrow
lArr 0 \Leftarrow
hArr 0 \Leftrightarrow
isin 0 \in
exist 0 \exists
sub 0 \subset
sube 0 \subseteq
plusmn 0 \pm
real 0 \Re
reals 0 \mathbb{R}
natnums 0 \mathbb{N}
> 0 \:
squared 0 ^{2}
cubed 0 ^{3}
"""
_UPRIGHT_LETTERS = """
metre m meter m gram g second s ampere A kelvin K mole mol candela cd hertz Hz newton N pascal Pa joule J
watt W coulomb C volt V farad F ohm Ω tesla T weber Wb henry H litre L liter L minute min hour h bar bar
electronvolt eV percent \\% kilogram kg
nano n micro µ milli m centi c deci d kilo k mega M giga G tera T
Alpha A Beta B Epsilon E Zeta Z Eta H Iota I Kappa K Mu M Nu N Omicron O Rho P Tau T Chi X
"""
_OPERATORS = """
lcm sgn sign arccot arcsec arccsc arcsinh arccosh arctanh sech csch erf tr Tr rank diag Var Cov im span Hom
Corr Diag Aut End Gal supp conv vol dist ord softmax ReLU Res sigmoid relu logit trace null nullity
Span Null col row dom ran cl bd card Arg Log Ln GL SL SO SU arsinh arcosh artanh versin cis arctg tg ctg sh ch
cosec cotg RMSE MSE
"""
_COMMANDS_WITHOUT_OUTPUT = """
strut mathstrut boldmath relax protect indent noindent centering par newpage hfill hfil bigskip medskip
smallskip allowbreak nobreak linebreak tiny scriptsize footnotesize small normalsize large Large LARGE huge
Huge sf tt - / @
"""


def _macro_table() -> Mapping[str, tuple[int, str]]:
    macros = {name: (0, rf"\operatorname{{{name}}}") for name in _OPERATORS.split()}
    macros |= dict.fromkeys(_COMMANDS_WITHOUT_OUTPUT.split(), (0, "{}"))
    upright = _UPRIGHT_LETTERS.split()
    names, letters = upright[::2], upright[1::2]
    macros |= {name: (0, rf"\mathrm{{{letter}}}") for name, letter in zip(names, letters, strict=True)}
    for line in _MACRO_LINES.strip().split("\n"):
        name, count, form = line.split(" ", 2)
        macros[name] = int(count), form
    return macros


MACROS = _macro_table()
"""Name of a macro -> how many arguments it takes, and its replacement."""
