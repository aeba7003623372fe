"""Splitting of a typed line into words, as a shell does; ``{{ … }}`` stays one word."""

from __future__ import annotations

import itertools
import os
import re
import shlex

from ..core.errors import UsageError

__all__ = ["split_keeping_braces", "split_words"]

_BRACES = re.compile(r"\{\{[^\n]*?\}\}")
_BRACES_MARKER = re.compile("\ue000(\\d+)\ue001")  # private characters: no quote, no blank, typed by nobody


def split_words(line: str, *, windows: bool = os.name == "nt") -> list[str]:
    """Cut a line into words as a shell does; on Windows a backslash is part of a path.

    >>> split_words("demo -s 'be brief'")
    ['demo', '-s', 'be brief']

    Raises
    ------
    UsageError
        A quote is not closed.
    """
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    if windows:
        lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:  # shlex says no more than that a quotation or an escape is open
        raise UsageError(f"a quote is not closed in: {line.strip()}") from None


def split_keeping_braces(line: str) -> list[str]:
    """Cut a line into words as ``split_words`` does, with every ``{{ … }}`` in one piece.

    >>> split_keeping_braces("compare hi --base-url {{ server.url }}")
    ['compare', 'hi', '--base-url', '{{ server.url }}']
    """
    spans = _BRACES.findall(line)
    if not spans:
        return split_words(line)
    numbers = itertools.count()
    text = _BRACES.sub(lambda _: f"\ue000{next(numbers)}\ue001", line)
    return [_BRACES_MARKER.sub(lambda match: spans[int(match[1])], word) for word in split_words(text)]
