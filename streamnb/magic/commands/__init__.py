"""``%stream …``: everything about streams that is not streaming.

A file for each command, named as it is typed; here is their table, and ``help``, which prints it.
"""

from __future__ import annotations

import difflib

from ...core.errors import UsageError
from ...request.options import split_keeping_braces
from ..state import HELP, MagicState
from . import (
    alias,
    cassette,
    chats,
    compare,
    continue_,
    log,
    models,
    recover,
    reset,
    show,
    status,
    stop,
    version,
    wait,
    xray,
)
from .base import Command

__all__ = ["COMMANDS", "run"]

DEFAULTS = """
Defaults: %config StreamMagics.model = "openai:gpt-4.1-mini" holds for this session, %config
StreamMagics lists them all. What stands in ipython_config.py holds for every session:
    c.StreamMagics.model = "openai:gpt-4.1-mini"
    c.StreamMagics.aliases = {"fast": "openai:gpt-4.1-nano"}
(ipython profile create makes the file, ipython locate profile says where.)"""


def run(magics: MagicState, line: str) -> None:
    """Run the line of a ``%stream``; raises ``UsageError`` for a line that names no command."""
    name, *words = split_keeping_braces(line) or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        near = difflib.get_close_matches(name, COMMANDS, 1)
        what_to_type = f"Did you mean %stream {near[0]}?" if near else "%stream help lists the commands"
        raise UsageError(f"there is no command {name!r}. {what_to_type}; a prompt goes below %%stream")
    if not command.min_words <= len(words) <= command.max_words:
        takes = command.takes or "nothing more"
        raise UsageError(f"{name} takes {takes}, for example: %stream {command.example or name}")
    command.run(magics, words)


def _help(_magics: MagicState, _words: list[str]) -> None:
    print(HELP)
    print("\n%stream COMMAND\n")
    rows = [(f"{name} {command.takes}".rstrip(), command.about) for name, command in COMMANDS.items()]
    width = max(len(left) for left, _ in rows)
    for left, about in rows:
        print(f"  {left:<{width}}  {about}")
    print(DEFAULTS)


COMMANDS: dict[str, Command] = {
    "help": Command("", "this text", _help),
    "status": status.COMMAND,
    "version": version.COMMAND,
    "show": show.COMMAND,
    "xray": xray.COMMAND,
    "alias": alias.COMMAND,
    "models": models.COMMAND,
    "chats": chats.COMMAND,
    "reset": reset.COMMAND,
    "stop": stop.COMMAND,
    "wait": wait.COMMAND,
    "compare": compare.COMMAND,
    "continue": continue_.COMMAND,
    "recover": recover.COMMAND,
    "cassette": cassette.COMMAND,
    "log": log.COMMAND,
}
