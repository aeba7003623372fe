"""Looking inside a stream: its kept traffic -> one frame for each thing that came over the wire.

The bytes take the way of a live answer once more: uncompressed, read as an event stream, understood
by the provider's adapter.  The one difference is that they are fed line by line, so that every chunk
keeps the raw text it was made of.  No I/O in here, and nothing that shows.
"""

from __future__ import annotations

import re
import statistics
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from .events import Citation, Event, Image, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta, Usage
from .providers.base import Adapter, Chunk
from .providers.body import Body, Decoder, decoder
from .providers.halves import Halves
from .providers.models import adapter_of
from .providers.sse import LONGEST_LINE
from .recording import Recording
from .traffic import Block, End, Head, Message, Sent

__all__ = ["Frame", "Kind", "Xray", "look"]

Kind: TypeAlias = Literal["sent", "head", "chunk", "quiet", "page", "end"]

SHORTEST_STALL = 0.3  # seconds; a shorter gap is never called one
STALL = 8.0  # and one has to be so many times as long as the usual gap

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")
_BLANK = b"\r\n"


@dataclass(frozen=True, slots=True)
class Frame:
    """One thing that came, or went out.

    Attributes
    ----------
    kind
        ``sent`` the request · ``head`` status and headers · ``chunk`` JSON, in most cases of one
        server-sent event · ``quiet`` a comment or an end mark · ``page`` a body that is no stream ·
        ``end`` of the connection.
    at, gap
        Seconds since the first request was sent, and since the frame before.
    raw
        The text as it came, uncompressed; of a head its status and headers.
    packet
        Which block of bytes completed it, counted from 1; chunks may share one.  0: none.
    events
        What the adapter made of it.
    about
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
    about: str = ""
    stalled: bool = False

    @property
    def text(self) -> str:
        """The text of the answer in it."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def reasoning(self) -> str:
        """The reasoning in it."""
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def calls(self) -> tuple[ToolCallDelta, ...]:
        """The pieces of tool calls in it."""
        return tuple(event for event in self.events if isinstance(event, ToolCallDelta))

    @property
    def usage(self) -> Usage | None:
        """The tokens that it reports, ``None`` if none."""
        return next((event for event in reversed(self.events) if isinstance(event, Usage)), None)

    @property
    def content(self) -> bool:
        """Whether it brings a piece of the answer."""
        return bool(self.text or self.reasoning or self.calls)


@dataclass(frozen=True, slots=True)
class Xray:
    """A stream, looked into: frames in the order in which they came.

    ``first`` is when the first content came, ``None`` if none did; ``duration`` the time of the
    last frame; ``size`` the bytes of the bodies as they came, compressed if they were.
    """

    model: str
    origin: str | None
    frames: tuple[Frame, ...]
    size: int

    @property
    def first(self) -> float | None:
        """Seconds until the first content."""
        return next((frame.at for frame in self.frames if frame.content), None)

    @property
    def duration(self) -> float:
        """Seconds until the last frame."""
        return self.frames[-1].at if self.frames else 0.0

    @property
    def stalls(self) -> tuple[Frame, ...]:
        """The frames that were long in coming."""
        return tuple(frame for frame in self.frames if frame.stalled)

    @property
    def chunks(self) -> int:
        """How many chunks came."""
        return sum(frame.kind == "chunk" for frame in self.frames)

    @property
    def packets(self) -> int:
        """In how many blocks of bytes they came."""
        return max((frame.packet for frame in self.frames), default=0)

    @property
    def longest_gap(self) -> float | None:
        """The longest time between two chunks with content, in seconds; ``None`` below two."""
        told = [frame for frame in self.frames if frame.content or frame.kind == "sent"]
        # Between two requests nothing can come: such a pause is no gap.
        gaps = [b.at - a.at for a, b in pairwise(told) if a.content and b.content]
        return max(gaps, default=None)


def look(recording: Recording, *, origin: str | None = None, end: tuple[float, str] | None = None) -> Xray:
    """Look into a stream.

    Parameters
    ----------
    recording
        Its traffic; the header's provider says which adapter reads it.
    origin
        Of what this is a replay, ``None`` for a live stream.
    end
        When we stopped listening, in seconds like ``Frame.at``, and why; ``None`` where the
        connection ended by itself.
    """
    began = recording.messages[0].at if recording.messages else 0.0
    frames: list[Frame] = []
    size, packet = 0, 0
    at = began
    for request in recording.tries:
        reader = _Request(adapter_of(recording.header.provider)())
        for message in request:
            at = message.at
            if isinstance(message, Block):
                packet, size = packet + 1, size + len(message.data)
            frames += [
                replace(frame, at=at - began, packet=frame.packet and packet)
                for frame in reader.feed(message)
            ]
        if not isinstance(request[-1], End):
            ended, why = end or (at - began, "the recording ends here")
            frames += [replace(frame, at=max(ended, at - began)) for frame in reader.close(why)]
    return Xray(recording.header.model, origin, tuple(_with_gaps(frames)), size)


