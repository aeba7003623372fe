"""The result of a stream: ``ReplyBuilder`` while it runs, ``Reply`` when it has ended.

A builder is fed every event and is whole at every moment, whatever happens next; a reply is
made from it at any time.  Timing belongs to ``timing``, how it all looks to ``render``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from .code_blocks import Code, code_blocks
from .events import (
    Citation,
    Event,
    Finished,
    Image,
    ReasoningDelta,
    State,
    StepDelta,
    TextDelta,
    TextWasReasoning,
    ToolCallDelta,
    ToolResult,
    Usage,
)
from .table_row import TableRow
from .timing import Clock, Timing
from .tool_calls import StepBuilder, ToolCall, ToolCallBuilder

__all__ = ["Reply", "ReplyBuilder", "ToolCall"]

PIECES_PER_JOIN = 4096  # pieces of text that are kept as they came


class Reply(str):
    """The answer: a ``str`` of the full text that also knows how it came about.

    It survives pickle, copy and json (as a plain string); as the last line of a cell it
    shows text and footer as they were when the stream ended.

    Attributes
    ----------
    text
        The full text as a plain ``str``.
    reasoning
        What the model thought aloud, never part of the text; empty where it was not streamed.
    tool_calls
        The calls that the model asked for, of all rounds, in their order.
    steps
        What tools of the provider's own did (code that it ran, searches), in their order.
    citations
        The sources that the provider named, each once.
    images
        The pictures in the answer, decoded.
    usage
        Tokens of all rounds; a count is ``None`` where one of them did not report it.
    timing
        Seconds from sending, tokens a second, and chunks.
    state
        How it ended; ``complete`` only with the provider's own finish mark.
    finish_reason
        The provider's own word for the end, ``None`` where it gave none.
    model
        The model as it was typed.
    error
        What went wrong, one sentence; ``None`` where nothing did.
    parsed
        The answer as the schema's model; ``None`` without a schema, or where it does not fit.
    schema
        The name of the schema, ``None`` without one.
    chat
        The name of the conversation, ``None`` without one.
    origin
        Of what it is a replay, and when that was recorded; ``None`` for a live answer.
    cost
        US dollars by the list price, ``None`` where that is not known.
    details
        Sentences for the footer's fold: what was filled in, how the cost was worked out.
    """

    __module__ = "streamnb"  # a pickle names the class by where it is public

    reasoning: str
    tool_calls: list[ToolCall]
    steps: list[ToolCall]
    citations: list[Citation]
    images: list[Image]
    usage: Usage
    timing: Timing
    state: State
    finish_reason: str | None
    model: str
    error: str | None
    parsed: Any
    schema: str | None
    chat: str | None
    origin: str | None
    cost: float | None
    details: list[str]
    row: TableRow | None

    def __new__(cls, text: str = "", /, **fields: Any) -> Reply:
        """Make a reply of ``text``; what ``fields`` leaves out is empty, or ``complete``."""
        reply = super().__new__(cls, text)
        unknown = fields.keys() - _DEFAULTS.keys()
        if unknown:
            raise TypeError(f"Reply() has no field {sorted(unknown)[0]!r}")
        for name, default in _DEFAULTS.items():
            value = fields.get(name, default)
            setattr(reply, name, list(value) if isinstance(default, tuple) else value)
        return reply

    @property
    def text(self) -> str:
        """The full text as a plain ``str``."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Nothing of ours by name but the class itself: what is pickled today is read by a later version.
        fields = {name: getattr(self, name) for name in _DEFAULTS}
        fields |= {name: _to_plain(fields[name]) for name in _RECORDS}
        return type(self), (self.text,), fields

    def __setstate__(self, fields: dict[str, Any]) -> None:
        """Set the fields of a pickle; one that this version does not know is passed over."""
        for name in fields.keys() & _DEFAULTS.keys():
            kind = _RECORDS.get(name)
            setattr(self, name, _from_plain(kind, fields[name]) if kind else fields[name])

    @property
    def code(self) -> list[Code]:
        """The fenced blocks of code in the text, in order, each with its ``.language``."""
        return code_blocks(self.text)

    def amend(self, **fields: Any) -> None:
        """Set fields of a reply that nobody has yet: a copy would be the whole text once more."""
        for name, value in fields.items():
            setattr(self, name, value)

    def wait(self, timeout: float | None = None) -> Reply:
        """Return at once: a reply has ended. (A running stream's ``wait`` takes time.)"""
        return self

    def stop(self) -> None:
        """Do nothing: a reply has ended."""

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        bundle = _renderer().bundle(self)
        return bundle.data, bundle.metadata

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(_renderer().plain(self))


def _renderer() -> Any:
    """Load what shows a reply, when one is shown: a record knows no display."""
    return import_module("streamnb.render.snapshot")


_DEFAULTS: dict[str, Any] = {
    "reasoning": "",
    "tool_calls": (),
    "steps": (),
    "citations": (),
    "images": (),
    "usage": Usage(),
    "timing": Timing(),
    "state": "complete",
    "finish_reason": None,
    "model": "",
    "error": None,
    "parsed": None,
    "schema": None,
    "chat": None,
    "origin": None,
    "cost": None,
    "details": (),
    "row": None,
}
"""The fields of a reply; a tuple stands for an empty list."""


_RECORDS: dict[str, type] = {
    "tool_calls": ToolCall,
    "steps": ToolCall,
    "citations": Citation,
    "images": Image,
    "usage": Usage,
    "timing": Timing,
}
"""The fields that hold records of ours."""


def _to_plain(value: Any) -> Any:
    """Return a record as a dict of its fields, a list of records as a list of such."""
    if isinstance(value, list):
        return [_to_plain(record) for record in value]
    plain = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    return plain | ({"gaps": tuple(plain["gaps"])} if "gaps" in plain else {})


