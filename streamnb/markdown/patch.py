"""``Patch``: the difference between the HTML shown before and now, as it is sent to the browser.

What is shown is a row of finished *segments* and one open *tail*, in this order and joined without anything
between.  Every segment and every tail is well-formed by itself, so a view may keep one element for each.  A
patch is applied in three steps; characters are Unicode code points, not UTF-16 units:

1. ``seal``: new finished segments; the first of them is preceded by the first ``take`` characters of the old
   tail.
2. ``fix``: finished segments that changed (a link definition or a footnote arrived below them), by index from
   0.
3. ``keep`` and ``tail``: the open tail is the first ``keep`` characters of the old tail (0 when something was
   sealed), then ``tail``.

There are no other fields.  One long block (a list, a table, a code fence ...) stays one tail until it has
ended: its patches then have a large ``keep`` and a short ``tail``.  The kept part may end inside a tag, so a
view that builds elements parses the whole new tail and changes in its document only what differs from the
last one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["AppendBuffer", "Patch", "ShownState", "common_prefix_length"]

_MAX_CLOSING_CHARACTERS = 1_000
_DEEP_CHARACTERS = 100
_LONG_PATCH_CHARACTERS = 500
_MAX_LONG_PATCHES = 4  # a block of code is sent again once, when it gets its colours
_FREE_CHARACTERS = 1_500  # that may be sent beyond three times what is shown,
_FREE_DEEP_CHARACTERS = 300  # and so many where the text is deep: there it may be a letter a line
_CLOSING_TAGS = re.compile(
    r"(?:</(?:p|li|[ou]l|blockquote|h[1-6]|t[dhr]|t(?:head|body|able)|em|strong|details)>\n?)+\Z"
)
_NO_FIXES: Mapping[int, str] = MappingProxyType({})


class Patch(NamedTuple):
    """One change of the shown HTML; the module's docstring says how to apply it.

    Attributes
    ----------
    seal
        HTML of segments that are finished with this patch, in order.
    take
        Characters at the start of the shown tail that belong to the first of them.
    fix
        HTML of earlier segments that look different now, by their index.
    keep
        Characters of the shown tail that stay.
    tail
        HTML that follows them.
    """

    seal: Sequence[str] = ()
    take: int = 0
    fix: Mapping[int, str] = _NO_FIXES
    keep: int = 0
    tail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the patch as a JSON object.

        Returns
        -------
        dict[str, Any]
            The fields by name, in JSON's own types; ``take`` and ``fix`` only where they say something.
        """
        wire: dict[str, Any] = {"seal": list(self.seal), "keep": self.keep, "tail": self.tail}
        if self.take:
            wire["take"] = self.take
        if self.fix:
            wire["fix"] = {str(index): html for index, html in self.fix.items()}
        return wire


class AppendBuffer:
    """A string of HTML that only grows at its end, kept in pieces: appending costs what is new."""

    __slots__ = ("length", "pieces")

    def __init__(self, html: str = "") -> None:
        self.pieces = [html]
        self.length = len(html)

    def append(self, html: str) -> None:
        """Append ``html``."""
        self.pieces.append(html)
        self.length += len(html)

    def text_after(self, start: int) -> str:
        """Return the text after the first ``start`` characters; only the last pieces are looked at."""
        length = self.length - start
        index = len(self.pieces)
        while length > 0:
            index -= 1
            length -= len(self.pieces[index])
        return "".join(self.pieces[index:])[-length if length else 0 :]

    def __str__(self) -> str:
        return "".join(self.pieces)


