"""Conversations: which turns a request goes on from, and what a new run of a cell replaces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamnb.core.content import Blob, Link, Part, ProviderPart, Text, ToolCallPart, ToolResultPart, Turn
from streamnb.core.conversation import CellRun, Chat, ChatEntry, load, save
from streamnb.core.errors import UsageError

FIRST, AGAIN, SECOND, LATER = CellRun("a", 1), CellRun("a", 2), CellRun("b", 3), CellRun("b", 4)


def said(place: CellRun, question: str, *more: Part) -> ChatEntry:
    turns = (Turn("user", (Text(question), *more)), Turn("assistant", (Text(question.upper()),)))
    return ChatEntry(place, turns, "demo", "complete")


def questions(turns: tuple[Turn, ...]) -> list[str]:
    return [
        part.text for turn in turns if turn.role == "user" for part in turn.parts if isinstance(part, Text)
    ]


@pytest.fixture
def chat() -> Chat:
    talk = Chat("talk")
    talk.add(said(FIRST, "one"))
    talk.add(said(SECOND, "two"))
    return talk


def test_a_request_from_a_new_cell_goes_on_from_everything(chat: Chat) -> None:
    assert questions(chat.history(CellRun("c", 9))) == ["one", "two"]


def test_a_new_run_of_a_cell_goes_on_from_what_came_before_that_cell(chat: Chat) -> None:
    assert questions(chat.history(AGAIN)) == []
    assert questions(chat.history(LATER)) == ["one"]


def test_a_new_run_replaces_its_turn_and_sets_aside_what_followed_from_it(chat: Chat) -> None:
    chat.add(said(AGAIN, "ONE"))
    assert questions(chat.history(CellRun())) == ["ONE"]
    assert [kept.turns[0].parts[0] for kept in chat.superseded] == [Text("one"), Text("two")]


def test_exchanges_of_one_run_follow_one_another(chat: Chat) -> None:
    chat.add(said(LATER, "two a"))
    chat.add(said(LATER, "two b"))
    assert questions(chat.history(LATER)) == ["one", "two a", "two b"]


def test_without_a_cell_an_exchange_is_added_at_the_end(chat: Chat) -> None:
    chat.add(said(CellRun(), "three"))
    chat.add(said(CellRun(), "four"))
    assert questions(chat.history(CellRun())) == ["one", "two", "three", "four"]


def test_asking_what_came_before_changes_nothing(chat: Chat) -> None:
    chat.history(AGAIN)
    assert questions(chat.history(CellRun())) == ["one", "two"]


def test_a_conversation_comes_back_from_a_file_as_it_was(chat: Chat, tmp_path: Path) -> None:
    parts: tuple[Part, ...] = (Blob("image/png", b"\x89PNG", "a.png"), Link("https://example.org/b.png"))
    chat.add(said(CellRun(), "three", *parts))
    call = Turn("assistant", (ToolCallPart("1", "add", "{}", "sig"),))
    chat.add(
        ChatEntry(CellRun(), (call, Turn("tool", (ToolResultPart("1", "add", "3"),))), "demo", "interrupted")
    )
    save(chat, tmp_path / "talk.json")
    back = load(tmp_path / "talk.json", "again")
    assert back.name == "again"
    assert back.history(CellRun()) == chat.history(CellRun())
    assert [kept.state for kept in back.entries] == [kept.state for kept in chat.entries]


def test_a_providers_own_part_cannot_be_saved_and_says_so(chat: Chat, tmp_path: Path) -> None:
    chat.add(said(CellRun(), "file", ProviderPart(object())))
    with pytest.raises(UsageError, match="no file can keep"):
        save(chat, tmp_path / "talk.json")


@pytest.mark.parametrize("content", ["", "{}", "[]", json.dumps({"streamnb": "conversation", "version": 99})])
def test_a_foreign_or_damaged_file_is_one_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match="no conversation of streamnb"):
        load(path)


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "nothing.json")
