"""Approval of a tool call by the person: buttons in the page, or a question at the keyboard.

The view puts it where it can be answered: two buttons in the page, or a line at the keyboard where a
page is not heard.  Whoever asked waits for ``settled``.

What comes of a page names the question that it answers, by a name which nobody can guess, and a new question
takes no answer for a moment: so the second half of a double click, or a message of something else in the
page, approves nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Event, Lock

from ..core.tool_calls import ToolCall
from ..render import panels

__all__ = ["ApprovalRequest"]

MAX_ARGUMENT_CHARACTERS = 400  # of one argument in a line at the keyboard; a question mark shows all of it
MIN_READING_S = 0.5  # a click that comes sooner was meant for something else; the page waits a little longer


class ApprovalRequest:
    """One question whether a tool may be called; ``answer`` is ``None`` where nobody gave one.

    Attributes
    ----------
    id
        The name that an answer has to bring.
    html
        The question for a page.
    line, whole_call
        The question at a keyboard, each long argument cut by itself, and the call with nothing cut.
    """

    def __init__(self, call: ToolCall) -> None:
        self.id = secrets.token_hex(8)
        self.html = panels.approval_panel(call)
        self.answer: bool | None = None
        self.settled = Event()
        self._lock = Lock()
        self._asked_at = time.monotonic()
        short = panels.call_line(call, MAX_ARGUMENT_CHARACTERS)
        self.whole_call = panels.call_line(call, 1 << 60)
        choice = "[y/N]" if short == self.whole_call else "[y/N, ? shows all of it]"
        self.line = f"Run {short}? {choice}"

    @staticmethod
    def is_yes(text: str) -> bool:
        """Say whether what was typed approves."""
        return text.strip().lower() in ("y", "yes")

    def set_answer(self, answer: bool | None) -> None:
        """Set the answer, unless there is one, and wake whoever waits for it."""
        with self._lock:
            if not self.settled.is_set():
                self.answer = answer
                self.settled.set()

    def on_page_answer(self, id_: str, answer: bool) -> None:
        """Take a page's answer, if it is one to this question and late enough to have been read."""
        is_read = time.monotonic() - self._asked_at >= MIN_READING_S
        if is_read and secrets.compare_digest(id_.encode("utf-8", "replace"), self.id.encode()):
            self.set_answer(answer)

    def ask_at_keyboard(self, stop: Callable[[], None]) -> None:
        """Ask through the kernel's input; nobody agrees where a front end has none."""
        if self.settled.is_set():
            return
        answer: bool | None = None
        try:
            while (text := input(f"{self.line} ")).strip() == "?":
                print(self.whole_call)
            answer = self.is_yes(text)
        except KeyboardInterrupt:  # raised here, in the midst of painting, it would tear the loop
            stop()
        except (EOFError, NotImplementedError):  # the second is IPython's for a front end without input
            pass
        self.set_answer(answer)
