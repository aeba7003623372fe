"""Building of a ``Reply`` from events; after every event a complete reply can be taken from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .events import (
    Citation,
    Event,
    Finished,
    Image,
    ReasoningDelta,
    StepDelta,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    ToolResult,
    Usage,
)
from .reply import Reply
from .timing import TimingBuilder
from .tool_calls import StepBuilder, ToolCall, ToolCallBuilder

__all__ = ["ReplyBuilder"]

PIECES_PER_JOIN = 4096  # pieces of text that are kept as they came


class ReplyBuilder:
    """A reply in the making: ``feed`` it every event, ``build_reply`` at any time.

    >>> builder = ReplyBuilder("demo")
    >>> builder.feed([TextDelta("Hello"), Finished("complete", "stop")], at=0.5)
    >>> builder.build_reply(now=1.0).state
    'complete'
    """

    def __init__(self, model: str, *, origin: str | None = None, chat: str | None = None) -> None:
        self.timing_builder = TimingBuilder()
        self.usage = Usage()
        self.finished: Finished | None = None
        self.origin = origin
        self._fields: dict[str, Any] = {"model": model, "chat": chat}
        self._rounds: list[tuple[int, Usage]] = []  # where each earlier round ended, and its usage
        self._text: list[str] = []
        self._joined_pieces = 0  # how many of them will stay as they are
        self._fixed_pieces = 0  # how many of them stood before a tool's result
        self._round_separator = ""  # what parts the text of this round from that before
        self._reasoning: list[str] = []
        self._calls: dict[int, ToolCallBuilder] = {}
        self._steps: dict[int, StepBuilder] = {}
        self._first_call = self._first_step = 0  # of this round; every answer counts from 0
        self._citations: dict[Citation, None] = {}  # an ordered set
        self._images: list[Image] = []

    def set_fields(self, **fields: Any) -> None:
        """Note fields of the reply that no event tells."""
        self._fields |= fields

    def feed(self, events: Iterable[Event], at: float) -> None:
        """Take the events of one chunk, which arrived ``at``."""
        events = tuple(events)
        self.timing_builder.mark_chunk(events, at)
        for event in events:
            if type(event) is TextDelta:  # nearly always
                self._text.append(event.text)
                if len(self._text) - self._joined_pieces > PIECES_PER_JOIN:
                    self._join_pieces()
                continue
            match event:
                case TextWasReasoning():
                    start = max(self._round_start, self._fixed_pieces)
                    self._reasoning.append("".join(self._text[start:]).removeprefix(self._round_separator))
                    del self._text[start:]
                    self._joined_pieces = len(self._text)
                case ReasoningDelta(text):
                    self._reasoning.append(text)
                case ToolCallDelta():
                    self._calls.setdefault(self._first_call + event.index, ToolCallBuilder()).feed(event)
                case ToolResult(index, _, result):
                    self._calls[index].partial_call = replace(self._calls[index].partial_call, result=result)
                    self._join_pieces()
                    self._fixed_pieces = len(self._text)  # a view is not told of rounds
                case StepDelta():
                    self._steps.setdefault(self._first_step + event.index, StepBuilder()).feed(event)
                case Citation():
                    self._citations[event] = None
                case Image():
                    self._images.append(event)
                case Usage():
                    self.usage = event
                case Finished():
                    self.finished = event
                    self._joined_pieces = self._round_start
                    self._join_pieces()  # now, so that every later copy of the text is this one
                case _:  # a notice is for the moment, not for the record
                    pass

    def _join_pieces(self) -> None:
        """Make one of the latest pieces: each by itself takes many times the memory of its text."""
        if pieces := self._text[self._joined_pieces :]:
            self._text[self._joined_pieces :] = ["".join(pieces)]
            self._joined_pieces = len(self._text)

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._text)

    # -- an answer in several rounds, tools between them ------------------------------------

    @property
    def round_text(self) -> str:
        """The text since the last round, as the model wrote it."""
        return "".join(self._text[self._round_start :]).removeprefix(self._round_separator)

    @property
    def _round_start(self) -> int:
        return self._rounds[-1][0] if self._rounds else 0

    @property
    def round_calls(self) -> list[ToolCall]:
        """The calls since the last round, in their order."""
        return [self._calls[index].build_call() for index in self.round_call_indices]

    @property
    def round_call_indices(self) -> list[int]:
        """The numbers of this round's calls among those of all rounds."""
        return [index for index in sorted(self._calls) if index >= self._first_call]

    def with_round_break(self, events: list[Event]) -> list[Event]:
        """Return events with a blank line before the first text of a round, if text stands before it."""
        if not self._rounds or len(self._text) > self._round_start:
            return events
        texts = [n for n, event in enumerate(events) if isinstance(event, TextDelta) and event.text]
        if not texts or not (before := self.text).strip():
            return events
        self._round_separator = "\n\n"[len(before) - len(before.rstrip("\n")) :]
        blank_line = [TextDelta(self._round_separator)] if self._round_separator else []
        return [*events[: texts[0]], *blank_line, *events[texts[0] :]]

    def with_global_indices(self, events: Sequence[Event]) -> list[Event]:
        """Return events with the pieces of calls and steps numbered through all rounds."""
        if not (self._first_call or self._first_step):
            return list(events)
        firsts = {ToolCallDelta: self._first_call, StepDelta: self._first_step}
        return [
            replace(event, index=firsts[type(event)] + event.index)
            if isinstance(event, ToolCallDelta | StepDelta)
            else event
            for event in events
        ]

    def start_next_round(self, answered: Sequence[ToolCall]) -> list[str]:
        """Keep the calls with their results and begin again; return their arguments as written."""
        indices = self.round_call_indices
        raw = ["".join(self._calls[index].arguments) or "{}" for index in indices]
        for index, call in zip(indices, answered, strict=True):
            self._calls[index].partial_call = replace(call, arguments={})
        self._first_call = max(self._calls, default=-1) + 1
        self._first_step = max(self._steps, default=-1) + 1
        self._joined_pieces = len(self._text)  # a round's text stays by itself
        self._rounds.append((len(self._text), self.usage))
        self.usage = Usage()
        self.finished = None
        self._round_separator = ""
        return raw

    def usage_of_all_rounds(self) -> Usage:
        """Return the tokens of all rounds so far."""
        total = self.usage
        for _, usage in self._rounds:
            total = total.plus(usage)
        return total

    def build_reply(self, now: float, **fields: Any) -> Reply:
        """Return the reply as it stands ``now``; unfinished while ``Finished`` has not come."""
        end = self.finished or Finished("unfinished")
        usage = self.usage_of_all_rounds()
        return Reply(
            self.text,
            reasoning="".join(self._reasoning),
            tool_calls=[self._calls[index].build_call() for index in sorted(self._calls)],
            steps=[self._steps[index].build_step() for index in sorted(self._steps)],
            citations=list(self._citations),
            images=self._images,
            usage=usage,
            timing=self.timing_builder.build_timing(usage, now),
            state=end.state,
            finish_reason=end.reason,
            error=end.error,
            origin=self.origin,
            **self._fields | fields,
        )
