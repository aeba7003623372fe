"""Repair of surrogate pairs in text from outside: halves that JSON split are joined, lone ones are replaced.

One half alone becomes U+FFFD, since no file and no browser accepts it.  ``surrogate_joiner`` does it for a
stream of events.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["find_surrogate", "split_open_half", "without_surrogates"]

_SURROGATE = re.compile("[\ud800-\udfff]")
find_surrogate = _SURROGATE.search
"""Return the match of the first half of a pair in a text, lone or not; ``None`` where it has none."""


def without_surrogates(value: Any) -> Any:
    """Return JSON or text with its pairs joined and lone halves replaced; itself where it has none.

    >>> without_surrogates({"a\\ud83d": ["\\ud83d\\ude00"]})
    {'a\ufffd': ['😀']}
    """
    match value:
        case str():
            if not _SURROGATE.search(value):
                return value
            return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case dict():
            return {without_surrogates(name): without_surrogates(inner) for name, inner in value.items()}
        case list() | tuple():
            return type(value)(without_surrogates(inner) for inner in value)
        case _:
            return value


def split_open_half(text: str) -> tuple[str, str]:
    """Return a text without the first half of a pair at its end, and that half, else an empty text.

    >>> split_open_half("a\\ud83d")[0], split_open_half("b")
    ('a', ('b', ''))
    """
    return (text[:-1], text[-1]) if "\ud800" <= text[-1:] <= "\udbff" else (text, "")
