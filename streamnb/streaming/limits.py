"""How long nothing may come: the bounds of an exchange, and the watch over its silence.

Only content counts: comments, blank lines and empty deltas move no deadline.  A watch is told what
happened and when; it has no clock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..core.wire_events import Fault

__all__ = ["Deadlines", "Limits"]

DRAIN = 0.1  # seconds for the body to end after [DONE], so that the connection can be used again


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how much an exchange may take.

    Attributes
    ----------
    first, between
        Seconds without content: before the first, and after it.
    notice
        Seconds of silence after which the person is told.
    grace
        Seconds that a body may stay open after the provider's finish mark.
    text
        Characters of text, reasoning and arguments together.
    line
        Bytes of one line of the body.
    retries
        How many more requests may go out after the first.
    """

    first: float = 600.0
    between: float = 60.0
    notice: float = 5.0
    grace: float = 1.0
    text: int = 10_000_000
    line: int = 1_000_000
    retries: int = 2


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

    def sent(self, at: float) -> None:
        """The request is on its way."""
        self._content_at = at

    def content(self, at: float) -> None:
        """Content came; after the finish mark it has its grace again."""
        self.has_content, self._content_at, self._noticed, self.finished_at = True, at, False, None

    def finished(self, at: float) -> None:
        """The finish mark came, or a sign that nothing will come any more."""
        if self.finished_at is None:
            self.finished_at = at

    def next_deadline(self, drained: bool) -> float | None:
        """Return when there is something to decide, ``None`` before the request is on its way."""
        deadlines = (self._silent_at(), self._late_at(), self._over_at(drained))
        return min((at for at in deadlines if at is not None), default=None)

    def drained(self, now: float, drained: bool) -> bool:
        """Whether the body has had its grace after the finish mark; ``drained``: it said ``[DONE]``."""
        at = self._over_at(drained)
        return at is not None and now >= at

    def timeout(self, now: float) -> Fault | None:
        """Return the fault that too long a silence is, ``None`` while it is not."""
        at = self._late_at()
        if at is None or now < at:
            return None
        what = "nothing new came" if self.has_content else "no answer came"
        return Fault("timed-out", f"{what} for {self._limit():g} s; --timeout sets how long to wait")

    def silence(self, now: float) -> str | None:
        """Return what the person is told of a silence, once for each."""
        at = self._silent_at()
        if at is None or now < at:
            return None
        self._noticed = True
        what = "nothing new" if self.has_content else "no answer yet"
        return f"{what} for {self._limits.notice:.0f} s; stops after {self._limit():.0f} s"

    def _limit(self) -> float:
        return self._limits.between if self.has_content else self._limits.first

    def _silent_at(self) -> float | None:
        if self._content_at is None or self._noticed or self.finished_at is not None:
            return None
        return self._content_at + self._limits.notice

    def _late_at(self) -> float | None:
        return None if self._content_at is None else self._content_at + self._limit()

    def _over_at(self, drained: bool) -> float | None:
        if self.finished_at is None:
            return None
        return self.finished_at + (DRAIN if drained else self._limits.grace)
