"""Making of a stream's trace from its recorded traffic: one entry for each thing that came over the wire.

The bytes take the way of a live answer once more: uncompressed, read as an event stream, understood
by the provider's adapter.  The one difference is that they are fed line by line, so that every chunk
keeps the raw text it was made of.  No I/O in here, and nothing that shows.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from ..core.decompress import Decompressor
from ..core.events import Citation, Event, Image, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta, Usage
from ..core.recording import Recording
from ..core.surrogate_joiner import SurrogateJoiner
from ..core.trace import Kind, TraceEntry, Xray
from ..core.wire_events import Data, EndOfBody, RequestSent, ResponseHead, WireEvent
from ..providers.base import Adapter, Chunk
from ..providers.body import BodyReader
from ..providers.registry import adapter_factory
from ..providers.sse import MAX_LINE_BYTES

__all__ = ["build_xray"]

MIN_STALL_S = 0.3  # seconds; a shorter gap is never called one
MAX_DECOMPRESSED_BYTES = 8_000_000  # of one block that was compressed
STALL_FACTOR = 8.0  # and one has to be so many times as long as the usual gap

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)")
_LINE_ENDINGS = b"\r\n"


def build_xray(
    recording: Recording, *, origin: str | None = None, end: tuple[float, str] | None = None
) -> Xray:
    """Return the trace of a recorded stream.

    Parameters
    ----------
    recording
        Its traffic; the header's provider says which adapter reads it.
    origin
        Of what this is a replay, ``None`` for a live stream.
    end
        When we stopped listening, in seconds like ``TraceEntry.at``, and why; ``None`` where the
        connection ended by itself.

    Returns
    -------
    Xray
        Its events, with their times in seconds from the first request on.
    """
    began = recording.wire_events[0].at if recording.wire_events else 0.0
    entries: list[TraceEntry] = []
    size, packet = 0, 0
    at = began
    for request in recording.tries:
        reader = _RequestTracer(adapter_factory(recording.header.provider)())
        for wire_event in request:
            at = wire_event.at
            if isinstance(wire_event, Data):
                packet, size = packet + 1, size + len(wire_event.data)
            entries += [
                replace(entry, at=at - began, packet=entry.packet and packet)
                for entry in reader.feed(wire_event)
            ]
        if not isinstance(request[-1], EndOfBody):
            end_at, why = end or (at - began, "the recording ends here")
            entries += [replace(entry, at=max(end_at, at - began)) for entry in reader.close(why)]
    return Xray(recording.header.model, origin, tuple(_with_gaps(entries)), size)


class _RequestTracer:
    """Makes trace entries of one request's traffic; ``build_xray`` adds times, gaps, packet numbers."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self._surrogates = SurrogateJoiner()
        self._status = 200
        self._plain = Decompressor()
        self._body = BodyReader(200, {}, MAX_LINE_BYTES)
        self._partial_line = b""  # the beginning of a line
        self._lines = b""  # the lines of the event that is being read

    def feed(self, wire_event: WireEvent) -> list[TraceEntry]:
        match wire_event:
            case RequestSent():
                return [TraceEntry("sent", 0.0, description="request sent")]
            case ResponseHead(_, status, headers):
                self._status = status
                self._plain, self._body = Decompressor(), BodyReader(status, headers, MAX_LINE_BYTES)
                list(self._plain.feed(wire_event))
                head = "\n".join([f"status {status}", *(f"{name}: {headers[name]}" for name in headers)])
                return [TraceEntry("head", 0.0, raw=head, description=f"answer begins, status {status}")]
            case Data():
                return list(self._read_body_bytes(self._decompress_data(wire_event)))
            case EndOfBody(_, fault):
                return self.close(fault.message if fault else "connection ended")

    def _decompress_data(self, wire_event: Data) -> bytes:
        """Return the plain bytes, up to a bound; what came before damaged ones can be looked at."""
        plain = b""
        for event in self._plain.feed(wire_event):
            if isinstance(event, EndOfBody):
                plain += b"(the compressed bytes are damaged)\n"
            elif isinstance(event, Data):
                plain += event.data[: MAX_DECOMPRESSED_BYTES - len(plain)]
            if len(plain) >= MAX_DECOMPRESSED_BYTES:
                break
        return plain

    def _read_body_bytes(self, data: bytes) -> Iterator[TraceEntry]:
        if self._body.detect_error_body(self._partial_line + data):
            about = "a page, no stream" if self._status == 200 else "why it was refused"
            yield TraceEntry("page", 0.0, raw=_bytes_to_text(data), packet=1, description=about)
            return
        data = self._partial_line + data
        at = 0
        for line in _LINE.finditer(data):
            at = line.end()
            yield from self._feed_line(line[0])
        self._partial_line = data[at:]

    def _feed_line(self, line: bytes) -> Iterator[TraceEntry]:
        """Feed a whole line; an event without a chunk is told at the blank line after it."""
        self._lines += line
        if chunks := self._body.feed(line):
            yield self._make_entry("chunk", *self._summarize_chunks(chunks))
        elif not line.strip(_LINE_ENDINGS):
            if self._lines.strip(_LINE_ENDINGS):
                yield self._make_entry("quiet", _describe_lines_without_chunk(self._lines))
            self._lines = b""

    def close(self, why: str) -> list[TraceEntry]:
        """Return what was held back, and the end with its reason."""
        entries = [] if self._body.is_error_body else list(self._entries_of_last_lines())
        *remaining_events, finished = self._adapter.close()
        events = [*self._surrogates.feed(remaining_events), *self._surrogates.close(), finished]
        return [*entries, TraceEntry("end", 0.0, events=tuple(events), description=why)]

    def _entries_of_last_lines(self) -> Iterator[TraceEntry]:
        line, self._partial_line = self._partial_line, b""
        if line:
            yield from self._feed_line(line)
        chunks = self._body.close()
        if chunks or self._lines.strip(_LINE_ENDINGS):
            yield self._make_entry("chunk" if chunks else "quiet", *self._summarize_chunks(chunks))

    def _summarize_chunks(self, chunks: Sequence[Chunk]) -> tuple[str, list[Event]]:
        """Return what chunks are, in a few words, and the events that the adapter makes of them."""
        before = self._adapter.finished
        events = self._surrogates.feed([event for chunk in chunks for event in self._adapter.feed(chunk)])
        kinds = [word for kind, word in _EVENT_LABELS if any(isinstance(event, kind) for event in events)]
        if any(_reports_usage(chunk) for chunk in chunks) and "usage" not in kinds:
            kinds.append("usage")
        if self._adapter.finished and not before:
            kinds.append("finish mark")
        return ", ".join(kinds) or "no content", events

    def _make_entry(self, kind: Kind, about: str, events: Sequence[Event] = ()) -> TraceEntry:
        raw, self._lines = _bytes_to_text(self._lines.strip(_LINE_ENDINGS)), b""
        return TraceEntry(kind, 0.0, raw=raw, packet=1, events=tuple(events), description=about)


