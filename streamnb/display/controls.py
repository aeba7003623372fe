"""Whole texts made harmless for a terminal: no control sequence, nothing that hides or re-orders.

A text that is still coming needs a filter with a memory, since a sequence may be cut in two; that is
``terminal``'s.  Here everything is at hand.
"""

from __future__ import annotations

import re

__all__ = ["harmless"]

_SEQUENCES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor moves
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # every other escape
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Direction marks and overrides, zero-width space, operators, tags.  The joiners stay: scripts need them.
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")


def harmless(text: str) -> str:
    """Return ``text`` without control sequences, and with what is hidden in it made visible.

    >>> harmless("a\\x1b]52;c;ZXZpbA==\\x07b\\u202ec")
    'ab⟨U+202E⟩c'
    """
    text = _SEQUENCES.sub("", text.replace("\r\n", "\n"))
    text = _CONTROLS.sub("", text)
    return _HIDDEN.sub(lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)
