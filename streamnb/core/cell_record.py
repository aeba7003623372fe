"""Record of a notebook cell that has run: its source, its outputs and the error that it raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .content import Blob

__all__ = ["CellRecord", "FailedCell"]


@dataclass(frozen=True, slots=True)
class CellRecord:
    """A cell that has run.

    Attributes
    ----------
    number
        The number in its brackets.
    source
        Its text, as it was typed.
    outputs
        Text outputs and pictures in the order in which they came.
    answer
        The answer of a ``%%stream`` cell; ``None`` for any other cell.
    """

    number: int
    source: str
    outputs: tuple[str | Blob, ...] = ()
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class FailedCell:
    """A cell that raised.

    Attributes
    ----------
    number
        The number in its brackets; ``None`` where nobody knows which cell it was.
    source
        Its text, as it was typed; empty where nobody knows.
    error
        What it raised.
    traceback_cells
        Earlier cells, by their number, whose functions the error went through.
    """

    number: int | None
    source: str
    error: BaseException
    traceback_cells: Mapping[int, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The cell as a person knows it."""
        return "a cell" if self.number is None else f"cell [{self.number}]"
