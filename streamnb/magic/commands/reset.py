"""``%stream reset``: forget conversations."""

from __future__ import annotations

from ...streaming.session import session
from ..state import MagicState
from .base import Command
from .chats import find_chat

__all__ = ["COMMAND"]


def run(magics: MagicState, words: list[str]) -> None:
    """Forget a conversation, or all of them."""
    for name in words or list(session().chats):
        chat = session().chats.pop(find_chat(name).name)
        chat.entries, chat.superseded = [], []  # a stream that runs in it still begins it anew
        print(f"{name} is forgotten")


COMMAND = Command("[CHAT]", "forget a conversation, or all", run, 0, 1)
