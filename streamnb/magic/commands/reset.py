"""``%stream reset``: forget conversations."""

from __future__ import annotations

from ...streaming.session import current_session
from ..state import MagicState
from .chats import find_chat

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Forget a conversation, or all of them."""
    for name in args or list(current_session().chats):
        chat = current_session().chats.pop(find_chat(name).name)
        chat.entries, chat.superseded = [], []  # a stream that runs in it still begins it anew
        print(f"{name} is forgotten")
