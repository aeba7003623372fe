"""Inline syntax whose end has not come yet: rules for the last inline text of a growing answer.

They stand next to the parser's own rules and get their turn where those give up because the text ends.  What
is sure to become something is shown as that: emphasis and strikethrough are closed, code runs to the end, a
link shows its text (``incomplete_links``).  What could still become two things waits, a line of letters at
most (``hold_back_from_here``).  When that is spent, the parser's own answer is shown.

A rule that looks ahead (``silent``) stays out of the way, so that the parser looks for the end of a link's
text as it always does.  Which text is the last one is decided in ``repair``, what waits line by line in
``incomplete_block``.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from markdown_it.parser_inline import ParserInline
from markdown_it.rules_inline import StateInline

from .compat import Delimiter, pair_delimiters
from .emphasis import may_end_in_dunder
from .forward_references import drop_empty_hrefs
from .hold_back import MAX_HELD_CHARACTERS, hold_back_from_here, reaches_end_of_text
from .incomplete_links import (
    InlineRule,
    incomplete_autolink_rule,
    incomplete_image_rule,
    incomplete_link_rule,
    incomplete_web_address_rule,
)
from .inline_html import OPENING_TAG
from .maths_inline import ENVIRONMENT_BEGIN, INLINE_MARKS, find_formula_end
from .maths_preview import MAX_READABLE_CHARACTERS, readable_start
from .tex_heuristics import is_prose

__all__ = ["LITERAL_OPENERS_KEY", "add_incomplete_inline_rules"]

LITERAL_OPENERS_KEY = "streamnb given up"
"""The key of ``env`` that says: code, a tag or a formula above is open for too long, or too much emphasis, so
what opens here is text, too."""

_MAX_OPENERS = 20  # of emphasis: more are stars in a row, and each frame would send the ends of all
_CLOSER_KEY = "closer"  # a mark in the meta of a token

_UNDECIDED_MARKER = re.compile(
    r"(?:\\(?:\\|b(?:e(?:g(?:in?(?:\{[a-z]{0,14}\*?)?)?)?)?)?"  # half an escape, a mark, an environment
    r"|[*_~]+|=="  # opens or closes, as the next letter says
    r"|!"  # an image
    r"|&(?:\#[xX]?[0-9A-Fa-f]{0,7}|[A-Za-z][A-Za-z0-9]{0,31})?"  # an entity
    r"|<[A-Za-z][A-Za-z0-9+.-]{0,31}|</?[A-Za-z]{0,8}"  # an address or a tag
    r"|<[A-Za-z0-9.!\#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]*)\Z"  # an e-mail address
)
_FORMULA_OPENING = re.compile(rf"\\{{1,2}}[(\[]|\$\$?|({ENVIRONMENT_BEGIN.pattern})")
_BACKTICKS = re.compile("`+")
_MONEY = re.compile(r"\d[\d.,]*+(?!\s*+(?:\Z|[\\^_{=+<>]|[-*/]\s*+(?:\Z|\\))|(?![kKmMbB])[A-Za-z])")


def add_incomplete_inline_rules(inline: ParserInline) -> None:
    """Add the rules to an inline parser that is used for the last inline text only."""
    ruler = inline.ruler
    names = ruler.get_active_rules()
    own = dict(zip(names, ruler.getRules(""), strict=True))
    ruler.at("backticks", _incomplete_code_rule(own["backticks"]))
    ruler.after("text", "undecided", _undecided_marker_rule)
    ruler.before("link", "unfinished_link", incomplete_link_rule)
    ruler.before("image", "unfinished_image", incomplete_image_rule)
    ruler.before("autolink", "unfinished_address", incomplete_autolink_rule)
    ruler.at("web_address", incomplete_web_address_rule(own["web_address"]))
    if "math_inline" in names:
        ruler.after("math_inline", "unfinished_formula", _incomplete_formula_rule)
    ruler.after("inline_html", "unfinished_small_html", _unclosed_tag_rule)
    inline.ruler2.before("balance_pairs", "close_pairs", _close_open_emphasis)
    inline.ruler2.before("fragments_join", "drop_spare_closers", _drop_unmatched_closers)
    inline.ruler2.push("unfinished_addresses", drop_empty_hrefs)


def _are_openers_literal(state: StateInline) -> bool:
    """Tell whether syntax has been open for too long, here or before, so that it is taken for text."""
    if state.posMax - state.pos > MAX_READABLE_CHARACTERS:
        state.env[LITERAL_OPENERS_KEY] = True
    return LITERAL_OPENERS_KEY in state.env


def _undecided_marker_rule(state: StateInline, silent: bool) -> bool:
    """Hold back a marker at the end of the text that the next letters decide."""
    if silent or not reaches_end_of_text(state) or state.posMax - state.pos > MAX_HELD_CHARACTERS:
        return False
    if not _UNDECIDED_MARKER.match(state.src, state.pos):
        return False
    return hold_back_from_here(state)


def _incomplete_code_rule(backticks: InlineRule) -> InlineRule:
    """Wrap the parser's rule: unclosed backticks make code up to the end of the text."""

    def rule(state: StateInline, silent: bool) -> bool:
        run = _BACKTICKS.match(state.src, state.pos)
        if silent or not run or not reaches_end_of_text(state):
            return backticks(state, silent)
        backticks(state, True)
        closed = state.pos > run.end()
        state.pos = run.start()
        if closed or _are_openers_literal(state):
            return backticks(state, False)
        content = state.src[run.end() : state.posMax].rstrip("`").replace("\n", " ").strip()
        if content:
            token = state.push("code_inline", "code", 0)
            token.markup, token.content = run.group(), content
        state.pos = state.posMax
        return True

    return rule


