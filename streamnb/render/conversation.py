"""Rendering of a conversation: prompts as they were typed, answers as Markdown.

Attachments are listed by name, tool calls fold away with their results, and all of it is bounded: the last
exchanges, of each text its beginning.  Pure: a conversation goes in, a bundle comes out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ..core.content import Blob, Link, Part, Text, ToolCallPart, ToolResultPart, Turn, Upload
from ..core.conversation import Chat, ChatExchange
from ..core.surrogates import without_surrogates
from ..core.text import sanitize_line, truncate
from ..core.tool_calls import ToolCall, parse_arguments
from . import panels, portable_markdown
from .inline_css import inline_styles
from .snapshot import ROOT_TAG, MimeBundle, make_html_portable, make_scrollable_focusable
from .terminal_escape import sanitize_for_terminal

__all__ = ["bundle"]

MAX_ENTRIES = 50  # exchanges
MAX_CHARACTERS = 20_000  # of one text
MAX_HTML_CHARACTERS = 1_000_000  # of all


@dataclass(frozen=True, slots=True)
class _Message:
    """One message of a conversation, as it is shown.

    Attributes
    ----------
    speaker
        Who says it, as it is shown.
    text
        Markdown if ``is_answer``, else text as it was typed.
    is_answer
        Whether the model said it.
    attachments
        A line on each file that went with it.
    calls
        The calls of tools in it.
    """

    speaker: str
    text: str
    is_answer: bool
    attachments: tuple[str, ...] = ()
    calls: tuple[ToolCall, ...] = ()


def bundle(chat: Chat) -> MimeBundle:
    """Return a conversation for a page (``text/html``), for documents and for a terminal."""
    messages = [message for entry, note in _last_entries(chat) for message in _entry_messages(entry, note)]
    omitted = len(chat.entries) + len(chat.superseded) - MAX_ENTRIES
    pieces: list[tuple[str, str, str]] = []
    size = 0
    for message in reversed(messages):  # the last ones are those that are wanted
        piece = (_message_to_html(message), _message_to_markdown(message), _message_to_text(message))
        size += len(piece[0])
        if pieces and size > MAX_HTML_CHARACTERS:
            omitted = max(omitted, 0) + 1
            break
        pieces.append(piece)
    pieces.reverse()
    if omitted > 0:
        pieces.insert(
            0,
            _note_in_three_formats(
                f"[its beginning is not shown: %stream chats save {chat.name} FILE keeps it all]"
            ),
        )
    if not pieces:
        pieces = [_note_in_three_formats(f"[the conversation {chat.name} has no turns yet]")]
    html, markdown, plain = zip(*pieces, strict=True)
    data = {
        "text/html": make_html_portable(f"{inline_styles(ROOT_TAG)}{''.join(html)}</div>"),
        "text/markdown": "\n\n".join(markdown),
        "text/plain": sanitize_for_terminal("\n\n".join(plain)),
    }
    return MimeBundle(without_surrogates(data), metadata={})


def _note_in_three_formats(line: str) -> tuple[str, str, str]:
    html = inline_styles(f'<div class="snb-footer">{escape(line)}</div>')
    return html, portable_markdown.escape(line), line


def _last_entries(chat: Chat) -> list[tuple[ChatExchange, str]]:
    entries = [(entry, "") for entry in chat.entries]
    entries += [(entry, " · set aside") for entry in chat.superseded]
    return entries[-MAX_ENTRIES:]


def _entry_messages(entry: ChatExchange, note: str) -> Iterator[_Message]:
    """Yield the messages of one entry; the result of a tool stands with its call."""
    state = "" if entry.state == "complete" else f" · {entry.state}"
    results = {
        part.id: part.content
        for turn in entry.turns
        for part in turn.parts
        if isinstance(part, ToolResultPart)
    }
    for turn in entry.turns:
        if turn.role != "tool":
            who = "you" if turn.role == "user" else f"{sanitize_line(entry.model, 80)}{state}"
            yield _message_of_turn(turn, f"{who}{note}", results)


def _message_of_turn(turn: Turn, who: str, results: Mapping[str, str]) -> _Message:
    text = "".join(part.text for part in turn.parts if isinstance(part, Text))
    calls = [
        ToolCall(part.name, parse_arguments(part.arguments), part.id, results.get(part.id))
        for part in turn.parts
        if isinstance(part, ToolCallPart)
    ]
    attachments = tuple(name for part in turn.parts if (name := _attachment_label(part)))
    return _Message(who, truncate(text, MAX_CHARACTERS), turn.role == "assistant", attachments, tuple(calls))


def _attachment_label(part: Part) -> str:
    """Return name and size of an attachment; empty for a text, a tool call or its result."""
    match part:
        case Blob(mime_type, data, name):
            return f"{sanitize_line(name or mime_type, 80)}, {len(data):,} bytes"
        case Upload(_, _, size, name):
            return f"{sanitize_line(name, 80)}, {size:,} bytes"
        case Link(url):
            return sanitize_line(url)
        case Text() | ToolCallPart() | ToolResultPart():
            return ""
        case _:
            return "a value of the provider's own"


def _message_to_html(message: _Message) -> str:
    from ..markdown import render  # here: not needed before something is shown
    from ..markdown.sanitizer import sanitize

    role = inline_styles(f'<div class="snb-role">{escape(message.speaker)}</div>')
    if message.is_answer:
        answer = inline_styles(
            make_scrollable_focusable(sanitize(render(message.text, maths="tex"))), tags_of="snb-answer"
        )
        text = f'<div class="snb-answer">{answer}</div>'
    else:
        text = inline_styles(f'<div class="snb-aside-text">{escape(message.text)}</div>')
    below = "".join(f'<div class="snb-aside">{escape(name)}</div>' for name in message.attachments)
    return (
        f"{role}{text if message.text else ''}{inline_styles(below + panels.tool_calls_panel(message.calls))}"
    )


def _message_to_markdown(message: _Message) -> str:
    from ..markdown import render
    from ..markdown.sanitizer import sanitize

    parts = [f"**{portable_markdown.escape(message.speaker)}**"]
    if message.is_answer:
        parts.append(portable_markdown.html_to_markdown(sanitize(render(message.text, maths="tex"))))
    else:
        parts.append(portable_markdown.fenced_code(message.text) if message.text else "")
    parts += [portable_markdown.escape(f"[{name}]") for name in message.attachments]
    parts += [portable_markdown.fenced_code("\n".join(_call_lines(message.calls)))] if message.calls else []
    return "\n\n".join(filter(None, parts))


def _message_to_text(message: _Message) -> str:
    attachments = [f"[{name}]" for name in message.attachments]
    return "\n".join(
        [f"[{message.speaker}]", *filter(None, [message.text]), *attachments, *_call_lines(message.calls)]
    )


def _call_lines(calls: Sequence[ToolCall]) -> Iterator[str]:
    for call in calls[: panels.MAX_ITEMS]:
        yield f"asks for {panels.call_line(call, panels.MAX_UNFOLDED_CHARACTERS)}"
        if call.result is not None:
            yield f"→ {truncate(panels.result_text(call.result), MAX_CHARACTERS)}"
