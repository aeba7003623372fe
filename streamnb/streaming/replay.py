"""A recording in the place of a provider: each request plays the next recorded one.

Where the model asked for tools, the recording goes on with the answer that it gave to their results.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from ..core.recording import Player, Recording
from ..core.reply import ToolCall
from ..core.wire_events import Sink, Source
from ..providers.base import Request
from .tool_runner import ToolResults

__all__ = ["Replay"]

_UNKNOWN = ""  # why a call has no result: what it gave was not kept, and there is nothing to tell


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
