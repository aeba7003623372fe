"""``%stream xray NAME``: what came over the wire for an answer."""

from __future__ import annotations

from ..state import MagicState
from ..xray import show_xray_of_answer

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Show what came over the wire for the answer in a variable."""
    (name,) = args
    show_xray_of_answer(magics.shell.user_ns.get(name), name)
