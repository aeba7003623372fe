"""HTML panels around an answer's text: reasoning, pictures, tool calls, sources, the footer.

The widget and the snapshot both show these pieces; the classes get their look from ``stream.css``.
Everything in here came from outside, so everything is escaped, or safe already where it is Markdown; and an
address must be one that a link may have.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any, TypeVar

from ..core.events import Citation, Image, StepDelta, ToolCallDelta, ToolResult
from ..core.sent_items import SentItem
from ..core.text import SCHEMA_MISFIT_PREFIX, truncate, with_article
from ..core.tool_calls import ToolCall, result_to_text
from . import json_table
from .terminal_escape import mark_hidden_characters, sanitize_for_terminal

__all__ = [
    "PANEL_EVENTS",
    "approval_panel",
    "call_line",
    "call_text",
    "footer_html",
    "json_panel",
    "picture_elements",
    "reasoning_panel",
    "result_text",
    "sources_panel",
    "steps_panel",
    "tool_calls_panel",
]

PANEL_EVENTS = (ToolCallDelta, ToolResult, StepDelta, Citation)
"""Events that change a panel while an answer comes; pictures and reasoning have their own way."""

T = TypeVar("T")

MAX_CHARACTERS = 20_000  # of one argument or result that are shown
MAX_NAME_CHARACTERS = 200
MAX_UNFOLDED_CHARACTERS = 500  # of one argument in a question; the rest unfolds
MAX_UNFOLDED_LINES = 24  # so that the fold below them is in sight, in a box of 42em (stream.css)
MAX_ITEMS = 100  # of one panel; how many more there are is said
MAX_PANEL_CHARACTERS = 400_000  # of HTML in one panel
_WEB_ADDRESS = re.compile(r"https?://[^/\\?#\s]", re.IGNORECASE)
_IMAGE_TYPE = re.compile(r"image/(?:png|gif|jpeg|webp)")


def reasoning_panel(html: str) -> str:
    """Return the panel with a model's reasoning, collapsed; empty where there is none."""
    return _folded_panel("Reasoning", f'<div class="snb-thoughts">{html}</div>') if html else ""


def tool_calls_panel(entries: Sequence[ToolCall], *, unfolded: bool = False) -> str:
    """Return the panel with the tool calls, collapsed unless ``unfolded``, each with arguments and result."""
    if not entries:
        return ""
    count = "1 tool call" if len(entries) == 1 else f"{len(entries):,} tool calls"
    return _folded_panel(
        count,
        _first_items_to_html(entries, _call_to_html, '<div class="snb-aside-text">{}</div>'),
        unfolded=unfolded,
    )


def steps_panel(entries: Sequence[ToolCall]) -> str:
    """Return the panel with the calls of the provider's own tools, collapsed, with arguments and results."""
    if not entries:
        return ""
    count = "1 step" if len(entries) == 1 else f"{len(entries):,} steps"
    body = _first_items_to_html(entries, _call_to_html, '<div class="snb-aside-text">{}</div>')
    return _folded_panel(f"{count} of the provider", body)


def approval_panel(call: ToolCall) -> str:
    """Return the HTML of the question whether a tool may be called with these arguments.

    All that is called is in it, and nothing that is in it hides: a long argument is cut by itself and
    unfolds, so that none can push the next one out of sight.
    """
    arguments = ", ".join(
        (name and f"{_unfoldable_html(name)}=") + _unfoldable_html(value)
        for name, value in _argument_pairs(call)
    )
    text = f"{escape(_tool_display_name(call))}({arguments})"
    box = f'<div class="snb-aside-text snb-aside-code">{text}</div>'
    return f'<div class="snb-question">The model asks to run</div>{box}'


def sources_panel(citations: Sequence[Citation]) -> str:
    """Return the panel with the sources, collapsed, as a numbered list."""
    if not citations:
        return ""
    count = "1 source" if len(citations) == 1 else f"{len(citations):,} sources"
    return _folded_panel(
        count, f"<ol>{_first_items_to_html(citations, _citation_to_html, '<li>{}</li>')}</ol>"
    )


def picture_elements(images: Iterable[Image]) -> list[str]:
    """Return an ``img`` element with its data for each picture; of one that none can show, its type."""
    return [_picture_to_html(image) for image in images]


def footer_html(line: str, state: str, details: Sequence[str] = (), sent: Sequence[SentItem] = ()) -> str:
    """Return the footer's content: its line, with a state that is not ``complete`` made plain.

    What else there is to know (what was filled in, whose prices the cost is by) unfolds below the line, with
    what was sent.

    Parameters
    ----------
    line
        The footer as text.
    state
        How the stream ended.
    details
        Lines that unfold.
    sent
        What went out beside the prompt's own words; it unfolds, too.

    Returns
    -------
    str
        HTML that is safe, without styles.
    """
    summary = escape(line)
    prefix = state if state != "complete" and line.startswith(state) else SCHEMA_MISFIT_PREFIX
    if line.startswith(prefix):
        summary = f'<span class="snb-state">{escape(prefix)}</span>{escape(line[len(prefix) :])}'
    if not details:
        return summary
    items = {item.about: item for item in sent}
    contents = (
        f"{escape(truncate(detail, MAX_CHARACTERS))}{_sent_item_to_html(items.get(detail))}"
        for detail in details
    )
    below = "".join(f'<div class="snb-aside-text">{content}</div>' for content in contents)
    more = '<span class="snb-details">Details</span>'
    return f'<details><summary class="snb-summary">{summary} {more}</summary>{below}</details>'


