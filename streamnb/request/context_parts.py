"""What goes before a prompt, and what the footer says of it; ``context`` makes it of cells and errors."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.content import Part
from ..core.sent_items import SentItem

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """What of the notebook goes before the prompt.

    Attributes
    ----------
    parts
        What is sent.
    details
        A line on each thing, for the footer.
    sent
        What each of those lines is about.
    """

    parts: tuple[Part, ...] = ()
    details: tuple[str, ...] = ()
    sent: tuple[SentItem, ...] = ()
