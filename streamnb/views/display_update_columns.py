"""Columns in one output of a notebook without a widget, and the static bundle of all columns.

A ``ColumnOutput`` stands where a view expects an output of its own; what is put there is a part of the one
output that all of them share.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from ..core.reply import Reply
from ..core.text import sanitize_line
from ..render import comparison, portable_markdown, snapshot
from ..render.inline_css import inline_styles
from ..render.terminal_escape import sanitize_for_terminal
from .base import View
from .display_update import DisplayUpdateView
from .output import Output

if TYPE_CHECKING:
    from .marimo_output import MarimoOutput

__all__ = ["ColumnOutput", "DisplayUpdateColumns", "bundle", "column_heading"]

UPDATE_INTERVAL_S = 0.5


class ColumnOutput(Output):
    """The output of one column: it only keeps the bundle, the shared output shows it."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__()
        self.name = name
        self.label = label
        self.bundle = snapshot.MimeBundle({"text/html": "", "text/plain": ""}, {})
        self.changed = False

    def show(self, bundle: snapshot.MimeBundle) -> None:
        """Keep the first bundle."""
        self.bundle = bundle

    def update(self, bundle: snapshot.MimeBundle) -> None:
        """Keep another bundle, and mark the column as changed."""
        self.bundle, self.changed = bundle, True

    def finalize(self, bundle: snapshot.MimeBundle) -> None:
        """Keep the last bundle."""
        self.update(bundle)


def column_heading(column: ColumnOutput) -> str:
    """Return the HTML of the heading above a column: name and label."""
    differs = (
        f'<span class="snb-label">{escape(sanitize_for_terminal(column.label))}</span>'
        if column.label
        else ""
    )
    return f'<div class="snb-name">{escape(sanitize_for_terminal(column.name))}{differs}</div>'


def bundle(
    columns: Mapping[str, ColumnOutput], closing: comparison.ComparisonTable | None = None
) -> snapshot.MimeBundle:
    """Return the bundle of all columns, with the table where all have ended."""
    html = "".join(
        f"{inline_styles('<div class=' + chr(34) + 'snb-column' + chr(34) + '>' + column_heading(column))}"
        f"{column.bundle.data.get('text/html', '')}</div>"
        for column in columns.values()
    )
    plain = [
        sanitize_for_terminal(f"{name}\n\n{column.bundle.data['text/plain']}")
        for name, column in columns.items()
    ]
    ranges = _text_ranges([sanitize_for_terminal(name) for name in columns], plain)
    after = ""
    if closing is not None:
        after = inline_styles(comparison.table_to_html(closing))
        plain.append(sanitize_for_terminal(comparison.table_to_text(closing)))
    # The columns bring the padding of an answer themselves.
    root = inline_styles(snapshot.ROOT_TAG.replace(">", ' style="padding:0">'))
    box = inline_styles('<div class="snb-columns">')
    texts = [
        f"**{portable_markdown.escape(sanitize_line(name))}**\n\n{column.bundle.data['text/markdown']}"
        for name, column in columns.items()
        if "text/markdown" in column.bundle.data
    ]
    if closing is not None:
        texts.append(comparison.table_to_markdown(closing))
    about = {
        name: {**columns[name].bundle.metadata.get("streamnb", {}), "text_range": text_range}
        for name, text_range in zip(columns, ranges, strict=True)
    }
    return snapshot.MimeBundle(
        {
            "text/html": f"{root}{box}{html}</div>{after}</div>",
            "text/markdown": "\n\n".join(texts),
            "text/plain": "\n\n".join(plain),
        },
        {"streamnb": {"answers": about}},
    )


def _text_ranges(names: Sequence[str], plain: Sequence[str]) -> list[tuple[int, int]]:
    """Return from where to where the answers' texts go in the joined plain texts, in code points.

    A page copies one by it: each stands between its name and its footer, and may hold anything.
    """
    ranges, offset = [], 0
    for name, text in zip(names, plain, strict=True):
        start = len(name) + 2
        ranges.append((offset + start, offset + max(start, text.rfind("\n\n"))))
        offset += len(text) + 2
    return ranges


class DisplayUpdateColumns:
    """Shows several streams as updates of one display; the parameters are those of ``DisplayUpdateView``."""

    def __init__(
        self,
        *,
        live: bool = True,
        output: Output | MarimoOutput | None = None,
        bundle_of: Callable[[Reply], snapshot.MimeBundle] | None = None,
    ) -> None:
        self._live = live
        self._output = output or Output()
        self._bundle_of = bundle_of
        self._is_shown = False
        self._columns: dict[str, ColumnOutput] = {}
        self._updated = 0.0

    def add_column(self, name: str, label: str, schema: str | None = None) -> View:
        """Return the view of one more stream; as ``Columns.add_column``."""
        column = self._columns[name] = ColumnOutput(name, label)
        view = DisplayUpdateView(name, live=self._live, output=column, bundle_of=self._bundle_of)
        if schema is not None:
            view.expect_schema(schema)
        return view

    def open(self) -> None:
        """Show that the models are answering, where displays are published."""
        if self._live:
            self._show_or_update(
                snapshot.MimeBundle(
                    {"text/plain": f"{', '.join(map(sanitize_line, self._columns))} are answering"}, {}
                )
            )

    def flush(self) -> None:
        """Update the output, if a column has changed and the interval is over."""
        now = time.monotonic()
        changed = any(column.changed for column in self._columns.values())
        if self._live and changed and now - self._updated >= UPDATE_INTERVAL_S:
            self._updated = now
            self._show_or_update(bundle(self._columns))

    def close(self, table: comparison.ComparisonTable) -> None:
        """Replace the output by the static bundle of all columns."""
        self._show_or_update(bundle(self._columns, table))

    def _show_or_update(self, bundle_: snapshot.MimeBundle) -> None:
        for column in self._columns.values():
            column.changed = False
        put = self._output.update if self._is_shown else self._output.show
        self._is_shown = True
        put(bundle_)
