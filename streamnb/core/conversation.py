"""Conversations by name; each exchange belongs to the notebook cell that made it.

An exchange of a conversation belongs to the run of a cell that made it.  When a cell runs again,
its earlier exchange is removed and the exchanges after it are set aside: they answered a prompt
that is no longer in the notebook.  Exchanges of one run follow one another.  Where no cell is known (scripts,
terminals, runners of notebooks) an exchange is added at the end.

Nothing changes before a stream has ended, so a request that is refused leaves everything as it was.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from .content import Blob, Link, Part, ProviderPart, Role, Text, ToolCallPart, ToolResultPart, Turn, Upload
from .errors import UsageError
from .events import State
from .safe_files import read_regular_file, replace_private_file
from .text import sanitize_line, with_article

__all__ = ["CellRunId", "Chat", "ChatExchange", "load", "save"]

FORMAT = "conversation"
VERSION = 1
MAX_NAME_CHARACTERS = 80  # of a name that a file gives

# What reading JSON of unknown making can raise.
_PARSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class CellRunId:
    """One run of one notebook cell; ``cell`` is ``None`` where there are no cells."""

    cell: str | None = None
    run: int | str | None = None


@dataclass(frozen=True, slots=True)
class ChatExchange:
    """One exchange of a conversation.

    Attributes
    ----------
    cell_run_id
        Which run of which cell asked.
    turns
        The person's turn, and what the model said to it, tools included.
    model
        The model as it was typed.
    state
        How the answer ended; one that broke off is an exchange too.
    """

    cell_run_id: CellRunId
    turns: tuple[Turn, ...]
    model: str
    state: State


@dataclass
class Chat:
    """A conversation.

    Attributes
    ----------
    name
        What ``-c`` and ``chat=`` call it.
    entries
        What is sent along with the next prompt, the oldest first.
    superseded
        What was set aside when a cell before it ran again; never sent.
    """

    name: str
    entries: list[ChatExchange] = field(default_factory=list)
    superseded: list[ChatExchange] = field(default_factory=list)

    def history_for(self, cell_run_id: CellRunId) -> tuple[Turn, ...]:
        """Return the turns that a request from ``cell_run_id`` goes on from."""
        return tuple(
            turn for entry in self.entries[: self._index_of_earlier_run(cell_run_id)] for turn in entry.turns
        )

    def add(self, entry: ChatExchange) -> int:
        """Add an exchange; what it replaces and what came after that is set aside.

        Returns how many exchanges of other cells were set aside.
        """
        cut = self._index_of_earlier_run(entry.cell_run_id)
        replaced = self.entries[cut:]
        self.superseded += replaced
        self.entries[cut:] = [entry]
        return sum(old.cell_run_id.cell != entry.cell_run_id.cell for old in replaced)

    def superseded_cells(self) -> set[str]:
        """Return the ids of the cells of which every exchange was set aside."""
        valid = {entry.cell_run_id.cell for entry in self.entries}
        return {
            entry.cell_run_id.cell for entry in self.superseded if entry.cell_run_id.cell is not None
        } - valid

    def _index_of_earlier_run(self, cell_run_id: CellRunId) -> int:
        """Return where the earlier run of this cell begins, the end if there is none."""
        if cell_run_id.cell is not None:
            for index, entry in enumerate(self.entries):
                if entry.cell_run_id.cell == cell_run_id.cell and entry.cell_run_id.run != cell_run_id.run:
                    return index
        return len(self.entries)


def save(chat: Chat, path: Path) -> None:
    """Write a conversation to a file, readable for its owner only.

    Raises
    ------
    UsageError
        It cannot be written, something else is there, or it holds a part that no file can keep.
    """
    if path.exists() and not _is_conversation_file(path):
        raise UsageError(sanitize_line(f"{path} is there already and is no conversation: name another file"))
    content = {"streamnb": FORMAT, "version": VERSION, "name": chat.name}
    content["said"] = [_entry_to_json(entry) for entry in chat.entries]
    content["aside"] = [_entry_to_json(entry) for entry in chat.superseded]
    text = json.dumps(content, ensure_ascii=False, indent=1)
    try:
        replace_private_file(path, text.encode("utf-8", "backslashreplace"))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(
            sanitize_line(f"{path} cannot be written ({why}); name a file in your own folder")
        ) from None


def _is_conversation_file(path: Path) -> bool:
    try:
        load(path)
    except UsageError:
        return False
    return True


def load(path: Path, name: str | None = None) -> Chat:
    """Return the conversation in a file, under its own name or another.

    Raises
    ------
    UsageError
        The file cannot be read, or is no conversation of this version or an earlier one.
    """
    try:
        content = json.loads(read_regular_file(path).decode("utf-8"))
        if content["streamnb"] != FORMAT or content["version"] > VERSION:
            raise KeyError
        chat = Chat(name or sanitize_line(str(content["name"]), MAX_NAME_CHARACTERS) or path.stem)
        chat.entries = [_entry_from_json(entry) for entry in content["said"]]
        chat.superseded = [_entry_from_json(entry) for entry in content["aside"]]
    except OSError as error:
        why = error.strerror or error
        raise UsageError(
            sanitize_line(f"{path} cannot be read ({why}); name one that %stream chats save has made")
        ) from None
    except _PARSE_ERRORS:
        what = f"{path} is no conversation of streamnb; %stream chats save NAME FILE makes one"
        raise UsageError(sanitize_line(what)) from None
    return chat


def _entry_to_json(entry: ChatExchange) -> dict[str, Any]:
    turns = [
        {"role": turn.role, "parts": [_part_to_json(part) for part in turn.parts]} for turn in entry.turns
    ]
    return {"turns": turns, "model": entry.model, "state": entry.state}


def _entry_from_json(content: dict[str, Any]) -> ChatExchange:
    # Cells of another notebook, or of an earlier life of this one, are no cells of this one.
    if content["state"] not in get_args(State):
        raise ValueError("no state")
    model = sanitize_line(str(content["model"]))
    return ChatExchange(CellRunId(), tuple(_turns_from_json(content["turns"])), model, content["state"])


def _turns_from_json(content: Iterable[dict[str, Any]]) -> Iterable[Turn]:
    for turn in content:
        if turn["role"] not in get_args(Role):
            raise ValueError("no role")
        yield Turn(turn["role"], tuple(_part_from_json(part) for part in turn["parts"]))


def _part_to_json(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"text": text}
        case Blob(mime_type, data, name):
            return {"mime_type": mime_type, "data": base64.b64encode(data).decode(), "name": name}
        case Link(url, mime_type):
            return {"url": url, "mime_type": mime_type}
        case ToolCallPart(id_, name, arguments, signature):
            return {"use": id_, "name": name, "arguments": arguments, "signature": signature}
        case ToolResultPart(id_, name, content):
            return {"answer": id_, "name": name, "content": content}
        case Upload():
            raise UsageError(
                sanitize_line(f"the conversation holds {part}, which is too large to be kept with it")
            )
        case ProviderPart(value):
            kind = with_article(type(value).__name__)
            raise UsageError(f"the conversation holds {kind} of the provider's own, which no file can keep")


def _part_from_json(content: dict[str, Any]) -> Part:
    match content:
        case {"text": str(text)}:
            return Text(text)
        case {"data": str(data), "mime_type": str(mime_type), "name": str(name) | (None as name)}:
            return Blob(mime_type, base64.b64decode(data, validate=True), name)
        case {"url": str(url), "mime_type": str(mime_type) | (None as mime_type)}:
            return Link(url, mime_type)
        case {
            "use": str(id_),
            "name": str(name),
            "arguments": str(arguments),
            "signature": str(signature) | (None as signature),
        }:
            return ToolCallPart(id_, name, arguments, signature)
        case {"answer": str(id_), "name": str(name), "content": str(text)}:
            return ToolResultPart(id_, name, text)
        case _:
            raise ValueError("no part")
