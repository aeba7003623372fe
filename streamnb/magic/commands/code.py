"""``%stream code``: the code of an answer, in a cell below."""

from __future__ import annotations

from typing import Any

from ...core.errors import UsageError
from ...core.reply import Reply
from ...streaming.background import BackgroundStream
from ..code_cell import CodeInserter, replies_by_name, split_subscript, subscript_text
from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Put the code of an answer, or one block of it, below this cell.

    Raises
    ------
    UsageError
        There is no such answer, or no such code in it.
    """
    name = magics.into if not args or args[0].isdecimal() else args[0]
    numbers = args[1:] if args[:1] == [name] else args
    if not all(number.isdecimal() for number in numbers) or len(numbers) > 1:
        raise UsageError(
            f"code takes a variable and the number of a block, for example: %stream code {name} 1"
        )
    if item := split_subscript(name):
        name = subscript_text(*item)
    try:
        CodeInserter.below_current_cell(magics, name).insert_code(
            _find_reply(magics, name, item), *map(int, numbers)
        )
    except UsageError as error:
        raise UsageError(f"code {name}: {str(error).replace('NAME', name)}") from None


def _find_reply(magics: MagicState, name: str, item: tuple[str, str] | None) -> Reply:
    """Return the answer that a person names: that of a variable, or one of several in it."""
    value: Any = magics.shell.user_ns.get(item[0] if item else name)
    several = replies_by_name(value)
    if item:
        value = several.get(item[1])
    match value:
        case Reply():
            return value
        case BackgroundStream():
            raise UsageError(f"the answer is still coming; %stream wait {name}, then again")
    if not several:
        raise UsageError("there is no answer of this name")
    example = f"%stream code {subscript_text(item[0] if item else name, next(iter(several)))}"
    raise UsageError(f"it holds answers by name; take one, for example: {example}")