def _from_plain(kind: type, value: Any) -> Any:
    if isinstance(value, list):
        return [_from_plain(kind, plain) for plain in value]
    known = {part.name for part in dataclasses.fields(kind)}
    return kind(**{name: item for name, item in value.items() if name in known})


class ReplyBuilder:
    """A reply in the making: ``feed`` it every event, ask for ``reply`` at any time.

    >>> builder = ReplyBuilder("demo")
    >>> builder.feed([TextDelta("Hello"), Finished("complete", "stop")], at=0.5)
    >>> builder.reply(now=1.0).state
    'complete'
    """

    def __init__(self, model: str, *, origin: str | None = None, chat: str | None = None) -> None:
        self.clock = Clock()
        self.usage = Usage()
        self.finished: Finished | None = None
        self.origin = origin
        self._fields: dict[str, Any] = {"model": model, "chat": chat}
        self._rounds: list[tuple[int, Usage]] = []  # where each earlier round ended, and its usage
        self._text: list[str] = []
        self._joined = 0  # how many of them will stay as they are
        self._break = ""  # what parts the text of this round from that before
        self._reasoning: list[str] = []
        self._calls: dict[int, ToolCallBuilder] = {}
        self._steps: dict[int, StepBuilder] = {}
        self._first_call = self._first_step = 0  # of this round; every answer counts from 0
        self._citations: dict[Citation, None] = {}  # an ordered set
        self._images: list[Image] = []

    def about(self, **fields: Any) -> None:
        """Note fields of the reply that no event tells."""
        self._fields |= fields

    def feed(self, events: Iterable[Event], at: float) -> None:
        """Take the events of one chunk, which arrived ``at``."""
        events = tuple(events)
        self.clock.mark(events, at)
        for event in events:
            match event:
                case TextDelta(text):
                    self._text.append(text)
                    if len(self._text) - self._joined > PIECES_PER_JOIN:
                        self._join()
                case TextWasReasoning():
                    self._reasoning.append(self.round_text)
                    del self._text[self._round_start :]
                    self._joined = len(self._text)
                case ReasoningDelta(text):
                    self._reasoning.append(text)
                case ToolCallDelta():
                    self._calls.setdefault(self._first_call + event.index, ToolCallBuilder()).feed(event)
                case ToolResult(index, _, result):
                    self._calls[index].head = replace(self._calls[index].head, result=result)
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
                    self._joined = self._round_start
                    self._join()  # now, so that every later copy of the text is this one
                case _:  # a notice is for the moment, not for the record
                    pass

    def _join(self) -> None:
        """Make one of the latest pieces: each by itself takes many times the memory of its text."""
        if pieces := self._text[self._joined :]:
            self._text[self._joined :] = ["".join(pieces)]
            self._joined = len(self._text)

    @property
    def text(self) -> str:
        """All text so far."""
        return "".join(self._text)

    # -- an answer in several rounds, tools between them ------------------------------------

    @property
    def round_text(self) -> str:
        """The text since the last round, as the model wrote it."""
        return "".join(self._text[self._round_start :]).removeprefix(self._break)

    @property
    def _round_start(self) -> int:
        return self._rounds[-1][0] if self._rounds else 0

    @property
    def round_calls(self) -> list[ToolCall]:
        """The calls since the last round, in their order."""
        return [self._calls[index].call() for index in self.round_indices]

    @property
    def round_indices(self) -> list[int]:
        """Their numbers among the calls of all rounds."""
        return [index for index in sorted(self._calls) if index >= self._first_call]

    def parted(self, events: list[Event]) -> list[Event]:
        """Return events with a blank line before the first text of a round, if text stands before it."""
        if not self._rounds or len(self._text) > self._round_start:
            return events
        texts = [n for n, event in enumerate(events) if isinstance(event, TextDelta) and event.text]
        if not texts or not (before := self.text).strip():
            return events
        self._break = "\n\n"[len(before) - len(before.rstrip("\n")) :]
        blank_line = [TextDelta(self._break)] if self._break else []
        return [*events[: texts[0]], *blank_line, *events[texts[0] :]]

    def numbered(self, events: Sequence[Event]) -> list[Event]:
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

    def next_round(self, answered: Sequence[ToolCall]) -> list[str]:
        """Keep the calls with their results and begin again; return their arguments as written."""
        indices = self.round_indices
        raw = ["".join(self._calls[index].arguments) or "{}" for index in indices]
        for index, call in zip(indices, answered, strict=True):
            self._calls[index].head = replace(call, arguments={})
        self._first_call = max(self._calls, default=-1) + 1
        self._first_step = max(self._steps, default=-1) + 1
        self._joined = len(self._text)  # a round's text stays by itself
        self._rounds.append((len(self._text), self.usage))
        self.usage = Usage()
        self.finished = None
        self._break = ""
        return raw

    def all_usage(self) -> Usage:
        """Return the tokens of all rounds so far."""
        total = self.usage
        for _, usage in self._rounds:
            total = total.plus(usage)
        return total

    def reply(self, now: float, **fields: Any) -> Reply:
        """Return the reply as it stands ``now``; unfinished while ``Finished`` has not come."""
        end = self.finished or Finished("unfinished")
        usage = self.all_usage()
        return Reply(
            self.text,
            reasoning="".join(self._reasoning),
            tool_calls=[self._calls[index].call() for index in sorted(self._calls)],
            steps=[self._steps[index].step() for index in sorted(self._steps)],
            citations=list(self._citations),
            images=self._images,
            usage=usage,
            timing=self.clock.timing(usage, now),
            state=end.state,
            finish_reason=end.reason,
            error=end.error,
            origin=self.origin,
            **self._fields | fields,
        )
