"""The browser's half of the widgets travels once for a kernel and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamnb.views.notebook_page import NotebookPage
from streamnb.views.widget import StreamWidget
from streamnb.views.widget_code import page_script
from streamnb.views.widget_columns import ColumnsWidget

LOADER_BYTES = 600


class Channel:
    model_id = "m1"

    def send(self, content: Any) -> None:
        pass

    def on_msg(self, callback: Callable[[object, Any, object], None]) -> None:
        self.hear = callback

    def close(self) -> None:
        pass


@pytest.fixture
def channel() -> Iterator[Channel]:
    channel = Channel()
    page = NotebookPage(print)
    page.open(channel)
    yield channel
    page.close()


@pytest.mark.parametrize("widget", [StreamWidget, ColumnsWidget])
def test_an_answer_brings_all_where_no_page_keeps_it(widget: type[StreamWidget]) -> None:
    assert widget()._esm == widget.script


@pytest.mark.parametrize("widget", [StreamWidget, ColumnsWidget])
def test_an_answer_brings_a_loader_where_a_page_keeps_the_rest(
    channel: Channel, widget: type[StreamWidget]
) -> None:
    channel.hear(None, {"kind": "here", "page": "p1", "works": True}, None)
    answer = widget()
    assert len(answer._esm) + len(answer._css) < LOADER_BYTES
    assert f'Symbol.for("{answer._esm.split(chr(34))[1]}")' in page_script()
    assert f"?.{widget.entry}()" in answer._esm


def test_a_page_that_asks_again_is_given_all(channel: Channel) -> None:
    channel.hear(None, {"kind": "here", "page": "p1", "works": True}, None)
    state = StreamWidget().get_state()
    assert state["_esm"] == StreamWidget.script
    assert len(state["_css"]) > LOADER_BYTES


def test_a_page_that_has_gone_keeps_nothing(channel: Channel) -> None:
    channel.hear(None, {"kind": "here", "page": "p1", "works": True}, None)
    channel.hear(None, {"kind": "left", "page": "p1"}, None)
    assert StreamWidget()._esm == StreamWidget.script
