"""What the panels beside an answer cost a page: counted in characters, whatever a server sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamnb.core.events import Citation, Event, Finished, TextDelta, ToolCallDelta
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.views import widget
from streamnb.views.output import Output
from streamnb.views.widget import WidgetView


class Channel:
    """What would go to a page."""

    model_id = "m1"
    frames_sent = 0

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self._callbacks: list[Any] = []

    def hear(self, message: Any) -> None:
        """Let the page say something."""
        for callback in self._callbacks:
            callback(self, message, [])

    def send(self, content: Any) -> None:
        self.messages.append(content)

    def on_msg(self, callback: Any) -> None:
        self._callbacks.append(callback)

    def close(self) -> None:
        pass


class Silent(Output):
    """An output that nobody sees."""

    def show(self, bundle: Any) -> None:
        pass

    def update(self, bundle: Any) -> None:
        self.bundle = bundle


@pytest.mark.slow
@pytest.mark.parametrize(
    "event",
    [
        lambda n: Citation(f"Title {n}", f"https://example.org/{n}"),
        lambda n: ToolCallDelta(n, f"c{n}", "look", '{"at": "a place"}'),
    ],
)
def test_twenty_thousand_citations_or_calls_cost_a_page_little(
    event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(widget.time, "monotonic", lambda: now[0])
    channel, output, draft = Channel(), Silent(), ReplyBuilder("demo:test")
    view = WidgetView("demo:test", channel=channel, output=output)
    view.open(lambda: None)
    for frame in range(500):  # twenty seconds
        events: list[Event] = [event(40 * frame + index) for index in range(40)]
        draft.feed(events, now[0])
        view.show([TextDelta("x"), *events])
        now[0] += 0.04
    draft.feed([TextDelta("x" * 500), Finished("complete")], now[0])
    view.close(draft.build_reply(now[0]))
    assert sum(len(json.dumps(message)) for message in channel.messages) < 2_000_000
    assert "20,000" in json.dumps(channel.messages[-1])
    assert "… and 19,900 more" in output.bundle.data["text/html"]
    assert len(output.bundle.data["text/html"]) < 100_000


def test_panels_that_had_to_wait_are_sent_without_more_events(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(widget.time, "monotonic", lambda: now[0])
    channel = Channel()
    view = WidgetView("demo:test", channel=channel, output=Silent())
    view.open(lambda: None)
    view.show([Citation("First", "https://example.org/1")])
    view.show([Citation("Second", "https://example.org/2")])
    assert "Second" not in json.dumps(channel.messages)
    now[0] += 1.0
    view.show([])
    assert "Second" in json.dumps(channel.messages)
