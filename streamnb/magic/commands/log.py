"""``%stream log``: list, search and delete the entries of the log."""

from __future__ import annotations

from IPython.display import display

from ...streaming.log_command import run_log_command
from ..state import MagicState

__all__ = ["run"]


def run(_magics: MagicState, args: list[str]) -> None:
    text, reply = run_log_command(args)
    print(text)
    if reply is not None:
        display(reply)  # type: ignore[no-untyped-call]
