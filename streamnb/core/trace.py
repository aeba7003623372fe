"""Data of a stream's trace: one entry for each thing that came over the wire.

``storage.xray`` makes it from a recording, ``render.xray`` shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from .events import Event, ReasoningDelta, TextDelta, ToolCallDelta, Usage

__all__ = ["Kind", "TraceEntry", "Xray"]

Kind: TypeAlias = Literal["sent", "head", "chunk", "quiet", "page", "end"]


@dataclass(frozen=True, slots=True)
class TraceEntry:
    """One thing that came over the wire, or went out.

    Attributes
    ----------
    kind
        ``sent`` the request · ``head`` status and headers · ``chunk`` JSON, in most cases of one
        server-sent event · ``quiet`` a comment or an end mark · ``page`` a body that is no stream ·
        ``end`` of the connection.
    at, gap
        Seconds since the first request was sent, and since the entry before.
    raw
        The text as it came, uncompressed; of a head its status and headers.
    packet
        Which block of bytes completed it, counted from 1; chunks may share one.  0: none.
    events
        What the adapter made of it.
    description
        What it is, in a few words.
    stalled
        Whether the gap before it is far longer than usual.
    """

    kind: Kind
    at: float
    gap: float = 0.0
    raw: str = ""
    packet: int = 0
    events: tuple[Event, ...] = ()
    description: str = ""
    stalled: bool = False

    @property
    def answer_text(self) -> str:
        """The text of the answer in it."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def reasoning(self) -> str:
        """The reasoning in it."""
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def tool_call_deltas(self) -> tuple[ToolCallDelta, ...]:
        """The pieces of tool calls in it."""
        return tuple(event for event in self.events if isinstance(event, ToolCallDelta))

    @property
    def usage(self) -> Usage | None:
        """The tokens that it reports, ``None`` if none."""
        return next((event for event in reversed(self.events) if isinstance(event, Usage)), None)

    @property
    def has_content(self) -> bool:
        """Whether it brings a piece of the answer."""
        return bool(self.answer_text or self.reasoning or self.tool_call_deltas)


@dataclass(frozen=True, slots=True)
class Xray:
    """The trace of one stream.

    Attributes
    ----------
    model
        The model as it was typed.
    origin
        What was played, in words; ``None`` for a live answer.
    entries
        What came, in the order in which it came.
    size
        Bytes of the bodies as they came, compressed if they were.
    """

    model: str
    origin: str | None
    entries: tuple[TraceEntry, ...]
    size: int

    @property
    def time_to_first_content(self) -> float | None:
        """Seconds until the first content, ``None`` if none came."""
        return next((entry.at for entry in self.entries if entry.has_content), None)

    @property
    def duration(self) -> float:
        """Seconds until the last entry."""
        return self.entries[-1].at if self.entries else 0.0

    @property
    def stalls(self) -> tuple[TraceEntry, ...]:
        """The entries that were long in coming."""
        return tuple(entry for entry in self.entries if entry.stalled)

    @property
    def chunk_count(self) -> int:
        """How many chunks came."""
        return sum(entry.kind == "chunk" for entry in self.entries)

    @property
    def packet_count(self) -> int:
        """In how many blocks of bytes they came."""
        return max((entry.packet for entry in self.entries), default=0)

    @property
    def longest_gap(self) -> float | None:
        """The longest time between two chunks with content, in seconds; ``None`` below two."""
        timed_entries = [entry for entry in self.entries if entry.has_content or entry.kind == "sent"]
        # Between two requests nothing can come: such a pause is no gap.
        gaps = [b.at - a.at for a, b in pairwise(timed_entries) if a.has_content and b.has_content]
        return max(gaps, default=None)
