"""``%stream chats``: the conversations of ``-c NAME``."""

from __future__ import annotations

from pathlib import Path

from IPython.display import display

from ...core.conversation import Chat, load, save
from ...core.errors import UsageError
from ...core.text import sanitize_line
from ...render import conversation
from ...streaming.session import current_session
from ..state import MagicState

__all__ = ["find_chat", "run"]


def run(magics: MagicState, args: list[str]) -> None:
    """List the conversations, show one, keep one in a file, or take one up from there.

    Raises
    ------
    UsageError
        There is no such conversation, or the file cannot be read or written.
    """
    match args:
        case []:
            _list_chats()
        case ["show", name]:
            bundle = conversation.bundle(find_chat(name))
            display(bundle.data, raw=True, metadata=bundle.metadata)  # type: ignore[no-untyped-call]
        case ["save", name, file]:
            save(find_chat(name), Path(file).expanduser())
            print(
                sanitize_line(f"{name} is kept in {file}; %stream chats load {file} takes it up again", 400)
            )
        case ["load", file]:
            _load_chat(file, None)
        case ["load", file, name]:
            _load_chat(file, name)
        case _:
            raise UsageError(
                "type %stream chats, chats show NAME, chats save NAME FILE, or chats load FILE [NAME]"
            )


def _list_chats() -> None:
    if not current_session().chats:
        print("no conversations: %%stream -c NAME begins one")
    for chat in current_session().chats.values():
        models = ", ".join(dict.fromkeys(entry.model for entry in chat.entries))
        superseded = f", {len(chat.superseded)} set aside" if chat.superseded else ""
        line = f"{chat.name}: {_count_of_turns(chat)} with {models or 'nobody'}{superseded}"
        print(sanitize_line(line, 400))


def _count_of_turns(chat: Chat) -> str:
    return f"{len(chat.entries)} turn{'s' * (len(chat.entries) != 1)}"


def _load_chat(file: str, name: str | None) -> None:
    chat = load(Path(file).expanduser(), name)
    replaced = " (in place of the one of that name)" if chat.name in current_session().chats else ""
    current_session().chats[chat.name] = chat
    name = sanitize_line(chat.name, 80)
    print(f"{name}: {_count_of_turns(chat)}{replaced}; %%stream -c {name} goes on with it")


def find_chat(name: str) -> Chat:
    """Return the conversation of a name.

    Raises
    ------
    UsageError
        There is none of this name; the line names those there are.
    """
    try:
        return current_session().chats[name]
    except KeyError:
        names = sanitize_line(", ".join(current_session().chats)) or "none so far"
        raise UsageError(f"there is no conversation {name!r}; there are: {names}") from None
