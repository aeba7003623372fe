"""``<think>`` tags at the very start of a text -> reasoning, wherever the chunks cut them.

Some servers of reasoning models send the thoughts inside the text.  Only a tag that opens the
text counts: further on it is something that the answer is about.
"""

from __future__ import annotations

from ..core.events import ReasoningDelta, TextDelta

__all__ = ["ThinkTags"]

_OPEN, _CLOSE = "<think>", "</think>"
_LONGEST_SPACE = 100  # characters: a model that is stuck in line feeds is not waited for


class ThinkTags:
    """Sorts the pieces of a text into reasoning and answer; no character is lost but the two tags.

    >>> tags = ThinkTags()
    >>> tags.feed("<thi"), tags.feed("nk>Hm.</think>Yes")
    ([], [ReasoningDelta(text='Hm.'), TextDelta(text='Yes')])

    Attributes
    ----------
    settled
        The rest is answer, and ``feed`` need not be asked any more.
    """

    def __init__(self) -> None:
        self.done = False
        self._thinking = False
        self._held = ""  # what may be the beginning of a tag

    def feed(self, text: str) -> list[ReasoningDelta | TextDelta]:
        """Return what is certain after this piece."""
        text = self._held + text
        self._held = ""
        if not (self.done or self._thinking):
            # Space before the tag is no more part of the answer than the tag.
            start = text.lstrip()
            if start.startswith(_OPEN):
                self._thinking = True
                text = start.removeprefix(_OPEN)
            elif _OPEN.startswith(start) and len(text) < _LONGEST_SPACE:  # also for nothing but space
                self._held = text
                return []
            else:
                self.done = True
        if not self._thinking:
            return [TextDelta(text)] if text else []
        return self._thought(text)

    def close(self) -> list[ReasoningDelta | TextDelta]:
        """Return what was held back because a tag might have come."""
        held, self._held = self._held, ""
        if not held:
            return []
        return [ReasoningDelta(held) if self._thinking else TextDelta(held)]

    def _thought(self, text: str) -> list[ReasoningDelta | TextDelta]:
        thought, tag, answer = text.partition(_CLOSE)
        if tag:
            self.done, self._thinking = True, False
        else:
            kept = _overlap(thought, _CLOSE)
            thought, self._held = thought[: len(thought) - kept], thought[len(thought) - kept :]
        events: list[ReasoningDelta | TextDelta] = []
        if thought:
            events.append(ReasoningDelta(thought))
        if answer:
            events.append(TextDelta(answer))
        return events


def _overlap(text: str, tag: str) -> int:
    """Return how many letters at the end of ``text`` begin ``tag``."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-n:])), 0)
