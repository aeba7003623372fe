"""The view for a terminal: text as it comes, and a filter that takes the teeth out of it.

``Filter`` is pure: what a model wrote goes in in any pieces, what a terminal may be shown
comes out.  ``TerminalView`` writes text to one stream and everything about it (waiting,
notices, footer) to another, which may be the same.  Its own colours and erasures go to a
terminal only; what comes from outside never brings any.
"""

from __future__ import annotations

import contextlib
import os
import re
import select
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from .. import footer
from ..events import Citation, Event, Image, Notice, ReasoningDelta, TextDelta, ToolCallDelta
from ..reply import Reply, ToolCall
from .controls import harmless

__all__ = ["Filter", "TerminalView", "wants_colour"]

LONGEST_SEQUENCE = 512  # characters; a longer one is shown, so that an open one cannot hide the rest

_STARTERS = {"[": "csi", "]": "string", "P": "string", "X": "string", "^": "string", "_": "string"}
_C1 = {
    "\x9b": "csi",
    "\x9d": "string",
    "\x90": "string",
    "\x98": "string",
    "\x9e": "string",
    "\x9f": "string",
}

# What shows nothing by itself and changes how the rest is read: bidi controls, zero-width
# characters, tags, line and paragraph separators.
_HIDDEN = "\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_JOINERS = "\u200c\u200d"  # between letters of Persian or Hindi and inside emoji they belong to the text
_IS_HIDDEN = re.compile(f"[{_HIDDEN}]")
_PLAIN = re.compile(f"[^\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f{_HIDDEN}{_JOINERS}]+")  # needs no looking at


class Filter:
    """Makes foreign text harmless for a terminal; state is kept from piece to piece.

    Escape sequences (7- and 8-bit), bells, backspaces and overwriting carriage returns go;
    line feeds and tabs stay; hidden characters are named, ``⟨U+202E⟩``.  Any cut of a text
    gives the same result.

    >>> shown = Filter()
    >>> shown.feed("a\\x1b") + shown.feed("[31mb") + shown.close()
    'ab'
    """

    def __init__(self) -> None:
        self._held = ""  # an unfinished sequence, as it came
        self._kind = ""  # of that sequence: "", "esc", "csi" or "string"
        self._high = ""  # a surrogate half that waits for its other half
        self._last = ""  # the last letter, for joiners

    def feed(self, text: str) -> str:
        """Return what may be shown of the next piece."""
        text, self._high = self._high + text, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        shown: list[str] = []
        at = 0
        while at < len(text):
            plain = None if self._kind else _PLAIN.match(text, at)
            if plain is not None:
                shown.append(plain[0])
                self._last = plain[0][-1]
                at = plain.end()
            else:
                shown.append(self._letter(text[at]))
                at += 1
        return "".join(shown)

    def close(self) -> str:
        """Return the rest: an unfinished sequence is dropped, a lone surrogate half marked."""
        self._held = self._kind = ""
        rest, self._high = self._high, ""
        return "\ufffd" if rest else ""

    def _letter(self, letter: str) -> str:
        if self._kind:
            return self._in_sequence(letter)
        if letter == "\x1b" or letter in _C1:
            self._kind, self._held = _C1.get(letter, "esc"), letter
            return ""
        if letter < " " or "\x7f" <= letter <= "\x9f":
            return ""
        if _IS_HIDDEN.match(letter) or (
            letter in _JOINERS and (self._last <= "\x7f" or self._last in _JOINERS)
        ):
            return f"⟨U+{ord(letter):04X}⟩"
        self._last = letter
        return letter

    def _in_sequence(self, letter: str) -> str:
        if letter == "\x1b" and self._kind != "string":  # begins anew
            self._kind, self._held = "esc", letter
            return ""
        if self._is_over(letter):
            self._kind = self._held = ""
            return letter if letter in "\n\t" else ""
        self._held += letter
        if len(self._held) > LONGEST_SEQUENCE:
            held, self._held, self._kind = self._held, "", ""
            return "␛" + Filter().feed(held.translate(_WITHOUT_STARTS))
        return ""

    def _is_over(self, letter: str) -> bool:
        """Tell whether ``letter`` ends the open sequence; turns an escape into its kind."""
        if letter == "\n":  # nothing hides more than the rest of its line
            return True
        if self._kind == "esc":
            kind = _STARTERS.get(letter) if len(self._held) == 1 else None
            self._kind = kind or "esc"
            return kind is None and not " " <= letter <= "/"
        if self._kind == "csi":
            return not " " <= letter <= "?"
        return letter in "\x07\x9c" or (letter == "\\" and self._held.endswith("\x1b"))


_WITHOUT_STARTS = {ord(letter): None for letter in ("\x1b", *_C1)}


