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
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .compat import Delimiter

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
)
_POWER = re.compile(r"(?<=[A-Za-z0-9_)\]])\*\*\d{1,6}(?![\w*.])")
_MAX_DELIMITERS_BACK = 20
_DUNDER_AT_END = re.compile(r"(?<!\w)__([A-Za-z_]+)\Z")
_PAIR_TAGS = {"~": ("s", "del"), "=": ("mark", "mark")}
# Hangul that is not wide: the second half of its Jamo.
_NARROW_HANGUL = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7ff"))
# Wide, but pictures and no script: the rest of the amendment's "default emoji presentation".
_EMOJI_RANGES = (("\u231a", "\u2328"), ("\u232b", "\u2b55"), ("\U0001f000", "\U0001faff"))
_VARIATION_SELECTORS = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))


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
    md.add_render_rule("s_open", _render_strike)
    md.add_render_rule("s_close", _render_strike)


def _emphasis_rule(state: StateInline, silent: bool) -> bool:
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    power = _POWER.match(state.src, state.pos, state.posMax)
    name = _CODE_WITH_MARKERS.match(state.src, state.pos, state.posMax)
    if name is None and power and not _is_bold_open(state):
        name = power
    if name:
        state.append_pending(name[0])
        state.pos = name.end()
        return True
    end = _marker_run_end(state)
    before, after, left, right = _classify_run(state, end)
    within_words = marker == "*"
    opens = left and (within_words or not right or before.punctuation)
    closes = right and (within_words or not left or after.punctuation)
    length = end - state.pos
    for _ in range(length):
        _push_delimiter(state, marker, length, opens, closes)
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
        before, after, left, right = _classify_run(state, end)
        if marker == "=":
            left = left and not before.word and state.src[end] not in ";,:.!?)>"
            right = right and not after.word and state.src[state.pos - 1] not in ";,(<"
        _push_delimiter(state, marker * 2, 0, left, right)  # no length: the rule of three is for emphasis
    state.pos = end
    return True


def _marker_run_end(state: StateInline) -> int:
    src, end = state.src, state.pos + 1
    while end < state.posMax and src[end] == src[state.pos]:
        end += 1
    return end


def _classify_run(state: StateInline, end: int) -> tuple[_CharacterFlags, _CharacterFlags, bool, bool]:
    """Return the flags before and after a run of markers, and whether it is left- and right-flanking."""
    src, start = state.src, state.pos
    last = start - 1
    while last > 0 and _is_in_ranges(src[last], _VARIATION_SELECTORS):
        last -= 1
    before = _character_flags(src[last] if last >= 0 else " ")
    after = _character_flags(src[end] if end < state.posMax else " ")
    left = not after.blank and (
        not after.punctuation or after.cjk or before.blank or before.punctuation or before.cjk
    )
    right = not before.blank and (
        not before.punctuation or before.cjk or after.blank or after.punctuation or after.cjk
    )
    # Between a word of theirs in punctuation and a Latin letter: **이름:**Kim, Kim**(이름)**.
    left = left or (after.punctuation and end + 1 < state.posMax and _character_flags(src[end + 1]).cjk)
    right = right or (before.punctuation and last > 0 and _character_flags(src[last - 1]).cjk)
    return before, after, left, right


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


def _push_delimiter(state: StateInline, text: str, length: int, opens: bool, closes: bool) -> None:
    state.push("text", "", 0).content = text
    state.delimiters.append(
        Delimiter(
            marker=ord(text[0]),
            length=length,
            token=len(state.tokens) - 1,
            end=-1,
            open=opens,
            close=closes,
        )
    )


def _double_marker_postprocess(state: StateInline) -> None:
    """Turn the paired ``~~`` and ``==`` into tags."""
    inner = (meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta)
    for delimiters in (state.delimiters, *inner):
        for opener in delimiters:
            names = _PAIR_TAGS.get(chr(opener.marker))
            if not names or opener.end < 0:
                continue
            name, tag = names
            for delimiter, kind, nesting in ((opener, "open", 1), (delimiters[opener.end], "close", -1)):
                token = state.tokens[delimiter.token]
                token.type, token.tag, token.nesting = f"{name}_{kind}", tag, nesting
                token.markup, token.content = token.content, ""


def _render_strike(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return "<del>" if tokens[index].nesting > 0 else "</del>"
