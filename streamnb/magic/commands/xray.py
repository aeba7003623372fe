"""``%stream xray NAME``: what came over the wire for an answer."""

from __future__ import annotations

from ..state import MagicState
from ..xray import show_xray
from .base import Command

__all__ = ["COMMAND"]


def run(magics: MagicState, words: list[str]) -> None:
    """Show what came over the wire for the answer in a variable."""
    (name,) = words
    show_xray(magics.shell.user_ns.get(name), name)


COMMAND = Command("NAME", "what came over the wire for an answer, to step through", run, 1, 1, "xray answer")