def wants_colour(out: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether ``out`` is a terminal on which nobody refused colours (no-color.org)."""
    return _is_terminal(out) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def _is_terminal(out: TextIO) -> bool:
    return hasattr(out, "isatty") and out.isatty()


class TerminalView:
    """Prints one stream: its text to ``out``, everything about it to ``about``."""

    def __init__(
        self, out: TextIO, about: TextIO | None = None, *, closing: Callable[[Reply], str] | None = None
    ) -> None:
        self._out = out
        self._about = about or out
        self._closing = closing or footer.line
        self._terminal = _is_terminal(self._about)
        self._together = self._about is out or (self._terminal and _is_terminal(out))
        self._colour = wants_colour(self._about)
        self._text = Filter()
        self._thoughts = Filter()
        self._stop: Callable[[], None] = lambda: None
        self._began = 0.0
        self._waited = 0  # seconds shown, 0 for none
        self._thinking = False
        self._ends_line = True
        self._asking = self._closed = False
        self.gone: Exception | None = None  # why nothing can be written any more

    def open(self, stop: Callable[[], None]) -> None:
        """Note how to stop, and when the waiting began."""
        self._stop = stop
        self._began = time.monotonic()

    def show(self, events: Sequence[Event]) -> None:
        """Print what has come; an empty frame shows how long it has been waited."""
        if not events:
            self._wait()
        for event in events:
            self._show(event)
        self._flush()

    def ask(self, call: ToolCall) -> bool | None:
        """Ask ``[y/N]`` at the keyboard; ``None`` where there is no terminal on both sides."""
        if not (self._terminal and _is_terminal(sys.stdin)):
            return None
        self._asking = True
        self._note(f"run {call.name}({call.arguments})? [y/N]")
        self._flush()
        try:
            return self._typed().strip().lower() in ("y", "yes")
        finally:
            self._asking = False

    def _typed(self) -> str:
        """Return the next line from the keyboard, nothing if the stream has ended before it came."""
        while os.name == "posix" and not select.select([sys.stdin], [], [], 0.1)[0]:
            if self._closed:  # the next line is meant for whoever asks then
                return ""
        return sys.stdin.readline()

    def close(self, reply: Reply) -> None:
        """Print the rest, sources and the footer."""
        self._closed = True
        self._forget_waiting()
        self._write(self._text.close())
        if not self._ends_line:
            self._write("\n")
        self._flush()
        self._note(self._closing(reply), dim=True)
        self._flush()

    def _show(self, event: Event) -> None:
        match event:
            case TextDelta(text):
                self._end_thoughts()
                self._write(self._text.feed(text))
            case ReasoningDelta(text) if self._terminal:
                self._think(self._thoughts.feed(text))
            case Notice(text):
                self._note(text, dim=True)
            case Citation(title, url):
                self._note(f"source: {title} {url}".rstrip(), dim=True)
            case Image(mime_type, data):
                self._note(f"[{mime_type}, {len(data):,} bytes]")
            case ToolCallDelta(_, _, str(name)) if name:
                self._note(f"asks for {name}(…)")
            case _:
                pass

    def _write(self, text: str) -> None:
        if text:
            self._forget_waiting()
            self._ends_line = text.endswith("\n")
            self._put(self._out, text)

    def _note(self, text: str, *, dim: bool = False) -> None:
        """Print one line about the stream, below what is there."""
        self._forget_waiting()
        self._end_thoughts()
        if self._together and not self._ends_line:
            self._write("\n")
        text = harmless(text)
        self._put(self._about, (f"\x1b[2m{text}\x1b[0m" if dim and self._colour else text) + "\n")

    def _think(self, text: str) -> None:
        if text:
            self._forget_waiting()
            self._thinking = True
            self._put(self._about, f"\x1b[2m{text}\x1b[0m" if self._colour else text)

    def _end_thoughts(self) -> None:
        if self._thinking:
            self._thinking = False
            self._put(self._about, "\n\n")

    def _wait(self) -> None:
        seconds = int(time.monotonic() - self._began)
        quiet = self._asking or self._thinking or not self._ends_line
        if self._terminal and not quiet and seconds > self._waited:
            self._waited = seconds
            self._put(self._about, f"\rwaiting {seconds} s")

    def _forget_waiting(self) -> None:
        self._began = time.monotonic()
        if self._waited:
            self._put(self._about, "\r" + " " * len(f"waiting {self._waited} s") + "\r")
            self._waited = 0

    def _put(self, out: TextIO, text: str) -> None:
        if self.gone is not None:
            return
        encoding = getattr(out, "encoding", None) or "utf-8"
        try:
            out.write(text.encode(encoding, "replace").decode(encoding))
        except (OSError, ValueError) as fault:  # a closed pipe, a closed file, a full disk
            self._lose(fault)

    def _flush(self) -> None:
        for out in {id(out): out for out in (self._about, self._out)}.values():
            with contextlib.suppress(AttributeError):
                try:
                    out.flush()
                except (OSError, ValueError) as fault:
                    self._lose(fault)

    def _lose(self, fault: Exception) -> None:
        """Nobody reads on (``| head``): end the stream instead of writing into nothing."""
        self.gone = fault
        self._stop()
