"""Budget of rendering work for each frame, so that no text costs more than its length is worth.

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
_CHEAP_COST = 4_000  # of one endless line so much,
_CHEAP_COST_PER_LINE = 500  # and for each line so much more: formulas, or a table's rows in an item,
_MAX_CHEAP_COST = 12_000  # up to this;
_CHEAP_COST_SHORT_LINES = 30_000  # of short lines so much: code in an item, the longest of real tails.
_SHORT_LINE_CHARACTERS = 100
_INITIAL_SAVINGS = 60_000  # what may be spent before anything was saved
_INCOME_PER_FRAME = 1_500  # and what a frame may cost without spending what was saved: this,
_INCOME_PER_CHARACTER = 10  # and so much for each of its letters
_MAX_SAVINGS = 200_000
_MIN_GROWTH = 0.3  # by how much a costly tail has to grow,
_MIN_GROWTH_COSTLY_PATCHES = 1.0  # and by how much where what was sent weighs much more than what is shown
_LINE_COST = 8  # a line takes as long as so many characters, for every rule looks at it;
_TOKEN_COST = 5  # so does a token,
_BRACKET_COST = 10  # and a bracket: five rules look for its end


@dataclass(frozen=True, slots=True)
class FrameCost:
    """How much work one frame was, counted in what it rendered.

    Attributes
    ----------
    text_characters, html_characters
        Length of the tail's text and of its HTML.
    tokens, lines, brackets
        How many of them the tail has.
    segment_characters
        Length of the text of the segments above that were rendered again.
    """

    text_characters: int = 0
    html_characters: int = 0
    tokens: int = 0
    lines: int = 0
    brackets: int = 0
    segment_characters: int = 0

    @property
    def total(self) -> int:
        """The whole cost in characters; HTML counts up to three times the text, as much as links have."""
        characters = self.text_characters + min(self.html_characters, 3 * self.text_characters)
        marks = _TOKEN_COST * self.tokens + _LINE_COST * self.lines + _BRACKET_COST * self.brackets
        return characters + marks + 4 * self.segment_characters

    @property
    def cheap_limit(self) -> int:
        """The cost up to which such a tail is rendered with every frame: the more lines, the higher."""
        if self.text_characters <= _SHORT_LINE_CHARACTERS * self.lines and 2 * self.tokens <= 3 * self.lines:
            return _CHEAP_COST_SHORT_LINES
        return min(_CHEAP_COST + _CHEAP_COST_PER_LINE * self.lines, _MAX_CHEAP_COST)

    @property
    def has_visible_text(self) -> bool:
        """Whether the text is seen in the HTML: a rule of a thousand stars is not, nor is a definition."""
        return 2 * self.html_characters >= self.text_characters


class FrameBudget:
    """Decides whether the next frame is rendered, by what earlier frames cost and saved."""

    def __init__(self) -> None:
        self.last_cost = FrameCost()
        self._savings = _INITIAL_SAVINGS
        self._blank_line_was_in_vain = False

    def allows(self, text: str, patches_are_costly: bool, repeats: bool = False) -> bool:
        """Tell whether a frame that brings ``text`` is rendered; a blank line may end a costly tail.

        Parameters
        ----------
        text
            All that no frame has rendered yet.
        patches_are_costly
            What was sent so far weighs much more than what is shown.
        repeats
            It will, if the next patch says again what is shown, as the last one did.
        """
        last_cost = self.last_cost
        growth = _MIN_GROWTH_COSTLY_PATCHES if patches_are_costly or repeats else _MIN_GROWTH
        resends_segments = patches_are_costly and last_cost.segment_characters > 0
        limit = 0 if repeats or resends_segments else max(last_cost.cheap_limit, self._savings)
        return (
            last_cost.total <= limit
            or len(text) >= growth * (last_cost.text_characters + last_cost.segment_characters)
            or ("\n\n" in text and not self._blank_line_was_in_vain)
        )

    def spend(self, text: str, cost: FrameCost) -> None:
        """Take the cost of the frame that added ``text`` off the savings."""
        is_shorter = cost.total <= max(_CHEAP_COST, self.last_cost.total // 2)
        self._blank_line_was_in_vain = not is_shorter and "\n\n" in text
        saved = self._savings + _INCOME_PER_FRAME + _INCOME_PER_CHARACTER * len(text) - cost.total
        self.last_cost, self._savings = cost, max(0, min(saved, _MAX_SAVINGS))
