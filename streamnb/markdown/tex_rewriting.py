r"""Rewriting of a formula into commands that the converters know.

``\ket{a}`` becomes ``\lvert a\rangle``, ``\tag{1}`` the text that it is, ``\ce{H2O}`` letters with indices,
``\text{50%}`` a text whose signs are escaped and ``\text{where \(x\)}`` a text and a formula.  What stands
in these tables is written only where a formula as it is cannot be read, so a new line changes no formula that
was typeset before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .mathjax import is_allowed_tex
from .tex_chemistry import chemistry_to_tex
from .tex_macros import MACROS
from .tex_signs import spell_signs

__all__ = ["rewrite_in_known_commands"]

_TEXT_NAMES = """
text textrm textbf textit textsf texttt textnormal textup textmd textsc emph mbox hbox vbox intertext
shortintertext tag tag* pu unit si SI SIrange qty num textsuperscript textsubscript
"""
_TEXT_COMMANDS = frozenset(_TEXT_NAMES.split())
_NESTABLE_TEXT_COMMANDS = frozenset(("textrm", "textbf", "textit", "textsf", "texttt", "text"))
_ENVIRONMENTS = {
    "eqnarray": (r"\begin{array}{rcl}", r"\end{array}"),
    "rcases": (r"\left.\begin{array}{ll}", r"\end{array}\right\}"),
    **dict.fromkeys(("split", "flalign", "alignat", "alignedat"), (r"\begin{aligned}", r"\end{aligned}")),
    **dict.fromkeys(("smallmatrix", "subarray"), (r"\begin{matrix}", r"\end{matrix}")),
    "psmallmatrix": (r"\begin{pmatrix}", r"\end{pmatrix}"),
    "bsmallmatrix": (r"\begin{bmatrix}", r"\end{bmatrix}"),
    **dict.fromkeys(("displaymath", "math", "subequations"), ("", "")),
}
_ENVIRONMENTS_WITH_ARGUMENT = frozenset(
    ("alignat", "alignedat", "subarray")
)  # the frames with an argument that goes
MAX_REPLACEMENT_CHARACTERS = 200  # of a command that a formula defines
_MAX_STACKED_ROWS = 10  # rows below an operator
_MAX_BRACE_DEPTH = 60
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.|\Z)|[{}]|[^\\{}]+", re.DOTALL)
_NAMED_OPERATOR = re.compile(
    r"\\mathop\s*\{\s*(?:\\(?:mathrm|text|rm)\b\s*)?\{?\s*((?:[A-Za-z ]|\\,)+?)\s*\}?\s*\}(?=\s*\\limits)"
)
_LIMITS = re.compile(r"(\\mathop\s*\{(?:[^{}]|\{[^{}]*\})*\})\s*\\limits(?![A-Za-z])")  # it has them anyway
_REQUIRE = re.compile(r"\\require\s*\{(?:cancel|mhchem|ams[a-z]*|color|enclose|physics|braket)\}")
_STARRED_MATRIX = re.compile(r"\\(begin|end)\{([pbBvV]?(?:small)?matrix)\*\}(?:\[[lcr]\])?")
_ENVIRONMENT = re.compile(r"\\(begin|end)\s*\{([A-Za-z]+)\*?\}(?:\s*\{((?:[^{}]|\{[^{}]*\})*)\})?")
_ALIGNED_ENVIRONMENT = re.compile(r"\\(begin|end)\{(?:aligned|align\*?|gathered|matrix)\}")
_REPEATED_COLUMNS = re.compile(r"\*\{(\d{1,2})\}\{([lcr|]+)\}")
_EXPONENT = re.compile(r"(?<=\d)[eE]([+-]?\d+)\Z")
_MACRO_DEFINITION = re.compile(
    r"\\(?:(?:re|provide)?newcommand\*?|def|(?P<operator>DeclareMathOperator\*?))\s*\{?\\(?P<name>[A-Za-z]+)\}?"
    r"\s*(?:\[(?P<count>\d)\]|(?P<parameters>(?:#\d)+))?"
    r"\s*\{(?P<form>(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
)
_UNSUPPORTED_COLUMN = re.compile(r"[@!]\{[^{}]*\}|\{[^{}]*\}|[^lcr|]")
_TEXT_TOKEN = re.compile(
    r"\\\((?P<bracketed>.+?)\\\)|(?<!\\)\$(?P<dollars>[^$]+)(?<!\\)\$|(?P<script>\^(?:\{[^{}]*\}|\\?\w))"
    r"|(?P<command>\\[A-Za-z]+)|(?P<escape>\\.)|(?P<sign>[_%&#$^])",
    re.DOTALL,
)


def rewrite_in_known_commands(source: str) -> str:
    """Return a formula in commands that the converters know, as far as possible.

    Parameters
    ----------
    source
        LaTeX as ``tex_cleaning.clean_formula`` gives it
    """
    source = spell_signs(_REQUIRE.sub("", source))
    source = _LIMITS.sub(r"\1", _NAMED_OPERATOR.sub(r"\\operatorname*{\1}", source))
    source = _ENVIRONMENT.sub(_rewrite_environment, source)
    if r"\hline" in source:  # only an array has lines
        source = _ALIGNED_ENVIRONMENT.sub(
            lambda frame: r"\begin{array}{rl}" if frame[1] == "begin" else r"\end{array}", source
        )
    source = _STARRED_MATRIX.sub(r"\\\1{\2}", source)
    body, macros = _take_out_definitions(source)
    partners = _brace_partners(body)
    if partners is None or not body.strip():
        return source
    text = _FormulaWriter(body, partners, macros).rewrite_range(0, len(body))
    return rf"\begin{{aligned}}{text}\end{{aligned}}" if _has_columns(text) else text


def _take_out_definitions(source: str) -> tuple[str, Mapping[str, tuple[int, str]]]:
    r"""Return a formula without the ``\newcommand`` in it, and all macros with those that it defines.

    What is defined by another definition, repeats its argument or has another meaning elsewhere stays as it
    is, so that nothing grows and nothing reaches beyond the formula.
    """
    if not _MACRO_DEFINITION.search(source):
        return source, MACROS
    macros = dict(MACROS)

    def note(definition: re.Match[str]) -> str:
        name, operator = definition["name"], definition["operator"]
        form = rewrite_in_known_commands(definition["form"])
        if operator:
            form = rf"\operatorname{operator.removeprefix('DeclareMathOperator')}{{{form}}}"
        form = re.sub(r"\\#(?=\d)", "#", form)
        repeats = any(form.count(f"#{number}") > 1 for number in range(1, 10))
        if repeats or len(form) > MAX_REPLACEMENT_CHARACTERS or is_allowed_tex(f"\\{name}"):
            return definition[0]
        macros[name] = int(definition["count"] or len(definition["parameters"] or "") // 2), form
        return ""

    return _MACRO_DEFINITION.sub(note, source), macros


def _brace_partners(source: str) -> dict[int, int] | None:
    """Return opening brace -> closing brace, by index; ``None`` if they are unbalanced or too deep."""
    partners: dict[int, int] = {}
    stack: list[int] = []
    for token in _TOKEN.finditer(source):
        if token[0] == "{":
            stack.append(token.start())
        elif token[0] == "}":
            if not stack:
                return None
            partners[stack.pop()] = token.start()
        if len(stack) > _MAX_BRACE_DEPTH:
            return None
    return None if stack else partners


def _rewrite_environment(frame: re.Match[str]) -> str:
    kind, name, argument = frame.groups()
    if name in ("array", "tabular") and kind == "begin" and argument is not None:
        columns = _REPEATED_COLUMNS.sub(lambda part: part[2] * int(part[1]), argument)
        return rf"\begin{{array}}{{{_UNSUPPORTED_COLUMN.sub('', columns)}}}"
    if name == "tabular":
        return r"\end{array}"
    if name not in _ENVIRONMENTS:
        return frame[0]
    following = (
        ""
        if argument is None or (name in _ENVIRONMENTS_WITH_ARGUMENT and kind == "begin")
        else f"{{{argument}}}"
    )
    return _ENVIRONMENTS[name][kind == "end"] + following


def _has_columns(source: str) -> bool:
    """Tell whether a formula has a ``&`` outside of every environment and group."""
    depth = 0
    for mark in re.finditer(r"\\(begin|end)\b|\\.|[{}&]", source, re.DOTALL):
        if mark[0] == "&" and not depth:
            return True
        depth += (mark[1] == "begin" or mark[0] == "{") - (mark[1] == "end" or mark[0] == "}")
    return False


class _FormulaWriter:
    """Rewrites one formula in known commands.

    Parameters
    ----------
    source
        the formula
    partners
        where each of its braces is closed
    macros
        the commands to be written in others
    """

    def __init__(
        self, source: str, partners: Mapping[int, int], macros: Mapping[str, tuple[int, str]]
    ) -> None:
        self._source = source
        self._partners = partners
        self._macros = macros

    def rewrite_range(self, position: int, end: int) -> str:
        """Return the source between two positions in known commands."""
        pieces: list[str] = []
        while position < end and (token := _TOKEN.match(self._source, position, end)):
            position = token.end()
            name = token[0][1:] if token[0][0] == "\\" else ""
            if name in _TEXT_COMMANDS or name == "ce":
                piece, position = self._rewrite_text_argument_command(name, position, end)
            elif name == "substack":
                first, last, position = self._find_argument(position, end)
                piece = _substack_to_tex(self.rewrite_range(first, last))
            elif name in self._macros:
                piece, position = self._expand_macro(name, position, end)
            elif token[0] == "{":
                position = self._partners[token.start()] + 1
                piece = f"{{{self.rewrite_range(token.end(), position - 1)}}}"
            elif name in ("(", ")", "[", "]"):  # brackets of a formula within one
                piece = " "
            else:
                piece = re.sub(r"[$#]", r"\\\g<0>", token[0]) if not name else token[0]
            pieces.append(piece)
        return "".join(pieces)

    def _find_argument(self, position: int, end: int) -> tuple[int, int, int]:
        """Return start and end of the next argument, and the position behind it."""
        while position < end and self._source[position].isspace():
            position += 1
        if self._source.startswith("{", position, end):
            closing = self._partners[position]
            return position + 1, closing, closing + 1
        token = _TOKEN.match(self._source, position, end)
        last = token.end() if token and token[0][0] == "\\" else min(position + 1, end)
        return position, last, last

    def _expand_macro(self, name: str, position: int, end: int) -> tuple[str, int]:
        count, form = self._macros[name]
        if name in ("bbox", "smash") and self._source.startswith("[", position, end):
            position = max(position, self._source.find("]", position, end) + 1)
        below = ""
        if name[0] == "x" and self._source.startswith("[", position, end):
            closing = self._source.find("]", position, end)
            below = self.rewrite_range(position + 1, max(position + 1, closing))
            position = max(position, closing + 1)
        for number in range(1, count + 1):
            first, last, position = self._find_argument(position, end)
            form = form.replace(f"#{number}", self.rewrite_range(first, last), 1)
        if below:
            form = rf"\underset{{{below}}}{{{form}}}"
        return form + (" " if form[-1:].isalpha() else ""), position

    def _rewrite_text_argument_command(self, name: str, position: int, end: int) -> tuple[str, int]:
        """Return a command with a text as argument rewritten, and the position behind it."""
        parts = []
        for _ in range({"SI": 2, "qty": 2, "SIrange": 3}.get(name, 1)):
            first, last, position = self._find_argument(position, end)
            parts.append(self._source[first:last])
        text = parts[-1]
        if name == "ce":
            return f"{{{chemistry_to_tex(text)}}}", position
        if name.startswith("tag"):
            return rf"\qquad {_text_to_tex('text', text if name[-1] == '*' else f'({text})')}", position
        if name == "textsuperscript" or name == "textsubscript":
            return f"{'^' if name == 'textsuperscript' else '_'}{{{_text_to_tex('text', text)}}}", position
        if "intertext" in name:
            return rf"{_text_to_tex('text', text)}\\", position
        if name == "num":
            return _number_to_tex(text), position
        number = r"\text{–}".join(map(_number_to_tex, parts[:-1])) + (r"\," if len(parts) > 1 else "")
        return number + _text_to_tex(name if name in _NESTABLE_TEXT_COMMANDS else "text", text), position


def _substack_to_tex(text: str) -> str:
    """Return rows above each other in the size of what they stand in, not as a matrix would be."""
    *rows, stack = text.split("\\\\")
    if len(rows) > _MAX_STACKED_ROWS:
        return rf"{{\begin{{matrix}}{text}\end{{matrix}}}}"
    for row in reversed(rows):
        stack = rf"{row}\atop {{{stack}}}"
    return f"{{{stack}}}"


def _number_to_tex(text: str) -> str:
    """Return a number with its power of ten written out."""
    return _EXPONENT.sub(r"\\times 10^{\1}", text.strip())


def _text_to_tex(command: str, text: str) -> str:
    """Return a text command with its signs escaped, split at the formulas in it."""
    pieces: list[str] = []
    prose = ""
    done = 0
    for mark in _TEXT_TOKEN.finditer(text):
        prose += text[done : mark.start()]
        done = mark.end()
        name = (mark["command"] or "")[1:]
        if mark["sign"]:
            prose += rf"\{mark['sign']}" if mark["sign"] != "^" else ""
        elif mark["escape"] or name in _NESTABLE_TEXT_COMMANDS:
            prose += " " if mark[0] == r"\\" else mark[0]
        else:
            formula = mark["bracketed"] or mark["dollars"] or mark[0]
            pieces += rf"\{command}{{{prose}}}" if prose else "", rewrite_in_known_commands(formula)
            prose = ""
    prose += text[done:]
    return "".join((*pieces, rf"\{command}{{{prose}}}" if prose or not pieces else ""))
