"""Tables that compare several replies in numbers, as text or as HTML.

Two tables are made here: ``answers_table`` of streams that ran side by side, ``pace_table`` of one prompt
asked asynchronously and synchronously, with the pace of each as a row of bars.  All of it is pure.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from ..core.events import FAULT_STATES
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..core.timing import Timing
from . import footer, number_format, portable_markdown

__all__ = [
    "ComparisonTable",
    "answers_table",
    "pace_table",
    "table_to_html",
    "table_to_markdown",
    "table_to_text",
]

TIME_SLICES = 60  # bars of one stream's pace
BAR_LETTERS = " ▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """A table of figures as text, with bars of pace below it.

    Attributes
    ----------
    head, rows
        The names of the columns, and the cells of each row, the answer's name first.
    pace_bars
        A row of bars for each name, from 0 to 1.
    pace_caption
        What the bars show; empty without any.
    marks
        A word before a figure that is the best of its column, by row and column.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    pace_bars: Mapping[str, Sequence[float]]
    pace_caption: str = ""
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)


def answers_table(replies: Mapping[str, Reply], labels: Mapping[str, str] | None = None) -> ComparisonTable:
    """Return the table that compares answers which ran side by side, a row for each.

    ``labels`` says in what streams of one model differ; a column ``state`` is there only where
    not all are complete.
    """
    labels = labels or {}
    has_labels = any(labels.values())
    unequal = any(reply.state != "complete" for reply in replies.values())
    head = ["answer", *(["options"] if has_labels else []), *(["state"] if unequal else [])]
    rows = []
    for name, reply in replies.items():
        row = [
            _sanitize_name(name),
            *([_sanitize_name(labels.get(name, ""))] if has_labels else []),
            *([reply.state] if unequal else []),
        ]
        length = f"{len(reply.text):,} characters"
        rows.append(
            (
                *row,
                *_format_first_token_and_rate(reply),
                _format_tokens(reply.usage.output_tokens),
                number_format.format_cost(reply.model, reply.cost, "unknown"),
                length,
            )
        )
    columns = (*head, "first token", "tokens/s", "tokens", "cost", "length")
    return ComparisonTable(
        columns, tuple(rows), {}, marks=_marks_by_cell(list(replies.values()), rows, columns)
    )


def _marks_by_cell(
    replies: Sequence[Reply], rows: Sequence[Sequence[str]], columns: Sequence[str]
) -> dict[tuple[int, int], str]:
    """Return the marks ``fastest``, ``cheapest`` and ``longest`` by row and column, where one stands out.

    Those that look alike share a mark, all alike have none; nobody is the cheapest where a cost is unknown.
    A stream that ended in a fault is neither fast nor cheap.
    """
    succeeded = [reply.state not in FAULT_STATES for reply in replies]
    rates = [
        reply.timing.tokens_per_second if ok else None for reply, ok in zip(replies, succeeded, strict=True)
    ]
    costs = [reply.cost or None if ok else None for reply, ok in zip(replies, succeeded, strict=True)]
    if any(cost is None for cost, ok in zip(costs, succeeded, strict=True) if ok):
        costs = []
    marks: dict[tuple[int, int], str] = {}
    for name, mark, scores in (
        ("tokens/s", "fastest", rates),
        ("cost", "cheapest", [None if cost is None else -cost for cost in costs]),
        ("length", "longest", [float(len(reply.text)) for reply in replies]),
    ):
        scores_and_rows = [(score, row) for row, score in enumerate(scores) if score is not None]
        column = columns.index(name)
        best = rows[max(scores_and_rows)[1]][column] if scores_and_rows else ""
        winners = [row for _, row in scores_and_rows if rows[row][column] == best]
        if len(winners) < len(scores_and_rows):
            marks |= {(row, column): mark for row in winners}
    return marks


def _format_first_token_and_rate(reply: Reply) -> tuple[str, str]:
    first, rate = reply.timing.time_to_first_token, reply.timing.tokens_per_second
    return (
        number_format.NOT_KNOWN if first is None else number_format.format_seconds(first),
        number_format.NOT_KNOWN if rate is None else number_format.format_rate(rate),
    )


def _format_tokens(count: int | None) -> str:
    return number_format.NOT_KNOWN if count is None else f"{count:,}"


def pace_table(replies: Mapping[str, Reply]) -> ComparisonTable:
    """Return the table of the pace of several streams of one prompt: a column for each stream.

    Jitter is the standard deviation of the gaps between chunks.
    """
    columns = [_pace_texts(reply) for reply in replies.values()]
    unequal = any(reply.state != "complete" for reply in replies.values())
    names = [name for name in (columns[0] if columns else ()) if unequal or name != "state"]
    rows = [(figure, *(column[figure] for column in columns)) for figure in names]
    timings = [reply.timing for reply in replies.values()]
    last_chunks = ((timing.time_to_first_token or 0.0) + sum(timing.gaps) for timing in timings)
    longest = max(last_chunks, default=0.0)  # seconds
    pace_bars = {name: _chunks_by_slice(reply.timing, longest) for name, reply in replies.items()}
    highest = max((max(bars, default=0) for bars in pace_bars.values()), default=0) or 1
    bar_heights = {name: [bar / highest for bar in bars] for name, bars in pace_bars.items()}
    slice_, span = number_format.format_seconds(longest / TIME_SLICES), number_format.format_seconds(longest)
    scale = f"chunks in each {slice_}, over {span}"
    return ComparisonTable(
        ("", *map(_sanitize_name, replies)), tuple(rows), bar_heights, scale if longest else ""
    )


