"""``%stream wait``: wait for a --bg stream."""

from __future__ import annotations

from ..state import MagicState
from .running import running_streams

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    for name, running in running_streams(magics, args):
        reply = running.wait()
        print(f"{name}: {reply.state}, {len(reply):,} characters")
