"""Detection of a page that runs the widget: one that does sends a message at once."""

from __future__ import annotations

import asyncio
import contextlib

from . import comms

__all__ = ["WidgetDetection"]

TIMEOUT_S = 3.0  # after which a page that has said nothing is taken for one without widgets


class WidgetDetection:
    """Whether a page runs the widget.

    Attributes
    ----------
    is_absent
        A page could have been heard for a while, and none was.
    """

    def __init__(self) -> None:
        self.is_absent = False
        self._has_message = False

    def start(self) -> None:
        """Begin to wait; only while a loop turns can a page be heard at all."""
        if not comms.hears_clicks_while_awaiting():
            return
        with contextlib.suppress(RuntimeError):  # a thread without a loop
            loop = asyncio.get_running_loop()
            # Twice, since a loop that was blocked runs this before it reads what has come meanwhile.
            loop.call_later(TIMEOUT_S, loop.call_later, TIMEOUT_S / 10, self._on_timeout)

    def note_message(self) -> None:
        """Note that a page has spoken, however late."""
        self._has_message, self.is_absent = True, False

    def _on_timeout(self) -> None:
        self.is_absent = not self._has_message
