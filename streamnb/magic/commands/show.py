"""``%stream show NAME``: display an answer again."""

from __future__ import annotations

from IPython.display import display

from ...core.errors import UsageError
from ...core.reply import Reply
from ...streaming.background import BackgroundStream
from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Show the answer in a variable, or all of several, again.

    Raises
    ------
    UsageError
        The variable holds no answer.
    """
    (name,) = args
    value = magics.shell.user_ns.get(name)
    match value:
        case Reply():
            _display_reply(value)
        case BackgroundStream():
            print(value.text)
        case dict() if value and all(isinstance(answer, Reply) for answer in value.values()):
            for answer in value.values():
                _display_reply(answer)
        case _:
            raise UsageError(
                f"show {name!r}: there is no answer of this name; the answers are {_names_of_answers(magics)}"
            )


def _display_reply(reply: Reply) -> None:
    display(reply)  # type: ignore[no-untyped-call]


def _names_of_answers(magics: MagicState) -> str:
    names = [
        name
        for name, value in magics.shell.user_ns.items()
        if isinstance(value, Reply | BackgroundStream) and not name.startswith("_")
    ]
    return ", ".join(sorted(names)) or "none so far"