def _incomplete_formula_rule(state: StateInline, silent: bool) -> bool:
    """Hold back an unclosed formula, or show the readable start of a long one; money is text."""
    src, start = state.src, state.pos
    if silent or not reaches_end_of_text(state) or LITERAL_OPENERS_KEY in state.env:
        return False
    opening = _FORMULA_OPENING.match(src, start)
    if not opening or src[start - 1 : start] == "$":
        return False
    mark = "" if opening[1] else opening[0]
    if not mark and src[src.rfind("\n", 0, start) + 1 : start].strip():
        return False
    if mark and find_formula_end(src, mark, start + len(mark), len(src)) >= 0:
        return False
    body = src[start + len(mark) :]
    if "`" in body:
        return False
    if mark[:1] == "$" and not _may_be_tex(mark, body):
        return False
    if mark[-1:] == "(" and is_prose(body):  # "\(name)" of Swift, or a mark that its writer forgot to close
        return False
    if _are_openers_literal(state):
        return False
    if hold_back_from_here(state):
        return True
    readable = readable_start(body.rstrip(mark[0] if mark else "\\")) if mark != "$" or "\\" in body else ""
    if readable:
        name = "math_inline" if mark in INLINE_MARKS else "math_inline_double"
        token = state.push(name, "math", 0)
        token.content, token.markup = readable, mark
        state.pos = state.posMax
    return bool(readable)


def _may_be_tex(mark: str, body: str) -> bool:
    """Tell whether the text behind an unclosed dollar may be a formula: no money, no prose."""
    if mark == "$$":
        return body[:1] != "$" and not is_prose(body)
    if body[:1] in tuple("\n.,;:!?)") or _MONEY.match(body):
        return False
    return not body[:1].isspace() or not is_prose(body)


def _unclosed_tag_rule(state: StateInline, silent: bool) -> bool:
    """Show an unclosed tag like ``<sub>`` as an element that is closed at the end of the text."""
    opening = None if silent or not reaches_end_of_text(state) else OPENING_TAG.match(state.src, state.pos)
    if not opening or _are_openers_literal(state):
        return False
    state.push("small_html_open", opening[1].lower(), 1)
    state.pos = opening.end()
    state.md.inline.tokenize(state)
    _close_open_emphasis(state)
    state.push("small_html_close", opening[1].lower(), -1)
    state.pos = state.posMax
    return True


def _close_open_emphasis(state: StateInline) -> None:
    """Add closers for unclosed emphasis and strikethrough, the innermost first."""
    if not state.delimiters or LITERAL_OPENERS_KEY in state.env:
        return
    trial = [
        Delimiter(one.marker, one.length, one.token, one.end, one.open, one.close) for one in state.delimiters
    ]
    pair_delimiters(state, trial)
    unpaired = (one for one in trial if one.open and one.end < 0 and _is_probably_emphasis(state, one.token))
    openers = list(islice(unpaired, _MAX_OPENERS + 1))
    if len(openers) > _MAX_OPENERS:
        state.env[LITERAL_OPENERS_KEY] = True
        return
    if openers:  # between a pair has to be something, or the parser takes both for one run of markers
        state.push("text", "", 0)
    for opener in reversed(openers):
        token = state.push("text", "", 0)
        token.content, token.meta = state.tokens[opener.token].content, {_CLOSER_KEY: True}
        state.delimiters.append(replace(opener, token=len(state.tokens) - 1, open=False, close=True))


def _is_probably_emphasis(state: StateInline, index: int) -> bool:
    """Tell whether a marker is likely to open emphasis: not in ``2*3``, ``*.py`` or ``~5``."""
    marker, first, last = state.tokens[index].content, index, index
    while first and state.tokens[first - 1].content == marker:
        first -= 1
    while last + 1 < len(state.tokens) and state.tokens[last + 1].content == marker:
        last += 1
    before = state.tokens[first - 1].content[-1:] if first else ""
    after = state.tokens[last + 1].content[:1] if last + 1 < len(state.tokens) else ""
    if marker == "_" and last == first + 1 and may_end_in_dunder(state.src, state.posMax):
        return False
    if first == last and (marker == "~" or after in tuple("./,;)")):
        return False
    return not (before.isascii() and before.isalnum() and after.isascii() and after.isalnum())


def _drop_unmatched_closers(state: StateInline) -> None:
    """Remove the text of closers that match no opener."""
    for token in state.tokens:
        if token.type == "text" and token.meta.get(_CLOSER_KEY):
            token.content = ""
