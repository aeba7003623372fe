"""Text of the notebook's last error (``--error``) or last cells (``--cells``), to go before a prompt.

Everything is bounded, keys are masked, and ``Context.details`` says what was sent and what was left out.
"""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..core.cell_record import CellRecord, FailedCell
from ..core.content import Blob, Part, Text, merge_adjacent_texts
from ..core.notebook_secrets import mask_notebook_text
from ..core.sent_items import SentItem, make_sent_item
from ..core.surrogates import without_surrogates
from ..core.text import sanitize_line
from ..render.portable_markdown import fenced_code
from .context_parts import Context
from .traceback_text import CellLabeler, cut_middle, error_headline, traceback_text
from .value_summary import summaries_for_code

__all__ = ["cells_context", "error_context"]

MAX_SOURCE_CHARACTERS = 20_000  # of one cell
MAX_OUTPUT_CHARACTERS = 4_000  # of one cell
MAX_SUMMARIES_CHARACTERS = 6_000  # of the variables in one cell
MAX_CONTEXT_CHARACTERS = 100_000  # of all cells
MAX_PICTURES = 10


def error_context(
    cell: FailedCell, names: Mapping[str, Any], label: CellLabeler, environ: Mapping[str, str]
) -> Context:
    """Return what a model has to know about an error.

    Parameters
    ----------
    cell
        What raised it.
    names
        The notebook's variables; those that stand in the cell are described.
    label
        What the notebook calls the file of a cell.
    environ
        Whose values are masked where they are named like keys.

    Returns
    -------
    Context
        The parts to send, and what the footer's details say of them.
    """
    blocks = [f"The last error of this notebook, raised by {cell.label}:"]
    if cell.source:
        blocks.append(_fence_code(cell.source))
    for number, source in cell.traceback_cells.items():
        blocks += [f"Cell [{number}], which it went through:", _fence_code(source)]
    blocks.append(fenced_code(traceback_text(cell.error, label)))
    if isinstance(cell.error, KeyboardInterrupt | CancelledError):
        blocks.append("(The person interrupted the cell; the traceback shows where it stood.)")
    if lines := summaries_for_code(cell.source, names):
        summaries = cut_middle("\n".join(f"- {line}" for line in lines), MAX_SUMMARIES_CHARACTERS)
        blocks.append(f"The names in this cell, as they are now:\n\n{summaries}")
    text = _mask_and_remove_surrogates("\n\n".join(blocks), environ)
    about = sanitize_line(mask_notebook_text(error_headline(cell.error), environ), 120)
    other_cells = "".join(f", with cell [{number}]" for number in cell.traceback_cells)
    detail = f"error of {cell.label}: {about} ({len(text):,} characters sent{other_cells})"
    return Context((Text(f"{text}\n\n"),), (detail,), (make_sent_item(detail, (Text(text),)),))


def cells_context(cells: Sequence[CellRecord], environ: Mapping[str, str], *, pictures: bool) -> Context:
    """Return cells with their outputs, in the order given; the last ones where not all find room.

    Parameters
    ----------
    cells
        In the order in which they are sent.
    environ
        Whose values are masked where they are named like keys.
    pictures
        Whether figures and images go along, the last ``MAX_PICTURES`` of them.

    Returns
    -------
    Context
        The parts to send, and what the footer's details say of them.
    """
    parts: list[list[Part]] = []
    items: list[SentItem] = []
    details: list[str] = []
    characters, room = 0, MAX_PICTURES if pictures else 0
    for cell in reversed(cells):
        cell_parts = [
            Text(_mask_and_remove_surrogates(part.text, environ)) if isinstance(part, Text) else part
            for part in _cell_to_parts(cell)
        ]
        size = sum(len(part.text) for part in cell_parts if isinstance(part, Text))
        if parts and characters + size > MAX_CONTEXT_CHARACTERS:
            left_out = len(cells) - len(parts)
            details.append(
                f"{left_out} earlier cell{'s' * (left_out != 1)} left out: all have more than "
                f"{MAX_CONTEXT_CHARACTERS:,} characters"
            )
            break
        characters += size
        blobs = [part for part in cell_parts if isinstance(part, Blob)]
        images = blobs[max(0, len(blobs) - room) :]
        room -= len(images)
        parts.append([part for part in cell_parts if isinstance(part, Text) or part in images])
        details.append(_cell_detail_line(cell, size, blobs, images, pictures=pictures))
        items.append(make_sent_item(details[-1], parts[-1]))
    details.reverse()
    one_or_more = ("cell", "") if len(parts) == 1 else (f"{len(parts)} cells", ", in order")
    heading = "The last {} that ran in this notebook{}, with what came out:\n\n"
    first = Text(heading.format(*one_or_more))
    ordered = [part for cell_parts in reversed(parts) for part in cell_parts]
    return Context(merge_adjacent_texts([first, *ordered]), tuple(details), tuple(items))


def _cell_detail_line(
    cell: CellRecord, size: int, blobs: list[Blob], images: list[Blob], *, pictures: bool
) -> str:
    detail = f"cell [{cell.number}]: {size:,} characters"
    if images:
        data = ", ".join(f"{blob.mime_type} of {len(blob.data):,} bytes" for blob in images)
        detail += f" and {data}"
    if omitted := len(blobs) - len(images):
        what = f"{omitted} picture{'s' * (omitted != 1)} left out"
        why = f"{MAX_PICTURES} at most" if pictures else "--cells N+images sends them"
        detail += f" ({what}: {why})"
    if len(cell.source) > MAX_SOURCE_CHARACTERS or _output_size(cell) > MAX_OUTPUT_CHARACTERS:
        detail += " (cut in the middle)"
    return detail


def _output_size(cell: CellRecord) -> int:
    return sum(len(output) for output in cell.outputs if isinstance(output, str))


def _cell_to_parts(cell: CellRecord) -> Iterator[Part]:
    """Yield a cell's parts: its text, then each output in its place."""
    yield Text(f"Cell [{cell.number}]:\n\n{_fence_code(cell.source)}\n\n")
    if cell.answer is not None:
        answer = cut_middle(cell.answer, MAX_SOURCE_CHARACTERS)
        yield Text(f"The model's answer to it:\n\n{fenced_code(answer, 'markdown')}\n\n")
    size = _output_size(cell)
    for output in cell.outputs:
        if isinstance(output, Blob):
            yield Text("A picture in its output:\n\n")
            yield output
        elif output.strip():
            limit = max(400, MAX_OUTPUT_CHARACTERS * len(output) // max(size, MAX_OUTPUT_CHARACTERS))
            yield Text(f"Output:\n\n{fenced_code(cut_middle(output.rstrip(), limit))}\n\n")


def _fence_code(source: str) -> str:
    language = "" if source.lstrip().startswith("%%") else "python"
    return fenced_code(cut_middle(source.rstrip(), MAX_SOURCE_CHARACTERS), language)


def _mask_and_remove_surrogates(text: str, environ: Mapping[str, str]) -> str:
    """Return text that was printed or raised without keys, and without what no request can carry."""
    clean: str = without_surrogates(mask_notebook_text(text, environ))
    return clean
