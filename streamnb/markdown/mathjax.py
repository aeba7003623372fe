"""Check of a formula before a converter reads it: MathJax in the page, math-core here.

MathJax is shared by all cells: it remembers definitions for the whole page, and some of its commands make
links, load extensions or set classes and styles.  A list of what is harmless is the only safe kind of list:
``\\def`` has many names.  It names what MathJax knows in a notebook; what it does not know in nbconvert's
pages, where it is of version 2.7, is spelled so that both can typeset it.  Only ``\\cancel`` and its kin have
no other spelling, and stand there by their names.

math-core (0.9) tries every way to pair an opening bracket that is never closed: its time doubles with each,
ten seconds at thirty of them, and nothing can interrupt it.  It does so for brackets that stand next to each
other in one group, so a formula with many has each of them put into a group of its own, which looks the same.
Definitions could hide brackets and are not read.
"""

from __future__ import annotations

import re

__all__ = ["adapt_for_mathjax", "group_brackets", "is_allowed_tex"]

_COMMAND_NAMES = """
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
leq le geq ge lt gt neq ne ll gg lll ggg prec succ preceq succeq sim simeq approx cong equiv propto asymp
doteq
parallel nparallel perp mid nmid in ni notin subset supset subseteq supseteq subsetneq supsetneq nsubseteq
nsupseteq sqsubset sqsupset sqsubseteq sqsupseteq vdash dashv models smile frown bowtie leqslant geqslant
lesssim gtrsim lessgtr gtrless leqq geqq nleq ngeq nless ngtr approxeq backsim thicksim thickapprox triangleq
trianglelefteq trianglerighteq coloneqq eqqcolon colon vDash Vdash Vvdash nvdash nvDash between because
therefore not fallingdotseq risingdotseq precsim succsim preccurlyeq succcurlyeq eqsim backsimeq Bumpeq bumpeq
circeq doteqdot Doteq eqcirc gtrapprox lessapprox lneq gneq lneqq gneqq nsim ncong nleqslant ngeqslant nprec
nsucc
ntriangleleft ntriangleright nsubseteqq nsupseteqq subsetneqq supsetneqq varsubsetneq varsupsetneq Subset
Supset
veebar barwedge Cap Cup pitchfork Join blacktriangle blacktriangleleft blacktriangleright blacktriangledown
gtrdot lessdot leftthreetimes rightthreetimes doublebarwedge divideontimes curlyvee curlywedge circleddash
backepsilon curlyeqprec curlyeqsucc eqslantgtr eqslantless gggtr gtreqless gtreqqless lesseqgtr lesseqqgtr
llless owns precapprox succapprox subseteqq supseteqq vartriangle gnapprox gnsim gvertneqq lnapprox lnsim
lvertneqq npreceq nsucceq nVDash nVdash precnapprox precneqq precnsim succnapprox succneqq succnsim
triangledown blacklozenge diagup diagdown Finv Game Bbbk circledS circledR maltese cdotp ldotp dag ddag
leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow to gets mapsto iff implies impliedby
longleftarrow longrightarrow longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow longmapsto
uparrow downarrow updownarrow Uparrow Downarrow Updownarrow nearrow searrow swarrow nwarrow hookleftarrow
hookrightarrow leftharpoonup leftharpoondown rightharpoonup rightharpoondown rightleftharpoons
leftrightharpoons leadsto rightsquigarrow twoheadrightarrow twoheadleftarrow rightarrowtail nrightarrow
nleftarrow nRightarrow nLeftarrow circlearrowleft circlearrowright curvearrowleft curvearrowright
upharpoonright restriction leftrightarrows rightleftarrows rightrightarrows leftleftarrows upuparrows
downdownarrows leftarrowtail leftrightsquigarrow Lleftarrow Rrightarrow looparrowleft looparrowright Lsh Rsh
multimap nleftrightarrow upharpoonleft downharpoonleft downharpoonright dashrightarrow
dashleftarrow xrightarrow xleftarrow
sum prod coprod int iint iiint iiiint idotsint oint bigcap bigcup bigsqcup bigvee bigwedge bigodot bigoplus
bigotimes biguplus
arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max
min Pr sec sin sinh sup tan tanh injlim projlim varlimsup varliminf varinjlim varprojlim
bmod mod pmod pod operatorname limits nolimits
frac dfrac tfrac cfrac genfrac over atop choose sqrt binom dbinom tbinom overline underline overbrace
underbrace overset underset
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
_ENVIRONMENT_NAMES = """
matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix cases dcases array aligned alignedat
gathered split align* alignat* gather* equation* multline*
"""
_COMMANDS = frozenset(_COMMAND_NAMES.split())
_ENVIRONMENTS = frozenset(_ENVIRONMENT_NAMES.split())
_SPELLINGS = {
    "bm": r"\boldsymbol",
    "coloneqq": r"\mathrel{:=}",
    "copyright": r"{\text{©}}",
    "degree": r"{\text{°}}",
    "eqqcolon": r"\mathrel{=:}",
    "mathnormal": r"\mathit",
    "medspace": r"\:",
    "P": r"{\text{¶}}",
    "pounds": r"{\text{£}}",
    "textnormal": r"\text",
    "thickspace": r"\;",
}
_COMMAND = re.compile(r"\\([A-Za-z]+|.|\Z)", re.DOTALL)
_SIGN_IN_TEXT = re.compile(r"(\\text(?:rm|bf|it|sf|tt)?)\{([^{}$]*\\[_%&#][^{}$]*)\}")
_SIGN_COMMANDS = frozenset("\\,;:!{}|>& %#_$\n-.")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\s*(?:\{([A-Za-z]+\*?)\})?")
_MAX_OPEN_BRACKETS = 8  # two to the power of this is nothing yet
_MACRO_DEFINITION = re.compile(r"\\(?:[egx]?def|(?:future)?let|(?:re)?newcommand|providecommand)(?![a-zA-Z])")
_BRACKETS = re.compile(
    # What takes a bracket as its own argument, and needs it as it is.
    r"\\(?:left|right|middle|[bB]igg?[mr]?)(?![a-zA-Z])\s*(?:\\[a-zA-Z]+|\\?.)"
    r"|\\\\\s*\[|\\(?:sqrt|x[a-zA-Z]*)\s*\[|\\begin\s*\{[a-zA-Z*]*\}\s*\["
    # What opens.
    r"|(?P<open>\\[bB]iggl?\s*(?:\\[a-zA-Z]+|\\?.)|\\[bB]igl\s*(?:\\[a-zA-Z]+|\\?.)|\\\{"
    r"|\\(?:ulcorner|l[A-Za-z]*(?:ang|angle|brace|brack|bracket|ceil|floor|group|moustache|paren|corner|[vV]ert))"
    r"(?![a-zA-Z])"
    r"|[(\[⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼])"
    # Every other command, so that a bracket in its name is none.
    r"|\\(?:[a-zA-Z]+|.)",
    re.DOTALL,
)


def is_allowed_tex(source: str) -> bool:
    """Tell whether every command of a formula is allowed and nothing in it could end the formula."""
    bare = _COMMAND.sub("", source)
    if "$" in bare or "%" in bare or "#" in bare:  # the end of a formula, of a line; a macro's argument
        return False
    if not all(name in _COMMANDS or name in _SIGN_COMMANDS for name in _COMMAND.findall(source)):
        return False
    return all(name in _ENVIRONMENTS for name in _ENVIRONMENT.findall(source))


def adapt_for_mathjax(source: str) -> str:
    """Return a formula in commands that every version of MathJax knows."""
    source = _SIGN_IN_TEXT.sub(_move_signs_out_of_text, source)
    return _COMMAND.sub(lambda match: _SPELLINGS.get(match[1], match[0]), source).replace(
        "{dcases}", "{cases}"
    )


def _move_signs_out_of_text(text: re.Match[str]) -> str:
    r"""Return a ``\text`` split at its signs: within, most MathJax shows the backslash of ``\_``, too."""
    return re.sub(r"\\([_%&#])", lambda sign: rf"}}\{sign[1]}{text[1]}{{", f"{text[1]}{{{text[2]}}}")


def group_brackets(source: str) -> str:
    """Return a formula with many opening brackets grouped; empty if it defines a command."""
    if _MACRO_DEFINITION.search(source):
        return ""
    if sum(1 for piece in _BRACKETS.finditer(source) if piece["open"]) <= _MAX_OPEN_BRACKETS:
        return source
    return _BRACKETS.sub(lambda piece: f"{{{{}}{piece[0]}}}" if piece["open"] else piece[0], source)
