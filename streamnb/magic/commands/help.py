"""``%stream help``: the options of ``%%stream`` and the commands of ``%stream``."""

from __future__ import annotations

from ..command_table import COMMANDS
from ..state import HELP, MagicState

__all__ = ["run"]

DEFAULTS_HELP = """
Defaults: %config StreamMagics.model = "openai:gpt-4.1-mini" holds for this session, %config
StreamMagics lists them all. What stands in ipython_config.py holds for every session:
    c.StreamMagics.model = "openai:gpt-4.1-mini"
    c.StreamMagics.aliases = {"fast": "openai:gpt-4.1-nano"}
(ipython profile create makes the file, ipython locate profile says where.)"""


def run(_magics: MagicState, _args: list[str]) -> None:
    """Print all options, commands and ways to set defaults."""
    print(HELP)
    print("\n%stream COMMAND\n")
    rows = [(f"{name} {command.takes}".rstrip(), command.about) for name, command in COMMANDS.items()]
    width = max(len(usage) for usage, _ in rows)
    for usage, about in rows:
        print(f"  {usage:<{width}}  {about}")
    print(DEFAULTS_HELP)
