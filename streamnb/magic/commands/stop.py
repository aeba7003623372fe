"""``%stream stop``: end a --bg stream, its text is kept."""

from __future__ import annotations

from ..state import MagicState
from .base import Command
from .running import running_streams

__all__ = ["COMMAND"]


def run(magics: MagicState, words: list[str]) -> None:
    for name, running in running_streams(magics, words):
        running.stop()
        running.wait(5)
        print(f"{name}: {running.state}, {len(running.text):,} characters")


COMMAND = Command("[NAME|--all]", "end a --bg stream, its text is kept", run, 0, 1, "stop answer")
