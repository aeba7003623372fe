"""The journal: every stream recorded as it comes, for the day on which a kernel dies.

Files lie in a folder of the person's own, outside the notebook's, and are cleared when they are
old.  They are recordings like any other; a stream that was cut off is one without an end.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from pathlib import Path

from platformdirs import user_state_path

from ..errors import UsageError
from ..recording import Recording, read
from ..traffic import End

__all__ = ["folder", "latest", "next_file"]

DAYS_KEPT = 14
FILES_KEPT = 200
LONGEST_SILENCE = 600.0  # seconds; a file that did not grow for longer is nobody's

_numbers = itertools.count(1)


def folder() -> Path:
    """Return where the journal lies: a folder that only its owner can read."""
    return user_state_path("streamnb", appauthor=False) / "journal"


def next_file(at: Path | None = None) -> Path:
    """Return a new file for a stream that begins now, and clear what is old."""
    place = at or folder()
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"the journal cannot be kept in {place}: {error.strerror}") from None
    _clear(place)
    return place / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_numbers)}.jsonl"


def latest(at: Path | None = None) -> Recording:
    """Return the last stream that was cut off: one whose recording has no end.

    Raises
    ------
    UsageError
        The journal holds none.
    """
    place = at or folder()
    for path in _newest_first(place):
        if _is_being_written(path):
            continue
        with contextlib.suppress(UsageError):  # cut off in its first line: there is nothing to save
            kept = read(path)
            if kept.messages and not isinstance(kept.messages[-1], End):
                return kept
    raise UsageError(f"no stream was cut off in {place}; %config StreamMagics.journal = True keeps one")


def _newest_first(place: Path) -> list[Path]:
    return sorted(place.glob("*.jsonl"), key=lambda path: path.name, reverse=True)


def _is_being_written(path: Path) -> bool:
    """Tell whether the process that a file is named after may still be streaming into it."""
    process = path.stem.split("-")[2:3]
    if process == [str(os.getpid())]:
        return True
    if os.name != "posix":  # elsewhere the question below would be a Ctrl-C
        return False
    try:
        os.kill(int(process[0]), 0)  # asks whether there is such a process, and does nothing to it
        return time.time() - path.stat().st_mtime < LONGEST_SILENCE
    except (OSError, ValueError, IndexError):
        return False


def _clear(place: Path) -> None:
    oldest = time.time() - DAYS_KEPT * 86_400
    for number, path in enumerate(_newest_first(place)):
        with contextlib.suppress(OSError):  # gone already, or another kernel's to clear
            if number >= FILES_KEPT or path.stat().st_mtime < oldest:
                path.unlink()
