"""The public exceptions.

::

    ValueError
      UsageError            nothing was sent: an option, a prompt, a key or a version is amiss
    Exception
      StreamError           a stream ended as lost, error or timed-out; has .reply
    KeyboardInterrupt
      StreamInterrupted     the person stopped it; has .reply

Every message is one line: what was given, what is wrong, what to type next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reply import Reply

__all__ = ["StreamError", "StreamInterrupted", "UsageError"]

# What moves a terminal (escapes, their C1 forms), re-orders text, begins a line or is half a pair: as in
# ``core.text``, which this file, at the end of every chain of imports, does not import.
_UNSAFE_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2065-\u2069\ud800-\udfff]+")


class UsageError(ValueError):
    """What was asked for cannot be sent, and nothing was: one line that says what to type.

    It quotes what was typed, or stood in a file; no terminal gets an escape sequence of that.
    """

    __module__ = "streamnb"  # as for ``Reply``

    def __init__(self, message: str) -> None:
        super().__init__(_UNSAFE_CHARACTERS.sub(" ", message))


class StreamError(Exception):
    """A stream that ended as ``lost``, ``error`` or ``timed-out``.

    Attributes
    ----------
    reply
        Everything that had come until then.
    """

    __module__ = "streamnb"  # as for ``Reply``

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message, reply)
        self.reply = reply

    def __str__(self) -> str:
        return str(self.args[0])


class StreamInterrupted(KeyboardInterrupt):
    """The person stopped the stream.

    Attributes
    ----------
    reply
        Everything that had come until then.
    """

    __module__ = "streamnb"  # as for ``Reply``

    def __init__(self, message: str, reply: Reply) -> None:
        super().__init__(message, reply)
        self.reply = reply

    def __str__(self) -> str:
        return str(self.args[0])
