"""``%stream log``: what was asked before, found again by words."""

from __future__ import annotations

from IPython.display import display

from ...streaming.log_command import answer_log
from ..state import MagicState
from .base import Command

__all__ = ["COMMAND"]


def _log(_magics: MagicState, words: list[str]) -> None:
    text, reply = answer_log(words)
    print(text)
    if reply is not None:
        display(reply)  # type: ignore[no-untyped-call]


COMMAND = Command("[WORDS] [-n N] | show ID | delete ID|--all", "prompts and answers of before", _log, 0, 99)
