"""Replay of a recording in place of a provider: each request plays the next recorded response.

Where the model asked for tools, the recording goes on with the answer that it gave to their results.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..core.decompress import Decompressor
from ..core.recording import Recording
from ..core.tool_calls import ToolCall
from ..core.wire_events import Data, EndOfBody, Fault, Sink, Source
from ..providers.base import Request
from .tool_results import ToolResults

__all__ = ["Player", "Replay", "truncate_at_stall"]

MAX_WAIT_S = 86_400.0  # a damaged time must not hold a player for ever


def truncate_at_stall(recording: Recording, max_gap_s: float) -> Recording:
    """Return the recording up to its first silence of more than ``max_gap_s``, which then times out.

    Played without waiting nothing is ever late, and a lesson about a stalled stream would show another end.
    """
    messages = recording.wire_events
    for index, (earlier, later) in enumerate(pairwise(messages), 1):
        if isinstance(earlier, Data) and later.at - earlier.at > max_gap_s:
            fault = Fault(
                "timed-out", f"nothing new came for {max_gap_s:g} s; --timeout sets how long to wait"
            )
            return replace(
                recording, wire_events=(*messages[:index], EndOfBody(earlier.at + max_gap_s, fault))
            )
    return recording


class Player:
    """A source that plays a recording, in a thread, from now on.

    ``speed`` 1 is the pace of the recording, 4 is four times as fast, 0 does not wait at all; the
    times of the messages are the clock's own.  ``request`` counts from 0: asked again, it plays
    the next of ``tries``, and the last one whenever there are no more.  A recording without an
    end ends in order, where it breaks off.
    """

    def __init__(self, recording: Recording, put: Sink, speed: float = 1.0, request: int = 0) -> None:
        self._messages = recording.tries[: request + 1][-1]
        self._put = put
        self._speed = speed
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._play, name="streamnb-player", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Put nothing more but the end; safe from any thread and more than once."""
        self._stopped.set()

    def join(self, seconds: float) -> None:
        """Wait for the end, ``seconds`` at most."""
        self._thread.join(seconds)

    def _play(self) -> None:
        start = time.perf_counter()
        plain = Decompressor()
        for message in self._messages:
            self._wait_until(start, message.at - self._messages[0].at)
            for event in plain.feed(message):
                if self._stopped.is_set() or isinstance(event, EndOfBody):
                    fault = event.fault if isinstance(event, EndOfBody) else None
                    self._put(EndOfBody(time.perf_counter(), fault))
                    return
                if pause := self._put(replace(event, at=time.perf_counter())):
                    self._stopped.wait(pause)
        self._put(EndOfBody(time.perf_counter()))

    def _wait_until(self, start: float, after: float) -> None:
        # Against the start, not against the message before: small delays must not add up.
        if self._speed > 0:
            due = start + min(after / self._speed, MAX_WAIT_S)
            self._stopped.wait(max(0.0, due - time.perf_counter()))


class Replay:
    """Plays a recording, response by response; also stands in for the tools of a recorded tool loop."""

    def __init__(self, recording: Recording, speed: float) -> None:
        self.recording = recording
        self._speed = speed
        self._requests = 0

    def start_request(self, _request: Request, put: Sink) -> Source:
        """Play the next response of the recording; the last one again where there are no more."""
        self._requests += 1
        return Player(self.recording, put, self._speed, self._requests - 1)

    @property
    def is_exhausted(self) -> bool:
        """Whether the recording ends here, with calls that nobody answered."""
        return self._requests >= len(self.recording.tries)

    def start_calls(
        self, calls: Sequence[ToolCall], put: Callable[[ToolResults], object], _is_wanted: Callable[[], bool]
    ) -> None:
        """Go on at once with what the model said next; nothing is run."""
        # What the calls gave was not kept: an empty error, so that nothing is told of it.
        put(ToolResults(time.perf_counter(), tuple(calls), (), ("",) * len(calls)))