def _pace_texts(reply: Reply) -> dict[str, str]:
    first, rate = _format_first_token_and_rate(reply)
    gaps = reply.timing.gaps
    spread = footer.gap_statistics(gaps)
    jitter = statistics.pstdev(gaps) if gaps else None
    return {
        "state": reply.state,
        "first token": first,
        "tokens/s": rate,
        "gap, median": _format_short_time(spread and spread.median),
        "gap, p95": _format_short_time(spread and spread.p95),
        "gap, longest": _format_short_time(spread and spread.longest),
        "jitter": _format_short_time(jitter),
        "total tokens": _format_tokens(footer.total_tokens(reply.usage)),
        "elapsed": number_format.format_seconds(reply.timing.duration),
    }


def _format_short_time(seconds: float | None) -> str:
    if seconds is None:
        return number_format.NOT_KNOWN
    return f"{seconds * 1000:.1f} ms" if seconds < 0.00995 else number_format.format_seconds(seconds)


def _chunks_by_slice(timing: Timing, longest: float) -> list[int]:
    """Return how many chunks came in each slice of the longest stream's time."""
    bars = [0] * TIME_SLICES
    if timing.time_to_first_token is None or longest <= 0:
        return bars
    at = timing.time_to_first_token
    for gap in (0.0, *timing.gaps):
        at += gap
        bars[min(TIME_SLICES - 1, int(at / longest * TIME_SLICES))] += 1
    return bars


def table_to_text(table: ComparisonTable) -> str:
    """Return a table as aligned lines, the first column to the left and numbers to the right.

    >>> print(table_to_text(ComparisonTable(("", "a"), (("first", "9 ms"), ("all", "12.0 s")), {})))
                a
    first    9 ms
    all    12.0 s
    """
    lines = _header_and_rows_with_marks(table)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text_lines = [
        "  ".join(
            word.ljust(width) if index == 0 else word.rjust(width)
            for index, (word, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    if table.pace_caption:
        width = max(map(len, table.pace_bars))
        text_lines += ["", table.pace_caption]
        text_lines += [
            f"{_sanitize_name(name):<{width}}  {_bars_as_letters(bars)}".rstrip()
            for name, bars in table.pace_bars.items()
        ]
    return "\n".join(text_lines)


def _bars_as_letters(bars: Sequence[float]) -> str:
    """Return bars as letters; a slice in which anything came is never blank."""
    top = len(BAR_LETTERS) - 1
    return "".join(BAR_LETTERS[max(1, round(bar * top))] if bar > 0 else BAR_LETTERS[0] for bar in bars)


def table_to_markdown(table: ComparisonTable) -> str:
    """Return a table as Markdown, without its bars: a document's fonts lack their letters."""
    return portable_markdown.rows_to_table(
        _header_and_rows_with_marks(table), number_columns=range(1, len(table.head))
    )


def _header_and_rows_with_marks(table: ComparisonTable) -> list[Sequence[str]]:
    rows = (
        [f"{table.marks.get((row, column), '')} {word}".lstrip() for column, word in enumerate(cells)]
        for row, cells in enumerate(table.rows)
    )
    return [table.head, *rows]


def table_to_html(table: ComparisonTable) -> str:
    """Return a table as HTML whose classes get their look from ``stream.css``; everything is escaped."""
    head = "".join(
        f'<th class="{_cell_class(index)}">{escape(word)}</th>' for index, word in enumerate(table.head)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td class="{_cell_class(column)}">'
            f"{_mark_to_html(table.marks.get((row, column)))}{escape(word)}</td>"
            for column, word in enumerate(cells)
        )
        + "</tr>"
        for row, cells in enumerate(table.rows)
    )
    table_html = f'<table class="snb-compared"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="snb-comparison">{table_html}{_pace_bars_to_html(table)}</div>'


def _mark_to_html(word: str | None) -> str:
    return f'<span class="snb-mark">{word}</span> ' if word else ""


def _cell_class(index: int) -> str:
    return "snb-figure" if index else "snb-kind"


def _pace_bars_to_html(table: ComparisonTable) -> str:
    if not table.pace_caption:
        return ""
    plots = "".join(
        f'<div class="snb-pace-name">{escape(_sanitize_name(name))}</div><div class="snb-pace">'
        + "".join(map(_bar_to_html, bars))
        + "</div>"
        for name, bars in table.pace_bars.items()
    )
    return f'<div class="snb-plot">{plots}<div class="snb-scale">{escape(table.pace_caption)}</div></div>'


def _bar_to_html(share: float) -> str:
    # A slice in which anything came can be seen.
    return f'<div class="snb-bar" style="height:{max(4.0, 100 * share) if share else 0:.0f}%"></div>'


def _sanitize_name(text: str) -> str:
    return sanitize_line(text, 60)
