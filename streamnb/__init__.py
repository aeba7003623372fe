"""streamnb: a model's answer, streamed into the notebook cell as live Markdown.

In a notebook: ``%load_ext streamnb``, then ``%%stream``.  In Python: ``stream``, ``astream``
and their variants that yield events.  Importing this imports neither SDK and no part of IPython, and hardly
anything of ours: a name is fetched from its module when it is first asked for, so that neither
``%load_ext`` nor the command line waits for what it does not need yet.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .api import astream, astream_events, stream, stream_events
    from .core.code_blocks import Code
    from .core.errors import StreamError, StreamInterrupted, UsageError
    from .core.events import (
        Citation,
        Event,
        Finished,
        Image,
        Notice,
        ReasoningDelta,
        StepDelta,
        TextDelta,
        TextWasReasoning,
        ToolCallDelta,
        Usage,
    )
    from .core.replies import Replies
    from .core.reply import Reply
    from .parallel.grid import agrid, grid
    from .parallel.map_prompts import amap, map
    from .parallel.side_by_side import acompare, compare
    from .streaming.tools import tool

__all__ = [
    "Citation",
    "Code",
    "Event",
    "Finished",
    "Image",
    "Notice",
    "ReasoningDelta",
    "Replies",
    "Reply",
    "StepDelta",
    "StreamError",
    "StreamInterrupted",
    "TextDelta",
    "TextWasReasoning",
    "ToolCallDelta",
    "Usage",
    "UsageError",
    "acompare",
    "agrid",
    "amap",
    "astream",
    "astream_events",
    "compare",
    "grid",
    "map",
    "stream",
    "stream_events",
    "tool",
]

__version__ = "0.2.0"

_MODULES = {
    "core.code_blocks": "Code",
    "core.errors": "StreamError StreamInterrupted UsageError",
    "core.events": (
        "Citation Event Finished Image Notice ReasoningDelta StepDelta TextDelta TextWasReasoning"
        " ToolCallDelta Usage"
    ),
    "parallel.side_by_side": "acompare compare",
    "parallel.map_prompts": "amap map",
    "parallel.grid": "agrid grid",
    "core.replies": "Replies",
    "core.reply": "Reply",
    "api": "astream astream_events stream stream_events",
    "streaming.tools": "tool",
}
"""The module of each public name."""


def __getattr__(name: str) -> Any:
    """Fetch a public name from its module, once."""
    for home, names in _MODULES.items():
        if name in names.split():
            globals()[name] = value = getattr(import_module(f".{home}", __name__), name)
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(shell: Any) -> None:
    """Add ``%%stream`` and ``%stream`` to IPython; called by ``%load_ext streamnb``."""
    from .magic import load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take them away again; called by ``%unload_ext streamnb``."""
    from .magic import unload

    unload(shell)