def _bytes_to_text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _describe_lines_without_chunk(lines: bytes) -> str:
    if b"[DONE]" in lines:
        return "end mark"
    return "comment" if lines.lstrip(_LINE_ENDINGS).startswith(b":") else "nothing that can be read"


_EVENT_LABELS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (ReasoningDelta, "reasoning"),
    (TextDelta, "text"),
    ((ToolCallDelta, StepDelta), "tool call"),
    (Image, "picture"),
    (Citation, "source"),
    (Usage, "usage"),
)


def _reports_usage(chunk: Chunk) -> bool:
    """Say whether a chunk reports tokens; most adapters pass them on only at the end."""
    response = chunk.get("response")
    inner = response.get("usage") if isinstance(response, dict) else None
    return bool(chunk.get("usage") or chunk.get("usageMetadata") or inner)


def _with_gaps(entries: Sequence[TraceEntry]) -> Iterator[TraceEntry]:
    """Yield the entries with their gaps; after the first content a long one is a stall.

    None is before a request: until that went out, nobody was asked (a tool ran, a person thought).
    """
    gaps = [later.at - earlier.at for earlier, later in pairwise(entries)]
    usual = [gap for gap, entry in zip(gaps, entries[1:], strict=True) if entry.has_content and gap > 0]
    longest = max(MIN_STALL_S, STALL_FACTOR * (statistics.median(usual) if len(usual) > 2 else 0.0))
    began = False
    for entry, gap in zip(entries, [0.0, *gaps], strict=True):
        yield replace(entry, gap=gap, stalled=began and gap >= longest and entry.kind != "sent")
        began = (began or entry.has_content) and entry.kind != "sent"
