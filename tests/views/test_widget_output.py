"""A live view's output gives way to the bundle, and the widget goes when no page needs it any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamnb.render.snapshot import MimeBundle
from streamnb.views import widget_output
from streamnb.views.output import Output
from streamnb.views.widget_output import WidgetOutput, widget_or_fallback

LAST = MimeBundle({"text/html": "<p>all</p>", "text/plain": "all"}, {"streamnb": {}})


class Widget:
    """A widget without a page; the test says what a page would."""

    model_id = "m1"

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.closed = 0
        self.say: Callable[[Any], None] = lambda message: None

    def send(self, content: Any) -> None:
        self.sent.append(content)

    def on_msg(self, callback: Callable[[object, Any, object], None]) -> None:
        self.say = lambda message: callback(self, message, None)

    def close(self) -> None:
        self.closed += 1


class Later:
    """A timer that rings when the test says so."""

    ring: Callable[[], None]

    def __init__(self, _seconds: float, run: Callable[..., None], arguments: list[Any]) -> None:
        self.daemon = False
        Later.ring = lambda: run(*arguments)

    def start(self) -> None:
        pass


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[MimeBundle]:
    """What was put into the output."""
    all_of_them: list[MimeBundle] = []
    monkeypatch.setattr(Output, "update", lambda _, bundle: all_of_them.append(bundle))
    monkeypatch.setattr(widget_output, "Timer", Later)
    return all_of_them


def test_what_shows_a_widget_can_be_read_where_there_is_none() -> None:
    assert widget_or_fallback(Widget(), LAST).data.items() >= LAST.data.items()
    assert widget_or_fallback(Widget(), LAST).data[widget_output.WIDGET_MIME]["model_id"] == "m1"


def test_a_widget_that_nobody_ran_is_closed_a_moment_later(replaced: list[MimeBundle]) -> None:
    widget = Widget()
    WidgetOutput(widget).finalize(LAST)
    assert (replaced, widget.closed) == ([LAST], 0)
    Later.ring()
    assert widget.closed == 1


@pytest.mark.parametrize("gone_first", [True, False])
def test_a_widget_that_a_page_ran_is_closed_when_the_page_shows_it_no_more(
    replaced: list[MimeBundle], gone_first: bool
) -> None:
    widget = Widget()
    outlet = WidgetOutput(widget)
    widget.say({"kind": "here"})
    if gone_first:
        widget.say({"kind": "gone"})
        assert widget.closed == 0
    outlet.finalize(LAST)
    Later.ring()
    if not gone_first:
        assert widget.closed == 0  # the tab may have been closed, and come back
        widget.say({"kind": "gone"})
    assert widget.closed == 1


@pytest.mark.parametrize("ask", [{"kind": "ask"}, {"column": 2, "message": {"kind": "ask"}}])
@pytest.mark.parametrize("in_mid_stream", [True, False])
def test_a_page_that_was_loaded_again_is_given_the_bundle_once_there_is_one(
    replaced: list[MimeBundle], ask: dict[str, Any], in_mid_stream: bool
) -> None:
    widget = Widget()
    outlet = WidgetOutput(widget)
    if in_mid_stream:
        widget.say(ask)
        assert widget.sent == []
    outlet.finalize(LAST)
    if not in_mid_stream:
        assert widget.sent == []
        widget.say(ask)
    assert widget.sent == [{"kind": "bundle", "id": "m1", "data": LAST.data, "metadata": LAST.metadata}]


def test_words_that_are_not_ours_do_nothing(replaced: list[MimeBundle]) -> None:
    widget = Widget()
    WidgetOutput(widget).finalize(LAST)
    for word in ("gone", {"kind": "else"}, None, 3):
        widget.say(word)
    assert (widget.sent, widget.closed) == ([], 0)
