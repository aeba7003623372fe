"""HTML table of many replies: live rows while they stream, then a static table with foldable answers.

Pure, and as safe as a snapshot: everything from outside is escaped, an answer is rendered by the rules
of a single one.  Of a long table the first rows are shown, and a line says how many more there are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from ..core.replies import COLUMNS, Replies
from ..core.reply import Reply
from ..core.text import sanitize_line
from . import comparison, number_format, portable_markdown
from .inline_css import inline_styles
from .marimo_html import adapt_html_for_marimo
from .snapshot import ROOT_TAG, MimeBundle, make_html_portable
from .terminal_escape import sanitize_for_terminal

if TYPE_CHECKING:
    from ..markdown.maths import MathsFormat

__all__ = [
    "LIVE_COLUMNS",
    "MAX_ROWS",
    "LiveRow",
    "bundle",
    "marimo_html",
    "replies_to_html",
    "replies_to_markdown",
    "replies_to_text",
    "visible_row_cells",
]

MAX_ROWS = 200
MAX_LINE_CHARACTERS = 70  # characters of a prompt or an answer in its cell
_NUMBER_COLUMNS = ("tokens", "cost", "first token", "total")
LIVE_COLUMNS = ("prompt", "model", "answer", "state", "cost")


class LiveRow:
    """One row of the table while its answer streams."""

    __slots__ = ("_line", "cost", "model", "prompt", "state")

    def __init__(self, prompt: str = "", model: str = "") -> None:
        self.prompt, self.model = prompt, model
        self.state = "waiting"
        self.cost: float | None = None
        self._line = ""

    def feed(self, delta: str) -> None:
        """Take more of the answer; its beginning is shown."""
        self.state = "streaming"
        if len(self._line) < MAX_LINE_CHARACTERS:
            self._line = (self._line + delta).lstrip()[: MAX_LINE_CHARACTERS + 1]

    def finish(self, answer: str, state: str, cost: float | None) -> None:
        """Take the whole answer, how it ended and its cost.

        Parameters
        ----------
        answer
            The whole text.
        state
            How the stream ended.
        cost
            US dollars, ``None`` if unknown.
        """
        self.state, self.cost, self._line = state, cost, answer.lstrip()[: MAX_LINE_CHARACTERS + 1]

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state not in ("waiting", "asking", "streaming")

    def to_cells(self) -> list[str]:
        """Return the text of the cells, in the order of ``LIVE_COLUMNS``."""
        return [
            _one_line(self.prompt),
            _one_line(self.model),
            _one_line(self._line),
            self.state,
            number_format.format_cost(self.model, self.cost) if self.has_ended else number_format.NOT_KNOWN,
        ]


def visible_row_cells(rows: Sequence[LiveRow]) -> tuple[list[list[str]], str]:
    """Return the cells of the rows around the first unended one, and a note where not all are shown."""
    first = next((index for index, row in enumerate(rows) if not row.has_ended), len(rows))
    start = max(0, min(first - MAX_ROWS // 4, len(rows) - MAX_ROWS))
    note = f"{MAX_ROWS} of {len(rows):,} rows" if len(rows) > MAX_ROWS else ""
    return [row.to_cells() for row in rows[start : start + MAX_ROWS]], note


def bundle(replies: Replies) -> MimeBundle:
    """Return the static MIME bundle of the table."""
    root = inline_styles(ROOT_TAG)
    data = {
        "text/html": f"{root}{replies_to_html(replies)}</div>",
        "text/markdown": replies_to_markdown(replies),
    }
    return MimeBundle(data | {"text/plain": replies_to_text(replies)}, {})


def marimo_html(replies: Replies) -> str:
    """Return the table for a page of marimo's, formulas as MathML."""
    root = inline_styles('<div class="streamnb">')
    return adapt_html_for_marimo(f"{root}{replies_to_html(replies, maths='mathml')}</div>")


def replies_to_html(replies: Replies, *, maths: MathsFormat = "tex") -> str:
    """Return the table of replies: readable without a script, the whole of each answer in a fold."""
    names, records = _columns_and_records(replies[:MAX_ROWS])
    rows = []
    for reply, record in zip(replies, records, strict=False):
        cells = [_text_to_td(record[name]) for name in names]
        cells[names.index("answer")] = _answer_to_td(reply, record["answer"], maths)
        rows.append(f"<tr>{''.join(cells)}</tr>")
    head = inline_styles(
        "<tr>" + "".join(f'<th class="snb-cell">{escape(name)}</th>' for name in names) + "</tr>"
    )
    opening = inline_styles('<div class="snb-comparison"><table class="snb-compared">')
    table = make_html_portable(f"{opening}<thead>{head}</thead><tbody>{''.join(rows)}</tbody></table></div>")
    if len(replies) <= MAX_ROWS:
        return table
    note = f"{MAX_ROWS} of {len(replies):,} rows; .to_frame() has all of them"
    return table + inline_styles(f'<div class="snb-scale">{note}</div>')


