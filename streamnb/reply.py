"""What a stream leaves behind: ``Draft`` while it runs, ``Reply`` when it has ended.

A draft is fed every event and is whole at every moment, whatever happens next; a reply is
made from it at any time.  Timing belongs to ``timing``, how it all looks to ``display``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .display import snapshot
from .events import (
    Citation,
    Event,
    Finished,
    Image,
    ReasoningDelta,
    State,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from .timing import Clock, Timing

__all__ = ["Draft", "Reply", "ToolCall"]

PIECES = 4096  # of text that are kept as they came


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asked for.

    ``arguments`` is a dict, or the raw text where it is no JSON object.  ``result`` is what
    the function gave, ``None`` while it was not called.
    """

    name: str
    arguments: dict[str, Any] | str
    id: str | None = None
    result: Any = None
    signature: str | None = field(default=None, repr=False)


class Reply(str):
    """The answer: a ``str`` of the full text that also knows how it came about.

    It survives pickle, copy and json (as a plain string); as the last line of a cell it
    shows text and footer as they were when the stream ended.
    """

    reasoning: str
    tool_calls: list[ToolCall]
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

    def __new__(cls, text: str = "", /, **about: Any) -> Reply:
        """Make a reply of ``text``; what ``about`` leaves out is empty, or ``complete``."""
        reply = super().__new__(cls, text)
        unknown = about.keys() - _BLANK.keys()
        if unknown:
            raise TypeError(f"Reply() has no field {sorted(unknown)[0]!r}")
        for name, blank in _BLANK.items():
            given = about.get(name, blank)
            setattr(reply, name, list(given) if isinstance(blank, tuple) else given)
        return reply

    @property
    def text(self) -> str:
        """The full text as a plain ``str``."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.text, {name: getattr(self, name) for name in _BLANK})

    def with_changes(self, **about: Any) -> Reply:
        """Return a copy in which the named fields are replaced."""
        return Reply(self.text, **{name: getattr(self, name) for name in _BLANK} | about)

    def wait(self, timeout: float | None = None) -> Reply:
        """Return at once: a reply has ended. (A running stream's ``wait`` takes time.)"""
        return self

    def stop(self) -> None:
        """Do nothing: a reply has ended."""

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        shown = snapshot.bundle(self)
        return shown.data, shown.metadata

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(snapshot.plain(self))


_BLANK: dict[str, Any] = {
    "reasoning": "",
    "tool_calls": (),
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
}
"""The fields of a reply; a tuple stands for an empty list."""


def _restore(text: str, about: dict[str, Any]) -> Reply:
    return Reply(text, **{name: value for name, value in about.items() if name in _BLANK})


class Draft:
    """A reply in the making: ``feed`` it every event, ask for ``reply`` at any time.

    >>> draft = Draft("demo")
    >>> draft.feed([TextDelta("Hello"), Finished("complete", "stop")], at=0.5)
    >>> draft.reply(now=1.0).state
    'complete'
    """

    def __init__(self, model: str, *, origin: str | None = None, chat: str | None = None) -> None:
        self.clock = Clock()
        self.usage = Usage()
        self.finished: Finished | None = None
        self.origin = origin
        self._about: dict[str, Any] = {"model": model, "chat": chat}
        self._rounds: list[tuple[int, Usage]] = []  # where each earlier round ended, and its usage
        self._text: list[str] = []
        self._joined = 0  # how many of them will stay as they are
        self._reasoning: list[str] = []
        self._calls: dict[int, _OpenCall] = {}
        self._first_call = 0  # of this round; every answer counts its calls from 0
        self._citations: dict[Citation, None] = {}  # an ordered set
        self._images: list[Image] = []

    def about(self, **fields: Any) -> None:
        """Note fields of the reply that no event tells."""
        self._about |= fields

    def feed(self, events: Iterable[Event], at: float) -> None:
        """Take the events of one chunk, which arrived ``at``."""
        events = tuple(events)
        self.clock.mark(events, at)
        for event in events:
            match event:
                case TextDelta(text):
                    self._text.append(text)
                    if len(self._text) - self._joined > PIECES:
                        self._join()
                case ReasoningDelta(text):
                    self._reasoning.append(text)
                case ToolCallDelta():
                    self._calls.setdefault(self._first_call + event.index, _OpenCall()).feed(event)
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
        """The text since the last round."""
        return "".join(self._text[self._round_start :])

    @property
    def _round_start(self) -> int:
        return self._rounds[-1][0] if self._rounds else 0

    @property
    def round_calls(self) -> list[ToolCall]:
        """The calls since the last round, in their order."""
        return [self._calls[index].call() for index in sorted(self._calls) if index >= self._first_call]

    def numbered(self, events: Sequence[Event]) -> list[Event]:
        """Return events with the pieces of calls numbered through all rounds."""
        return [
            replace(event, index=self._first_call + event.index)
            if isinstance(event, ToolCallDelta)
            else event
            for event in events
        ]

    def next_round(self, answered: Sequence[ToolCall]) -> list[str]:
        """Keep the calls with their results and begin again; return their arguments as written."""
        indices = [index for index in sorted(self._calls) if index >= self._first_call]
        raw = ["".join(self._calls[index].arguments) or "{}" for index in indices]
        for index, call in zip(indices, answered, strict=True):
            self._calls[index].head = replace(call, arguments={})
        self._first_call = max(self._calls, default=-1) + 1
        self._joined = len(self._text)  # a round's text stays by itself
        self._rounds.append((len(self._text), self.usage))
        self.usage = Usage()
        self.finished = None
        return raw

    def all_usage(self) -> Usage:
        """Return the tokens of all rounds so far."""
        total = self.usage
        for _, usage in self._rounds:
            total = total.plus(usage)
        return total

    def reply(self, now: float, **about: Any) -> Reply:
        """Return the reply as it stands ``now``; unfinished while ``Finished`` has not come."""
        end = self.finished or Finished("unfinished")
        usage = self.all_usage()
        return Reply(
            self.text,
            reasoning="".join(self._reasoning),
            tool_calls=[self._calls[index].call() for index in sorted(self._calls)],
            citations=list(self._citations),
            images=self._images,
            usage=usage,
            timing=self.clock.timing(usage, now),
            state=end.state,
            finish_reason=end.reason,
            error=end.error,
            origin=self.origin,
            **self._about | about,
        )


@dataclass
class _OpenCall:
    """A tool call whose pieces are still coming."""

    head: ToolCall = ToolCall("", {})
    arguments: list[str] = field(default_factory=list)

    def feed(self, delta: ToolCallDelta) -> None:
        self.arguments.append(delta.arguments)
        # Some servers repeat id and name on every piece, some send them empty.
        for name in ("id", "name", "signature"):
            value = getattr(delta, name)
            if value and not getattr(self.head, name):
                self.head = replace(self.head, **{name: value})

    def call(self) -> ToolCall:
        return replace(self.head, arguments=_arguments("".join(self.arguments)))


def _arguments(text: str) -> dict[str, Any] | str:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, Mapping) else text  # type: ignore[return-value]
