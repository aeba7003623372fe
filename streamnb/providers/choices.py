"""Which choice of a chunk is the answer: number 0 of several, or the only one, however it is numbered.

Whoever asks for several answers gets them in turn, each piece with its number.  Some servers number the
pieces of a single answer instead (0, 1, 2 …), or always say 1, -1 or ``"0"``.  A piece with a foreign number
waits until it is clear which of the two it is; mostly the next chunk tells.
"""

from __future__ import annotations

import contextlib
from itertools import pairwise
from typing import Any

from .finish_reasons import is_final_chat_reason

__all__ = ["ChoicePicker"]

MAX_PARALLEL_CHOICES = 4  # answers in turn that are told from pieces counted up
MAX_WAITING_PIECES = 8  # pieces of one foreign number that wait while nothing else comes

_CALL_FIELDS = frozenset({"tool_calls", "function_call", "functionCall"})
_REASONING_FIELDS = frozenset({"reasoning_content", "reasoning", "reasoning_details", "thinking", "thought"})


class ChoicePicker:
    """Picks from each chunk's choices what belongs to the one answer.

    >>> picker = ChoicePicker()
    >>> picker.feed([{"index": 0, "a": 1}]), picker.feed([{"index": 1, "b": 1}]), picker.feed([{"index": 0}])
    ([{'index': 0, 'a': 1}], [], [{'index': 0}])
    """

    def __init__(self) -> None:
        self._numbers: set[int] = (
            set()
        )  # of the answer; several where reasoning, text and calls have their own
        self._has_other_choices = False  # there are several answers
        self._is_counting = False  # the numbers count pieces
        self._has_ended = False  # the answer's finish mark has come
        self._content_count = 0  # how often the answer said something
        self._phase: int | None = None  # the last of its phases
        self._last: dict[str, Any] = {}  # its last piece
        self._first: list[dict[str, Any]] = []  # a first piece that may be another answer's: it has a number
        self._waiting: list[tuple[int, dict[str, Any]]] = []

    def feed(self, choices: Any) -> list[dict[str, Any]]:
        """Return the pieces of the answer in one chunk's ``choices``, whatever they are."""
        if type(choices) is not list:
            return self._feed_single_choice(choices) if type(choices) is dict else []
        if self._content_count > 1 and len(choices) == 1 and not self._waiting:
            choice = choices[0]  # nearly always: the answer goes on
            if type(choice) is dict and not (self._is_counting or _has_finish_reason(choice)):
                index = choice.get("index")
                if type(index) is int and index in self._numbers:
                    self._last = choice
                    return choices
        entries = [choice for choice in choices if type(choice) is dict]
        if len(entries) > 1:
            return self._feed_several_choices(entries)
        return self._feed_single_choice(entries[0]) if entries else []

    def close(self) -> list[dict[str, Any]]:
        """Return what waited, where nothing came any more that would have told it from the answer."""
        first, waiting, self._first, self._waiting = self._first, self._waiting, [], []
        return first + ([] if self._has_other_choices else [choice for _, choice in waiting])

    def _feed_several_choices(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [_choice_index(choice) for choice in entries]
        self._numbers = self._numbers or {0 if 0 in numbers else numbers[0]}
        if len(set(numbers)) == 1:  # not told apart: the first is as good as any
            return entries[:1]
        self._has_other_choices, self._waiting, self._first = True, [], []
        return [choice for choice, number in zip(entries, numbers, strict=True) if number in self._numbers][
            :1
        ]

    def _feed_single_choice(self, choice: dict[str, Any]) -> list[dict[str, Any]]:
        number = _choice_index(choice)
        if self._is_counting:
            return [choice]
        if first := self._first:
            self._first = []
            if number == 0 and _phase(choice) is not None:
                self._numbers, self._has_other_choices, first = {0}, True, []
            else:
                self._note_piece(first[0])
            return first + self._feed_numbered_choice(number, choice)
        return self._feed_numbered_choice(number, choice)

    def _feed_numbered_choice(self, number: int, choice: dict[str, Any]) -> list[dict[str, Any]]:
        if not self._numbers:
            self._numbers = {number}
            if number and _phase(choice) is not None and not _has_finish_reason(choice):
                self._first = [choice]
                return []
        elif number == 0 and not (0 in self._numbers or self._content_count or self._waiting):
            self._numbers = {0}  # another one had the first word, but no more than that
        if number not in self._numbers and self._is_next_phase(choice):
            self._numbers.add(number)
        if number in self._numbers:
            self._has_other_choices = self._has_other_choices or bool(self._waiting)
            self._waiting = []
            self._note_piece(choice)
            return [choice]
        if self._has_other_choices or (self._has_ended and _phase(choice) is not None):
            self._has_other_choices = True
            return []
        self._waiting.append((number, choice))
        return self._release_waiting_choices()

    def _note_piece(self, choice: dict[str, Any]) -> None:
        self._last = choice
        self._content_count += _phase(choice) is not None
        self._has_ended = self._has_ended or _has_finish_reason(choice)

    def _is_next_phase(self, choice: dict[str, Any]) -> bool:
        """Whether a foreign piece is what follows in one answer: text after reasoning, calls after text."""
        phase, last = _phase(choice), _phase(self._last)
        self._phase = max((it for it in (self._phase, last) if it is not None), default=None)
        is_settled = self._has_other_choices or self._has_ended or bool(self._waiting)
        return not is_settled and phase is not None and self._phase is not None and phase > self._phase

    def _release_waiting_choices(self) -> list[dict[str, Any]]:
        """Return what waited once it is clear that all of it is the answer."""
        numbers = [number for number, _ in self._waiting]
        first = max(self._numbers)
        counts_up = self._content_count < 2 and all(a < b for a, b in pairwise([first, *numbers]))
        if counts_up and (
            len(numbers) >= MAX_PARALLEL_CHOICES
            or (_has_finish_reason(self._waiting[-1][1]) and len(numbers) > 1)
        ):
            self._is_counting = True
        elif len(set(numbers)) == 1 and len(numbers) >= MAX_WAITING_PIECES and not self._content_count:
            self._numbers = {numbers[0]}
        else:
            return []
        waiting, self._waiting = self._waiting, []
        return [choice for _, choice in waiting]


def _choice_index(choice: dict[str, Any]) -> int:
    index = choice.get("index")
    with contextlib.suppress(ValueError, OverflowError):  # it may be a text, or no number at all
        return int(index) if isinstance(index, int | float | str) else 0
    return 0


def _has_finish_reason(choice: dict[str, Any]) -> bool:
    reason = choice.get("finish_reason") or choice.get("finishReason")
    return bool(reason) and is_final_chat_reason(str(reason))


def _phase(choice: dict[str, Any]) -> int | None:
    """Return what a choice says, in any dialect: reasoning 0, text 1, calls 2; ``None`` for nothing."""
    inner = choice.get("delta") or choice.get("message") or choice.get("content") or choice.get("text")
    if not isinstance(inner, dict):
        return 1 if inner else None
    parts = inner.get("parts")
    entries = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else [inner]
    phases = []
    for entry in entries:
        names = {name for name, value in entry.items() if value and name != "role"}
        if names:
            phases.append(2 if names & _CALL_FIELDS else 0 if names & _REASONING_FIELDS else 1)
    return max(phases, default=None)
