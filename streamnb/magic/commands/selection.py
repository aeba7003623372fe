"""Choice of the background streams for ``%stream stop`` and ``%stream wait``."""

from __future__ import annotations

from ...core.errors import UsageError
from ...streaming.background import BackgroundStream
from ..state import MagicState

__all__ = ["select_running_streams"]


def select_running_streams(magics: MagicState, args: list[str]) -> list[tuple[str, BackgroundStream]]:
    """Return the streams that a command means: one by name, or all.

    Raises
    ------
    UsageError
        Nothing of this name is streaming.
    """
    running = [(name, stream) for name, stream in magics.running.items() if stream.state == "running"]
    if not args or args == ["--all"]:
        if not running:
            print("nothing is streaming in the background")
        return running
    matches = [(name, stream) for name, stream in running if name == args[0]]
    if not matches and args[0] not in magics.running:
        names = ", ".join(name for name, _ in running) or "nothing"
        raise UsageError(f"{args[0]!r} is not streaming in the background; {names} is")
    if not matches:
        print(f"{args[0]} has ended already: {magics.running[args[0]].state}")
    return matches
