"""``Replies``: a list of the replies of many requests, each with the values it was asked with.

It does not render itself: the table that it shows is made by ``render.replies_table``, loaded when
one is shown; pandas is imported only for ``to_frame``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from numbers import Number
from typing import Any, SupportsIndex, overload

from .errors import UsageError
from .reply import Reply
from .table_row import TableRow

__all__ = ["ANSWERED_STATES", "Replies", "row_or_empty"]

ANSWERED_STATES = ("complete", "length", "filtered", "unfinished", "capped")
"""The states of a stream that gave an answer: neither failed nor stopped."""

LOWER_IS_BETTER_COLUMNS = ("input_tokens", "output_tokens", "cost", "first_token", "duration")
"""Columns in which ``best`` takes the lowest."""
COLUMNS = ("prompt", "model", "text", "state", *LOWER_IS_BETTER_COLUMNS, "error")


class Replies(list[Reply]):
    """The answers to many requests, in the order of the requests; a slice is ``Replies`` again."""

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> Reply: ...
    @overload
    def __getitem__(self, index: slice, /) -> Replies: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> Reply | Replies:
        """Return one reply, or some as ``Replies``."""
        selection = super().__getitem__(index)
        return Replies(selection) if isinstance(selection, list) else selection

    def copy(self) -> Replies:
        """Copy the list; the replies in it are the same.

        Returns
        -------
        Replies
            The copy.
        """
        return Replies(self)

    @property
    def errors(self) -> Replies:
        """Those that failed, were stopped, or whose score raised."""
        return Replies(
            reply for reply in self if reply.state not in ANSWERED_STATES or row_or_empty(reply).score_error
        )

    def records(self) -> list[dict[str, Any]]:
        """Make a dict of each reply.

        Returns
        -------
        list[dict[str, Any]]
            The columns of ``to_frame`` by their names, in their order, the same for all; ``None`` where a
            value is not known.
        """
        rows = [row_or_empty(reply) for reply in self]
        values = _all_keys(row.values for row in rows)
        scores = _all_keys(row.scores for row in rows)
        fields = [_parsed_fields(reply.parsed) for reply in self]
        parsed = _all_keys(fields)
        value_columns = {name: f"{name}_value" if name in COLUMNS else name for name in values}
        taken_names = {*COLUMNS, *value_columns.values()}
        score_columns = {name: f"{name}_score" if name in taken_names else name for name in scores}
        taken_names |= set(score_columns.values())
        parsed_columns = {name: f"{name}_parsed" if name in taken_names else name for name in parsed}
        records = []
        for reply, row, values_parsed in zip(self, rows, fields, strict=True):
            usage, timing = reply.usage, reply.timing
            records.append(
                {
                    "prompt": row.prompt,
                    **{column: row.values.get(name) for name, column in value_columns.items()},
                    "model": reply.model,
                    "text": reply.text,
                    "state": reply.state,
                    "input_tokens": usage.input_tokens,
                    "output_tokens": usage.output_tokens,
                    "cost": reply.cost,
                    "first_token": timing.time_to_first_token,
                    "duration": timing.duration,
                    "error": reply.error or row.score_error,
                    **{column: row.scores.get(name) for name, column in score_columns.items()},
                    **{column: values_parsed.get(name) for name, column in parsed_columns.items()},
                }
            )
        return records

    def to_frame(self) -> Any:
        """Return a pandas DataFrame with a row for each reply.

        Returns
        -------
        pandas.DataFrame
            ``prompt``, a column for each value of a template, ``model``, ``text``, ``state``,
            ``input_tokens``, ``output_tokens``, ``cost`` (US dollars), ``first_token`` and
            ``duration`` (seconds), ``error``, then scores and the fields of a schema.  What is
            not known is missing.

        Raises
        ------
        UsageError
            pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError:
            raise UsageError("to_frame() needs pandas, which is not installed: pip install pandas") from None
        records = self.records()
        return pandas.DataFrame(records, columns=list(records[0]) if records else list(COLUMNS))

    def best(self, column: str, *, lowest: bool | None = None) -> Reply:
        """Return the answer that is the best by one column of numbers.

        Parameters
        ----------
        column
            As ``to_frame`` names it: ``"cost"``, ``"score"``, a field of the schema.
        lowest
            Whether the lowest is the best; ``None``: for cost, tokens and times it is, for
            everything else the highest.

        Returns
        -------
        Reply
            The first of the best.

        Raises
        ------
        UsageError
            No answer has a number there; the line names the columns that have.
        """
        records = self.records()
        figures = [
            (record[column], index)
            for index, record in enumerate(records)
            if _is_number_not_nan(record.get(column)) and record["state"] in ANSWERED_STATES
        ]
        if not figures:
            columns = [
                name for name in (records or [{}])[0] if any(_is_number_not_nan(row[name]) for row in records)
            ]
            raise UsageError(
                f"best({column!r}): no answer has a number there; the columns that have: "
                f"{', '.join(columns) or 'none'}"
            )
        least = column in LOWER_IS_BETTER_COLUMNS if lowest is None else lowest
        top = min(value for value, _ in figures) if least else max(value for value, _ in figures)
        return self[next(index for value, index in figures if value == top)]

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        bundle = _import_renderer().bundle(self)
        return bundle.data, bundle.metadata

    def _display_(self) -> _MarimoTable:  # marimo's name for it; of a list it asks for nothing else of ours
        return _MarimoTable(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(_import_renderer().replies_to_text(self))


@dataclass(frozen=True, slots=True)
class _MarimoTable:
    """What marimo shows in the place of a list of replies."""

    replies: Replies

    def _mime_(self) -> tuple[str, str]:
        return "text/html", _import_renderer().marimo_html(self.replies)


def row_or_empty(reply: Reply) -> TableRow:
    """Return what a reply was asked with; an empty row for one that is from no table."""
    return reply.row or TableRow()


def _all_keys(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _parsed_fields(parsed: Any) -> Mapping[str, Any]:
    """Return the fields of a parsed answer with their values; empty without a schema."""
    if isinstance(parsed, Mapping):
        return parsed
    names = getattr(type(parsed), "model_fields", ())
    return {name: getattr(parsed, name) for name in names}


def _is_number_not_nan(value: Any) -> bool:
    return isinstance(value, Number) and value == value  # NaN is none


def _import_renderer() -> Any:
    """Return the module that renders the table, imported when one is shown."""
    return import_module("streamnb.render.replies_table")
