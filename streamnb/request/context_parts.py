"""What goes before a prompt, and what the footer says of it; ``context`` makes it of cells and errors."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.content import Part
from ..core.sent_items import SentItem

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """Parts before the prompt, and for the footer's details a line on each and what it is about."""

    parts: tuple[Part, ...] = ()
    details: tuple[str, ...] = ()
    sent: tuple[SentItem, ...] = ()
