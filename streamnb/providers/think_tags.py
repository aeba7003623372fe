"""Separation of ``<think>`` reasoning, and its like, from an answer's text, also where chunks split the tags.

Some servers of reasoning models send the thoughts inside the text.  An opening tag counts only at the very
start of the text: further on it is something that the answer is about.  Where the opening tag was part of
the prompt only the closing one comes: what stands before it is reasoning, too, though it was taken for text.
"""

from __future__ import annotations

from typing import TypeAlias

from ..core.events import ReasoningDelta, TextDelta, TextWasReasoning

__all__ = ["ThinkTags"]

_CLOSE_TAG = "</think>"
_TAG_PAIRS = {  # as nearly all write them, Gemini through chat completions, Magistral, Seed, Kimi
    "<think>": _CLOSE_TAG,
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
    "<seed:think>": "</seed:think>",
    "◁think▷": "◁/think▷",
}
MAX_SPACE_CHARACTERS = 100  # characters: a model that is stuck in line feeds is not waited for
_QUOTES = ("`", '"', "'", "“", "‘", "«", "(")

_TextEvent: TypeAlias = ReasoningDelta | TextDelta | TextWasReasoning


class ThinkTags:
    """Sorts the pieces of a text into reasoning and answer; no character is lost but the tags.

    >>> tags = ThinkTags()
    >>> tags.feed("<thi"), tags.feed("nk>Hm.</think>Yes")
    ([], [ReasoningDelta(text='Hm.'), TextDelta(text='Yes')])
    """

    def __init__(self) -> None:
        self._is_done = False  # no tag is looked for any more: what comes is the answer
        self._has_begun = False  # the text has begun, without a tag
        self._is_thinking = False
        self._close = _CLOSE_TAG  # the tag that ends the reasoning
        self._pending = ""  # what may be the beginning of a tag
        self._backticks = 0  # an odd number of them: inside code
        self._last = ""  # the text before, or its end

    def feed(self, text: str) -> list[_TextEvent]:
        """Return what is certain after this piece."""
        if self._is_done:
            return [TextDelta(text)] if text else []
        if self._has_begun and not self._pending and text and "<" not in text:  # nearly always
            self._last = text
            if "`" in text:
                self._backticks += text.count("`")
            return [TextDelta(text)]
        text, self._pending = self._pending + text, ""
        if not (self._has_begun or self._is_thinking):
            # Space before the tag is no more part of the answer than the tag.
            start = text.lstrip()
            if tag := next(filter(start.startswith, _TAG_PAIRS), None):
                self._is_thinking, self._close = True, _TAG_PAIRS[tag]
                text = start.removeprefix(tag)
            elif (
                any(tag.startswith(start) for tag in _TAG_PAIRS) and len(text) < MAX_SPACE_CHARACTERS
            ):  # also for nothing but space
                self._pending = text
                return []
        if self._is_thinking:
            return self._feed_thought(text)
        return self._feed_text(text)

    def close(self) -> list[_TextEvent]:
        """Return what was held back because a tag might have come."""
        pending, self._pending = self._pending, ""
        if not pending:
            return []
        return [ReasoningDelta(pending) if self._is_thinking else TextDelta(pending)]

    def _feed_thought(self, text: str) -> list[_TextEvent]:
        thought, tag, answer = text.partition(self._close)
        if tag:
            self._is_done, self._is_thinking, self._has_begun = True, False, True
        else:
            overlap = _partial_tag_length(thought, self._close)
            thought, self._pending = thought[: len(thought) - overlap], thought[len(thought) - overlap :]
        events: list[_TextEvent] = []
        if thought:
            events.append(ReasoningDelta(thought))
        if answer:
            events.append(TextDelta(answer))
        return events

    def _feed_text(self, text: str) -> list[_TextEvent]:
        """Look for a closing tag that was never opened; one in code or quotes is what the answer is about."""
        before, tag, answer = text.partition(_CLOSE_TAG)
        is_quoted = (self._backticks + before.count("`")) % 2 or (before or self._last).endswith(_QUOTES)
        if not tag or is_quoted:
            overlap = _partial_tag_length(text, _CLOSE_TAG)
            self._is_done = bool(tag)  # an answer about tags: nothing after it is one
            text, self._pending = text[: len(text) - overlap], text[len(text) - overlap :]
            self._backticks += text.count("`")
            self._last = text[-1:] or self._last
            self._has_begun = self._has_begun or bool(text)
            if self._is_done:
                text, self._pending = text + self._pending, ""
            return [TextDelta(text)] if text else []
        self._is_done = True
        thought: list[_TextEvent]
        if self._has_begun:
            thought = [*([TextDelta(before)] if before else []), TextWasReasoning()]
        else:
            thought = [ReasoningDelta(before)] if before.strip() else []
        self._has_begun = True
        return [*thought, *([TextDelta(answer)] if answer else [])]


def _partial_tag_length(text: str, tag: str) -> int:
    """Return how many letters at the end of ``text`` begin ``tag``."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-n:])), 0)
