"""What keeps a stream while it runs: --record, the journal, the cassette, a reel, or none of them.

All get the same traffic; none can stop the stream.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..errors import UsageError, one_line
from ..events import State
from ..recording import Writer
from ..reply import Reply
from ..traffic import End, Fault, Message
from .cassette import Take
from .reels import Reel

__all__ = ["Keepers", "check_file"]

WHOLE: frozenset[State] = frozenset({"complete", "length", "filtered"})


def check_file(path: Path) -> None:
    """Refuse a file that could not be written, before anything is sent or made."""
    if path.is_dir():
        why = "it is a folder"
    elif not path.parent.is_dir():
        why = "there is no such folder"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        why = "it is not yours to write"
    else:
        return
    raise UsageError(one_line(f"{path} cannot be written ({why}); name a file in your own folder"))


class Keepers:
    """The recorders of one stream."""

    def __init__(
        self,
        writers: list[Writer],
        take: Take | None = None,
        journal: Writer | None = None,
        reel: Reel | None = None,
    ) -> None:
        self._writers = [*writers, *([journal] if journal else [])]
        self._take = take
        self._reel = reel
        self._journal = journal
        self._open = True  # the last message was no end

    def feed(self, message: Message) -> None:
        """Keep one message."""
        self._open = not isinstance(message, End)
        for writer in self._writers:
            writer.feed(message)
        if self._take is not None:
            self._take.feed(message)
        if self._reel is not None:
            self._reel.feed(message)

    def close(self, reply: Reply) -> None:
        """Close the files; a cassette keeps only a stream that came to its end."""
        state = reply.state
        if self._journal is not None and self._open:
            # Stopped is not cut off: only a stream that nobody could close is without an end.
            self._journal.feed(End(time.perf_counter(), Fault(state, f"ended as {state}")))
        for writer in self._writers:
            writer.close()
        if self._take is not None:
            self._take.close(whole=state in WHOLE)
        if self._reel is not None:
            self._reel.close(reply)
