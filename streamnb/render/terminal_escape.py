"""Escaping of text for a terminal: no control sequence, no character that hides or re-orders text.

``mark_hidden_characters`` is stricter, for what a person approves: every character that cannot be seen is
named.

``replace_unencodable`` is for terminals that have not all characters.

Pure: what a model wrote goes in, in any pieces, and what a terminal may be shown comes out.
"""

from __future__ import annotations

import re
import unicodedata

from ..core.surrogates import split_open_half, without_surrogates

__all__ = ["TerminalSanitizer", "mark_hidden_characters", "replace_unencodable", "sanitize_for_terminal"]

MAX_SEQUENCE_CHARACTERS = 512  # characters; a longer one is shown, so that an open one cannot hide the rest

_SEQUENCE_KINDS = {"[": "csi", "]": "string", "P": "string", "X": "string", "^": "string", "_": "string"}
_C1 = {
    "\x9b": "csi",
    "\x9d": "string",
    "\x90": "string",
    "\x98": "string",
    "\x9e": "string",
    "\x9f": "string",
}

# What shows nothing by itself and changes how the rest is read: bidi controls, zero-width
# characters, tags, line and paragraph separators.
_HIDDEN_CHARACTERS = (
    "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_JOINERS = "\u200c\u200d"  # between letters of Persian or Hindi and inside emoji they belong to the text
_IS_HIDDEN = re.compile(f"[{_HIDDEN_CHARACTERS}]")
_PLAIN_TEXT = re.compile(
    f"[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f{_HIDDEN_CHARACTERS}{_JOINERS}]+"
)  # needs no looking at


class TerminalSanitizer:
    """Makes foreign text harmless for a terminal; state is kept from piece to piece.

    Escape sequences (7- and 8-bit), bells, backspaces and overwriting carriage returns go;
    line feeds and tabs stay; hidden characters are named, ``⟨U+202E⟩``.  Any cut of a text
    gives the same result.

    >>> text = TerminalSanitizer()
    >>> text.feed("a\\x1b") + text.feed("[31mb") + text.close()
    'ab'
    """

    def __init__(self) -> None:
        self._sequence = ""  # an unfinished sequence, as it came
        self._kind = ""  # of that sequence: "", "esc", "csi" or "string"
        self._high = ""  # a surrogate half that waits for its other half
        self._last = ""  # the last character, for joiners

    def feed(self, text: str) -> str:
        """Return the next piece, sanitized; an unfinished sequence at its end waits for the rest."""
        text, self._high = split_open_half(self._high + text)
        text = without_surrogates(text)
        pieces: list[str] = []
        at = 0
        while at < len(text):
            plain = None if self._kind else _PLAIN_TEXT.match(text, at)
            if plain is not None:
                pieces.append(plain[0])
                self._last = plain[0][-1]
                at = plain.end()
            else:
                pieces.append(self._feed_character(text[at]))
                at += 1
        return "".join(pieces)

    def close(self) -> str:
        """Return the rest: an unfinished sequence is dropped, a lone surrogate half marked."""
        self._sequence = self._kind = ""
        half, self._high = self._high, ""
        return "\ufffd" if half else ""

    def _feed_character(self, character: str) -> str:
        if self._kind:
            return self._feed_sequence_character(character)
        if character == "\x1b" or character in _C1:
            self._kind, self._sequence = _C1.get(character, "esc"), character
            return ""
        if character < " " or "\x7f" <= character <= "\x9f":
            return ""
        if _IS_HIDDEN.match(character) or (
            character in _JOINERS and (self._last <= "\x7f" or self._last in _JOINERS)
        ):
            return f"⟨U+{ord(character):04X}⟩"
        self._last = character
        return character

    def _feed_sequence_character(self, character: str) -> str:
        if character == "\x1b" and self._kind != "string":  # begins anew
            self._kind, self._sequence = "esc", character
            return ""
        if self._ends_sequence(character):
            self._kind = self._sequence = ""
            return character if character in "\n\t" else ""
        self._sequence += character
        if len(self._sequence) > MAX_SEQUENCE_CHARACTERS:
            sequence, self._sequence, self._kind = self._sequence, "", ""
            return "␛" + TerminalSanitizer().feed(sequence.translate(_DROP_SEQUENCE_STARTS))
        return ""

    def _ends_sequence(self, character: str) -> bool:
        """Tell whether ``character`` ends the open sequence; turns an escape into its kind."""
        if character == "\n":  # nothing hides more than the rest of its line
            return True
        if self._kind == "esc":
            kind = _SEQUENCE_KINDS.get(character) if len(self._sequence) == 1 else None
            self._kind = kind or "esc"
            return kind is None and not " " <= character <= "/"
        if self._kind == "csi":
            return not " " <= character <= "?"
        return character in "\x07\x9c" or (character == "\\" and self._sequence.endswith("\x1b"))


_DROP_SEQUENCE_STARTS = {ord(character): None for character in ("\x1b", *_C1)}


def sanitize_for_terminal(text: str) -> str:
    """Return a whole text without what could harm a terminal.

    >>> sanitize_for_terminal("a\\x1b]52;c;ZXZpbA==\\x07b\\u202ec")
    'ab⟨U+202E⟩c'
    """
    whole = TerminalSanitizer()
    return whole.feed(text) + whole.close()


_IGNORABLE = re.compile(  # letters and marks that show nothing
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
MAX_STACKED_MARKS = 4  # on one character; more tower over the lines around it, and are of no language
_UNSEEN_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def mark_hidden_characters(text: str) -> str:
    """Return a text with each invisible or stacked character named (``⟨U+202E⟩``), but for plain blanks.

    >>> mark_hidden_characters("a\\u202eb\\u200bc d")
    'a⟨U+202E⟩b⟨U+200B⟩c d'
    """
    if text.isascii() and text.isprintable():
        return text
    characters = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        is_shown = marks <= MAX_STACKED_MARKS and not _is_unseen(character)
        characters.append(character if is_shown else f"⟨U+{ord(character):04X}⟩")
    return "".join(characters)


def _is_unseen(character: str) -> bool:
    if character == " ":
        return False
    return unicodedata.category(character) in _UNSEEN_CATEGORIES or _IGNORABLE.match(character) is not None


_SUBSTITUTES = {
    ord(character): like
    for characters, like in {
        "•◦": "*",
        "·▌│": "|",
        "─━–—−‐‑": "-",
        "…": ".",
        "“”„": '"',
        "‘’": "'",
        "☑": "x",
        "☐": "o",
        "→⇒": ">",
        "←": "<",
        "≈": "~",
    }.items()
    for character in characters
}  # fmt: skip - one cell for one, since rows are counted


def replace_unencodable(text: str, encoding: str) -> str:
    """Return a text with each character that cannot be encoded replaced by one like it, or a question mark.

    >>> replace_unencodable("• naïve — 水", "ascii"), replace_unencodable("• naïve — 水", "cp1252")
    ('* na?ve - ?', '• naïve — ?')
    """
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        characters = (
            character if character.encode(encoding, "ignore") else character.translate(_SUBSTITUTES)
            for character in text
        )
        return "".join(characters).encode(encoding, "replace").decode(encoding)
    return text
