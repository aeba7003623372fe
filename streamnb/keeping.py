"""What keeps a stream while it runs: --record, the journal, the cassette, or none of them.

All get the same traffic; none can stop the stream.
"""

from __future__ import annotations

from .cassette import Take
from .events import State
from .recording import Writer
from .traffic import Message

__all__ = ["Keepers"]

WHOLE: frozenset[State] = frozenset({"complete", "length", "filtered"})


class Keepers:
    """The recorders of one stream."""

    def __init__(self, writers: list[Writer], take: Take | None = None) -> None:
        self._writers = writers
        self._take = take

    def feed(self, message: Message) -> None:
        """Keep one message."""
        for writer in self._writers:
            writer.feed(message)
        if self._take is not None:
            self._take.feed(message)

    def close(self, state: State) -> None:
        """Close the files; a cassette keeps only a stream that came to its end."""
        for writer in self._writers:
            writer.close()
        if self._take is not None:
            self._take.close(whole=state in WHOLE)
