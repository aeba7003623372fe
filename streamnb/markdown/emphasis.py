"""Emphasis, strikethrough and marked text, beside Chinese, Japanese and Korean letters too.

CommonMark asks for a blank or punctuation around some markers, and these scripts have no blanks.  The
amendment "CommonMark CJK-friendly" lets a letter of theirs stand for one: a marker followed by punctuation
also opens behind such a letter, one preceded by punctuation also closes before one, and their own punctuation
counts as a letter.  Hangul is among them.  Other text is read as CommonMark says.

``~~text~~`` is struck out; a single tilde is a tilde, for answers write ranges with it.  ``==text==`` is
marked, but never within a Latin word: ``a==b`` is a comparison.  ``__init__`` and its like are
names of programs, ``*args`` are arguments, ``x**2`` is a power, ``*/`` ends a comment, ``*.py`` names files
and ``$_`` is a variable.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import east_asian_width

from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline import StateInline

from .compat import Delimiter
from .inline_state import new_token
from .render_rules import constant_html_rule

__all__ = ["add_emphasis", "may_end_in_dunder"]

_DUNDER_NAMES = """
init main name file doc dict class slots all version pycache post_init init_subclass new del call str repr len
iter next bool hash eq ne lt le gt ge add sub mul contains getitem setitem delitem getattr setattr delattr
getattribute enter exit aenter aexit mro qualname module future import annotations proto attribute
FILE LINE FUNCTION CLASS METHOD NAMESPACE DIR
"""
_CODE_WITH_MARKERS = re.compile(
    rf"(?<!\w)__(?:{'|'.join(_DUNDER_NAMES.split())})__(?!\w)|(?<=[(, ])(?:\*args|\*\*kwargs)(?![\w*])"
    r"|(?<=[(\s])\*(?=[,)])"  # COUNT(*), def f(x, *, y)
    r"|(?<=\s)\*/(?![A-Za-z_*])"  # the end of a comment, */5 of cron
    r"|(?<=[\s/(\"'_-])\*\.(?=[a-z][a-z0-9]{0,4}(?![\w*]))"  # *.py
    r"|(?<=/)\*\*?(?=/)|(?<![\w)\]}.!?…])\*\*(?=/\*)"  # src/**/*.ts, but **A**/**B**
    r"|(?<=\$)_(?![A-Za-z0-9*_])"  # $_ of perl and PowerShell
    r"|(?P<power>(?<=[A-Za-z0-9_)\]])\*\*\d{1,6}(?![\w*.]))"
)
_MAX_DELIMITERS_BACK = 20
_DUNDER_AT_END = re.compile(r"(?<!\w)__([A-Za-z_]+)\Z")
_PAIR_NAMES = {"~": "s", "=": "mark"}
_TAGS = {"em": "em", "strong": "strong", "s": "del", "mark": "mark"}  # name of a pair of tokens -> HTML
# Hangul that is not wide: the second half of its Jamo.
_NARROW_HANGUL = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7ff"))
# Wide, but pictures and no script: the rest of the amendment's "default emoji presentation".
_EMOJI_RANGES = (("\u231a", "\u2328"), ("\u232b", "\u2b55"), ("\U0001f000", "\U0001faff"))
_VARIATION_SELECTORS = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))


class _CharacterFlags(NamedTuple):
    """Classes of the character beside a marker.

    Attributes
    ----------
    blank, punctuation
        As CommonMark has them.
    cjk
        Whether it is of a script of Chinese, Japanese or Korean.
    word
        Whether it is a letter or a digit, and not ``cjk``.
    """

    blank: bool
    punctuation: bool
    cjk: bool
    word: bool


def add_emphasis(md: MarkdownIt) -> None:
    """Replace the parser's rules for emphasis and strikethrough."""
    md.enable("strikethrough")
    md.inline.ruler.at("emphasis", _emphasis_rule)
    md.inline.ruler.at("strikethrough", _double_marker_rule)
    md.inline.ruler2.at("strikethrough", _double_marker_postprocess)
    for name, tag in _TAGS.items():
        md.add_render_rule(f"{name}_open", constant_html_rule(f"<{tag}>"))
        md.add_render_rule(f"{name}_close", constant_html_rule(f"</{tag}>"))