class _Request:
    """Reads the traffic of one request; the frames it gives have no gaps, and their packet is 0 or 1."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._halves = Halves()
        self._status = 200
        self._plain: Decoder = decoder("")
        self._body = Body(200, {}, LONGEST_LINE)
        self._rest = b""  # the beginning of a line
        self._lines = b""  # the lines of the event that is being read

    def feed(self, message: Message) -> list[Frame]:
        match message:
            case Sent():
                return [Frame("sent", 0.0, about="request sent")]
            case Head(_, status, headers):
                self._status = status
                encoding = headers.get("content-encoding", "").strip().lower()
                plain = {name: value for name, value in headers.items() if name != "content-encoding"}
                self._plain, self._body = decoder(encoding), Body(status, plain, LONGEST_LINE)
                shown = "\n".join([f"status {status}", *(f"{name}: {headers[name]}" for name in headers)])
                return [Frame("head", 0.0, raw=shown, about=f"answer begins, status {status}")]
            case Block(_, data):
                return list(self._read(self._uncompressed(data)))
            case End(_, fault):
                return self.close(fault.message if fault else "connection ended")

    def _uncompressed(self, data: bytes) -> bytes:
        try:
            return self._plain.decompress(data)
        except zlib.error as error:  # what came before can be looked at
            self._plain = decoder("")
            return f"(the compressed bytes are damaged: {error})\n".encode()

    def _read(self, data: bytes) -> Iterator[Frame]:
        if self._body.is_page:
            about = "a page, no stream" if self._status == 200 else "why it was refused"
            yield Frame("page", 0.0, raw=_text(data), packet=1, about=about)
            return
        data = self._rest + data
        at = 0
        for line in _LINE.finditer(data):
            at = line.end()
            yield from self._line(line[0])
        self._rest = data[at:]

    def _line(self, line: bytes) -> Iterator[Frame]:
        """Feed a whole line; an event without a chunk is told at the blank line after it."""
        self._lines += line
        if chunks := self._body.feed(line):
            yield self._frame("chunk", *self._understood(chunks))
        elif not line.strip(_BLANK):
            if self._lines.strip(_BLANK):
                yield self._frame("quiet", _about_quiet(self._lines))
            self._lines = b""

    def close(self, why: str) -> list[Frame]:
        """Return what was held back, and the end with its reason."""
        found = [] if self._body.is_page else list(self._last_lines())
        *held, finished = self._adapter.close()
        events = [*self._halves.feed(held), *self._halves.close(), finished]
        return [*found, Frame("end", 0.0, events=tuple(events), about=why)]

    def _last_lines(self) -> Iterator[Frame]:
        rest, self._rest = self._rest, b""
        if rest:
            yield from self._line(rest)
        chunks = self._body.close()
        if chunks or self._lines.strip(_BLANK):
            yield self._frame("chunk" if chunks else "quiet", *self._understood(chunks))

    def _understood(self, chunks: Sequence[Chunk]) -> tuple[str, list[Event]]:
        """Return what chunks are, in a few words, and the events that the adapter makes of them."""
        before = self._adapter.finished
        events = self._halves.feed([event for chunk in chunks for event in self._adapter.feed(chunk)])
        words = [word for kind, word in _WORDS if any(isinstance(event, kind) for event in events)]
        if any(_counts(chunk) for chunk in chunks) and "usage" not in words:
            words.append("usage")
        if self._adapter.finished and not before:
            words.append("finish mark")
        return ", ".join(words) or "no content", events

    def _frame(self, kind: Kind, about: str, events: Sequence[Event] = ()) -> Frame:
        raw, self._lines = _text(self._lines.strip(_BLANK)), b""
        return Frame(kind, 0.0, raw=raw, packet=1, events=tuple(events), about=about)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _about_quiet(lines: bytes) -> str:
    if b"[DONE]" in lines:
        return "end mark"
    return "comment" if lines.lstrip(_BLANK).startswith(b":") else "nothing that can be read"


_WORDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (ReasoningDelta, "reasoning"),
    (TextDelta, "text"),
    ((ToolCallDelta, StepDelta), "tool call"),
    (Image, "picture"),
    (Citation, "source"),
    (Usage, "usage"),
)


def _counts(chunk: Chunk) -> bool:
    """Say whether a chunk reports tokens; most adapters pass them on only at the end."""
    response = chunk.get("response")
    inner = response.get("usage") if isinstance(response, dict) else None
    return bool(chunk.get("usage") or chunk.get("usageMetadata") or inner)


def _with_gaps(frames: Sequence[Frame]) -> Iterator[Frame]:
    """Yield the frames with their gaps; after the first content a long one is a stall."""
    gaps = [later.at - earlier.at for earlier, later in pairwise(frames)]
    usual = [gap for gap, frame in zip(gaps, frames[1:], strict=True) if frame.content and gap > 0]
    longest = max(SHORTEST_STALL, STALL * (statistics.median(usual) if len(usual) > 2 else 0.0))
    began = False
    for frame, gap in zip(frames, [0.0, *gaps], strict=True):
        yield replace(frame, gap=gap, stalled=began and gap >= longest)
        began = (began or frame.content) and frame.kind != "sent"
