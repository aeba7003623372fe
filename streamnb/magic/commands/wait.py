"""``%stream wait``: wait for a --bg stream."""

from __future__ import annotations

from ..state import MagicState
from .base import Command
from .running import running_streams

__all__ = ["COMMAND"]


def run(magics: MagicState, words: list[str]) -> None:
    for name, running in running_streams(magics, words):
        reply = running.wait()
        print(f"{name}: {reply.state}, {len(reply):,} characters")


COMMAND = Command("[NAME|--all]", "wait for a --bg stream", run, 0, 1, "wait answer")
