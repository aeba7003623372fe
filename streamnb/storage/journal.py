"""The journal: every stream is recorded while it runs, so that it can be read after a crash of the kernel.

Files lie in a folder of the person's own, outside the notebook's, and are cleared when they are
old.  They are recordings like any other; while a stream runs, its file is called ``.part``, so a
stream that was cut off is one that is still called so, wherever it was: in mid-answer, or while a
tool was running.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path

from ..core.errors import UsageError
from ..core.recording import Recording, RecordingWriter, read
from ..core.wire_events import WireEvent

__all__ = ["JournalWriter", "journal_folder", "latest_cut_off_recording", "prepare_next_file"]

RUNNING_SUFFIX, ENDED_SUFFIX = ".part", ".jsonl"
MAX_AGE_DAYS = 14
MAX_FILES = 200
MAX_SILENCE_S = 600.0  # a file that did not grow for longer is nobody's

_file_counter = itertools.count(1)


def journal_folder() -> Path:
    """Return where the journal lies: a folder that only its owner can read."""
    from platformdirs import user_state_path  # here: most streams have no journal

    return user_state_path("streamnb", appauthor=False) / "journal"


def prepare_next_file(at: Path | None = None) -> Path:
    """Return a new file for a stream that begins now, and clear what is old.

    Raises
    ------
    UsageError
        The folder cannot be made.
    """
    directory = at or journal_folder()
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the journal cannot be kept in {directory}: {error.strerror}") from None
    _delete_old_files(directory)
    return directory / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_file_counter)}{RUNNING_SUFFIX}"


class JournalWriter:
    """The recording of one stream, under the name of ``prepare_next_file`` until the stream has ended."""

    def __init__(self, path: Path, writer: RecordingWriter) -> None:
        self._path = path
        self._writer = writer

    def feed(self, wire_event: WireEvent) -> None:
        """Write one wire event."""
        self._writer.feed(wire_event)

    def close(self) -> None:
        """Give the file the name of a stream that has ended, however it did."""
        self._writer.close()
        with contextlib.suppress(OSError):  # cleared by another kernel, or the disk is gone
            self._path.replace(self._path.with_suffix(ENDED_SUFFIX))


def latest_cut_off_recording(at: Path | None = None) -> Recording:
    """Return the last stream that was cut off: one whose process is gone, and never ended it.

    Raises
    ------
    UsageError
        The journal holds none.
    """
    directory = at or journal_folder()
    for path in _files_newest_first(directory):
        if path.suffix != RUNNING_SUFFIX or _is_being_written(path):
            continue
        with contextlib.suppress(UsageError):  # cut off in its first line: there is nothing to save
            recording = read(path)
            if recording.wire_events:
                return recording
    raise UsageError(f"no stream was cut off in {directory}; %config StreamMagics.journal = True keeps one")


def _files_newest_first(directory: Path) -> list[Path]:
    paths = [path for path in directory.glob("*") if path.suffix in (RUNNING_SUFFIX, ENDED_SUFFIX)]
    return sorted(paths, key=lambda path: path.name, reverse=True)


def _is_being_written(path: Path) -> bool:
    """Tell whether the process that a file is named after may still be streaming into it."""
    process = path.stem.split("-")[2:3]
    if process == [str(os.getpid())]:
        return True
    if os.name != "posix":  # elsewhere the question below would be a Ctrl-C
        return False
    try:
        os.kill(int(process[0]), 0)  # asks whether there is such a process, and does nothing to it
        return time.time() - path.stat().st_mtime < MAX_SILENCE_S
    except (OSError, ValueError, IndexError):
        return False


def _delete_old_files(directory: Path) -> None:
    oldest = time.time() - MAX_AGE_DAYS * 86_400
    for number, path in enumerate(_files_newest_first(directory)):
        with contextlib.suppress(OSError):  # gone already, or another kernel's to clear
            if number >= MAX_FILES or path.stat().st_mtime < oldest:
                path.unlink()
