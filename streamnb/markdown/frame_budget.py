"""How much may be rendered for each frame, so that no text costs more than its length is worth.

Nearly every tail is short, or what is final in it is frozen: its frames cost little, and each is rendered.
What nobody would write, one line of ten thousand stars, can be cut nowhere; to render all of it with every
frame would take a time that grows with the square of its length.  Cheap frames save up for such a tail.  Once
that is spent, it is rendered when it has grown by a third, and what comes between is shown as it came.

Only a text that is shown with repairs is treated so: without them every frame is exact, whatever it costs.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FrameBudget", "FrameCost"]

# What may be rendered with every frame:
_CHEAP = 4_000  # of one endless line so much,
_CHEAP_PER_LINE = 500  # and for each line so much more: formulas, or a table's rows in an item,
_CHEAP_LONG_LINES = 12_000  # up to this;
_CHEAP_SHORT_LINES = 30_000  # of short lines so much: code in an item is the longest tail of real answers.
_SHORT_LINE_CHARACTERS = 100
_START = 60_000  # what may be spent before anything was saved
_PER_FRAME = 1_500  # and what a frame may cost without spending what was saved: this,
_PER_CHARACTER = 10  # and so much for each of its letters
_MAX_SAVINGS = 200_000
_GROWTH = 0.3  # by how much a costly tail has to grow,
_HEAVY_GROWTH = 1.0  # and by how much where what was sent weighs much more than what is shown
_LINE = 8  # a line takes as long as so many characters, for every rule looks at it;
_TOKEN = 5  # so does a token,
_BRACKET = 10  # and a bracket: five rules look for its end


@dataclass(frozen=True, slots=True)
class FrameCost:
    """What a frame has rendered.

    Attributes
    ----------
    text, html
        Of the tail: its characters of text and of HTML.
    tokens, lines, brackets
        Of the tail, too.
    above
        Characters of text in the segments that a definition has changed.
    """

    text: int = 0
    html: int = 0
    tokens: int = 0
    lines: int = 0
    brackets: int = 0
    above: int = 0

    @property
    def total(self) -> int:
        """All of it in one figure; links have three times as much HTML as text, formulas more."""
        marks = _TOKEN * self.tokens + _LINE * self.lines + _BRACKET * self.brackets
        return self.text + min(self.html, 3 * self.text) + marks + 4 * self.above

    @property
    def cheap(self) -> int:
        """What may be rendered with every frame of such a tail: the more, the more lines it has."""
        if self.text <= _SHORT_LINE_CHARACTERS * self.lines and 2 * self.tokens <= 3 * self.lines:
            return _CHEAP_SHORT_LINES
        return min(_CHEAP + _CHEAP_PER_LINE * self.lines, _CHEAP_LONG_LINES)

    @property
    def has_visible_text(self) -> bool:
        """Whether the text is to be seen: a rule of a thousand stars is not, nor is a definition."""
        return 2 * self.html >= self.text


class FrameBudget:
    """Says whether the next frame is rendered."""

    def __init__(self) -> None:
        self.last = FrameCost()
        self._savings = _START
        self._blank_line_was_in_vain = False

    def allows(self, text: str, patches_are_costly: bool) -> bool:
        """Tell whether a frame that brings ``text`` is rendered; a blank line may end a costly tail."""
        last = self.last
        growth = _HEAVY_GROWTH if patches_are_costly else _GROWTH
        limit = 0 if last.above and patches_are_costly else max(last.cheap, self._savings)
        return (
            last.total <= limit
            or len(text) >= growth * (last.text + last.above)
            or ("\n\n" in text and not self._blank_line_was_in_vain)
        )

    def spend(self, text: str, cost: FrameCost) -> None:
        """Note what a frame has cost that brought ``text``."""
        is_shorter = cost.total <= max(_CHEAP, self.last.total // 2)
        self._blank_line_was_in_vain = not is_shorter and "\n\n" in text
        saved = self._savings + _PER_FRAME + _PER_CHARACTER * len(text) - cost.total
        self.last, self._savings = cost, max(0, min(saved, _MAX_SAVINGS))
