"""``--xray`` and ``%stream xray NAME``: what came over the wire, shown below the cell that runs."""

from __future__ import annotations

from typing import Any

from ...core.errors import UsageError
from ...core.reply import Reply
from ...storage.xray import inspect
from ...streaming.background import BackgroundStream
from ...streaming.session import session
from ...views import xray as display

__all__ = ["show"]


def show(value: Any, name: str) -> None:
    """Show the x-ray of an answer, or of several side by side; ``name`` is its variable.

    Raises
    ------
    UsageError
        There is no such answer, it is still coming, or its traffic was not kept.
    """
    match value:
        case Reply():
            kept = session().traffic_log.find(value)
            if kept is None:
                raise UsageError(
                    f"xray {name!r}: its traffic is not kept (that of this notebook's last 20 answers is); "
                    "run its cell again, with --xray"
                )
            display.show(inspect(kept.recording, origin=kept.origin, end=kept.ended_at))
        case BackgroundStream():
            raise UsageError(f"xray {name!r}: the answer is still coming; %stream wait {name}, then again")
        case dict() if value and all(isinstance(each, Reply) for each in value.values()):
            for model, each in value.items():
                show(each, f"{name}[{model!r}]")
        case _:
            raise UsageError(f"xray {name!r}: there is no answer of this name; %stream xray answer")
