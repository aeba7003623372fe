"""``Timing`` of one stream, built from the marks that are set while it runs.

All times are seconds on one monotonic clock.  Time counts from when the first request is
on its way (importing an SDK and building its client are not in it); the time of each chunk is
passed in, no clock is read here.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import overload

from .events import Event, ReasoningDelta, TextDelta, ToolCallDelta, ToolResult, Usage

__all__ = ["Gaps", "Timing", "TimingBuilder"]

MIN_CHUNKS_FOR_RATE = 3


class Gaps(Sequence[float]):
    """The times between one mark and the next, worked out where they are asked for.

    As a tuple they would take eight times the memory of an answer that comes in pieces of 4 letters.  Marks
    that are added later are not in it, nor what lies before a mark of ``breaks``, the first of a round.

    >>> Gaps(array("d", [1.0, 1.5, 3.5]))
    (0.5, 2.0)
    """

    __slots__ = ("_breaks", "_count", "_marks")

    def __init__(self, marks: array[float], breaks: Collection[int] = ()) -> None:
        self._marks = marks
        self._breaks = frozenset(breaks)
        self._count = max(0, len(marks) - 1)

    def __len__(self) -> int:
        return self._count - len(self._breaks)

    def __iter__(self) -> Iterator[float]:
        gaps = islice((later - earlier for earlier, later in pairwise(self._marks)), self._count)
        return (gap for number, gap in enumerate(gaps, 1) if number not in self._breaks)

    @overload
    def __getitem__(self, index: int) -> float: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[float, ...]: ...
    def __getitem__(self, index: int | slice) -> float | tuple[float, ...]:
        if self._breaks:
            return tuple(self)[index]
        indices = range(self._count)[index]
        if isinstance(indices, int):
            return self._marks[indices + 1] - self._marks[indices]
        return tuple(self._marks[number + 1] - self._marks[number] for number in indices)

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


@dataclass(frozen=True, slots=True)
class Timing:
    """When things happened in one stream.

    Attributes
    ----------
    time_to_first_token
        Seconds from sending to the first text, reasoning or tool delta, counted from the
        request that was answered (a retried one starts anew); ``None`` if nothing came.
    time_to_first_text
        The same for the first text.
    duration
        Seconds from the first sending to the end, retries and their waits included.
    tokens_per_second
        Tokens of what was streamed, from the first content to the last; the time between two
        rounds (a person decides about a tool, it runs, the next request waits) is not in it.
        Reasoning tokens are left out where the reasoning itself was not streamed.  ``None``
        below 3 chunks, where no time passed, or where the provider reported no tokens.
    chunks
        How many chunks brought content.
    gaps
        Seconds between one chunk of content and the next of the same round: ``chunks - 1`` of them in an
        answer of one.
    """

    time_to_first_token: float | None = None
    time_to_first_text: float | None = None
    duration: float = 0.0
    tokens_per_second: float | None = None
    chunks: int = 0
    gaps: Sequence[float] = field(default=(), repr=False)


class TimingBuilder:
    """Collects marks while a stream runs: ``mark_sent``, a ``mark_chunk`` each; then ``build_timing``."""

    def __init__(self) -> None:
        self._began: float | None = None  # of the first request
        self._sent = 0.0  # of the request that is being answered
        self._first_text: float | None = None
        self._marks = array("d")  # a list would take four times the memory
        self._breaks: list[int] = []  # the marks that are the first of a later round
        self._is_new_round = False  # and no content of it has come yet
        self._between_rounds = 0.0  # seconds from the content of one round to that of the next
        self._reasoning_was_streamed = False

    def mark_sent(self, at: float) -> None:
        """A request went out, the first or one more try."""
        if self._began is None:
            self._began = at
        if self._marks:  # a request after the first content is another round, not another try
            self._is_new_round = True
        else:
            self._sent = at

    def mark_chunk(self, events: Iterable[Event], at: float) -> None:
        """Note the events of one chunk, which arrived ``at``."""
        content = False
        for event in events:
            if isinstance(event, TextDelta):
                content = True
                if self._first_text is None:
                    self._first_text = at
            elif isinstance(event, ReasoningDelta):
                content = self._reasoning_was_streamed = True
            elif isinstance(event, ToolCallDelta):
                content = True
            elif isinstance(event, ToolResult):  # views are told of these and not of requests
                self._is_new_round = True
        if not content:
            return
        if self._is_new_round and self._marks:
            self._between_rounds += at - self._marks[-1]
            self._breaks.append(len(self._marks))
        self._is_new_round = False
        self._marks.append(at)

    def build_timing(self, usage: Usage, now: float) -> Timing:
        """Return the figures as they stand ``now``; cheap enough to ask often, not per chunk."""
        marks = self._marks
        return Timing(
            time_to_first_token=_round_to_microseconds(marks[0] - self._sent) if marks else None,
            time_to_first_text=None
            if self._first_text is None
            else _round_to_microseconds(self._first_text - self._sent),
            duration=0.0 if self._began is None else _round_to_microseconds(now - self._began),
            tokens_per_second=self._tokens_per_second(usage),
            chunks=len(marks),
            gaps=Gaps(marks, self._breaks),
        )

    def _tokens_per_second(self, usage: Usage) -> float | None:
        tokens = usage.output_tokens
        if tokens is None or len(self._marks) < MIN_CHUNKS_FOR_RATE:
            return None
        if not self._reasoning_was_streamed:
            tokens -= usage.reasoning_tokens or 0
        seconds = self._marks[-1] - self._marks[0] - self._between_rounds
        return round(tokens / seconds, 3) if seconds > 0 and tokens > 0 else None


def _round_to_microseconds(seconds: float) -> float:
    """Return seconds to the microsecond: what is beyond is noise of the clock, and sixteen digits to read."""
    return round(seconds, 6)