def _sent_item_to_html(item: SentItem | None) -> str:
    """Return what was sent: its beginning, which unfolds to all of it, and a small picture."""
    if item is None:
        return ""
    picture = ""
    if item.data:
        data = base64.b64encode(item.data).decode("ascii")
        picture = f'<img class="snb-sent-picture" alt="" src="data:{item.mime_type};base64,{data}">'
    text = item.text.strip("\n")
    if cut := item.length - len(item.text):
        text += f"… ({cut:,} more characters were sent)"
    return (
        f'<div class="snb-sent">{_unfoldable_html(sanitize_for_terminal(text), escape)}</div>' if text else ""
    ) + picture


def json_panel(text: str, *, ended: bool = True) -> str:
    """Return a table of the fields of a JSON text, and once it has ended the text itself, collapsed."""
    value = json_table.parse_partial(text)
    if value is None:
        return ""
    source = f'<div class="snb-aside-text snb-aside-code">{escape(truncate(text, MAX_CHARACTERS))}</div>'
    return json_table.value_to_html(value) + (_folded_panel("JSON", source) if ended else "")


def _folded_panel(title: str, body: str, *, unfolded: bool = False) -> str:
    state = " open" if unfolded else ""
    return f'<details class="snb-aside"{state}><summary class="snb-summary">{title}</summary>{body}</details>'


def _first_items_to_html(items: Sequence[T], render: Callable[[T], str], more: str) -> str:
    """Return the first items as HTML, and as the last of them how many are not shown."""
    parts: list[str] = []
    size = 0
    for item in items[:MAX_ITEMS]:
        parts.append(render(item))
        size += len(parts[-1])
        if size > MAX_PANEL_CHARACTERS:
            break
    if remaining := len(items) - len(parts):
        parts.append(more.format(f"… and {remaining:,} more"))
    return "".join(parts)


def _call_to_html(call: ToolCall) -> str:
    return f'<div class="snb-aside-text snb-aside-code">{escape(call_text(call, MAX_CHARACTERS))}</div>'


def call_text(call: ToolCall, max_characters: int) -> str:
    """Return a tool call as ``call_line`` does, and below it the beginning of its result."""
    line = call_line(call, max_characters)
    return line if call.result is None else f"{line}\n→ {truncate(result_text(call.result), max_characters)}"


def call_line(call: ToolCall, max_characters: int) -> str:
    """Return a tool call as Python would write it, in one line, each argument cut by itself.

    Parameters
    ----------
    call
        What is called.
    max_characters
        How many characters of each argument are shown; what is cut says how long it is.

    Returns
    -------
    str
        ``name(first=…, …)``, its hidden characters marked.
    """
    arguments = ", ".join(
        (name and f"{mark_hidden_characters(truncate(name, max_characters))}=")
        + mark_hidden_characters(truncate(value, max_characters))
        for name, value in _argument_pairs(call)
    )
    return f"{_tool_display_name(call)}({arguments})"


def _argument_pairs(call: ToolCall) -> list[tuple[str, str]]:
    """Return name and value of each argument as text; a text that is no JSON object has no names."""
    if isinstance(call.arguments, str):
        return [("", call.arguments)]
    return [(name, json.dumps(value, ensure_ascii=False)) for name, value in call.arguments.items()]


def _tool_display_name(call: ToolCall) -> str:
    return mark_hidden_characters(truncate(call.name, MAX_NAME_CHARACTERS))


def _unfoldable_html(
    value: str, write: Callable[[str], str] = lambda text: escape(mark_hidden_characters(text))
) -> str:
    lines = value[:MAX_UNFOLDED_CHARACTERS].splitlines(keepends=True)
    beginning = "".join(lines[:MAX_UNFOLDED_LINES])
    remaining = value[len(beginning) :]
    if not remaining:
        return write(beginning)
    title = f'<summary class="snb-summary">… {len(remaining):,} more characters</summary>'
    return f"{write(beginning)}<details>{title}{write(remaining)}</details>"


def result_text(value: Any) -> str:
    """Return the result of a tool call as text, or its type where it has no text."""
    try:
        return result_to_text(value)
    except Exception:  # it could when it was given; no value may cost the output
        return f"({with_article(type(value).__name__)} that cannot be shown)"


def _citation_to_html(citation: Citation) -> str:
    name = escape(truncate(sanitize_for_terminal(citation.title or citation.url), MAX_UNFOLDED_CHARACTERS))
    if not _WEB_ADDRESS.match(citation.url):
        return f"<li>{name}</li>"
    address = escape(citation.url)
    return (
        f'<li><a class="snb-source" href="{address}" title="{address}" target="_blank"'
        f' rel="noopener noreferrer nofollow">{name}</a></li>'
    )


def _picture_to_html(image: Image) -> str:
    if not _IMAGE_TYPE.fullmatch(image.mime_type):
        return f'<div class="snb-aside-text">A picture of kind {escape(image.mime_type)}</div>'
    data = base64.b64encode(image.data).decode("ascii")
    return (
        f'<img class="snb-picture" alt="Picture from the model" src="data:{image.mime_type};base64,{data}">'
    )
