"""An exception as text for a model: frames, causes, notes and groups, without IPython's and our own frames.

Of the person's code stand file, line and text; of a library's and of Python's own only file, line and name;
of IPython, the kernel and streamnb nothing.  Long stacks are cut in the middle, and it is said.
"""

from __future__ import annotations

import linecache
import os
import re
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, TypeAlias

from ..core.notebook_secrets import mask_notebook_text
from ..core.redaction import ENVIRON

__all__ = ["CellLabeler", "cell_labels_of_error", "cut_middle", "error_headline", "traceback_text"]

CellLabeler: TypeAlias = Callable[[str], str | None]
"""Returns what a notebook calls the file of a cell (``Cell In[5]``); ``None`` for any other file."""

MAX_CHARACTERS = 12_000
MAX_MESSAGE_CHARACTERS = 2_000
MAX_LINE_CHARACTERS = 200
MAX_END_FRAMES = 8  # frames at either end of a long stack
MAX_LIBRARY_END_FRAMES = 2  # of a run of a library's frames
MAX_CHAIN = 6  # causes of causes
MAX_GROUP = 5  # exceptions of a group, and groups within groups
CONTEXT_LINES = 2  # before and after a line of the person's own files

CAUSE_SENTENCE = "The above exception was the direct cause of the following exception:"
CONTEXT_SENTENCE = "During handling of the above exception, another exception occurred:"

