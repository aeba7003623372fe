"""Conversations: which turns a request goes on from, and what a new run of a cell replaces."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from streamnb.core.content import Blob, Link, Part, ProviderPart, Text, ToolCallPart, ToolResultPart, Turn
from streamnb.core.conversation import CellRunId, Chat, ChatExchange, load, save
from streamnb.core.errors import UsageError
from tests.support import posix_only

FIRST, AGAIN, SECOND, LATER = CellRunId("a", 1), CellRunId("a", 2), CellRunId("b", 3), CellRunId("b", 4)


def chat_entry(cell: CellRunId, question: str, *more: Part) -> ChatExchange:
    turns = (Turn("user", (Text(question), *more)), Turn("assistant", (Text(question.upper()),)))
    return ChatExchange(cell, turns, "demo", "complete")


def questions(turns: tuple[Turn, ...]) -> list[str]:
    return [
        part.text for turn in turns if turn.role == "user" for part in turn.parts if isinstance(part, Text)
    ]


@pytest.fixture
def chat() -> Chat:
    talk = Chat("talk")
    talk.add(chat_entry(FIRST, "one"))
    talk.add(chat_entry(SECOND, "two"))
    return talk


def test_a_request_from_a_new_cell_goes_on_from_everything(chat: Chat) -> None:
    assert questions(chat.history_for(CellRunId("c", 9))) == ["one", "two"]


def test_a_new_run_of_a_cell_goes_on_from_what_came_before_that_cell(chat: Chat) -> None:
    assert questions(chat.history_for(AGAIN)) == []
    assert questions(chat.history_for(LATER)) == ["one"]


def test_a_new_run_replaces_its_turn_and_sets_aside_what_followed_from_it(chat: Chat) -> None:
    chat.add(chat_entry(AGAIN, "ONE"))
    assert questions(chat.history_for(CellRunId())) == ["ONE"]
    assert [entry.turns[0].parts[0] for entry in chat.superseded] == [Text("one"), Text("two")]


def test_exchanges_of_one_run_follow_one_another(chat: Chat) -> None:
    chat.add(chat_entry(LATER, "two a"))
    chat.add(chat_entry(LATER, "two b"))
    assert questions(chat.history_for(LATER)) == ["one", "two a", "two b"]


def test_without_a_cell_an_exchange_is_added_at_the_end(chat: Chat) -> None:
    chat.add(chat_entry(CellRunId(), "three"))
    chat.add(chat_entry(CellRunId(), "four"))
    assert questions(chat.history_for(CellRunId())) == ["one", "two", "three", "four"]


def test_asking_what_came_before_changes_nothing(chat: Chat) -> None:
    chat.history_for(AGAIN)
    assert questions(chat.history_for(CellRunId())) == ["one", "two"]


def test_a_conversation_comes_back_from_a_file_as_it_was(chat: Chat, tmp_path: Path) -> None:
    parts: tuple[Part, ...] = (Blob("image/png", b"\x89PNG", "a.png"), Link("https://example.org/b.png"))
    chat.add(chat_entry(CellRunId(), "three", *parts))
    call = Turn("assistant", (ToolCallPart("1", "add", "{}", "sig"),))
    chat.add(
        ChatExchange(
            CellRunId(), (call, Turn("tool", (ToolResultPart("1", "add", "3"),))), "demo", "interrupted"
        )
    )
    save(chat, tmp_path / "talk.json")
    back = load(tmp_path / "talk.json", "again")
    assert back.name == "again"
    assert back.history_for(CellRunId()) == chat.history_for(CellRunId())
    assert [entry.state for entry in back.entries] == [entry.state for entry in chat.entries]


def test_a_providers_own_part_cannot_be_saved_and_says_so(chat: Chat, tmp_path: Path) -> None:
    chat.add(chat_entry(CellRunId(), "file", ProviderPart(object())))
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


@posix_only
def test_a_file_is_written_by_way_of_a_new_one_that_nobody_else_has(chat: Chat, tmp_path: Path) -> None:
    foreign, target = tmp_path / "talk.json.part", tmp_path / "elsewhere"
    foreign.write_text("not ours")
    target.write_text("not ours either")
    link = tmp_path / "link.json"
    save(chat, link)
    os.replace(link, tmp_path / "kept.json")
    link.symlink_to(tmp_path / "kept.json")
    save(chat, link)
    save(chat, tmp_path / "talk.json")
    assert (foreign.read_text(), target.read_text()) == ("not ours", "not ours either")
    assert not link.is_symlink()
    assert stat.S_IMODE((tmp_path / "talk.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ["elsewhere", "kept.json", "link.json", "talk.json", "talk.json.part"]
    )


@posix_only
def test_a_link_to_a_foreign_file_is_refused_and_the_file_stays(chat: Chat, tmp_path: Path) -> None:
    foreign = tmp_path / "notes.txt"
    foreign.write_text("mine")
    (tmp_path / "talk.json").symlink_to(foreign)
    with pytest.raises(UsageError, match="is no conversation: name another file"):
        save(chat, tmp_path / "talk.json")
    assert foreign.read_text() == "mine"


def test_a_fault_while_writing_leaves_nothing_behind(
    chat: Chat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_paths: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UsageError, match="No space left"):
        save(chat, tmp_path / "talk.json")
    assert list(tmp_path.iterdir()) == []


@posix_only
def test_a_pipe_is_refused_and_not_waited_for(chat: Chat, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="no regular file"):
        load(pipe)
    with pytest.raises(UsageError, match="name another file"):
        save(chat, pipe)
    for folder_or_device in (tmp_path, Path("/dev/zero")):
        with pytest.raises(UsageError):
            load(folder_or_device)


ENTRY: dict[str, Any] = {
    "turns": [{"role": "user", "parts": [{"text": "a"}]}],
    "model": "m",
    "state": "complete",
}
FILE: dict[str, Any] = {
    "streamnb": "conversation",
    "version": 1,
    "name": "talk",
    "said": [ENTRY],
    "aside": [],
}


@pytest.mark.parametrize(
    "change",
    [
        {"said": 3},
        {"said": [3]},
        {"said": {"a": 1}},
        {"said": [ENTRY | {"state": "splendid"}]},
        {"said": [ENTRY | {"state": []}]},
        {"said": [ENTRY | {"turns": [{"role": "root", "parts": []}]}]},
        {"said": [ENTRY | {"turns": [{"role": "user", "parts": [{"text": 3}]}]}]},
        {"said": [ENTRY | {"turns": [{"role": "user", "parts": [{"url": 3, "mime_type": None}]}]}]},
        {"said": [ENTRY | {"turns": [{"role": "user", "parts": "abc"}]}]},
        {"version": "new"},
        {"version": float("inf")},
        {"aside": None},
    ],
)
def test_a_file_with_odd_content_is_one_line(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(FILE | change))
    with pytest.raises(UsageError, match="is no conversation of streamnb") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_nested_too_deeply_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text(json.dumps(FILE)[:-1] + ', "more": ' + "[" * 200_000 + "]" * 200_000 + "}")
    with pytest.raises(UsageError, match="is no conversation of streamnb"):
        load(path)


def test_a_name_and_a_model_out_of_a_file_are_plain_and_short(tmp_path: Path) -> None:
    path = tmp_path / "talk.json"
    path.write_text(
        json.dumps(FILE | {"name": "\x1b[31mred\n" * 9999, "said": [ENTRY | {"model": "\u202em"}]})
    )
    chat = load(path)
    assert (len(chat.name), chat.entries[0].model) == (80, "m")
    assert chat.name.isprintable()
