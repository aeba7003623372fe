"""The tree of faults, and how they are worded.

::

    ValueError
      UsageError            nothing was sent: an option, a prompt, a key or a version is amiss
    Exception
      StreamError           a stream ended as lost, error or timed-out; has .reply
    KeyboardInterrupt
      StreamInterrupted     the person stopped it; has .reply

Every message is one line for a person: what was given, what is wrong, what to type next.
Whatever comes from outside (a server's words, an exception's text) passes ``sanitize_line``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reply import Reply

__all__ = ["StreamError", "StreamInterrupted", "UsageError", "sanitize_line"]

MAX_MESSAGE_CHARACTERS = 200  # characters, the bound of CONTRACT section 3

# Tags, then control characters (terminal escapes with their C1 forms) and what re-orders text.
_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_KEY_LIKE = re.compile(r"\b(?:sk|gsk|pplx|xai|AIza|hf|key)[-_]?[A-Za-z0-9_-]{16,}")


class UsageError(ValueError):
    """What was asked for cannot be sent, and nothing was: one line that says what to type."""


class StreamError(Exception):
    """A stream that ended as ``lost``, ``error`` or ``timed-out``.

    ``reply`` holds everything that had come until then.
    """

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message, reply)
        self.reply = reply

    def __str__(self) -> str:
        return str(self.args[0])


class StreamInterrupted(KeyboardInterrupt):
    """The person stopped the stream; ``reply`` holds everything that had come until then."""

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message, reply)
        self.reply = reply

    def __str__(self) -> str:
        return str(self.args[0])


def sanitize_line(text: str, limit: int = MAX_MESSAGE_CHARACTERS) -> str:
    """Return foreign text as one harmless line of at most ``limit`` characters.

    Markup, control characters and anything that looks like a key are taken out; what is
    too long ends in an ellipsis.  The result may be empty.

    >>> one_line("<h1>Bad   Gateway</h1>\\n nginx")
    'Bad Gateway nginx'
    """
    text = text[: 20 * limit]  # a server's whole page is not worth scrubbing
    text = _KEY_LIKE.sub("[key]", _HIDDEN.sub(" ", _TAG.sub(" ", text)))
    text = " ".join(text.replace("<", "‹").replace(">", "›").split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
