"""A question to the person in front of an output: may this tool be called?

The view puts it where it can be answered: two buttons in the page, or a line at the keyboard where a
page is not heard.  Whoever asked waits for ``settled``.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

from ..render import panels
from ..render.terminal_escape import sanitize_for_terminal

__all__ = ["ApprovalRequest"]

MAX_SHOWN_CHARACTERS = 2_000  # characters of a call at the keyboard; the output has all of it


class ApprovalRequest:
    """One question, until it is settled; ``answer`` is ``None`` where nobody gave one."""

    def __init__(self, call: panels.Call) -> None:
        self.html = panels.asked(call)
        self.answer: bool | None = None
        self.settled = Event()
        self._line = f"Run {sanitize_for_terminal(panels.written(call))[:MAX_SHOWN_CHARACTERS]}? [y/N] "

    def ask_at_keyboard(self, stop: Callable[[], None]) -> None:
        """Ask through the kernel's input; nobody agrees where a front end has none."""
        if self.settled.is_set():
            return
        try:
            self.answer = input(self._line).strip().lower() in ("y", "yes")
        except KeyboardInterrupt:  # raised here, in the midst of painting, it would tear the loop
            stop()
        except (EOFError, NotImplementedError):  # the second is IPython's for a front end without input
            self.answer = None
        self.settled.set()
