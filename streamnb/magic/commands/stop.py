"""``%stream stop``: end a --bg stream, its text is kept."""

from __future__ import annotations

from ..state import MagicState
from .selection import select_running_streams

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    for name, running in select_running_streams(magics, args):
        running.stop()
        running.wait(5)
        print(f"{name}: {running.state}, {len(running.text):,} characters")
