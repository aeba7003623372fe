"""A queue for traffic between the thread or loop that reads the network and the one that runs the stream.

``put`` comes from any thread or loop and never blocks.  The one consumer waits for it,
synchronously (``wait``) or on a running event loop (``wait_async``, which lets the loop run in any case),
and takes what has come, all of it or as much as it has time for.  It can first rest for a while,
during which data alone does not wake it: that is how 200 chunks a second cost 30 wake-ups.  The end of
a stream, ``stop`` and a flood cut a rest short.  A consumer that falls far behind slows its source
down, so that a flood fills no memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Iterator

from ..core.wire_events import Data, EndOfBody, WireEvent
from .tool_results import ToolResults

__all__ = ["Inbox"]

MAX_SLEEP_S = 0.25  # seconds; on Windows a waiting thread sees Ctrl-C only between two naps
WAKE_AT_BYTES = 250_000  # unread bytes that wake a resting consumer, to read and rest again
HIGH_WATER_BYTES = 1_000_000  # bytes; more than a model says in a minute
READ_BYTES_PER_S = 20_000_000  # a source waits as long as reading the surplus takes at this pace,
COALESCE_S = 0.0002  # seconds; a packet is taken apart faster, and no model writes two pieces in it
MAX_COALESCED_BYTES = 4096
MAX_SOURCE_PAUSE_S = 5.0  # seconds, but no longer than this


class Inbox:
    """A queue of wire events with one consumer.

    Parameters
    ----------
    joins
        Whether blocks that were read in the same moment are one: those of a network, where a packet holds
        many of HTTP's chunks, not those of a replay, which have their own times.
    """

    def __init__(self, *, joins: bool = False) -> None:
        self._joins = joins
        self._wire_events: deque[WireEvent | ToolResults] = deque()
        self._stopped = False
        self._wake: Callable[[], object] | None = None  # set while the consumer sleeps
        self._wants_data = False
        self._ended = False
        self._is_behind = False  # the consumer left wire events unread
        self._bytes_put = self._bytes_taken = 0  # each is counted up by one side only

    def put(self, wire_event: WireEvent | ToolResults) -> float:
        """Add a wire event and wake the consumer if need be; return the seconds its source should pause."""
        self._wire_events.append(wire_event)
        if type(wire_event) is Data:
            self._bytes_put += len(wire_event.data)
        elif type(wire_event) is EndOfBody:
            self._ended = True
        if self._wake is not None and (self._wants_data or self._is_urgent):
            self._wake_consumer()
        surplus = self._bytes_put - self._bytes_taken - HIGH_WATER_BYTES
        return min(MAX_SOURCE_PAUSE_S, surplus / READ_BYTES_PER_S) if surplus > 0 else 0.0

    def stop(self) -> None:
        """Ask the consumer to end the stream; any thread may."""
        self._stopped = True
        self._wake_consumer()

    @property
    def is_stopped(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopped

    @property
    def is_empty(self) -> bool:
        """Whether nothing is waiting to be drained."""
        return not self._wire_events

    @property
    def _unread_bytes(self) -> int:
        """Bytes that are waiting."""
        return self._bytes_put - self._bytes_taken

    def wait(self, min_sleep: float, max_sleep: float) -> None:
        """Sleep ``min_sleep`` seconds, then up to ``max_sleep`` more while nothing has come."""
        bell = threading.Event()
        for seconds, data in ((min_sleep, False), (min(max_sleep, MAX_SLEEP_S), True)):
            if self._prepare_sleep(seconds, data=data, wake=bell.set):
                bell.wait(seconds)
                bell.clear()

    async def wait_async(self, min_sleep: float, max_sleep: float) -> None:
        """Do the same without blocking the running event loop."""
        await asyncio.sleep(0)  # whatever is waiting here: others want to run, and a cancellation to arrive
        loop, bell = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(bell.set)

        for seconds, data in ((min_sleep, False), (min(max_sleep, MAX_SLEEP_S), True)):
            if self._prepare_sleep(seconds, data=data, wake=wake):
                # Not wait_for: on Python 3.11 it can swallow a cancellation that comes with the bell.
                alarm = loop.call_later(seconds, bell.set)
                try:
                    await bell.wait()
                finally:
                    alarm.cancel()
                bell.clear()

    def drain(self) -> Iterator[WireEvent | ToolResults]:
        """Yield what has come, and what comes meanwhile; whoever leaves early finds the rest next time."""
        self._wants_data, self._wake, self._ended = False, None, False
        try:
            while self._wire_events:
                wire_event = self._wire_events.popleft()
                if isinstance(wire_event, Data):
                    wire_event = self._join_data(wire_event) if self._joins else wire_event
                    self._bytes_taken += len(wire_event.data)
                yield wire_event
        finally:
            self._is_behind = bool(self._wire_events)

    def _join_data(self, first: Data) -> Data:
        """Join a block with those read in the same moment."""
        pieces, size, wire_events = [first.data], len(first.data), self._wire_events
        while wire_events and type(following := wire_events[0]) is Data:
            size += len(following.data)
            if size > MAX_COALESCED_BYTES or following.at - first.at > COALESCE_S:
                break
            pieces.append(following.data)
            wire_events.popleft()
        return first if len(pieces) == 1 else Data(first.at, b"".join(pieces))

    def _prepare_sleep(self, seconds: float, *, data: bool, wake: Callable[[], object]) -> bool:
        """Say what wakes the consumer; return whether there is anything to sleep for."""
        self._wants_data, self._wake = data, wake
        # Only now look: what was put before the bell was hung up would never ring it.
        if self._stopped or seconds <= 0:
            return False
        return not (self._wire_events if data else self._is_urgent)

    @property
    def _is_urgent(self) -> bool:
        """Whether what is here has to wake a resting consumer."""
        return self._ended or self._is_behind or self._unread_bytes >= WAKE_AT_BYTES

    def _wake_consumer(self) -> None:
        if (wake := self._wake) is not None:
            wake()
