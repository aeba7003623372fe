"""Which formulas may be read at all, and which may be handed to a MathJax that other cells share.

math-core (0.9) tries every way to pair an opening bracket that is never closed: its time doubles with
each, ten seconds at thirty of them, and nothing can interrupt it.  So such brackets are counted first, and
definitions, which could hide them, are not read.

MathJax remembers definitions for the whole page, and some of its commands make links, load extensions
or set classes and styles.  A list of what is harmless is the only safe kind of list: ``\\def`` has many
names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["is_cheap", "is_harmless"]

_NAMES = """
alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda mu nu xi
omicron pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega digamma
Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
varGamma varDelta varTheta varLambda varXi varPi varSigma varUpsilon varPhi varPsi varOmega
aleph beth gimel daleth hbar hslash ell wp Re Im imath jmath partial infty nabla emptyset varnothing
forall exists nexists neg lnot top bot angle measuredangle sphericalangle triangle square Box blacksquare
diamond Diamond lozenge star bigstar clubsuit diamondsuit heartsuit spadesuit flat natural sharp prime
backprime surd complement eth mho degree checkmark dagger ddagger S P copyright pounds yen
pm mp times div cdot ast circ bullet oplus ominus otimes oslash odot cap cup uplus sqcap sqcup vee wedge
lor land setminus smallsetminus wr amalg bigcirc bigtriangleup bigtriangledown triangleleft triangleright
lhd rhd unlhd unrhd dotplus ltimes rtimes intercal boxplus boxminus boxtimes boxdot circledast circledcirc
leq le geq ge neq ne ll gg lll ggg prec succ preceq succeq sim simeq approx cong equiv propto asymp doteq
parallel nparallel perp mid nmid in ni notin subset supset subseteq supseteq subsetneq supsetneq nsubseteq
nsupseteq sqsubset sqsupset sqsubseteq sqsupseteq vdash dashv models smile frown bowtie leqslant geqslant
lesssim gtrsim lessgtr gtrless leqq geqq nleq ngeq nless ngtr approxeq backsim thicksim thickapprox triangleq
trianglelefteq trianglerighteq coloneqq eqqcolon colon vDash Vdash Vvdash nvdash nvDash between because
therefore not
leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow to gets mapsto iff implies impliedby
longleftarrow longrightarrow longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow longmapsto
uparrow downarrow updownarrow Uparrow Downarrow Updownarrow nearrow searrow swarrow nwarrow hookleftarrow
hookrightarrow leftharpoonup leftharpoondown rightharpoonup rightharpoondown rightleftharpoons
leftrightharpoons leadsto rightsquigarrow twoheadrightarrow twoheadleftarrow rightarrowtail nrightarrow
nleftarrow nRightarrow nLeftarrow circlearrowleft circlearrowright curvearrowleft curvearrowright
upharpoonright restriction xrightarrow xleftarrow
sum prod coprod int iint iiint oint bigcap bigcup bigsqcup bigvee bigwedge bigodot bigoplus bigotimes biguplus
arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max
min Pr sec sin sinh sup tan tanh injlim projlim varlimsup varliminf varinjlim varprojlim
bmod mod pmod pod operatorname limits nolimits
frac dfrac tfrac cfrac sqrt binom dbinom tbinom overline underline overbrace underbrace overset underset
stackrel substack overrightarrow overleftarrow overleftrightarrow widehat widetilde hat tilde bar vec dot ddot
dddot acute grave breve check mathring boxed fbox cancel bcancel xcancel phantom hphantom vphantom smash
text textrm textbf textit textsf texttt textnormal mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak
mathscr mathnormal boldsymbol bm pmb rm bf it displaystyle textstyle scriptstyle scriptscriptstyle
left right middle big Big bigg Bigg bigl Bigl biggl Biggl bigr Bigr biggr Biggr bigm Bigm biggm Biggm
lbrace rbrace lbrack rbrack langle rangle lvert rvert lVert rVert vert Vert lfloor rfloor lceil rceil lgroup
rgroup lmoustache rmoustache ulcorner urcorner llcorner lrcorner backslash
quad qquad enspace thinspace medspace thickspace negthinspace
dots ldots cdots vdots ddots dotsb dotsc dotsi dotsm dotso mathbin mathrel mathop mathord mathopen mathclose
mathpunct mathinner nonumber notag hline begin end
"""
_FRAMES = """
matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases rcases dcases array aligned alignedat
gathered split align* alignat* gather* equation* multline*
"""
_COMMANDS = frozenset(_NAMES.split())
_ENVIRONMENTS = frozenset(_FRAMES.split())
_COMMAND = re.compile(r"\\([A-Za-z]+|.|\Z)", re.DOTALL)
_SIGNS = frozenset("\\,;:!{}|>& %#_\n-.")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*(?:\{([A-Za-z]+\*?)\})?")

_DEFINITION = re.compile(r"\\(?:[egx]?def|(?:future)?let|(?:re)?newcommand|providecommand|Declare|new|renew)")
_BRACKETS = re.compile(
    r"(?P<enter>\\left\s*(?:\\[a-zA-Z]+|\\?.)|\\begin\b|(?<!\\)\{)"
    r"|(?P<leave>\\right\s*(?:\\[a-zA-Z]+|\\?.)|\\end\b|(?<!\\)\})"
    r"|(?P<cell>&|\\\\)"
    r"|(?P<open>\\\{|\\l[A-Za-z]*(?:ang|angle|brace|brack|bracket|ceil|floor|group|moustache|paren|corner|[vV]ert)"
    r"|\\ulcorner|\\[bB]igg?l|\\mathopen|[(\[⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼])"
    r"|(?P<close>\\\}|\\r[A-Za-z]*(?:ang|angle|brace|brack|bracket|ceil|floor|group|moustache|paren|corner|[vV]ert)"
    r"|\\urcorner|\\[bB]igg?r|\\mathclose|[)\]⌉⌋⌝⌟⎱❳⟆⟧⟩⟫⟭⟯⦄⦆⦈⦊⦌⦎⦐⦒⦔⦖⦘⧙⧛⧽])"
)
_MOST_OPEN = 10


def is_cheap(source: str) -> bool:
    """Say whether math-core will read a formula in a time that grows with its length."""
    if _DEFINITION.search(source):
        return False
    groups = [_Group()]
    for found in _BRACKETS.finditer(source):
        kind = found.lastgroup
        if kind == "enter":
            groups.append(_Group(is_table=found.group() == "\\begin"))
        elif kind == "leave" and len(groups) > 1:
            inner = groups.pop()
            inner.end_cell()
            groups[-1].stuck += inner.worst
        elif kind == "cell":
            if groups[-1].is_table:
                groups[-1].end_cell()
        elif kind == "open":
            groups[-1].open += 1
        elif groups[-1].open:
            groups[-1].open -= 1
    for group in groups:
        group.end_cell()
    return sum(group.worst for group in groups) <= _MOST_OPEN


@dataclass
class _Group:
    """What stays open in one group of a formula; cells of a table are read one by one."""

    is_table: bool = False
    open: int = 0
    stuck: int = 0  # in groups within this one, where nothing out here can close it
    worst: int = 0

    def end_cell(self) -> None:
        self.worst = max(self.worst, self.open + self.stuck)
        self.open = self.stuck = 0


def is_harmless(source: str) -> bool:
    """Say whether every command of a formula is one that only draws, and the text ends where it should."""
    bare = _COMMAND.sub("", source)
    if "$" in bare or "%" in bare or "#" in bare:  # the end of a formula, of a line; a macro's argument
        return False
    if not all(name in _COMMANDS or name in _SIGNS for name in _COMMAND.findall(source)):
        return False
    return all(name in _ENVIRONMENTS for name in _ENVIRONMENT.findall(source))
