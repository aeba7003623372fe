"""Limits of an exchange: how long nothing may come, and how much may come.

Only content counts: comments, blank lines and empty deltas move no deadline.  ``Deadlines`` is told
what happened and when; it has no clock of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..core.events import Citation, Event, Image, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta
from ..core.wire_events import Fault
from ..request.option_table import TimeoutDefaults, row_by_dest

__all__ = ["Deadlines", "Limits", "SizeLimit"]

UNRELIABLE_FINISH_GRACE_S = 10.0  # seconds that a body may stay open where marks have come before text
_TIMEOUTS: TimeoutDefaults = row_by_dest("timeout").default
GRACE_AFTER_DONE_S = 0.1  # seconds for the body to end after [DONE], so that the connection can be used again


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much an exchange may take.

    Attributes
    ----------
    first_content_s, between_content_s
        Seconds without content: before the first, and after it.
    notice_after_s
        Seconds of silence after which the person is told.
    grace_s
        Seconds that a body may stay open after the provider's finish mark.
    max_text_characters
        Characters of text, reasoning and arguments together.
    max_line_bytes
        Bytes of one line of the body.
    max_idle_bytes, max_idle_events
        Bytes of the body, uncompressed, and events, without any content in them.
    retries
        How many more requests may go out after the first.
    """

    first_content_s: float = _TIMEOUTS.before_first_s
    between_content_s: float = _TIMEOUTS.after_first_s
    notice_after_s: float = 5.0
    grace_s: float = 1.0
    max_text_characters: int = 10_000_000
    max_line_bytes: int = 1_000_000
    max_idle_bytes: int = 32_000_000
    max_idle_events: int = 200_000
    retries: int = row_by_dest("retries").default


class Deadlines:
    """The deadlines of one try.

    Attributes
    ----------
    has_content
        Whether anything of an answer has come.
    finished_at
        When the provider's finish mark came, ``None`` before it.
    """

    def __init__(self, limits: Limits) -> None:
        self.has_content = False
        self.finished_at: float | None = None
        self._limits = limits
        self._content_at: float | None = None  # when content last came, or the request went out
        self._noticed = False
        # The first text came with a finish mark, or more behind one: the mark may be on each chunk.
        self._finish_is_unreliable = False

    def note_sent(self, at: float) -> None:
        """The request is on its way."""
        self._content_at = at

    def note_content(self, at: float) -> None:
        """Content came; after the finish mark it has its grace again."""
        self._finish_is_unreliable = self._finish_is_unreliable or self.finished_at is not None
        self.has_content, self._content_at, self._noticed, self.finished_at = True, at, False, None

    def note_finish(self, at: float, *, with_first_content: bool = False) -> None:
        """The finish mark came, or a sign that nothing will come any more."""
        self._finish_is_unreliable = self._finish_is_unreliable or with_first_content
        if self.finished_at is None:
            self.finished_at = at

    def next_deadline(self, body_done: bool) -> float | None:
        """Return when there is something to decide, ``None`` before the request is on its way."""
        deadlines = (self._notice_at(), self._timeout_at(), self._grace_end_at(body_done))
        return min((at for at in deadlines if at is not None), default=None)

    def is_grace_over(self, now: float, body_done: bool) -> bool:
        """Whether the body has had its time after the finish mark; ``body_done``: it said ``[DONE]``."""
        at = self._grace_end_at(body_done)
        return at is not None and now >= at

    def timeout_fault(self, now: float) -> Fault | None:
        """Return the fault of a silence that is too long, ``None`` while it is not."""
        at = self._timeout_at()
        if at is None or now < at:
            return None
        what = "nothing new came" if self.has_content else "no answer came"
        return Fault("timed-out", f"{what} for {self._timeout_s():g} s; --timeout sets how long to wait")

    def silence_message(self, now: float) -> str | None:
        """Return what the person is told of a silence, once for each."""
        at = self._notice_at()
        if at is None or now < at:
            return None
        self._noticed = True
        what = "nothing new" if self.has_content else "no answer yet"
        return f"{what} for {self._limits.notice_after_s:.0f} s; stops after {self._timeout_s():.0f} s"

    def _timeout_s(self) -> float:
        return self._limits.between_content_s if self.has_content else self._limits.first_content_s

    def _notice_at(self) -> float | None:
        if self._content_at is None or self._noticed or self.finished_at is not None:
            return None
        return self._content_at + self._limits.notice_after_s

    def _timeout_at(self) -> float | None:
        return None if self._content_at is None else self._content_at + self._timeout_s()

    def _grace_end_at(self, body_done: bool) -> float | None:
        if self.finished_at is None:
            return None
        unreliable = max(self._limits.grace_s, min(UNRELIABLE_FINISH_GRACE_S, self._limits.between_content_s))
        grace = unreliable if self._finish_is_unreliable else self._limits.grace_s
        return self.finished_at + (GRACE_AFTER_DONE_S if body_done else grace)


class SizeLimit:
    """Pass ``max_characters`` of content and cut off what is beyond, to the character.

    >>> limit = SizeLimit(3)
    >>> limit.feed([TextDelta("ab")]), limit.feed([TextDelta("cd")]), limit.exceeded
    (([TextDelta(text='ab')], 2), ([TextDelta(text='c')], 2), True)

    Attributes
    ----------
    exceeded
        Something had to be left out; no content passes any more.
    """

    def __init__(self, max_characters: int) -> None:
        self.exceeded = False
        self._max = self._remaining = max_characters

    @property
    def message(self) -> str:
        """What a person is told of an answer that is too long."""
        return f"the answer is longer than {self._max:,} characters (max_text); the rest was left out"

    def feed(self, events: list[Event]) -> tuple[list[Event], int]:
        """Return the events as far as the limit allows, and how much content was in them."""
        size = 0
        for event in events:
            size += len(event.text) if type(event) is TextDelta else _content_size(event)
        if size > self._remaining:
            self.exceeded = True
            events = self._cut_to_size(events)
        self._remaining -= size
        return events, size

    def _cut_to_size(self, events: Sequence[Event]) -> list[Event]:
        """Keep what fits, the beginning of the first text that does not, and what is no content."""
        remaining, within = max(0, self._remaining), list[Event]()
        for event in events:
            size = _content_size(event)
            if size <= remaining:
                within.append(event)
                remaining -= size
                continue
            if isinstance(event, TextDelta | ReasoningDelta) and remaining:
                within.append(replace(event, text=event.text[:remaining]))
            remaining = 0
        return within


def _content_size(event: Event) -> int:
    """Return how much content an event brings, 0 for none: what keeps a stream alive."""
    match event:
        case TextDelta(text) | ReasoningDelta(text):
            return len(text)
        case ToolCallDelta():
            return len(event.arguments) + len(event.name or "") + len(event.id or "")
        case StepDelta():
            return len(event.arguments) + len(event.result) + len(event.name or "")
        case Image():
            return len(event.data)
        case Citation():
            return 1
        case _:
            return 0
