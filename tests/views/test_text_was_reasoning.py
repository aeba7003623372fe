"""A closing ``</think>`` that was never opened: text that was shown is reasoning, wherever it stands."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from streamnb import stream, stream_events
from streamnb.core.events import ReasoningDelta, TextDelta, TextWasReasoning
from streamnb.render.snapshot import bundle
from streamnb.streaming.session import current_session
from streamnb.views.terminal import TerminalView
from streamnb.views.widget import WidgetView
from tests.markdown.reading import read
from tests.upstream import Answer, Request, Upstream
from tests.views.test_panels_in_the_widget import Channel, Silent

PIECES = ["Let me ", "think.", "</thi", "nk>", "**Yes**", ", so."]
THOUGHT, TEXT = "Let me think.", "**Yes**, so."


def answer(request: Request) -> Answer:
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in PIECES
    ]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return Answer([f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks])


def test_reply_saved_output_recording_events_and_conversation_agree(tmp_path: Path) -> None:
    with Upstream(answer) as server:
        options: dict[str, Any] = {"model": "openai:m", "base_url": server.openai_url}
        reply = stream("why?", **options, record=tmp_path / "r", chat="aloud", display=False)
        events = list(stream_events("why?", **options))
        stream("and?", **options, chat="aloud", display=False)
        turns = server.requests[-1].json["messages"]
    again = stream("", replay=tmp_path / "r", speed=0, display=False)
    current_session().chats.pop("aloud", None)
    for shown_reply in (reply, again):
        assert (shown_reply.text, shown_reply.reasoning, shown_reply.state) == (TEXT, THOUGHT, "complete")
    assert [turn["content"] for turn in turns] == ["why?", TEXT, "and?"]
    at = events.index(TextWasReasoning())
    assert "".join(event.text for event in events[:at] if isinstance(event, TextDelta)) == THOUGHT
    assert "".join(event.text for event in events[at:] if isinstance(event, TextDelta)) == TEXT
    saved = bundle(reply).data
    assert saved["text/plain"].startswith(TEXT)
    html = read(saved["text/html"])
    assert html.words.startswith("Reasoning" + "".join(THOUGHT.split()) + "Yes,so.")


def test_the_page_and_the_terminal_say_so_when_it_is_known() -> None:
    channel, screen = Channel(), io.StringIO()
    page, terminal = WidgetView("openai:m", channel=channel, output=Silent()), TerminalView(screen)
    for view in (page, terminal):
        view.open(lambda: None)
        view.show([TextDelta(THOUGHT)])
        view.show([TextDelta(" So"), TextWasReasoning(), TextDelta("**Yes**")])
        view.show([ReasoningDelta("!"), TextDelta(", so.")])
    whole = next(message for message in channel.messages if message["kind"] == "whole")
    assert (whole["source"], whole["reasoning"]) == ("**Yes**", THOUGHT + " So")
    assert "think" not in json.dumps(whole["segments"]) + whole["tail"]
    assert "think" in json.dumps(whole["thoughts"])
    (after,) = channel.messages[channel.messages.index(whole) + 1 :]
    assert (after["text"], after["characters"], after["reasoning"]) == (", so.", len(TEXT), "!")
    assert "what stands above was reasoning" in screen.getvalue()
