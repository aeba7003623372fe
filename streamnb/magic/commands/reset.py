"""``%stream reset``: forget conversations."""

from __future__ import annotations

from ...streaming.session import session
from ..state import MagicState
from .chats import find_chat

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Forget a conversation, or all of them."""
    for name in args or list(session().chats):
        chat = session().chats.pop(find_chat(name).name)
        chat.entries, chat.superseded = [], []  # a stream that runs in it still begins it anew
        print(f"{name} is forgotten")
