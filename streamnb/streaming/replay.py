"""A recording in the place of a provider: each request plays the next recorded one.

Where the model asked for tools, the recording goes on with the answer that it gave to their results.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ..core.recording import Player, Recording
from ..core.tool_calls import ToolCall
from ..core.wire_events import Data, EndOfBody, Fault, Sink, Source
from ..providers.base import Request
from .tool_results import ToolResults

__all__ = ["Replay", "end_at_stall"]

_UNKNOWN = ""  # why a call has no result: what it gave was not kept, and there is nothing to tell


def end_at_stall(recording: Recording, between: float) -> Recording:
    """Return the recording up to its first silence of more than ``between`` seconds, which then times out.

    Played without waiting nothing is ever late, and a lesson about a stalled stream would show another end.
    """
    messages = recording.messages
    for index, (earlier, later) in enumerate(pairwise(messages), 1):
        if isinstance(earlier, Data) and later.at - earlier.at > between:
            fault = Fault("timed-out", f"nothing new came for {between:g} s; --timeout sets how long to wait")
            return replace(recording, messages=(*messages[:index], EndOfBody(earlier.at + between, fault)))
    return recording


class Replay:
    """One playing of a recording; also its rounds where the tools themselves are not at hand."""

    def __init__(self, recording: Recording, speed: float) -> None:
        self.recording = recording
        self._speed = speed
        self._requests = 0

    def open(self, _request: Request, put: Sink) -> Source:
        """Play the next request; the last one again where there are no more."""
        self._requests += 1
        return Player(self.recording, put, self._speed, self._requests - 1)

    @property
    def is_over(self) -> bool:
        """Whether the recording ends here, with calls that nobody answered."""
        return self._requests >= len(self.recording.tries)

    def start(self, calls: Sequence[ToolCall], put: Callable[[ToolResults], object]) -> None:
        """Go on at once with what the model said next."""
        put(ToolResults(time.perf_counter(), tuple(calls), (), (_UNKNOWN,) * len(calls)))