class ShownState:
    """The HTML that the receiver of every patch has.

    The tail is a buffer and an end.  As long as the buffer stays the same object, only what was added to it
    and the two ends have to be compared.
    """

    def __init__(self) -> None:
        self.segments: list[str] = []
        self.buffer = AppendBuffer()
        self.shown_length = 0  # how much of the buffer is shown
        self.end = ""
        self._sealed_length = 0
        self._sent_characters = 0
        self._last_sent = 0  # characters of the last patch that was rendered
        self._long_patches = 0  # one after the other, up to now

    @property
    def has_costly_patches(self) -> bool:
        """Whether the patches so far weigh much more than what is shown."""
        excess = self._sent_characters - self._worth
        return excess > _FREE_DEEP_CHARACTERS and (excess > _FREE_CHARACTERS or self.is_deep)

    @property
    def repeats(self) -> bool:
        """Whether patch after patch said again what was shown, and another one would weigh too much."""
        next_sent = self._sent_characters + self._last_sent
        return self._long_patches >= _MAX_LONG_PATCHES and next_sent > self._worth

    @property
    def _worth(self) -> int:
        """What may be sent for what is shown: three times as much."""
        return 3 * (self._sealed_length + self.shown_length + len(self.end))

    @property
    def is_deep(self) -> bool:
        """Whether the blocks open at the end need more than a line of closing tags."""
        return len(self.end) - self._last_text_end() > _DEEP_CHARACTERS

    @property
    def html(self) -> str:
        """The HTML of segments and tail."""
        return "".join(self.segments) + self.tail

    @property
    def tail(self) -> str:
        """The HTML of the open tail."""
        return str(self.buffer)[: self.shown_length] + self.end

    def show(self, seal: Sequence[str], fix: Mapping[int, str], buffer: AppendBuffer, end: str) -> Patch:
        """Show new segments, changed segments and a new tail; return the small patch that leads there.

        Parameters
        ----------
        seal
            The HTML of segments that are finished from now on.
        fix
            The new HTML of earlier segments, by their index.
        buffer
            The part of the tail that only grows; the one shown already, or another.
        end
            The part behind it, which may change.

        Returns
        -------
        Patch
            What leads from the HTML that was shown to the one that is shown now.
        """
        if seal:
            take = common_prefix_length(self.tail, seal[0])
            patch = Patch([seal[0][take:], *seal[1:]], take, fix, 0, str(buffer) + end)
        elif buffer is self.buffer:
            new = buffer.text_after(self.shown_length) + end
            same = common_prefix_length(self.end, new)
            patch = Patch((), 0, fix, self.shown_length + same, new[same:])
        else:
            new = str(buffer) + end
            keep = common_prefix_length(self.tail, new)
            patch = Patch((), 0, fix, keep, new[keep:])
        self.segments.extend(seal)
        self._sealed_length += sum(map(len, seal))
        for index, html in fix.items():
            self._sealed_length += len(html) - len(self.segments[index])
            self.segments[index] = html
        self._last_sent = sum(map(len, (*patch.seal, *fix.values(), patch.tail)))
        self._sent_characters += self._last_sent
        self._long_patches = self._long_patches + 1 if self._last_sent > _LONG_PATCH_CHARACTERS else 0
        self.buffer, self.shown_length, self.end = buffer, buffer.length, end
        return patch

    def show_unchanged(self) -> Patch:
        """Return a patch that changes nothing."""
        return Patch(keep=self.shown_length + len(self.end))

    def append_to_last_text(self, html: str) -> Patch:
        """Show ``html`` before the closing tags at the end of the tail."""
        position = self._last_text_end()
        patch = Patch((), 0, _NO_FIXES, self.shown_length + position, html + self.end[position:])
        self.end = self.end[:position] + patch.tail
        self._sent_characters += len(patch.tail)
        return patch

    def _last_text_end(self) -> int:
        """Return where the closing tags at the end of ``end`` begin."""
        closers = _CLOSING_TAGS.search(self.end, max(0, len(self.end) - _MAX_CLOSING_CHARACTERS))
        return closers.start() if closers else len(self.end)

    def show_appended(self, html: str) -> Patch:
        """Show ``html``, which was just appended to the shown buffer, before the same end."""
        patch = Patch((), 0, _NO_FIXES, self.shown_length, html + self.end)
        self.shown_length += len(html)
        self._sent_characters += len(patch.tail)
        return patch


def common_prefix_length(old: str, new: str) -> int:
    """Return how many characters at the start are the same, by halving: slices are compared in C."""
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle
    return low