_HOST_PACKAGES = ("IPython", "ipykernel", "streamnb", "nbclient", "tornado", "traitlets", "decorator")
_LIBRARY_PATH = re.compile(
    r"[\\/](?:site|dist)-packages[\\/]|(?=^[^\\/].*\.p[yx][xid]$)"
)  # Cython's files, too
_STDLIB_PREFIXES = ("<frozen ", *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib")})
_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")


class _Frame(NamedTuple):
    """One frame of a traceback.

    Attributes
    ----------
    file
        The file as it is shown.
    line
        Counted from 1; 0 where Python does not know it.
    function
        Its name, as Python knows it.
    path
        The file as Python knows it.
    is_library
        Whether it is code that was installed, not the person's own.
    is_cell
        Whether it is a cell's.
    """

    file: str  # as it is shown
    line: int
    function: str
    path: str
    is_library: bool
    is_cell: bool


def error_headline(error: BaseException) -> str:
    """Return type and message as one short line, with keys masked before it is cut.

    >>> error_headline(ZeroDivisionError("division by zero"))
    'ZeroDivisionError: division by zero'
    """
    lines = _text_below_stack(error).splitlines()
    line = next((line for line in lines if not line.startswith("  ")), type(error).__name__)
    line = mask_notebook_text(line[:MAX_CHARACTERS], ENVIRON)
    return line if len(line) <= 120 else line[:119] + "…"


def traceback_text(error: BaseException, label: CellLabeler) -> str:
    """Return the traceback of an error, of at most ``MAX_CHARACTERS``."""
    return cut_middle("\n".join(_error_chain_lines(error, label, set(), 0)), MAX_CHARACTERS)


def cell_labels_of_error(error: BaseException, label: CellLabeler) -> list[str]:
    """Return what the notebook calls the cells that an error went through, the outermost first."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return list(dict.fromkeys(name for file in files if (name := label(file))))


def cut_middle(text: str, limit: int) -> str:
    """Return text whose middle is left out where it is longer than ``limit``, saying how much.

    >>> cut_middle("abcdefghij", 4)
    'ab\\n[6 characters left out]\\nij'
    """
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[{len(text) - 2 * half:,} characters left out]\n{text[-half:]}"


def _error_chain_lines(error: BaseException, label: CellLabeler, ids: set[int], depth: int) -> Iterator[str]:
    """Yield the lines of an error, those of what it came from first."""
    ids.add(id(error))
    earlier, between = error.__cause__, CAUSE_SENTENCE
    if earlier is None and not error.__suppress_context__:
        earlier, between = error.__context__, CONTEXT_SENTENCE
    if earlier is not None and id(earlier) not in ids:
        if len(ids) < MAX_CHAIN:
            yield from _error_chain_lines(earlier, label, ids, depth)
        else:
            yield "[earlier causes left out]"
        yield from ("", between, "")
    yield from _error_lines(error, label, depth)


def _error_lines(error: BaseException, label: CellLabeler, depth: int) -> Iterator[str]:
    frames = list(_visible_frames(error.__traceback__, label))
    if frames:
        yield "Traceback (most recent call last):"
        yield from _stack_lines(frames)
    last = _text_below_stack(error)
    if isinstance(error, SyntaxError) and error.filename and (cell := label(error.filename)):
        last = last.replace(f'"{error.filename}"', cell)
    yield cut_middle(last, MAX_MESSAGE_CHARACTERS)
    if isinstance(error, BaseExceptionGroup):
        for number, inner in enumerate(error.exceptions[:MAX_GROUP], 1):
            yield f"  exception {number} of {len(error.exceptions):,} in the group:"
            if depth < MAX_GROUP:
                yield from (f"  | {line}" for line in _error_chain_lines(inner, label, set(), depth + 1))
        if (remaining := len(error.exceptions) - MAX_GROUP) > 0:
            yield f"  [{remaining:,} more exceptions of the group left out]"


def _text_below_stack(error: BaseException) -> str:
    """Return what stands below a stack: type, message, notes; the line and the mark of a SyntaxError."""
    try:
        lines = traceback.format_exception_only(type(error), error)
    except Exception:  # its own __str__ or __notes__ may raise anything
        lines = [type(error).__name__]
    return _ESCAPES.sub("", "".join(lines)).rstrip().removeprefix("IPython.core.error.")


def _visible_frames(stack: TracebackType | None, label: CellLabeler) -> Iterator[_Frame]:
    for frame, line in traceback.walk_tb(stack):
        module = frame.f_globals.get("__name__")
        path, function = frame.f_code.co_filename, frame.f_code.co_qualname
        if type(module) is str and module.partition(".")[0] in _HOST_PACKAGES and label(path) is None:
            continue
        cell = label(path)
        is_library = cell is None and (bool(_LIBRARY_PATH.search(path)) or path.startswith(_STDLIB_PREFIXES))
        file = cell or (_shorten_library_path(path) if is_library else _shorten_own_path(path))
        yield _Frame(file, line or 0, function, path, is_library, cell is not None)


def _shorten_library_path(path: str) -> str:
    """Return a library's file from its package on."""
    tail = _LIBRARY_PATH.split(path)[-1]
    for folder in _STDLIB_PREFIXES[1:]:
        tail = tail.removeprefix(folder)
    return tail.lstrip("\\/")


def _shorten_own_path(path: str) -> str:
    """Return a person's file from the working folder or their home on."""
    if path.startswith("<"):
        return path
    for find, mark in ((Path.cwd, ""), (Path.home, "~" + os.sep)):
        with suppress(OSError, RuntimeError, ValueError):  # the folder was deleted, nobody's home, elsewhere
            return mark + str(Path(path).relative_to(find()))
    return path


def _stack_lines(frames: list[_Frame]) -> Iterator[str]:
    lines: list[str] = []
    for is_library, run in groupby(frames, lambda frame: frame.is_library):
        entries = list(map(_frame_text, run))
        lines += _first_and_last_lines(entries, MAX_LIBRARY_END_FRAMES) if is_library else entries
    yield from _first_and_last_lines(lines, MAX_END_FRAMES)


def _first_and_last_lines(lines: list[str], count: int) -> list[str]:
    if (omitted := len(lines) - 2 * count) <= 1:
        return lines
    return [*lines[:count], f"  [{omitted:,} frames left out]", *lines[-count:]]


def _frame_text(frame: _Frame) -> str:
    name = "" if frame.function == "<module>" else f", in {frame.function}"
    first = f"  {frame.file}, line {frame.line}{name}"
    if frame.is_library:
        return first
    around = 0 if frame.is_cell else CONTEXT_LINES
    numbers = range(max(1, frame.line - around), frame.line + around + 1)
    lines = [(number, linecache.getline(frame.path, number).rstrip()) for number in numbers]
    code_lines = [
        f"  {'>' if number == frame.line else ' '} {line[:MAX_LINE_CHARACTERS]}"
        for number, line in lines
        if line.strip() and "get_ipython().run_" not in line  # a magic, as it is rewritten
    ]
    return "\n".join([first, *code_lines])
