"""What goes before a prompt, and what the footer says of it; ``context`` makes it of cells and errors."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.content import Part
from ..core.sent_items import SentItem

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """Parts that go before the prompt; a line on each for the footer's details, and its content."""

    parts: tuple[Part, ...] = ()
    details: tuple[str, ...] = ()
    sent: tuple[SentItem, ...] = ()
