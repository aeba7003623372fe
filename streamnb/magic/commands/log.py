"""``%stream log``: what was asked before, found again by words."""

from __future__ import annotations

from IPython.display import display

from ...streaming.log_command import answer_log
from ..state import MagicState

__all__ = ["run"]


def run(_magics: MagicState, args: list[str]) -> None:
    text, reply = answer_log(args)
    print(text)
    if reply is not None:
        display(reply)  # type: ignore[no-untyped-call]