def _emphasis_rule(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    code = _CODE_WITH_MARKERS.match(state.src, state.pos, state.posMax)
    if code and not (code["power"] and _is_bold_open(state)):
        state.append_pending(code[0])
        state.pos = code.end()
        return True
    end = _marker_run_end(state)
    opens, closes = _can_open_and_close(marker, *_letters_around(state, end))
    length = end - state.pos
    _push_delimiters(state, [marker] * length, length, opens, closes)
    state.pos = end
    return True


def _is_bold_open(state: StateInline) -> bool:
    """Tell whether the last ``**`` near by can only open."""
    stars = (one for one in reversed(state.delimiters[-_MAX_DELIMITERS_BACK:]) if one.marker == ord("*"))
    last = next((one for one in stars if one.length == 2), None)
    return last is not None and last.open and not last.close


def may_end_in_dunder(text: str, end: int) -> bool:
    """Tell whether ``text`` up to ``end`` ends with the start of a name like ``__init__``."""
    word = _DUNDER_AT_END.search(text, max(0, end - 20), end)
    return word is not None and f"\n{word[1].rstrip('_')}" in _DUNDER_NAMES.replace(" ", "\n")


def _double_marker_rule(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in "~=":
        return False
    end = _marker_run_end(state)
    if end - state.pos != 2:
        state.append_pending(state.src[state.pos : end])
    else:
        opens, closes = _can_open_and_close(marker, *_letters_around(state, end))
        if marker == "=":
            opens = opens and state.src[end] not in ";,:.!?)>"
            closes = closes and state.src[state.pos - 1] not in ";,(<"
        # Without a length, for the rule of three is for emphasis.
        _push_delimiters(state, [marker * 2], 0, opens, closes)
    state.pos = end
    return True


def _marker_run_end(state: StateInline) -> int:
    src, end = state.src, state.pos + 1
    while end < state.posMax and src[end] == src[state.pos]:
        end += 1
    return end


def _letters_around(state: StateInline, end: int) -> tuple[str, str]:
    """Return up to two letters before a run of markers, without variation selectors, and two behind it."""
    src, start = state.src, state.pos
    while start > 1 and src[start - 1] in _VARIATION_SELECTORS:
        start -= 1
    before = src[start - 2 : start] if start > 1 else src[:start]
    after = src[end : end + 2] if end + 1 < state.posMax else src[end : state.posMax]
    return before, after


@lru_cache(maxsize=4096)
def _can_open_and_close(marker: str, letters_before: str, letters_after: str) -> tuple[bool, bool]:
    """Tell whether a run of markers may open and whether it may close, by the letters around it."""
    before = _character_flags(letters_before[-1:] or " ")
    after = _character_flags(letters_after[:1] or " ")
    left = not after.blank and (
        not after.punctuation or after.cjk or before.blank or before.punctuation or before.cjk
    )
    right = not before.blank and (
        not before.punctuation or before.cjk or after.blank or after.punctuation or after.cjk
    )
    # Between a word of theirs in punctuation and a Latin letter: **이름:**Kim, Kim**(이름)**.
    left = left or (after.punctuation and _character_flags(letters_after[1:] or " ").cjk)
    right = right or (before.punctuation and _character_flags(letters_before[:-1] or " ").cjk)
    if marker == "=":
        return left and not before.word, right and not after.word
    if marker == "_":
        return left and (not right or before.punctuation), right and (not left or after.punctuation)
    return left, right


@lru_cache(maxsize=4096)
def _character_flags(letter: str) -> _CharacterFlags:
    punctuation = isMdAsciiPunct(ord(letter)) or isPunctChar(letter)
    cjk = _is_cjk(letter)
    return _CharacterFlags(isWhiteSpace(ord(letter)), punctuation, cjk, letter.isalnum() and not cjk)


def _is_cjk(letter: str) -> bool:
    if _is_in_ranges(letter, _NARROW_HANGUL):
        return True
    return east_asian_width(letter) in ("W", "F", "H") and not _is_in_ranges(letter, _EMOJI_RANGES)


def _is_in_ranges(letter: str, ranges: Sequence[tuple[str, str]]) -> bool:
    return any(first <= letter <= last for first, last in ranges)


def _push_delimiters(
    state: StateInline, texts: Sequence[str], length: int, opens: bool, closes: bool
) -> None:
    """Add a token and a delimiter for each of ``texts``, markers in a row."""
    if state.pending:
        state.pushPending()
    marker = ord(texts[0][0])
    for text in texts:
        delimiter = Delimiter(marker, length, len(state.tokens), -1, opens, closes)
        state.delimiters.append(delimiter)
        state.tokens.append(new_token("text", "", text, state.level))


def _double_marker_postprocess(state: StateInline) -> None:
    """Turn the paired ``~~`` and ``==`` into tags."""
    if "~~" not in state.src and "==" not in state.src:
        return
    inner = (meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta)
    for delimiters in (state.delimiters, *inner):
        for opener in delimiters:
            name = _PAIR_NAMES.get(chr(opener.marker))
            if not name or opener.end < 0:
                continue
            for delimiter, kind, nesting in ((opener, "open", 1), (delimiters[opener.end], "close", -1)):
                token = state.tokens[delimiter.token]
                token.type, token.tag, token.nesting = f"{name}_{kind}", _TAGS[name], nesting
                token.markup, token.content = token.content, ""
