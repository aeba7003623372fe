"""What the kernel and the pages of a notebook say to each other; the page here is a list of messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamnb.views.notebook_page import CodeInsertion, NotebookPage

REQUEST = CodeInsertion("cell-1", "x = 1", "cells are running", "%stream code answer")


class Channel:
    """The far end: keeps what is sent, and says what it is told to."""

    model_id = "1"

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.closed = False

    def send(self, content: Any) -> None:
        self.sent.append(content)

    def on_msg(self, callback: Callable[[object, Any, object], None]) -> None:
        self._callback = callback

    def say(self, **message: Any) -> None:
        self._callback(self, message, None)

    def close(self) -> None:
        self.closed = True


class Loop:
    """Calls when it is told to."""

    def __init__(self) -> None:
        self.later: list[tuple[Any, ...]] = []

    def call_later(self, _delay: float, do: Any, *arguments: Any) -> None:
        self.later.append((do, *arguments))

    def turn(self) -> None:
        while self.later:
            do, *arguments = self.later.pop(0)
            do(*arguments)


PAGES: list[NotebookPage] = []


@pytest.fixture(autouse=True)
def _pages_are_closed_after_each_test() -> Iterator[None]:
    yield
    while PAGES:
        PAGES.pop().close()


def open_page() -> tuple[NotebookPage, Channel, list[str], Loop]:
    lines: list[str] = []
    page, channel, loop = NotebookPage(lines.append), Channel(), Loop()
    page.start_detection(loop)
    page.open(channel)
    PAGES.append(page)
    return page, channel, lines, loop


def test_a_request_goes_to_the_page_that_spoke_last_and_is_done_once() -> None:
    page, channel, lines, _ = open_page()
    channel.say(kind="here", page="a", works=True)
    channel.say(kind="here", page="b", works=True)
    page.insert_code(REQUEST)
    (message,) = channel.sent
    assert message["page"] == "b"
    assert (message["cell"], message["text"]) == ("cell-1", "x = 1")
    channel.say(kind="put", page="b", id=message["id"], result="added")
    channel.say(kind="here", page="c", works=True)
    assert len(channel.sent) == 1
    assert lines == []


def test_of_two_pages_the_one_where_cells_are_run_is_asked() -> None:
    page, channel, _, _ = open_page()
    for name in ("a", "b", "c"):
        channel.say(kind="here", page=name, works=True)
    for name in ("a", "b", "nobody"):
        channel.say(kind="used", page=name)
    page.insert_code(REQUEST)
    channel.say(kind="left", page="b")
    page.insert_code(REQUEST)
    assert [message["page"] for message in channel.sent] == ["b", "a"]


def test_what_no_page_has_done_goes_to_the_next_that_speaks() -> None:
    page, channel, _, _ = open_page()
    page.insert_code(REQUEST)
    assert channel.sent == []
    channel.say(kind="here", page="a", works=True)
    channel.say(kind="left", page="a")
    channel.say(kind="here", page="a2", works=True)
    assert [message["page"] for message in channel.sent] == ["a", "a2"]


def test_a_page_that_has_gone_is_asked_no_more() -> None:
    page, channel, _, loop = open_page()
    channel.say(kind="here", page="a", works=True)
    channel.say(kind="here", page="b", works=True)
    channel.say(kind="left", page="b")
    page.insert_code(REQUEST)
    assert [message["page"] for message in channel.sent] == ["a"]
    channel.say(kind="left", page="a")
    loop.turn()
    assert not page.may_be_present


def test_a_deleted_cell_is_one_line_that_says_what_to_type() -> None:
    page, channel, lines, _ = open_page()
    channel.say(kind="here", page="a", works=True)
    page.insert_code(REQUEST)
    channel.say(kind="put", page="a", id=channel.sent[0]["id"], result="deleted")
    (line,) = lines
    assert line.startswith("the cell that asked for code was deleted, so nothing was inserted")
    assert line.endswith("%stream code answer")


def test_where_no_page_speaks_what_was_asked_is_one_line_and_nobody_is_asked_any_more() -> None:
    page, channel, lines, loop = open_page()
    assert page.may_be_present
    page.insert_code(REQUEST)
    loop.turn()
    assert not page.may_be_present
    assert [line.partition(",")[0] for line in lines] == ["no page of JupyterLab or Notebook 7 answers"]
    assert channel.sent == []


def test_a_page_whose_inside_is_another_is_as_none() -> None:
    page, channel, lines, _ = open_page()
    page.insert_code(REQUEST)
    channel.say(kind="here", page="a", works=False)
    assert not page.may_be_present
    assert len(lines) == 1


def test_what_a_page_says_amiss_changes_nothing() -> None:
    page, channel, lines, _ = open_page()
    channel.say(kind="here", page="a", works=True)
    page.insert_code(REQUEST)
    channel.say(kind="put", page="a", id=99, result="deleted")
    channel.say(kind="put", page="a", id="0", result="deleted")
    channel.say(kind="left", page="nobody")
    channel.say(kind="here", page=["a"], works=True)
    channel.say(nonsense=1)
    assert page.is_present
    assert lines == []


def test_closing_closes_the_widget() -> None:
    page, channel, _, _ = open_page()
    page.close()
    assert channel.closed
    NotebookPage(print).close()  # never opened


def test_a_page_that_says_twice_that_it_is_here_is_gone_when_it_has_left_once() -> None:
    page, channel, _, loop = open_page()
    for _ in range(1000):
        channel.say(kind="here", page="a", works=True)
    channel.say(kind="left", page="a")
    loop.turn()
    assert not page.is_present
