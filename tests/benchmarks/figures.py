"""What benchmarks share: an answer to stream, a row of figures, the table that is printed."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Row", "answer", "middle", "show"]

PARAGRAPH = (
    "Kiwis cannot fly, but answers **come in pieces**: each `chunk` is one server-sent event, and\n"
    "the reader sees the *first words* while the rest is still being written.\n\n"
    "- a list item with some text\n- another one, with `code` in it\n\n"
    "```python\nfor chunk in stream:\n    print(chunk.text, end='')\n```\n\n"
)


@dataclass(frozen=True)
class Row:
    """One figure and the goal it belongs to; ``limit``, if there is one, is the most that is wanted."""

    goal: str
    what: str
    figure: float
    limit: float | None = None
    unit: str = ""
    detail: str = ""


def answer(characters: int) -> str:
    """Return a mixed answer of exactly this length."""
    return (PARAGRAPH * (characters // len(PARAGRAPH) + 1))[:characters]


def middle(figures: Iterable[float]) -> float:
    """Return the median."""
    return statistics.median(figures)


def show(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Print a table of rows; return them as JSON has them."""
    for row in rows:
        limit = "" if row.limit is None else f"<= {row.limit:g}"
        missed = "" if row.limit is None or row.figure <= row.limit else "  MISSED"
        figure = f"{row.figure:,.3g} {row.unit}".strip()
        print(f"{row.goal:>3}  {row.what:<62} {figure:>10} {limit:>9}{missed}  {row.detail}", flush=True)
    return [asdict(row) | {"ok": row.limit is None or row.figure <= row.limit} for row in rows]
