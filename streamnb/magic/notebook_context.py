"""Context for ``--error`` and ``--cells``: the parts of the notebook that are sent before the prompt."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from ..core.cell_record import FailedCell
from ..core.errors import UsageError
from ..core.redaction import ENVIRON
from ..request.context import cells_context, error_context
from ..request.context_parts import Context
from ..request.line_parser import ParsedLine
from ..request.option_readers import MAX_CELLS
from ..request.traceback_text import CellLabeler, cell_labels_of_error
from . import compat
from .state import MagicState

__all__ = ["FIX_PROMPT", "context_for_line", "last_failed_cell"]

_DIGITS = re.compile(r"\d+")
MAX_TRACEBACK_CELLS = 3  # cells besides the one that raised

FIX_PROMPT = (
    "Say in two or three sentences what raised this error. Then give the corrected cell, whole and "
    "ready to run, in one block of Python code. Change nothing that has not to do with the error."
)
"""What ``%stream fix`` asks, and ``--error`` above an empty prompt."""


def last_failed_cell(magics: MagicState) -> FailedCell:
    """Return the last cell that raised.

    Raises
    ------
    UsageError
        None has raised, or it ran well since.
    """
    history = magics.history
    if history is None or history.failed is None:
        since = f": {history.resolution}" if history is not None and history.resolution else ""
        raise UsageError(f"there is no error to send{since}")
    return history.failed


def _cells_in_traceback(magics: MagicState, failed: FailedCell, label: CellLabeler) -> dict[int, str]:
    """Return the cells in the error's traceback by number: the innermost, without the failed one."""
    inputs = compat.raw_inputs(magics.shell)
    cells: dict[int, str] = {}
    for name in reversed(cell_labels_of_error(failed.error, label)):
        number = int(_DIGITS.findall(name)[-1])
        if number != failed.number and number < len(inputs) and inputs[number] != failed.source:
            cells[number] = inputs[number]
    return dict(sorted(list(cells.items())[:MAX_TRACEBACK_CELLS]))


def context_for_line(magics: MagicState, line: ParsedLine, names: Mapping[str, Any]) -> Context:
    """Return the context that ``--error`` or ``--cells`` of a line sends before the prompt.

    Parameters
    ----------
    magics
        The history and the shell.
    line
        The options; ``error`` and ``cells`` say what is wanted.
    names
        The notebook's variables, of which those in the failed cell are described.

    Returns
    -------
    Context
        What is sent, and what the footer's details say of it; empty for a line that wants nothing.

    Raises
    ------
    UsageError
        There is no error, or fewer cells have run than are to be sent.
    """
    history = magics.history
    if line.error:
        failed = last_failed_cell(magics)
        label = partial(compat.cell_label, magics.shell)
        traceback_cells = _cells_in_traceback(magics, failed, label)
        return error_context(replace(failed, traceback_cells=traceback_cells), names, label, ENVIRON)
    if line.cells is None:
        return Context()
    number, pictures = line.cells
    cells = [] if history is None else history.last_cells(MAX_CELLS + 1 if number is None else number)
    if not cells:
        raise UsageError("--cells: no cell has run before this one; nothing was sent")
    if number is not None and len(cells) < number:
        have = "1 cell has" if len(cells) == 1 else f"{len(cells)} cells have"
        raise UsageError(
            f"--cells {number}: {have} run before this one; type --cells {len(cells)} or --cells all"
        )
    context = cells_context(cells[-MAX_CELLS:], ENVIRON, pictures=pictures)
    if len(cells) > MAX_CELLS:
        omitted = f"cells before [{cells[1].number}] left out: {MAX_CELLS} are the most"
        return Context(context.parts, (omitted, *context.details))
    return context
