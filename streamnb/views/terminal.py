"""The view for a terminal: text as it comes, through the filter of ``terminal_escape``.

``TerminalView`` writes text to one stream and everything about it (waiting, notices, footer)
to another, which may be the same.  On a terminal the text is Markdown drawn block by block
(``terminal_blocks``), unless that is refused or the terminal cannot; else it is the source.  Its own colours
and erasures go to a terminal only; what comes from outside never brings any.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from ..core.events import (
    Citation,
    Event,
    Image,
    Notice,
    ReasoningDelta,
    StepDelta,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    ToolResult,
)
from ..core.reply import Reply, ToolCall
from ..core.text import sanitize_line
from ..render import footer
from ..render.terminal_escape import TerminalSanitizer, replace_unencodable, sanitize_for_terminal
from .terminal_abilities import is_terminal, wants_colour
from .terminal_blocks import TerminalBlocks
from .terminal_echo import TerminalEcho
from .terminal_rows import GrowingRows, fold_lines, terminal_size

__all__ = ["TerminalView"]

MAX_SOURCES = 20  # that are printed; how many more there are is said


class TerminalView:
    """Prints one stream: its text to ``out``, everything about it to ``about``.

    ``closing`` makes the footer of a reply; with ``plain`` the text stays the source on a terminal too.
    """

    def __init__(
        self,
        out: TextIO,
        about: TextIO | None = None,
        *,
        closing: Callable[[Reply], str] | None = None,
        plain: bool = False,
    ) -> None:
        self._out = out
        self._plain = plain
        self._blocks: TerminalBlocks | None = None
        self._echo: TerminalEcho | None = None
        self._sources: list[str] = []
        self._about = about or out
        self._closing = closing or footer.line
        self._terminal = is_terminal(self._about)
        self._together = self._about is out or (self._terminal and is_terminal(out))
        self._colour = wants_colour(self._about)
        self._text = TerminalSanitizer()
        self._thoughts = TerminalSanitizer()
        self._has_keyboard = True
        self._stop: Callable[[], None] = lambda: None
        self._began = 0.0
        self._waited = 0  # seconds shown, 0 for none
        self._thinking = False
        self._thought_rows: GrowingRows | None = None
        self._ends_line = True
        self._asking = self._closed = False
        self.write_error: Exception | None = None  # why nothing can be written any more

    def open(self, stop: Callable[[], None]) -> None:
        """Keep ``stop``, and the time from which waiting is counted."""
        self._stop = stop
        self._began = time.monotonic()
        # In the background the keyboard belongs to the prompt.
        self._has_keyboard = threading.current_thread() is threading.main_thread()
        if (
            not self._plain
            and self._has_keyboard
            and wants_colour(self._out)
            and TerminalBlocks.can_draw_on(self._out)
        ):
            blocks = TerminalBlocks(self._out, lambda text: self._write_safely(self._out, text), self._flush)
            self._blocks, self._echo = blocks, TerminalEcho(self._out, blocks.mark_unerasable)

    def show(self, events: Sequence[Event]) -> None:
        """Print what has come; an empty frame shows how long it has been waited."""
        if not events:
            self._show_waiting()
        for event in events:
            self._show_event(event)
        self._flush()

    def ask(self, call: ToolCall) -> bool | None:
        """Ask ``[y/N]`` at the keyboard; ``None`` where there is no terminal on both sides."""
        if not (self._terminal and self._has_keyboard and is_terminal(sys.stdin)):
            return None
        from .approval import ApprovalRequest  # makes the HTML of a page too: nothing for a plain start

        self._asking = True
        self._restore_echo()
        approval = ApprovalRequest(call)
        try:
            while True:
                self._print_note(approval.line)
                self._flush()
                if (reply := self._read_input_line().strip()) != "?":
                    return approval.is_yes(reply)
                self._print_note(approval.whole_call)
        finally:
            self._asking = False

    def _read_input_line(self) -> str:
        """Return the next line from the keyboard, nothing if the stream has ended before it came."""
        while os.name == "posix" and not select.select([sys.stdin], [], [], 0.1)[0]:
            if self._closed:  # the next line is meant for whoever asks then
                return ""
        return sys.stdin.readline()

    def close(self, reply: Reply) -> None:
        """Print the rest, sources and the footer."""
        try:
            self._print_end(reply)
        finally:
            self._restore_echo()

    def _restore_echo(self) -> None:
        if self._echo is not None:
            self._echo.restore()

    def _print_end(self, reply: Reply) -> None:
        self._closed = True
        self._erase_waiting()
        self._write_text(self._text.close())
        self._end_line()
        if self._blocks is not None and self._blocks.has_drawn and self._together:
            self._write_safely(self._out, "\n")  # it ends with a block, and the footer is none of its own
        self._flush()
        for source in self._sources[:MAX_SOURCES] if self._blocks else []:
            self._print_note(source, dim=True)
        if len(self._sources) > MAX_SOURCES:
            self._print_note(f"… and {len(self._sources) - MAX_SOURCES:,} more sources", dim=True)
        self._print_note(self._closing(reply), dim=True)
        self._flush()

    def _show_event(self, event: Event) -> None:
        match event:
            case TextDelta(text):
                self._end_reasoning()
                self._write_text(self._text.feed(text))
            case ReasoningDelta(text) if self._terminal:
                self._write_reasoning(self._thoughts.feed(text))
            case TextWasReasoning():  # what is printed stays
                self._print_note("(what stands above was reasoning)", dim=True)
            case Notice(text):
                self._print_note(text, dim=True)
            case Citation(title, url):
                self._sources.append(f"source: {title} {url}".rstrip())
                if self._blocks is None and len(self._sources) <= MAX_SOURCES:  # it stands in nobody's way
                    self._print_note(self._sources[-1], dim=True)
            case Image(mime_type, data):
                self._print_note(f"[{mime_type}, {len(data):,} bytes]")
            case StepDelta(_, str(name)):
                self._print_note(f"the provider runs {name}", dim=True)
            case ToolCallDelta(_, _, str(name)) if name:
                self._restore_echo()  # the tool may ask something
                self._print_note(f"asks for {name}(…)")
            case ToolResult(_, name, result, False):
                from ..render.panels import result_text

                self._print_note(sanitize_line(f"{name} gave {result_text(result)}"), dim=True)
            case _:
                pass

    def _write_text(self, text: str) -> None:
        if text:
            self._erase_waiting()
            if self._blocks is None:
                self._ends_line = text.endswith("\n")
                self._write_safely(self._out, text)
            else:
                if self._echo is not None:
                    self._echo.switch_off()
                self._blocks.feed(text)
                self._ends_line = self._blocks.is_at_line_start

    def _end_line(self, *, more: bool = False) -> None:
        if self._blocks is not None:
            self._blocks.end_block(more=more)
        elif not self._ends_line:
            self._write_safely(self._out, "\n")
        self._ends_line = True

    def _print_note(self, text: str, *, dim: bool = False) -> None:
        """Print one line about the stream, below what is there."""
        self._erase_waiting()
        self._end_reasoning()
        if self._together and not self._closed:
            self._end_line(more=True)
            self._flush()
        # A line of a server's starts none of its own.
        text = sanitize_for_terminal(" ".join(text.split("\n")))
        if self._terminal and (size := terminal_size(self._about)):
            text = fold_lines(text, size[0])
        self._write_safely(self._about, (f"\x1b[2m{text}\x1b[0m" if dim and self._colour else text) + "\n")

    def _write_reasoning(self, text: str) -> None:
        if text:
            self._erase_waiting()
            self._thinking = True
            if self._blocks is not None:
                self._end_line(more=True)
                self._flush()
            if self._thought_rows is None and self._colour and (size := terminal_size(self._about)):
                self._thought_rows = GrowingRows(self._write_dim, size[0])
            if self._thought_rows is not None:
                self._thought_rows.feed(text)
            else:
                self._write_dim(text)

    def _write_dim(self, text: str) -> None:
        self._write_safely(self._about, f"\x1b[2m{text}\x1b[0m" if text and self._colour else text)

    def _end_reasoning(self) -> None:
        if self._thinking:
            self._thinking, self._thought_rows = False, None
            self._write_safely(self._about, "\n\n")

    def _show_waiting(self) -> None:
        seconds = int(time.monotonic() - self._began)
        quiet = self._asking or self._thinking or not self._ends_line
        if self._terminal and not quiet and seconds > self._waited:
            self._waited = seconds
            self._write_safely(self._about, f"\rwaiting {seconds} s")

    def _erase_waiting(self) -> None:
        self._began = time.monotonic()
        if self._waited:
            self._write_safely(self._about, "\r" + " " * len(f"waiting {self._waited} s") + "\r")
            self._waited = 0

    def _write_safely(self, out: TextIO, text: str) -> None:
        if self.write_error is not None:
            return
        encoding = getattr(out, "encoding", None) or "utf-8"
        try:
            out.write(replace_unencodable(text, encoding))
        except (OSError, ValueError) as fault:  # a closed pipe, a closed file, a full disk
            self._stop_after_write_error(fault)

    def _flush(self) -> None:
        for out in {id(out): out for out in (self._about, self._out)}.values():
            with contextlib.suppress(AttributeError):
                try:
                    out.flush()
                except (OSError, ValueError) as fault:
                    self._stop_after_write_error(fault)

    def _stop_after_write_error(self, fault: Exception) -> None:
        """End the stream after an error of writing: nobody reads on (``| head``)."""
        self.write_error = fault
        self._stop()
