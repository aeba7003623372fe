"""``%stream alias``: short names of models."""

from __future__ import annotations

from ...core.errors import UsageError
from ...request.option_readers import read_model_name
from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Make a short name for a model, or list those there are.

    Raises
    ------
    UsageError
        The short name, or the model's, is not one word.
    """
    if len(args) == 2:
        name, model = args
        if not name.replace("-", "_").isidentifier():
            raise UsageError(
                f"alias {name!r} is not a short name: letters, digits, _ and -, for example fast"
            )
        magics.aliases = {**magics.aliases, name: read_model_name(model)}
        print(
            f"{name} is {model} from now on; for every session: c.StreamMagics.aliases in ipython_config.py"
        )
        return
    aliases = {name: magics.aliases.get(name) for name in args} if args else magics.aliases
    for name, target in aliases.items():
        print(
            f"{name} is {target}"
            if target
            else f"{name} is no alias: %stream alias {name} MODEL makes it one"
        )
    if not aliases:
        print("no aliases: %stream alias NAME MODEL makes one")
