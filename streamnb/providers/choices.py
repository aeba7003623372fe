"""Which choice of a chunk is the answer: number 0 of several, or the only one, however it is numbered.

Whoever asks for several answers gets them in turn, each piece with its number.  Some servers number the
pieces of a single answer instead (0, 1, 2 …), or always say 1, -1 or ``"0"``.  A piece with a foreign number
waits until it is clear which of the two it is; mostly the next chunk tells.
"""

from __future__ import annotations

from typing import Any

__all__ = ["ChoicePicker"]

MAX_SIBLINGS = 4  # answers in turn that are told from pieces counted up
MAX_WAITING = 8  # pieces of one foreign number that wait while nothing else comes


class ChoicePicker:
    """Picks from each chunk's choices what belongs to the one answer.

    >>> picker = ChoicePicker()
    >>> picker.feed([{"index": 0, "a": 1}]), picker.feed([{"index": 1, "b": 1}]), picker.feed([{"index": 0}])
    ([{'index': 0, 'a': 1}], [], [{'index': 0}])
    """

    def __init__(self) -> None:
        self._answer: int | None = None  # the number of the answer
        self._has_siblings = False  # there are several answers
        self._is_counting = False  # the numbers count pieces
        self._spoken_count = 0  # how often the answer said something
        self._waiting: list[tuple[int, dict[str, Any]]] = []

    def feed(self, choices: Any) -> list[dict[str, Any]]:
        """Return the pieces of the answer in one chunk's ``choices``, whatever they are."""
        if type(choices) is not list:
            return self._feed_single_choice(choices) if type(choices) is dict else []
        if self._spoken_count > 1 and len(choices) == 1 and not self._waiting:
            choice = choices[0]  # nearly always: the answer goes on
            if type(choice) is dict and choice.get("index") == self._answer and not self._is_counting:
                return choices
        entries = [choice for choice in choices if type(choice) is dict]
        if len(entries) > 1:
            return self._feed_several_choices(entries)
        return self._feed_single_choice(entries[0]) if entries else []

    def close(self) -> list[dict[str, Any]]:
        """Return what waited, where nothing came any more that would have told it from the answer."""
        waiting, self._waiting = self._waiting, []
        return [] if self._has_siblings else [choice for _, choice in waiting]

    def _feed_several_choices(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        numbers = [_choice_number(choice) for choice in entries]
        if self._answer is None:
            self._answer = 0 if 0 in numbers else numbers[0]
        if len(set(numbers)) == 1:  # not told apart: the first is as good as any
            return entries[:1]
        self._has_siblings, self._waiting = True, []
        return [choice for choice, number in zip(entries, numbers, strict=True) if number == self._answer][:1]

    def _feed_single_choice(self, choice: dict[str, Any]) -> list[dict[str, Any]]:
        number = _choice_number(choice)
        if self._answer is None:
            self._answer = number
        elif number != self._answer and number == 0 and not (self._spoken_count or self._waiting):
            self._answer = 0  # another one had the first word, but no more than that
        if number == self._answer and not self._is_counting:
            self._has_siblings = self._has_siblings or bool(self._waiting)
            self._waiting = []
            self._spoken_count += _has_content(choice)
            return [choice]
        if self._has_siblings or (self._spoken_count > 1 and not self._is_counting):
            return []
        if self._is_counting:
            return [choice]
        self._waiting.append((number, choice))
        return self._release_waiting_choices()

    def _release_waiting_choices(self) -> list[dict[str, Any]]:
        """Return what waited once it is clear that all of it is the answer."""
        numbers = [number for number, _ in self._waiting]
        counts_up = numbers == list(range((self._answer or 0) + 1, (self._answer or 0) + 1 + len(numbers)))
        ends = any(key in self._waiting[-1][1] and self._waiting[-1][1][key] for key in _ENDS)
        if counts_up and (len(numbers) >= MAX_SIBLINGS or (ends and len(numbers) > 1)):
            self._is_counting = True
        elif len(set(numbers)) == 1 and len(numbers) >= MAX_WAITING and not self._spoken_count:
            self._answer = numbers[0]
        else:
            return []
        waiting, self._waiting = self._waiting, []
        return [choice for _, choice in waiting]


_ENDS = ("finish_reason", "finishReason")


def _choice_number(choice: dict[str, Any]) -> int:
    index = choice.get("index")
    if isinstance(index, str):
        try:
            return int(index)
        except ValueError:
            return 0
    return index if type(index) is int else 0


def _has_content(choice: dict[str, Any]) -> bool:
    """Whether a choice has content in it, in any dialect: more than a role."""
    inner = choice.get("delta") or choice.get("message") or choice.get("content")
    if not isinstance(inner, dict):
        return bool(inner)
    return any(value for key, value in inner.items() if key != "role")
