"""Reels: the traffic of the last streams, kept in memory so that they can be looked into afterwards.

Only a notebook has use for them, so nothing is kept until ``keep`` is set.  A reel belongs to the
reply that came of it and goes when that goes; the reply itself stays as light as it was.  Of a
replay it keeps the recording's own times and not those of the playback, which may have been faster.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from ..core.recording import Header, Recording
from ..core.redaction import Redactor
from ..core.reply import Reply
from ..core.wire_events import Data, RequestSent, WireEvent

__all__ = ["LoggedStream", "StreamLogger", "TrafficLog"]

MAX_STREAMS = 20
MAX_BYTES = 5_000_000  # of one stream; what comes later is left out


class StreamLogger:
    """Keeps one stream's traffic: ``feed`` it every message, ``close`` it with the reply.

    Parameters
    ----------
    header
        Who was asked; its provider says how the bytes are read.
    played
        What is being played, where this is a replay; then its messages are kept.
    speed
        How fast it is played.
    hide
        Texts that are secret.
    keep
        What is called with the reply and all that was kept.
    """

    def __init__(
        self,
        header: Header,
        played: Recording | None = None,
        speed: float = 1.0,
        *,
        hide: Iterable[str] = (),
        keep: Callable[[Reply, LoggedStream], None],
    ) -> None:
        self._discretion = Redactor(hide)
        self._keep = keep
        self._header = replace(header, request={})
        self._played = played
        self._rest: Iterator[WireEvent] = iter(())  # of the request that is being played
        self._requests = 0
        self._shift = 0.0  # from the recording's clock to the reel's
        self._heard = 0.0  # when the last message of the playback came
        self._speed = speed
        self._messages: list[WireEvent] = []
        self._size = 0

    def feed(self, message: WireEvent) -> None:
        """Keep one message."""
        kept = message if self._played is None else self._original(self._played, message)
        self._heard = message.at
        self._size += len(message.data) if isinstance(message, Data) else 0
        if kept is not None and self._size <= MAX_BYTES:
            self._messages += self._discretion.feed(kept)

    def _original(self, played: Recording, message: WireEvent) -> WireEvent | None:
        """Return the message of the recording that is being played; ``None`` where it was stopped."""
        if isinstance(message, RequestSent):  # pauses between requests are our own, and real
            self._rest = iter(played.tries[: self._requests + 1][-1])
            self._requests += 1
            kept = next(self._rest)
            before = self._messages[-1].at + message.at - self._heard if self._messages else kept.at
            self._shift = before - kept.at
        else:
            kept = next(self._rest, message)
        if type(kept) is not type(message):
            self._rest = iter(())
            return None
        return replace(kept, at=kept.at + self._shift)

    def close(self, reply: Reply) -> None:
        """Pass on what is kept, with how the stream ended."""
        seconds = reply.timing.duration * self._speed
        why = reply.error or ("connection closed" if reply.state == "complete" else reply.state)
        if self._size > MAX_BYTES:
            why = f"only the first {MAX_BYTES:,} bytes were kept"
        recording = Recording(self._header, (*self._messages, *self._discretion.flush()))
        self._keep(reply, LoggedStream(recording, reply.origin, (seconds, why)))


@dataclass(frozen=True, slots=True)
class LoggedStream:
    """What ``xray.look`` needs: the traffic, of what it is a replay, when and why it ended."""

    recording: Recording
    origin: str | None
    ended_at: tuple[float, str]


class TrafficLog:
    """The reels of the last streams, each found by its reply."""

    def __init__(self) -> None:
        self.keep = False
        self._kept: list[tuple[weakref.ref[Reply], LoggedStream]] = []
        self._lock = threading.Lock()  # streams end in threads of their own

    def new(
        self, header: Header, played: Recording | None, speed: float, *, hide: Iterable[str] = ()
    ) -> StreamLogger | None:
        """Return the reel of a stream that begins now, ``None`` where nothing is kept."""
        return StreamLogger(header, played, speed, hide=hide, keep=self._add) if self.keep else None

    def _add(self, reply: Reply, kept: LoggedStream) -> None:
        with self._lock:
            alive = [(whose, kept) for whose, kept in self._kept if whose() is not None]
            self._kept = [*alive[-MAX_STREAMS + 1 :], (weakref.ref(reply), kept)]

    def find(self, reply: Reply) -> LoggedStream | None:
        """Return what was kept of the stream that this very reply came of."""
        return next((kept for whose, kept in self._kept if whose() is reply), None)
