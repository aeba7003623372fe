"""Distribution of a stream's traffic to its recorders: --record, journal, cassette and traffic log.

All get the same traffic; none can stop the stream.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..core.errors import UsageError
from ..core.events import State
from ..core.recording import RecordingWriter, is_other_than_recording
from ..core.reply import Reply
from ..core.safe_files import is_special_file
from ..core.text import sanitize_line
from ..core.wire_events import WireEvent
from .cassette import CassetteWriter
from .journal import JournalWriter
from .traffic_log import StreamLogger

__all__ = ["Recorders", "check_writable"]

CASSETTE_STATES: frozenset[State] = frozenset({"complete", "length", "filtered"})


def check_writable(path: Path) -> None:
    """Refuse a file that cannot or must not be written, before anything is sent or made.

    Raises
    ------
    UsageError
        It cannot be written, or holds something that is no recording.
    """
    if why := _why_not_writable(path):
        raise UsageError(sanitize_line(f"{path} cannot be written ({why}); name a file in your own folder"))


def _why_not_writable(path: Path) -> str | None:
    try:
        path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            return "it is a link to nothing"
    except (OSError, ValueError) as error:  # links in a circle, a name too long, a NUL in it
        return getattr(error, "strerror", None) or str(error)
    if path.is_dir():
        return "it is a folder"
    if path.is_symlink():
        return "it is a link"
    if is_special_file(path):
        return "it is no regular file"
    if not path.parent.is_dir():
        return "there is no such folder"
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return "it is not yours to write"
    return "it holds something else than a recording" if is_other_than_recording(path) else None


class Recorders:
    """The recorders of one stream.

    Parameters
    ----------
    writers
        Files of ``--record``.
    cassette
        Keeps the stream where it came to its end.
    journal
        Keeps it whatever happens.
    logger
        Keeps its traffic in memory, for the x-ray.
    """

    def __init__(
        self,
        writers: list[RecordingWriter],
        cassette: CassetteWriter | None = None,
        journal: JournalWriter | None = None,
        logger: StreamLogger | None = None,
    ) -> None:
        self._writers: list[RecordingWriter | JournalWriter] = [*writers, *([journal] if journal else [])]
        self._cassette = cassette
        self._logger = logger

    def feed(self, wire_event: WireEvent) -> None:
        """Pass one wire event on."""
        for writer in self._writers:
            writer.feed(wire_event)
        if self._cassette is not None:
            self._cassette.feed(wire_event)
        if self._logger is not None:
            self._logger.feed(wire_event)

    def close(self, reply: Reply) -> None:
        """Close the files; a cassette keeps only a stream that came to its end."""
        for writer in self._writers:
            writer.close()
        if self._cassette is not None:
            self._cassette.finish(complete=reply.state in CASSETTE_STATES)
        if self._logger is not None:
            self._logger.close(reply)
