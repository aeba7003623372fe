"""streamnb: a model's answer, streamed into the notebook cell as live Markdown.

In a notebook: ``%load_ext streamnb``, then ``%%stream``.  In Python: ``stream``, ``astream``
and their event twins.  Importing this imports neither SDK and no part of IPython, and hardly
anything of ours: a name is fetched from its module when it is first asked for, so that neither
``%load_ext`` nor the command line waits for what it does not need yet.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .errors import StreamError, StreamInterrupted
    from .events import (
        Citation,
        Event,
        Finished,
        Image,
        Notice,
        ReasoningDelta,
        StepDelta,
        TextDelta,
        ToolCallDelta,
        Usage,
    )
    from .reply import Reply
    from .run import astream, astream_events, stream, stream_events
    from .several.many import acompare, compare
    from .several.mapping import map
    from .tools import tool

__all__ = [
    "Citation",
    "Event",
    "Finished",
    "Image",
    "Notice",
    "ReasoningDelta",
    "Reply",
    "StepDelta",
    "StreamError",
    "StreamInterrupted",
    "TextDelta",
    "ToolCallDelta",
    "Usage",
    "acompare",
    "astream",
    "astream_events",
    "compare",
    "map",
    "stream",
    "stream_events",
    "tool",
]

__version__ = "0.1.0"

_HOMES = {
    "errors": "StreamError StreamInterrupted",
    "events": "Citation Event Finished Image Notice ReasoningDelta StepDelta TextDelta ToolCallDelta Usage",
    "several.many": "acompare compare",
    "several.mapping": "map",
    "reply": "Reply",
    "run": "astream astream_events stream stream_events",
    "tools": "tool",
}
"""The module of each public name."""


def __getattr__(name: str) -> Any:
    """Fetch a public name from its module, once."""
    for home, names in _HOMES.items():
        if name in names.split():
            globals()[name] = found = getattr(import_module(f".{home}", __name__), name)
            return found
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
