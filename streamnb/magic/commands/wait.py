"""``%stream wait``: wait for a --bg stream."""

from __future__ import annotations

from ...core.errors import UsageError
from ..state import MagicState
from .selection import select_running_streams

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Wait for the streams that ``args`` mean.

    Raises
    ------
    UsageError
        Nothing of this name is streaming, or the waiting was interrupted.
    """
    for name, running in select_running_streams(magics, args):
        try:
            reply = running.wait()
        except KeyboardInterrupt:
            raise UsageError(
                f"wait was interrupted, {name} goes on streaming: %stream stop {name} ends it"
            ) from None
        print(f"{name}: {reply.state}, {len(reply):,} characters")
