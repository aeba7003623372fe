"""Normalisation of text before it is parsed: line ends, NUL, halves of surrogate pairs.

A Markdown parser does this to a whole text; here it is done to pieces, so that the rest of the engine sees
only ``\\n`` and whole characters.  ``Normalizer`` keeps the one thing that a cut can split: what the
last character was.

Surrogates are joined in ``core.surrogates`` as well: this folder imports nothing of ours.
"""

from __future__ import annotations

import re

__all__ = ["Normalizer", "join_surrogates", "normalize"]

_LINE_ENDS = re.compile(r"\r\n?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def join_surrogates(text: str) -> str:
    """Return a whole text with its surrogate pairs joined and lone halves replaced by U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def normalize(text: str) -> str:
    """Return a whole text with ``\\n`` as line ends; a lone surrogate and NUL become U+FFFD."""
    text = join_surrogates(text)
    if "\r" in text:
        text = _LINE_ENDS.sub("\n", text)
    return text.replace("\0", "\ufffd")


class Normalizer:
    """Normalizes a text that comes in pieces: the joined results equal ``normalize`` of the joined pieces."""

    def __init__(self) -> None:
        self._half = ""  # the first half of a surrogate pair; its other half may be in the next piece
        self._after_return = False

    def feed(self, piece: str) -> str:
        """Return the piece normalized; a first half of a surrogate pair at its end waits for the next."""
        waits = self._half or self._after_return
        if piece.isascii() and "\r" not in piece and "\0" not in piece and not waits:
            return piece  # nearly every piece
        piece = self._half + piece
        self._half = piece[-1] if "\ud800" <= piece[-1:] <= "\udbff" else ""
        if self._half:
            piece = piece[:-1]
        if not piece:
            return ""
        after_return, self._after_return = self._after_return, piece[-1] == "\r"
        if after_return and piece[0] == "\n":  # the line has already ended with the carriage return
            piece = piece[1:]
        return normalize(piece)

    def close(self) -> str:
        """Return U+FFFD for a surrogate half that still waits, else an empty text."""
        half, self._half = self._half, ""
        return normalize(half)
