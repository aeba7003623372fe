"""Safe opening of files that a person names: only regular files are read, links are not followed on writing.

A name may be a pipe, a device, or a link that somebody else has put there.  A written file is readable by
its owner only, and gets its final name when it is complete.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

__all__ = ["is_special_file", "read_regular_file", "replace_private_file"]


def is_special_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is something that is neither a regular file nor a folder: a pipe, a device, a socket."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def read_regular_file(path: str | os.PathLike[str]) -> bytes:
    """Return the bytes of a regular file; anything else is refused.

    Raises
    ------
    OSError
        It cannot be opened, or is no regular file.
    """
    # Without O_NONBLOCK opening a pipe waits until somebody writes to it.
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file")
        return file.read()


def replace_private_file(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, by way of a new one beside it: whole, or not at all.

    A link of that name is replaced and not followed.

    Raises
    ------
    OSError
        It cannot be written; what was there is untouched.
    """
    number, temporary_path = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        os.replace(temporary_path, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary_path)
        raise
