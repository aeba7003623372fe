"""What an adapter makes of chunks, as one reply."""

from __future__ import annotations

from typing import Any

from streamnb.core.reply import Reply
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.providers.base import Adapter

__all__ = ["reply_from_chunks"]


def reply_from_chunks(adapter: Adapter, *chunks: Any) -> Reply:
    """Feed chunks to an adapter, close it, and return the reply that its events make."""
    builder = ReplyBuilder("m")
    for chunk in chunks:
        builder.feed(adapter.feed(chunk), 0.0)
    builder.feed(adapter.close(), 0.0)
    return builder.build_reply(0.0)
