"""Every text that a server can send, made hostile, through all that shows or keeps a stream.

Each text field of each recorded wire is replaced in turn.  What a page is sent, what a terminal prints, what
a recording holds and plays again, and what the x-ray shows: nothing is raised, nothing would be executed or
fetched, and no other text is lost.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from streamnb.core.events import Event, ReasoningDelta, TextDelta
from streamnb.core.recording import Header, RecordingWriter, read
from streamnb.core.reply import Reply
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead, WireEvent
from streamnb.render import xray as xray_html
from streamnb.render.snapshot import bundle
from streamnb.render.terminal_escape import sanitize_for_terminal
from streamnb.storage.xray import build_xray
from streamnb.streaming.exchange import Exchange
from streamnb.streaming.limits import Limits
from streamnb.views.approval import ApprovalRequest
from streamnb.views.terminal import TerminalView
from streamnb.views.widget import WidgetView
from tests.providers.asking import HELLO
from tests.providers.test_hostile_fields import changed, fields
from tests.providers.test_recorded_streams import PROVIDERS
from tests.render.test_snapshot import harmless
from tests.views.test_panels_in_the_widget import Channel, Silent

ADAPTERS = {"chat": "openai", "responses": "openai-responses", "gemini": "gemini"}
HTML = (
    "</script></textarea></style>--><script>alert(1)</script>"
    "<img src=https://evil.example/a onerror=alert(1)>"
    "<svg onload=alert(1)><a href='javascript:alert(1)' style='background:url(//evil.example)'>x</a>"
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>\"' onmouseover=alert(1) x='"
)
CONTROLS = (
    "".join(map(chr, range(32)))
    + "\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b]8;;https://evil.example\x1b\\x\x9b31m\x90q\x9c\x7f\x85\u2028\u202e\u200b\U000e0041"
)
MARKDOWN = (
    "[a](javascript:alert(1)) [b](JaVaScRiPt&colon;alert(1)) [c](data:text/html;base64,PHNjcmlwdD4=) [d][e]"
    '\n\n[e]: vbscript:x "\'><script>alert(1)</script>"\n\n<javascript:alert(1)> ![f](//evil.example/f.png)'
    "\n\n<base href=//evil.example/><meta http-equiv=refresh content=0><form action=//evil.example id=cookie>"
    "\n<math><maction actiontype=statusline#http://evil.example xlink:href=javascript:alert(1)>x</maction>"
    "\n<div id=jp-main-dock-panel class=jp-Notebook style=position:fixed>x</div><a name=getElementById id=x>"
    '\n\n$\\href{javascript:alert(1)}{x}$ $\\style{background:url(//evil.example)}{x}$ [^"><img/onerror=a>]'
    '\n\n```"><img/src=x/onerror=alert(1)>\nx\n```\n\n<details open ontoggle=alert(1)><summary>s</summary>'
)
HOSTILE = {
    "Markdown": MARKDOWN,
    "half a pair": "a\ud83d",
    "the other half": "\ude00b",
    "controls": CONTROLS,
    "HTML": HTML,
    "a long line": "x" * 990_000,
    "too long a line": "x" * 1_000_000,
}
EVERY = 40  # of so many fields one, in the fast run

Field = tuple[str, list[Any], int, tuple[Any, ...]]


@cache
def texts() -> list[Field]:
    """Return the fields that hold a text."""
    violations = []
    for field in fields():
        value = field[1][field[2]]
        for key in field[3]:
            value = value[key]
        if isinstance(value, str):
            violations.append(field)
    return violations


def traffic(field: Field, value: str | None) -> list[WireEvent]:
    """Return the messages of a stream with the field changed, or as it was recorded."""
    _, chunks, number, path = field
    if value is not None:
        chunks = [*chunks[:number], changed(chunks[number], path, value), *chunks[number + 1 :]]
    body = [Data(1.0 + at, f"data: {json.dumps(chunk)}\n\n".encode()) for at, chunk in enumerate(chunks)]
    head = ResponseHead(0.5, 200, {"content-type": "text/event-stream"})
    return [RequestSent(0.0), head, *body, EndOfBody(99.0)]


def understood(dialect: str, messages: list[WireEvent]) -> Iterator[list[Event]]:
    """Yield what a stream makes of the messages, batch by batch."""
    exchange = Exchange(HELLO, PROVIDERS[dialect].make_adapter, Limits(retries=0))
    exchange.due_request(0.0)
    for message in messages:
        for batch in exchange.feed(message):
            yield batch.events


def reply_of(batches: list[list[Event]]) -> Reply:
    builder = ReplyBuilder("openai:m")
    for at, events in enumerate(batches):
        builder.feed(events, float(at))
    return builder.build_reply(99.0)


def joined_text(events: list[Event], kind: type[TextDelta] | type[ReasoningDelta]) -> str:
    return "".join(event.text for event in events if isinstance(event, kind))


class Terminal(io.StringIO):
    """A screen, for which a view uses colours."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def page(batches: list[list[Event]], reply: Reply) -> list[Any]:
    """Show a stream in the widget's view; return the messages that a page gets."""
    channel = Channel()
    view = WidgetView("openai:m", channel=channel, output=Silent())
    view.open(lambda: None)
    for events in batches:
        view.show(events)
    channel.hear({"kind": "ask"})
    view.close(reply)
    for call in reply.tool_calls[:1]:
        channel.send({"kind": "question", "html": ApprovalRequest(call).html})
    return channel.messages


