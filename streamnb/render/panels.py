"""What stands beside an answer's text, as HTML: reasoning, pictures, tool calls, sources, the footer.

The widget and the snapshot both show these pieces; the classes get their look from ``stream.css``.
Everything in here came from outside, so everything is escaped, and an address must be one that a link
may have.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Protocol

from ..core.events import Citation, Image, StepDelta, ToolCallDelta, ToolResult
from . import json_table

__all__ = [
    "EVENTS",
    "Call",
    "asked",
    "calls",
    "foot",
    "pictures",
    "reasoning",
    "result",
    "sources",
    "steps",
    "structured",
    "written",
]

EVENTS = (ToolCallDelta, ToolResult, StepDelta, Citation)
"""What changes the folded pieces while an answer comes; pictures and reasoning have their own way."""

_LONGEST = 20_000  # characters of one argument or result that are shown
_WEB = re.compile(r"https?://[^/\\?#\s]", re.IGNORECASE)
_PICTURE = re.compile(r"image/(?:png|gif|jpeg|webp)")


class Call(Protocol):
    """What is shown of a tool call; ``reply.ToolCall`` has it."""

    @property
    def name(self) -> str: ...
    @property
    def arguments(self) -> dict[str, Any] | str: ...
    @property
    def result(self) -> Any: ...


def reasoning(text: str) -> str:
    """Return what the model thought aloud, collapsed; nothing for nothing."""
    return _folded("Reasoning", f'<div class="snb-aside-text">{escape(text)}</div>') if text else ""


def calls(made: Sequence[Call], *, unfolded: bool = False) -> str:
    """Return the tool calls, collapsed unless told otherwise, each with its arguments and what came of it."""
    if not made:
        return ""
    count = "1 tool call" if len(made) == 1 else f"{len(made)} tool calls"
    return _folded(count, "".join(_call(call) for call in made), unfolded=unfolded)


def steps(taken: Sequence[Call]) -> str:
    """Return what the provider's own tools did, collapsed, each with what it was given and what it gave."""
    if not taken:
        return ""
    count = "1 step" if len(taken) == 1 else f"{len(taken)} steps"
    return _folded(f"{count} of the provider", "".join(_call(step) for step in taken))


def asked(call: Call) -> str:
    """Return the question whether a tool may be called with these arguments."""
    return f'<div class="snb-question">The model asks to run</div>{_call(call)}'


def sources(cited: Sequence[Citation]) -> str:
    """Return the sources, collapsed, as a numbered list."""
    if not cited:
        return ""
    count = "1 source" if len(cited) == 1 else f"{len(cited)} sources"
    return _folded(count, f"<ol>{''.join(_source(citation) for citation in cited)}</ol>")


def pictures(shown: Iterable[Image]) -> list[str]:
    """Return each picture as an element that holds its own data; one of another kind is named."""
    return [_picture(image) for image in shown]


def foot(line: str, state: str, details: Sequence[str] = ()) -> str:
    """Return the footer's content: its line, with a state that is not ``complete`` made plain.

    What else there is to know (what was filled in, whose prices the cost is by) unfolds below the line.
    """
    shown = escape(line)
    if state != "complete" and line.startswith(state):
        shown = f'<span class="snb-state">{escape(state)}</span>{escape(line[len(state) :])}'
    if not details:
        return shown
    below = "".join(f'<div class="snb-aside-text">{escape(_cut(detail))}</div>' for detail in details)
    return f'<details><summary class="snb-summary" title="Details">{shown}</summary>{below}</details>'


def structured(text: str, *, ended: bool = True) -> str:
    """Return the fields of a JSON text, with the text itself, collapsed, once it has ended."""
    value = json_table.parse_partial(text)
    if value is None:
        return ""
    source = f'<div class="snb-aside-text snb-aside-code">{escape(_cut(text))}</div>'
    return json_table.table(value) + (_folded("JSON", source) if ended else "")


def _folded(title: str, body: str, *, unfolded: bool = False) -> str:
    state = " open" if unfolded else ""
    return f'<details class="snb-aside"{state}><summary class="snb-summary">{title}</summary>{body}</details>'


def _call(call: Call) -> str:
    text = written(call)
    if call.result is not None:
        text += f"\n→ {result(call.result)}"
    return f'<div class="snb-aside-text snb-aside-code">{escape(_cut(text))}</div>'


def written(call: Call) -> str:
    """Return a call as Python would write it."""
    arguments = call.arguments
    if isinstance(arguments, str):
        shown = arguments
    else:
        shown = ", ".join(f"{name}={_json(value)}" for name, value in arguments.items())
    return f"{call.name}({shown})"


def result(value: Any) -> str:
    """Return what a call gave, as text."""
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text):,} characters)"


def _source(citation: Citation) -> str:
    name = escape(citation.title or citation.url)
    if not _WEB.match(citation.url):
        return f"<li>{name}</li>"
    address = escape(citation.url)
    return (
        f'<li><a class="snb-source" href="{address}" title="{address}" target="_blank"'
        f' rel="noopener noreferrer nofollow">{name}</a></li>'
    )


def _picture(image: Image) -> str:
    if not _PICTURE.fullmatch(image.mime_type):
        return f'<div class="snb-aside-text">A picture of kind {escape(image.mime_type)}</div>'
    data = base64.b64encode(image.data).decode("ascii")
    return (
        f'<img class="snb-picture" alt="Picture from the model" src="data:{image.mime_type};base64,{data}">'
    )
