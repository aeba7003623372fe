"""Matching of Responses events to their items: which call a piece belongs to, which text came already.

Responses say everything as deltas and then once more as a whole.  OpenAI numbers the items of the output;
other servers leave out ``output_index``, ``content_index`` or ``item_id``, give all the same, or change an
item's id midway.  What is told apart here is told apart by all of them, and by the order.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ..core.events import ToolCallDelta
from .extract import text_or_none
from .repetition_filter import RepetitionFilter
from .tool_call_deltas import arguments_to_text, is_json_object

__all__ = ["CallTracker", "TextTracker"]


class TextTracker:
    """Tells what of one kind of text of a response is new: a whole is not said after its deltas."""

    def __init__(self) -> None:
        self._texts: dict[tuple[Any, ...], RepetitionFilter] = {}  # by their position
        self._has_deltas = False

    def __bool__(self) -> bool:
        return bool(self._texts)

    def feed_delta(self, position: tuple[Any, ...], text: str) -> str:
        """Return what is new in a delta; ``position`` is where it stands, as far as the server says it."""
        self._has_deltas = True
        return self._texts.setdefault(position, RepetitionFilter()).feed(text)

    def feed_whole(self, position: tuple[Any, ...], whole: str) -> str:
        """Return a text that came whole, nothing where its deltas came."""
        if position in self._texts:
            return self._texts[position].resolve_waiting(whole)
        is_vague = self._has_deltas or any(None in is_match for is_match in (position, *self._texts))
        released = "".join([text.resolve_waiting(whole) for text in self._texts.values()])
        if is_vague and whole in "".join(map(str, self._texts.values())):
            return released
        return released + self._texts.setdefault(position, RepetitionFilter()).feed(whole)

    def close(self) -> str:
        """Return what waited."""
        return "".join([text.close() for text in self._texts.values()])


@dataclass
class _ResponsesCall:
    """A call of a tool, as far as it has come.

    Attributes
    ----------
    index
        Its number in the answer, from 0.
    position
        Where the server says that it stands; ``None`` where it does not.
    item_id, call_id
        The server's ids of the item and of the call, ``None`` until it says them.
    name
        The function, ``None`` until the server says it.
    arguments
        The pieces of its JSON text so far.
    has_all_arguments
        Whether its arguments were said as a whole, or its item.
    is_done
        Whether its item was said as a whole.
    """

    index: int
    position: Any
    item_id: str | None = None
    call_id: str | None = None
    name: str | None = None
    arguments: list[str] = field(default_factory=list)
    has_all_arguments: bool = False  # its arguments were said as a whole, or its item
    is_done: bool = False  # its item was said as a whole

    @property
    def text(self) -> str:
        return "".join(self.arguments)

    def add_missing_arguments(self, whole: str) -> str:
        """Add and return what of arguments that came whole was not said before."""
        missing = whole[len(self.text) :] if whole.startswith(self.text) else ""
        self.arguments += [missing] if missing else []
        return missing


class CallTracker:
    """Numbers the calls of one response from 0, in the order in which they appear."""

    def __init__(self) -> None:
        self._calls: list[_ResponsesCall] = []
        self._reasoning: list[dict[str, Any]] = []  # signed items that the next call needs beside it

    def __bool__(self) -> bool:
        return bool(self._calls)

    def keep_reasoning(self, item: dict[str, Any]) -> None:
        """Keep a reasoning item that has a signature: the server wants it back with the call after it."""
        if item.get("encrypted_content"):
            self._reasoning.append({key: value for key, value in item.items() if key != "status"})

    def begin_call(self, item: dict[str, Any], position: Any) -> list[ToolCallDelta]:
        """Return the event of a call that begins."""
        call_id = _id_to_text(item.get("call_id"))
        if call_id and any(call.call_id == call_id and not call.is_done for call in self._calls):
            return []
        return self._append_new_call(item, position)

    def feed_arguments(self, chunk: dict[str, Any], position: Any) -> list[ToolCallDelta]:
        """Return the event of a piece of a call's arguments."""
        piece = arguments_to_text(chunk.get("delta"))
        if not piece:
            return []
        call = self._find_open_call(position, _id_to_text(chunk.get("item_id")))
        if call is None:  # the stream was taken up in the middle of a call
            call = _ResponsesCall(len(self._calls), position)
            self._calls.append(call)
        call.arguments.append(piece)
        return [ToolCallDelta(call.index, None, None, piece)]

    def feed_whole_arguments(self, chunk: dict[str, Any], position: Any) -> list[ToolCallDelta]:
        """Return the event of arguments that came whole; none where their pieces came."""
        whole = arguments_to_text(chunk.get("arguments") or chunk.get("input"))
        call = self._find_open_call(position, _id_to_text(chunk.get("item_id")), whole)
        if call is None:
            return self.feed_arguments({"delta": whole}, position) if whole and not self._calls else []
        call.has_all_arguments = True
        missing = call.add_missing_arguments(whole)
        return [ToolCallDelta(call.index, None, None, missing)] if missing else []

    def finish_call(self, item: dict[str, Any], position: Any) -> list[ToolCallDelta]:
        """Return what of an item that came whole was not said before."""
        call = self._find_call(item, position)
        events = [] if call is not None else self._append_new_call(item, position)
        call = call or self._calls[-1]
        if call.is_done:
            return []
        call.has_all_arguments = call.is_done = True
        whole = arguments_to_text(item.get("arguments") or item.get("input"))
        name = None if call.name else _id_to_text(item.get("name"))
        call.name = call.name or name
        if (whole := call.add_missing_arguments(whole)) or name:
            events.append(ToolCallDelta(call.index, None, name, whole))
        return events

    def _append_new_call(self, item: dict[str, Any], position: Any) -> list[ToolCallDelta]:
        id_, call_id, name = (_id_to_text(item.get(key)) for key in ("id", "call_id", "name"))
        call = _ResponsesCall(len(self._calls), position, id_, call_id, name)
        self._calls.append(call)
        reasoning, self._reasoning = self._reasoning, []
        signature = json.dumps({"reasoning": reasoning}, ensure_ascii=False) if reasoning else None
        arguments = item.get("arguments")  # as a text they come in pieces, or when the item is done
        whole = arguments_to_text(arguments) if type(arguments) is dict and arguments else ""
        call.arguments += [whole] if whole else []
        return [ToolCallDelta(call.index, call_id or id_, name, whole, signature)]

    def _find_call(self, item: dict[str, Any], position: Any) -> _ResponsesCall | None:
        """Find the call that an item is, by its call's id, else by what is left open."""
        call_id, name = _id_to_text(item.get("call_id")), _id_to_text(item.get("name"))
        whole = arguments_to_text(item.get("arguments") or item.get("input"))
        if call_id:
            same = [call for call in self._calls if call.call_id == call_id]
            if same:
                return next((call for call in same if not call.is_done), same[-1])
        candidates = [
            call
            for call in self._calls
            if not call.is_done
            and (call.name is None or name is None or call.name == name)
            and not (call_id and call.call_id)
        ]
        by_text = [call for call in candidates if whole and call.text == whole]
        return _best_matching_call(by_text or candidates, position, _id_to_text(item.get("id")))

    def _find_open_call(self, position: Any, item_id: str | None, whole: str = "") -> _ResponsesCall | None:
        """Find the call whose arguments go on: the first that is open and not followed by another."""
        candidates = [call for call in self._calls if not call.has_all_arguments]
        if whole and (same := [call for call in candidates if call.text == whole]):
            return _best_matching_call(same, position, item_id)
        unfinished = [call for call in candidates if call is self._calls[-1] or not is_json_object(call.text)]
        return _best_matching_call(unfinished or candidates, position, item_id)


def _best_matching_call(
    calls: list[_ResponsesCall], position: Any, item_id: str | None
) -> _ResponsesCall | None:
    """Return the first of them that has this position and this id, as far as they tell calls apart."""
    for is_match in (
        lambda call: position is not None and call.position == position and call.item_id == item_id,
        lambda call: position is not None and call.position == position,
        lambda call: item_id is not None and call.item_id == item_id,
        lambda call: position is None or call.position is None,
    ):
        if match := next(filter(is_match, calls), None):
            return match
    return None


def _id_to_text(value: Any) -> str | None:
    """Return an id or a name as text: some servers send a number; ``None`` for what is neither."""
    return text_or_none(str(value) if type(value) is int else value)
