"""The commands of ``%stream …``: a module for each, named as it is typed (``command_table`` lists them).

Each module has a function ``run(magics, words)`` and is imported when its command is first typed.
"""

from __future__ import annotations

import difflib
import keyword
from importlib import import_module

from ...core.errors import UsageError
from ...request.line_words import split_keeping_braces
from ..command_table import COMMANDS
from ..state import MagicState

__all__ = ["command_module_name", "run"]


def run(magics: MagicState, line: str) -> None:
    """Run the line of a ``%stream``.

    Raises
    ------
    UsageError
        No command has this name, or it takes other words.
    """
    name, *args = split_keeping_braces(line) or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        near = difflib.get_close_matches(name, COMMANDS, 1)
        what_to_type = f"Did you mean %stream {near[0]}?" if near else "%stream help lists the commands"
        raise UsageError(f"there is no command {name!r}. {what_to_type}; a prompt goes below %%stream")
    if not command.min_args <= len(args) <= command.max_args:
        takes = command.takes or "nothing more"
        raise UsageError(f"{name} takes {takes}, for example: %stream {command.example or name}")
    import_module(command_module_name(name)).run(magics, args)


def command_module_name(command: str) -> str:
    """Return the module of a command; one that is a word of Python (``continue``) ends in an underscore."""
    return f"{__name__}.{command}{'_' if keyword.iskeyword(command) else ''}"
