"""In-memory log of the last streams' traffic, for ``%stream xray``.

Only a notebook has use for it, so nothing is logged until ``keep`` is set.  A logged stream belongs to
the reply that was made of it and goes when that goes; the reply itself stays as light as it was.  Of a
replay the recording's own times are logged and not those of the playback, which may have been faster.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..core.recording import Header, Recording
from ..core.reply import Reply
from ..core.stream_redaction import WireEventRedactor
from ..core.wire_events import Data, RequestSent, WireEvent

__all__ = ["LoggedStream", "StreamLogger", "TrafficLog"]

MAX_STREAMS = 20
MAX_BYTES = 5_000_000  # of one stream; what comes later is left out


class StreamLogger:
    """Log one stream's traffic: ``feed`` it every wire event, ``close`` it with the reply.

    Parameters
    ----------
    header
        Who was asked; its provider says how the bytes are read.
    recording
        The recording that is being played, ``None`` for a live stream; its own wire events are logged.
    speed
        How fast it is played.
    secrets
        Texts that are secret.
    keep
        Called with the reply and all that was logged.
    """

    def __init__(
        self,
        header: Header,
        recording: Recording | None = None,
        speed: float = 1.0,
        *,
        secrets: Iterable[str] = (),
        keep: Callable[[Reply, LoggedStream], None],
    ) -> None:
        self._redactor = WireEventRedactor(secrets)
        self._keep = keep
        self._header = replace(header, request={})
        self._recording = recording
        self._remaining: Iterator[WireEvent] = iter(())  # of the request that is being played
        self._requests = 0
        self._shift = 0.0  # seconds from the recording's clock to the log's
        self._last_at = 0.0  # when the last wire event of the playback came
        self._speed = speed
        self._wire_events: list[WireEvent] = []
        self._size = 0

    def feed(self, wire_event: WireEvent) -> None:
        """Log one wire event."""
        original = (
            wire_event if self._recording is None else self._recorded_event(self._recording, wire_event)
        )
        self._last_at = wire_event.at
        self._size += len(wire_event.data) if isinstance(wire_event, Data) else 0
        if original is not None and self._size <= MAX_BYTES:
            self._wire_events += self._redactor.feed(original)

    def _recorded_event(self, recording: Recording, wire_event: WireEvent) -> WireEvent | None:
        """Return the wire event of the recording that is being played; ``None`` where it was stopped."""
        if isinstance(wire_event, RequestSent):  # pauses between requests are our own, and real
            self._remaining = iter(recording.tries[: self._requests + 1][-1])
            self._requests += 1
            original = next(self._remaining)
            before = (
                self._wire_events[-1].at + wire_event.at - self._last_at if self._wire_events else original.at
            )
            self._shift = before - original.at
        else:
            original = next(self._remaining, wire_event)
        if type(original) is not type(wire_event):
            self._remaining = iter(())
            return None
        return replace(original, at=original.at + self._shift)

    def close(self, reply: Reply) -> None:
        """Pass on what was logged, with how the stream ended."""
        seconds = reply.timing.duration * self._speed
        why = reply.error or ("connection closed" if reply.state == "complete" else reply.state)
        if self._size > MAX_BYTES:
            why = f"only the first {MAX_BYTES:,} bytes were kept"
        recording = Recording(self._header, (*self._wire_events, *self._redactor.flush()))
        self._keep(reply, LoggedStream(recording, reply.origin, (seconds, why)))


@dataclass(frozen=True, slots=True)
class LoggedStream:
    """Traffic of one stream for ``xray.build_xray``.

    Attributes
    ----------
    recording
        What was asked and what came.
    origin
        Of what it is a replay, in words; ``None`` for a live one.
    end
        When we stopped listening, in seconds from the first request, and why.
    """

    recording: Recording
    origin: str | None
    end: tuple[float, str]


class TrafficLog:
    """The last streams, each found by its reply; ``keep`` says whether any is logged."""

    def __init__(self) -> None:
        self.keep = False
        self._streams: list[tuple[weakref.ref[Reply], LoggedStream]] = []
        self._lock = threading.Lock()  # streams end in threads of their own

    def __len__(self) -> int:
        return len(self._streams)

    def make_logger(
        self, header: Header, recording: Recording | None, speed: float, *, secrets: Iterable[str] = ()
    ) -> StreamLogger | None:
        """Return the logger of a stream that begins now, ``None`` where nothing is logged.

        Parameters
        ----------
        header
            Who was asked.
        recording
            The recording that is being played, ``None`` for a live stream.
        speed
            How fast it is played.
        secrets
            Texts that are secret.

        Returns
        -------
        StreamLogger | None
            The logger; ``None`` where nothing is kept.
        """
        return (
            StreamLogger(header, recording, speed, secrets=secrets, keep=self._add_stream)
            if self.keep
            else None
        )

    def _add_stream(self, reply: Reply, stream: LoggedStream) -> None:
        with self._lock:
            alive = [entry for entry in self._streams if entry[0]() is not None]
            self._streams = [*alive[-MAX_STREAMS + 1 :], (weakref.ref(reply), stream)]

    def find_stream(self, reply: Reply) -> LoggedStream | None:
        """Return the stream that this very reply was made of, ``None`` where it was not logged."""
        return next((stream for owner, stream in self._streams if owner() is reply), None)
