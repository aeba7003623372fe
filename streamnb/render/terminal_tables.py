"""An answer's table laid out for a terminal: side by side where its words fit, else a line for each cell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

__all__ = ["Justify", "lay_out_table"]

GAP = 3  # cells between two columns

Justify = Literal["left", "center", "right"]


def lay_out_table(
    head: Sequence[Text],
    body: Sequence[Sequence[Text]],
    sides: Sequence[Justify],
    columns: int,
    first_row: int,
) -> RenderableType:
    """Return a table as ``rich`` prints it on a terminal of so many columns.

    With a ``first_row`` above 0 the head and the rows before that one are left out, since they were drawn
    before; they count for how wide the columns are.  ``sides`` says where the cells of each column stand.

    Parameters
    ----------
    head
        The cells of the head.
    body
        The cells of each row; shorter rows are filled up.
    sides
        Where the cells of each column stand.
    columns
        How many letters a line of the terminal takes.
    first_row
        How many rows were drawn before.

    Returns
    -------
    RenderableType
        A table; where it does not fit, a line for each cell.
    """
    remaining = body[first_row:]
    if first_row and not remaining:
        return Group()
    texts = [[text for text in column if text is not None] for column in zip_longest(head, *body)]
    if _total_width(texts, _longest_word_width) > columns:
        return Group(*_cells_as_lines(head, remaining))
    fits = _total_width(texts, _longest_line_width) <= columns
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, border_style="dim", header_style="bold",
        show_header=not first_row,
    )  # fmt: skip
    for text, justify, column in zip(head, sides, texts, strict=False):
        width = max(1, *map(_longest_line_width, column)) if fits else None
        table.add_column(text, justify=justify, width=width)
    for cells in remaining:
        table.add_row(*cells)
    return table


def _total_width(columns: Sequence[Iterable[Text]], measure: Callable[[Text], int]) -> int:
    return sum(max(map(measure, column)) for column in columns) + GAP * (len(columns) - 1)


def _cells_as_lines(head: Sequence[Text], body: Sequence[Sequence[Text]]) -> Iterator[RenderableType]:
    for index, cells in enumerate(body):
        if index:
            yield Text("")
        for name, cell in zip(head, cells, strict=False):
            yield Text.assemble((f"{name.plain}: ", "bold"), cell)
    if not body:
        yield Text(" · ").join(head)


def _longest_word_width(text: Text) -> int:
    return max(map(cell_len, text.plain.split()), default=1)


def _longest_line_width(text: Text) -> int:
    return max(map(cell_len, text.plain.split("\n")))