def html_in(value: Any, name: str = "") -> Iterator[str]:
    """Yield what of a message a page takes for HTML: all but what is named as plain text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from html_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from html_in(inner, name)
    elif isinstance(value, str) and name not in {"text", "source", "reasoning", "kind", "id", "said"}:
        yield value


def check_page(batches: list[list[Event]], reply: Reply) -> None:
    messages = page(batches, reply)
    json.dumps(messages, ensure_ascii=False).encode()
    for html in html_in(messages):
        harmless(html)
    frames = [message for message in messages if message["kind"] == "frame"]
    assert "".join(frame.get("text", "") for frame in frames).endswith(reply.text)
    everything = [event for events in batches for event in events]
    assert "".join(frame.get("reasoning", "") for frame in frames) == joined_text(everything, ReasoningDelta)
    saved = bundle(reply)
    harmless(saved.data["text/html"])
    for text in saved.data.values():
        text.encode()


def check_terminal(batches: list[list[Event]], reply: Reply) -> None:
    screen, piped = Terminal(), io.StringIO()
    for view in (TerminalView(screen), TerminalView(piped, screen)):
        view.open(lambda: None)
        for events in batches:
            view.show(events)
        view.close(reply)
    printed = screen.getvalue().replace("\x1b[2m", "").replace("\x1b[0m", "")
    printed.encode()
    unseen = {letter for letter in printed if not letter.isprintable()}
    assert unseen <= set("\n\t\u00a0\u200c\u200d\u3000")
    text = "".join(joined_text(events, TextDelta) for events in batches)
    assert piped.getvalue().rstrip("\n") == sanitize_for_terminal(text).rstrip("\n")


def check_recording(dialect: str, messages: list[WireEvent], reply: Reply, file: Path) -> None:
    header = Header(ADAPTERS[dialect], "openai:m", request={"prompt": HTML}, about={"x": CONTROLS})
    writer = RecordingWriter(file, header)
    for message in messages:
        writer.feed(message)
    writer.close()
    recording = read(file)
    assert list(recording.wire_events) == messages
    again = reply_of(list(understood(dialect, list(recording.wire_events))))
    assert (again, again.reasoning, again.tool_calls, again.citations) == (
        reply,
        reply.reasoning,
        reply.tool_calls,
        reply.citations,
    )
    xray = build_xray(recording)
    if reply.state != "capped":
        assert "".join(entry.answer_text for entry in xray.entries).endswith(reply)
    formats = xray_html.bundle(xray).data
    harmless(formats["text/html"])
    json.dumps(xray_html.page_data(xray), ensure_ascii=False).encode()
    assert not [letter for letter in formats["text/plain"] if letter < " " and letter != "\n"]


def path_says_no_type(field: Field) -> bool:
    """Whether the field is not the one that says what its neighbours are."""
    return bool(field[3][-1] != "type")


def check(field: Field, value: str, file: Path) -> None:
    messages = traffic(field, value)
    batches = list(understood(field[0], messages))
    reply = reply_of(batches)
    if len(value) < 900_000 and path_says_no_type(field):
        as_recorded = reply_of(list(understood(field[0], traffic(field, None))))
        for text, original in ((reply.text, as_recorded.text), (reply.reasoning, as_recorded.reasoning)):
            assert text == original or any(sign in text for sign in ("\ufffd", "evil", "ZXZpbA"))
    check_page(batches, reply)
    check_terminal(batches, reply)
    check_recording(field[0], messages, reply, file)


def test_a_few_hostile_fields_do_no_harm_in_any_sink(tmp_path: Path) -> None:
    for number, field in enumerate(texts()[::EVERY]):
        names = [name for name in HOSTILE if "long" not in name]
        check(field, HOSTILE[names[number % len(names)]], tmp_path / "r.jsonl")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_hostile_field_does_harm_in_any_sink(name: str, tmp_path: Path) -> None:
    assert len(texts()) > 100
    for field in texts():
        check(field, HOSTILE[name], tmp_path / "r.jsonl")
