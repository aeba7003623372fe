"""``--xray`` and ``%stream xray NAME``: show the trace of a stream below the running cell."""

from __future__ import annotations

from typing import Any

from ..core.errors import UsageError
from ..core.reply import Reply
from ..storage.xray import build_xray
from ..streaming.background import BackgroundStream
from ..streaming.session import current_session
from ..views import xray as display

__all__ = ["show_xray_of_answer"]


def show_xray_of_answer(value: Any, name: str) -> None:
    """Show the x-ray of an answer, or of several side by side; ``name`` is its variable.

    Raises
    ------
    UsageError
        There is no such answer, it is still coming, or its traffic was not kept.
    """
    match value:
        case Reply():
            stream = current_session().traffic_log.find_stream(value)
            if stream is None:
                raise UsageError(
                    f"xray {name!r}: its traffic is not kept (that of this notebook's last 20 answers is); "
                    "run its cell again, with --xray"
                )
            display.show_xray(build_xray(stream.recording, origin=stream.origin, end=stream.end))
        case BackgroundStream():
            raise UsageError(f"xray {name!r}: the answer is still coming; %stream wait {name}, then again")
        case dict() if value and all(isinstance(reply_, Reply) for reply_ in value.values()):
            for model, reply_ in value.items():
                show_xray_of_answer(reply_, f"{name}[{model!r}]")
        case _:
            raise UsageError(f"xray {name!r}: there is no answer of this name; %stream xray answer")
