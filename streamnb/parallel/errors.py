"""The exception that interrupts several streams at once and carries their replies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..core.errors import StreamInterrupted
from ..core.reply import Reply
from ..core.text import sanitize_line

__all__ = ["ParallelInterrupted", "interrupt_message"]


class ParallelInterrupted(StreamInterrupted):
    """Several streams were stopped by hand; ``replies`` has all of them, with what had come."""

    def __init__(self, message: str, replies: Any) -> None:
        values = list(replies.values() if isinstance(replies, Mapping) else replies)
        super().__init__(message, next((reply for reply in values if reply.state == "interrupted"), Reply()))
        self.replies = replies


def interrupt_message(replies: Mapping[str, Reply]) -> str:
    """Return the line about streams that were stopped together."""
    counts = ", ".join(f"{name} {len(reply):,}" for name, reply in replies.items())
    return sanitize_line(f"stopped by hand; characters kept: {counts}")
