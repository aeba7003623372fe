r"""Formulas within a line of text: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` and environments.

A formula ends at the first mark that closes it, in the same inline text; what stands between may be anything
but code.  Escapes inside are TeX's.  Whether ``$…$`` is a formula at all, or money, or a shell's variables,
``tex_heuristics`` decides.  A mark that nothing closes is what CommonMark says.

How formulas that stand alone are found is ``maths_blocks``' matter.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from .tex_cleaning import has_doubled_backslashes
from .tex_heuristics import is_bracketed_tex, is_display_tex, is_dollar_tex

__all__ = [
    "DOUBLED_MARK",
    "ENVIRONMENT_BEGIN",
    "INLINE_MARKS",
    "add_maths_inline",
    "find_environment_end",
    "find_formula_end",
    "formula_at",
]

_ENVIRONMENTS = (
    "equation|align|aligned|alignat|alignedat|gather|gathered|multline|split|eqnarray|flalign|displaymath|math"
    "|cases|dcases|rcases|array|subarray|smallmatrix|[pbBvV]?matrix"
)
ENVIRONMENT_BEGIN = re.compile(rf"\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")
"""The beginning of an environment that is a formula."""

INLINE_MARKS = ("$", r"\(", r"\\(")
"""The opening marks of an inline formula; the others open a display formula."""

DOUBLED_MARK = re.compile(r"\\\\[(\[]")
"""An opening mark with its backslash doubled, as in the source of a program."""

_MAX_CACHED_CHARACTERS = 100  # of a formula for which it is kept whether it is one
_MAX_ENVIRONMENT_NESTING = 8  # environments of one name in each other
_BRACE_OR_LINE_END = re.compile(r"\\.|[{}\n]")
_MAX_DOLLARS_IN_TEXT = 8  # dollars in the texts of one formula
MAX_TEXT_ARGUMENT_CHARACTERS = 500  # of such a text that are looked through
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_DOUBLED_BRACKETS = {"(": re.compile(r"\\\\([()])"), "[": re.compile(r"\\\\([\[\]])")}


def add_maths_inline(md: MarkdownIt) -> None:
    """Add the rule for formulas within a line to a parser."""
    md.inline.ruler.before("escape", "math_inline", _formula_rule)


def _formula_rule(state: StateInline, silent: bool) -> bool:
    follows_formula = state.src[state.pos - 1 : state.pos] == "$" and _is_behind_dollar_formula(state)
    formula = formula_at(state.src, state.pos, state.posMax, follows_formula=follows_formula)
    if formula is None:
        return False
    mark, source, end = formula
    if not silent:
        name = "math_inline" if mark in INLINE_MARKS else "math_inline_double"
        token = state.push(name, "math", 0)
        token.content, token.markup = source, mark
    state.pos = end
    return True


def _is_behind_dollar_formula(state: StateInline) -> bool:
    last = state.tokens[-1] if state.tokens and not state.pending else None
    return last is not None and last.type.startswith("math_") and last.markup[:1] == "$"


def formula_at(
    text: str, start: int, limit: int, *, follows_formula: bool = False
) -> tuple[str, str, int] | None:
    """Return mark, source and end of the formula that begins at ``start``, if one does.

    Parameters
    ----------
    text, start, limit
        where it may begin, and what it may go up to
    follows_formula
        the dollar before it is the last one of another formula

    Returns
    -------
    tuple[str, str, int] | None
        Its opening mark, its source without marks, and the index after its end; ``None`` where no
        formula begins.
    """
    if text[start] == "$":
        return _dollar_formula(text, start, limit, follows_formula)
    if text[start] == "\\" and (
        text[start + 1 : start + 2] in ("(", "[", "b") or DOUBLED_MARK.match(text, start)
    ):
        return _backslash_formula(text, start, limit)
    return None


def _dollar_formula(text: str, start: int, limit: int, follows_formula: bool) -> tuple[str, str, int] | None:
    """Return mark, source and end of the formula whose dollar stands at ``start``."""
    before = text[start - 1] if start and not follows_formula else ""
    if before == "$":
        return None
    mark = "$$" if text.startswith("$$", start) else "$"
    first = start + len(mark)
    if text.startswith("$", first):
        return None
    last = find_formula_end(text, mark, first, limit)
    end = last + len(mark)
    if last < 0:
        return None
    source, after = text[first:last], text[end : end + 1] if end < limit else ""
    if mark == "$$":
        fits = is_display_tex(source, after)
    else:
        is_last = after != "$" or _begins_another_formula(text, end, limit)
        is_tex = is_dollar_tex if len(source) <= _MAX_CACHED_CHARACTERS else is_dollar_tex.__wrapped__
        fits = is_last and is_tex(source, before, text[end : min(end + 3, limit)])
    return (mark, source, end) if fits else None


def _begins_another_formula(text: str, start: int, limit: int) -> bool:
    """Tell whether the dollar at ``start`` opens a formula of its own: ``$x$$y$``."""
    last = find_formula_end(text, "$", start + 1, limit)
    return last > start + 1 and is_dollar_tex.__wrapped__(text[start + 1 : last], "", "")


def _backslash_formula(text: str, start: int, limit: int) -> tuple[str, str, int] | None:
    r"""Return mark, source and end of the formula that ``\(``, ``\[`` or ``\begin`` opens at ``start``."""
    mark = text[start : start + (3 if text[start + 1] == "\\" else 2)]
    if mark == r"\b":
        opening = ENVIRONMENT_BEGIN.match(text, start, limit)
        if not opening or text[text.rfind("\n", 0, start) + 1 : start].strip(" \t"):
            return None
        end = find_environment_end(text, opening, limit)
        return ("", text[start:end], end) if end > 0 and "`" not in text[start:end] else None
    first = start + len(mark)
    last = find_formula_end(text, mark, first, limit)
    end = last + len(mark)
    if last < 0 or not is_bracketed_tex(text[first:last], mark, text[end : min(end + 1, limit)]):
        return None
    return mark, text[first:last], end


def find_formula_end(text: str, mark: str, start: int, limit: int) -> int:
    r"""Return where the formula ends that ``mark`` opens, or -1.
    A second opening bracket ends the search, so that a row of them is read once.  Where every backslash of a
    formula is doubled, its last one may be, too.

    Parameters
    ----------
    text
        The inline text.
    mark
        The opening mark, whose partner is looked for: ``$``, ``$$``, ``\(``, ``\[``, or one of these two
        with its backslash doubled.
    start
        Where the source of the formula begins.
    limit
        Where the search ends.

    Returns
    -------
    int
        The index of the closing mark in ``text``; -1 where there is none before ``limit``.
    """
    if mark[:2] == r"\\":
        marks = _DOUBLED_BRACKETS[mark[2]].search(text, start, limit)
        return marks.start() if marks and marks[1] != mark[2] else -1
    if mark[0] == "\\":
        closing, may_double = ")" if mark == r"\(" else "]", True
        for escape in _ESCAPE.finditer(text, start, limit):
            if escape[1] == closing:
                return escape.start()
            if escape[1] == mark[1]:
                return -1
            if may_double and escape[0] == r"\\" and text.startswith(closing, escape.end(), limit):
                inside = text[start : escape.start()]
                if "\\" not in inside or has_doubled_backslashes(f"{inside}\\"):
                    return escape.end() - 1
                may_double = False
        return -1
    at, skipped = text.find(mark, start, limit), 0
    while at > 0:
        before = at - 1
        while before >= start and text[before] == "\\":
            before -= 1
        if (at - before) % 2:
            if skipped >= _MAX_DOLLARS_IN_TEXT or not _is_within_text_command(text, start, at, limit):
                return at
            skipped += 1
        at = text.find(mark, at + 1, limit)
    return -1


def _is_within_text_command(text: str, start: int, at: int, limit: int) -> bool:
    r"""Tell whether a dollar stands in the braces of ``\text{if $x$}``, which close on the same line."""
    if text.find("{", start, at) < 0:
        return False
    opening = max(text.rfind(rf"\{name}{{", start, at) for name in ("text", "mbox", "textbf", "textrm", "ce"))
    if opening < 0:
        return False
    depth = 0
    for brace in _BRACE_OR_LINE_END.finditer(
        text, opening, min(limit, opening + MAX_TEXT_ARGUMENT_CHARACTERS)
    ):
        if brace[0] == "\n":
            return False
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth and brace[0] == "}":
            return brace.start() > at
    return False


def find_environment_end(text: str, opening: re.Match[str], limit: int) -> int:
    """Return where the environment ends that ``opening`` (a match of ``ENVIRONMENT_BEGIN``) opens, or -1.

    Parameters
    ----------
    text
        The inline text.
    opening
        The match of ``\\begin{…}``.
    limit
        Where the search ends.

    Returns
    -------
    int
        The index after ``\\end{…}`` in ``text``; -1 where it is not closed before ``limit``.
    """
    depth = 0
    marks = re.compile(rf"\\(begin|end)\{{{re.escape(opening[1])}\}}")
    for mark in marks.finditer(text, opening.start(), limit):
        depth += 1 if mark[1] == "begin" else -1
        if not depth:
            return mark.end()
        if depth > _MAX_ENVIRONMENT_NESTING:
            return -1
    return -1