def replies_to_markdown(replies: Replies) -> str:
    """Return the table as Markdown and below it, by its row, each answer that is longer than its cell."""
    from ..markdown import render  # here: not needed before something is shown
    from ..markdown.sanitizer import sanitize

    names, records = _columns_and_records(replies[:MAX_ROWS])
    rows = ([str(row), *(record[name] for name in names)] for row, record in enumerate(records, 1))
    number_columns = [column for column, name in enumerate(names, 1) if name in _NUMBER_COLUMNS]
    parts = [portable_markdown.rows_to_table([["", *names], *rows], number_columns=number_columns)]
    for row, (reply, record) in enumerate(zip(replies, records, strict=False), 1):
        if reply.text.strip() not in ("", record["answer"]):
            answer = portable_markdown.html_to_markdown(sanitize(render(reply.text, maths="tex")))
            parts.append(f"**Answer {row}**\n\n{answer}")
    if len(replies) > MAX_ROWS:
        parts.append(portable_markdown.escape(f"{MAX_ROWS} of {len(replies):,} rows"))
    return "\n\n".join(parts)


def replies_to_text(replies: Replies) -> str:
    """Return the table as aligned lines, harmless in a terminal."""
    if not replies:
        return "no replies"
    names, records = _columns_and_records(replies[:MAX_ROWS])
    rows = tuple(tuple(_one_line(record[name], 40) for name in names) for record in records)
    lines = comparison.table_to_text(comparison.ComparisonTable(tuple(names), rows, {}))
    if len(replies) > MAX_ROWS:
        lines += f"\n{MAX_ROWS} of {len(replies):,} rows; .to_frame() has all of them"
    return sanitize_for_terminal(lines)


def _columns_and_records(replies: Replies) -> tuple[list[str], list[dict[str, str]]]:
    """Return the names of the columns that are worth showing, and the texts of every row by column."""
    records = replies.records()
    extra_columns = [name for name in (records[0] if records else ()) if name not in COLUMNS]
    values = [
        name
        for name in extra_columns
        if any(name.removesuffix("_value") in r.row.values for r in replies if r.row)
    ]
    is_mixed = len({reply.model for reply in replies}) > 1
    has_states = any(reply.state != "complete" for reply in replies)
    names = [*(values or ["prompt"]), *(["model"] if is_mixed else []), "answer"]
    names += [*(["state"] if has_states else []), *(name for name in extra_columns if name not in values)]
    names += _NUMBER_COLUMNS
    return names, [_record_to_texts(record, extra_columns) for record in records]


def _record_to_texts(record: Mapping[str, Any], extra_columns: Sequence[str]) -> dict[str, str]:
    answer = record["text"] if record["text"].strip() else record["error"] or ""
    tokens, first = record["output_tokens"], record["first_token"]
    return {
        **{name: _format_value(record[name]) for name in extra_columns},
        "prompt": _one_line(record["prompt"]),
        "model": _one_line(record["model"]),
        "answer": _one_line(answer),
        "state": record["state"],
        "tokens": number_format.NOT_KNOWN if tokens is None else f"{tokens:,}",
        "cost": number_format.format_cost(record["model"], record["cost"]),
        "first token": number_format.NOT_KNOWN if first is None else number_format.format_seconds(first),
        "total": number_format.format_seconds(record["duration"]),
    }


def _answer_to_td(reply: Reply, line: str, maths: MathsFormat) -> str:
    """Return the cell of an answer: its first line, which opens to all of it."""
    answer = reply.text if reply.text.strip() else ""
    if answer.strip() == line and not reply.error:
        return _text_to_td(line)
    asked_with = [sanitize_for_terminal(reply.row.prompt)] if reply.row else []
    notes = [*asked_with, *([sanitize_line(reply.error)] if reply.error else [])]
    above = "".join(f'<div class="snb-scale">{escape(note)}</div>' for note in notes)
    opening = inline_styles(
        '<td class="snb-cell snb-wide-cell"><details>'
        f"<summary>{escape(line) or number_format.NOT_KNOWN}</summary>{above}"
    )
    return f'{opening}<div class="snb-answer">{_answer_to_html(answer, maths)}</div></details></td>'


def _answer_to_html(source: str, maths: MathsFormat) -> str:
    # Here and not above: a parser and a sanitiser are not needed before something is shown.
    from ..markdown import render
    from ..markdown.sanitizer import sanitize

    return inline_styles(sanitize(render(source, maths=maths)), tags_of="snb-answer")


def _text_to_td(word: str) -> str:
    return inline_styles('<td class="snb-cell">') + f"{escape(word)}</td>"


def _format_value(value: Any) -> str:
    if value is None or value != value:
        return number_format.NOT_KNOWN
    return f"{value:.4g}" if isinstance(value, float) else _one_line(str(value), 40)


def _one_line(text: str, limit: int = MAX_LINE_CHARACTERS) -> str:
    return sanitize_line(text, limit)
