"""Rendering of a stream's trace: a static picture, plain text, and the data for the page.

The picture is HTML and inline styles alone, so that it stays in a notebook that nobody trusts: bars for
the text that came in each slice of the time, the moments that matter, and the first events in a table.
Everything in here came from outside, so everything is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice
from typing import Any

from ..core.text import sanitize_line, truncate
from ..core.trace import TraceEntry, Xray
from . import number_format, portable_markdown
from .inline_css import inline_styles
from .snapshot import ROOT_TAG, MimeBundle, make_html_portable
from .terminal_escape import sanitize_for_terminal

__all__ = ["bundle", "page_data", "plain_text"]

TIME_SLICES = 90  # bars of the timeline
MAX_SAVED_ROWS = 30  # events in the saved table
MAX_ENTRIES = 4000  # that a page gets
MAX_RAW_CHARACTERS = 4000  # characters of one event that are shown
MAX_CELL_CHARACTERS = 160  # and in the table
MIN_BAR_PERCENT = 6.0  # per cent of the height; a slice in which anything came can be seen

CHANNELS = ("reasoning", "text", "call")
LEGEND = {"wait": "waiting", "reasoning": "reasoning", "call": "tool call", "text": "text", "stall": "stall"}


def bundle(xray: Xray) -> MimeBundle:
    """Return the static MIME bundle of a trace, as a saved notebook keeps it."""
    summary = {
        "model": xray.model,
        "chunks": xray.chunk_count,
        "first": xray.time_to_first_content,
        "duration": xray.duration,
    }
    data = {"text/html": make_html_portable(_xray_to_html(xray)), "text/markdown": _xray_to_markdown(xray)}
    return MimeBundle(data | {"text/plain": plain_text(xray)}, {"streamnb": {"xray": summary}})


def plain_text(xray: Xray) -> str:
    """Return the moments that matter and the first events as text that is harmless in a terminal."""
    lines = [title(xray), summary(xray), ""]
    lines += [f"{_format_trace_seconds(entry.at):>9}  {about}" for entry, about in key_moments(xray)]
    lines += ["", f"{'at':>9}  {'gap':>9}  what"]
    for entry in xray.entries[:MAX_SAVED_ROWS]:
        row = f"{sanitize_line(entry.description, 40):<16}  {sanitize_line(entry.raw, 80)}"
        lines.append(
            f"{_format_trace_seconds(entry.at):>9}  {_format_trace_seconds(entry.gap):>9}  {row.rstrip()}"
        )
    if remaining := len(xray.entries) - MAX_SAVED_ROWS:
        lines += [f"… and {remaining:,} more"] if remaining > 0 else []
    return sanitize_for_terminal("\n".join(lines))


def _xray_to_markdown(xray: Xray) -> str:
    """Return title, summary and the moments that matter; the bars and the raw events are for a page."""
    head = f"**{portable_markdown.escape(title(xray))}**\n\n{portable_markdown.escape(summary(xray))}"
    rows = (
        (_format_trace_seconds(entry.at), about) for entry, about in islice(key_moments(xray), MAX_SAVED_ROWS)
    )
    return f"{head}\n\n{portable_markdown.rows_to_table([('at', 'what'), *rows], number_columns=(0,))}"


def page_data(xray: Xray) -> dict[str, Any]:
    """Return what a page needs to step through the stream, JSON-able."""
    return {
        "title": title(xray),
        "summary": summary(xray),
        "duration": xray.duration,
        "first": xray.time_to_first_content,
        "left_out": max(0, len(xray.entries) - MAX_ENTRIES),
        "slices": [{"mark": slice_.mark, "bars": slice_.bars} for slice_ in _timeline_slices(xray)],
        "frames": [_entry_to_json(entry) for entry in xray.entries[:MAX_ENTRIES]],
    }


def title(xray: Xray) -> str:
    """Return the heading of a trace, which names the model."""
    return f"What came over the wire from {sanitize_line(xray.model, 60)}"


def summary(xray: Xray) -> str:
    """Return counts and times in one line, and where the trace was replayed, of what."""
    parts = [f"{xray.chunk_count:,} chunks in {xray.packet_count:,} packets", f"{xray.size:,} bytes"]
    if xray.time_to_first_content is not None:
        parts.append(f"first token after {number_format.format_seconds(xray.time_to_first_content)}")
    if xray.longest_gap is not None:
        parts.append(f"longest gap {_format_trace_seconds(xray.longest_gap)}")
    if xray.stalls:
        parts.append(f"{len(xray.stalls)} stall{'s' * (len(xray.stalls) != 1)}")
    origin = [sanitize_line(xray.origin)] if xray.origin else []
    return " · ".join([*parts, f"{number_format.format_seconds(xray.duration)} in all", *origin])


def key_moments(xray: Xray) -> Iterator[tuple[TraceEntry, str]]:
    """Yield the entries that a reader looks for first, each with what happens in it."""
    kinds: set[str] = set()
    for entry in xray.entries:
        descriptions = []
        if entry.stalled:
            descriptions.append(f"after a stall of {_format_trace_seconds(entry.gap)}")
        for kind, there in (
            ("first reasoning", entry.reasoning),
            ("first text", entry.answer_text),
            *(
                (f"tool call {sanitize_line(call.name, 40)}", call.name)
                for call in entry.tool_call_deltas
                if call.name
            ),
        ):
            if there and kind not in kinds:
                kinds.add(kind)
                descriptions.append(kind)
        if entry.kind in ("sent", "head", "page", "end"):
            descriptions.append(sanitize_line(entry.description))
        descriptions += [word for word in ("usage", "finish mark", "end mark") if word in entry.description]
        if descriptions:
            yield entry, ", ".join(dict.fromkeys(descriptions))


# --- the timeline ----------------------------------------------------------------------


@dataclass
class _Slice:
    """One slice of the timeline: the height of a bar in per cent for each channel that brought something.

    ``mark`` is ``wait`` before the first content of a request, ``stall`` in a stall, else empty.
    """

    bars: dict[str, float]
    mark: str = ""


def _timeline_slices(xray: Xray) -> list[_Slice]:
    slices = [_Slice({}) for _ in range(TIME_SLICES)]
    for entry in xray.entries:
        here = slice_index(entry.at, xray.duration)
        for channel, size in zip(CHANNELS, _channel_sizes(entry), strict=True):
            if size:
                slices[here].bars[channel] = slices[here].bars.get(channel, 0.0) + size
        if entry.stalled:
            for slice_ in slices[slice_index(entry.at - entry.gap, xray.duration) + 1 : here]:
                slice_.mark = "stall"
    for start, end in _waiting_spans(xray):
        for slice_ in slices[slice_index(start, xray.duration) : slice_index(end, xray.duration)]:
            slice_.mark = "" if slice_.bars else "wait"
    highest = max((sum(slice_.bars.values()) for slice_ in slices), default=0.0) or 1.0
    for slice_ in slices:
        slice_.bars = {
            channel: round(max(MIN_BAR_PERCENT, 100 * size / highest), 1)
            for channel, size in slice_.bars.items()
        }
    return slices


def _waiting_spans(xray: Xray) -> Iterator[tuple[float, float]]:
    """Yield start and end, in seconds, of each wait of a request for its first content."""
    since: float | None = None
    for entry in xray.entries:
        if entry.kind == "sent":
            since = entry.at
        elif since is not None and (entry.has_content or entry.kind == "end"):
            yield since, entry.at
            since = None


def slice_index(at: float, duration: float) -> int:
    """Return in which slice of the timeline a moment lies."""
    return max(0, min(TIME_SLICES - 1, int(TIME_SLICES * at / duration))) if duration > 0 else 0


def _channel_sizes(entry: TraceEntry) -> tuple[int, int, int]:
    return (
        len(entry.reasoning),
        len(entry.answer_text),
        sum(len(call.arguments) + len(call.name or "") for call in entry.tool_call_deltas),
    )


def _xray_to_html(xray: Xray) -> str:
    heading = f'<div class="snb-x-title">{escape(title(xray))}</div>'
    parts = [heading, f'<div class="snb-x-line">{escape(summary(xray))}</div>', _timeline_to_html(xray)]
    parts += [_moments_to_html(xray), _entries_to_html(xray)]
    box = f'<div class="snb-x">{"".join(parts)}</div>'
    return inline_styles(f"{ROOT_TAG}{box}</div>")


def _timeline_to_html(xray: Xray) -> str:
    slices = _timeline_slices(xray)
    bars = "".join(_slice_to_html(slice_) for slice_ in slices)
    names = [name for name in LEGEND if any(name in slice_.bars or name == slice_.mark for slice_ in slices)]
    keys = "".join(
        f'<span class="snb-x-key"><span class="snb-x-dot snb-x-{name}">&nbsp;&nbsp;&nbsp;</span> '
        f"{LEGEND[name]}</span>"
        for name in names
    )
    scale = f"<span>0 s</span> <span>{number_format.format_seconds(xray.duration)}</span>"
    return (
        f'<div class="snb-x-bars">{bars}</div><div class="snb-x-scale">{scale}</div>'
        f'<div class="snb-x-keys">{keys}</div>'
    )


def _slice_to_html(slice_: _Slice) -> str:
    look = f"snb-x-slice snb-x-{slice_.mark}" if slice_.mark else "snb-x-slice"
    parts = "".join(
        f'<div class="snb-x-bar snb-x-{channel}" style="height:{slice_.bars[channel]:g}%"></div>'
        for channel in CHANNELS
        if channel in slice_.bars
    )
    return f'<div class="{look}">{parts}</div>'


def _moments_to_html(xray: Xray) -> str:
    rows = "".join(
        f'<tr>{_time_cell(entry.at)}<td class="snb-x-what">{escape(about)}</td></tr>'
        for entry, about in islice(key_moments(xray), MAX_SAVED_ROWS)
    )
    return f'<table class="snb-x-table">{rows}</table>'


def _entries_to_html(xray: Xray) -> str:
    entries = xray.entries[:MAX_SAVED_ROWS]
    head = "".join(f'<th class="{look}">{word}</th>' for word, look in _TABLE_HEAD)
    rows = "".join(
        f"<tr>{_time_cell(entry.at)}{_time_cell(entry.gap)}"
        f'<td class="snb-x-what">{escape(sanitize_line(entry.description, 60))}</td>'
        f'<td class="snb-x-code">{escape(truncate(entry.raw, MAX_CELL_CHARACTERS))}</td></tr>'
        for entry in entries
    )
    scope = "All" if len(entries) == len(xray.entries) else "The first"
    count = f"{scope} {len(entries)} events"
    table = f'<table class="snb-x-table"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return (
        f'<details class="snb-aside"><summary class="snb-summary">{count}, raw</summary>'
        f'<div class="snb-x-scroll">{table}</div></details>'
    )


_TABLE_HEAD = (("at", "snb-x-time"), ("gap", "snb-x-time"), ("what", "snb-x-what"), ("raw", "snb-x-what"))


# --- one entry -------------------------------------------------------------------------


def _entry_to_json(entry: TraceEntry) -> dict[str, Any]:
    content: dict[str, Any] = {
        "kind": entry.kind,
        "at": round(entry.at, 4),
        "gap": round(entry.gap, 4),
        "about": sanitize_line(entry.description),
        "raw": truncate(entry.raw, MAX_RAW_CHARACTERS),
        "packet": entry.packet,
        "stalled": entry.stalled,
        "text": entry.answer_text,
        "reasoning": entry.reasoning,
        "calls": [[call.index, call.name or "", call.arguments] for call in entry.tool_call_deltas],
    }
    return {name: value for name, value in content.items() if value}


def _time_cell(seconds: float) -> str:
    return f'<td class="snb-x-time">{_format_trace_seconds(seconds)}</td>'


def _format_trace_seconds(seconds: float) -> str:
    """Return a time to the millisecond, from one second on to the hundredth."""
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:.2f} s"
