"""streamnb: a model's answer, streamed into the notebook cell as live Markdown.

In a notebook: ``%load_ext streamnb``, then ``%%stream``.  In Python: ``stream``, ``astream``
and their event twins.  Importing this imports neither SDK, and no part of IPython.
"""

from __future__ import annotations

from typing import Any

from .errors import StreamError, StreamInterrupted
from .events import (
    Citation,
    Event,
    Finished,
    Image,
    Notice,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from .reply import Reply
from .run import astream, astream_events, stream, stream_events
from .tools import tool

__all__ = [
    "Citation",
    "Event",
    "Finished",
    "Image",
    "Notice",
    "ReasoningDelta",
    "Reply",
    "StreamError",
    "StreamInterrupted",
    "TextDelta",
    "ToolCallDelta",
    "Usage",
    "astream",
    "astream_events",
    "stream",
    "stream_events",
    "tool",
]

__version__ = "0.1.0"


def load_ipython_extension(shell: Any) -> None:
    """Add ``%%stream`` and ``%stream`` to IPython; called by ``%load_ext streamnb``."""
    from .magic import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take them away again; called by ``%unload_ext streamnb``."""
    from .magic import unload

    unload(shell)
