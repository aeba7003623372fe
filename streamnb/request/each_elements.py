"""The elements of a variable that ``--each`` names: of a list, of a column, or the rows of a DataFrame.

In the prompt ``{{ it }}`` is the element; ``{{ it.column }}`` and ``{{ it["column"] }}`` are a row's value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from numbers import Number
from typing import Any

from ..core.content import Part
from ..core.errors import UsageError
from ..core.text import with_article
from .value_parts import describe_parts, to_parts

__all__ = ["RowElement", "element_parts", "elements_of", "table_row_values"]


class RowElement:
    """A row of a DataFrame: a column by its name, as an attribute or in brackets."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getitem__(self, column: str) -> Any:
        if column not in self._values:
            raise KeyError(f"there is no column {column!r}; the columns are {', '.join(self._values)}")
        return self._values[column]

    def __getattr__(self, column: str) -> Any:
        try:
            return self[column]
        except KeyError as missing:
            raise AttributeError(str(missing.args[0])) from None

    @property
    def as_dict(self) -> dict[str, Any]:
        """All columns of the row."""
        return dict(self._values)


def elements_of(name: str, value: Any) -> list[Any]:
    """Return the elements of the variable ``name``, those of a DataFrame as ``RowElement``.

    Raises
    ------
    UsageError
        It is nothing that has elements to ask about, or it is empty.
    """
    if hasattr(value, "columns") and hasattr(value, "itertuples"):
        columns = [str(column) for column in value.columns]
        rows = value.itertuples(index=False, name=None)
        elements: list[Any] = [RowElement(dict(zip(columns, row, strict=True))) for row in rows]
    elif isinstance(value, str | bytes | Mapping) or not (
        isinstance(value, Iterable) and isinstance(value, Sized)
    ):
        raise UsageError(
            f"--each {name} is {with_article(type(value).__name__)}: "
            "a list, a column or a DataFrame is needed"
        )
    else:
        elements = list(value)
    if not elements:
        raise UsageError(f"--each {name} is empty: nothing would be asked")
    return elements


def element_parts(value: Any) -> tuple[Part, ...]:
    """Return the parts that stand for a value of an element; a whole row is a dict."""
    return to_parts(value.as_dict if isinstance(value, RowElement) else value)


def table_row_values(element: Any) -> dict[str, Any]:
    """Return an element as the ``values`` of a ``TableRow``: ``it``, or the columns of a row."""
    values = element.as_dict if isinstance(element, RowElement) else {"it": element}
    return {name: _scalar_or_description(value) for name, value in values.items()}


def _scalar_or_description(value: Any) -> Any:
    """Return a text or a number as it is, numpy's as Python's, and of anything else what it becomes."""
    value = value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value
    if value is None or isinstance(value, str | Number):
        return value
    try:
        return describe_parts(to_parts(value))
    except UsageError as refused:
        return f"[{refused}]"
