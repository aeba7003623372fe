"""Assignment of tool call pieces to their calls, where servers number them wrongly or not at all.

OpenAI numbers the calls and names each once.  Others leave out the number, count it up with every piece,
repeat id and name on every piece, give every call the number 0, send a call whole, or whole once more at
the end.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import Any

from ..core.events import ToolCallDelta
from ..core.surrogates import find_surrogate, without_surrogates
from ..core.tool_calls import parse_arguments
from .extract import text_or_none

__all__ = [
    "ROUND_TRIP_CALL_FIELDS",
    "ToolCallIndexer",
    "arguments_as_json_object",
    "arguments_to_text",
    "fields_from_signature",
    "is_json_object",
]

_ARGUMENT_KEYS = ("arguments", "input", "parameters")  # OpenAI's, Claude's, Llama's
# What a server wants back with the call, as it sent it: Gemini's signature, LiteLLM's fields.
ROUND_TRIP_CALL_FIELDS = ("extra_content", "provider_specific_fields")


@dataclass
class _ChatCall:
    """A call of a tool, as far as it has come.

    Attributes
    ----------
    index
        Its number in the answer, from 0.
    id, name
        The server's id of the call, and the function; ``None`` until it says them.
    arguments
        The pieces of its JSON text so far.
    round_trip_fields
        What the server wants back with the call's result, by its field.
    is_named_again
        Whether its name came once more, and nothing with it.
    """

    index: int
    id: str | None
    name: str | None
    arguments: list[str] = field(default_factory=list)
    round_trip_fields: dict[str, Any] = field(default_factory=dict)
    is_named_again: bool = False  # its name came once more, and nothing with it

    def is_whole(self) -> bool:
        return is_json_object("".join(self.arguments))


class ToolCallIndexer:
    """Numbers the calls of one answer from 0, in the order in which they appear."""

    def __init__(self) -> None:
        self._calls: list[_ChatCall] = []
        self._by_number: dict[Any, _ChatCall] = {}  # the call that a server's number means at present

    def __bool__(self) -> bool:
        return bool(self._calls)

    def feed(self, piece: Any) -> list[ToolCallDelta]:
        """Return the event of one entry of ``delta.tool_calls``; none if it is no such entry."""
        if not isinstance(piece, dict):
            return []
        function = piece.get("function") or piece.get("custom") or piece  # some leave the inner object out
        if isinstance(function, str):
            function = piece | {"name": function}
        if not isinstance(function, dict):
            return []
        id_, name = piece.get("id"), (text_or_none(function.get("name")) or "").strip() or None
        id_ = str(id_) if type(id_) is int else text_or_none(id_)
        arguments = arguments_to_text(
            next((function[key] for key in _ARGUMENT_KEYS if key in function), None)
        )
        round_trip_fields = {key: piece[key] for key in ROUND_TRIP_CALL_FIELDS if piece.get(key)}
        if not (id_ or name or arguments or round_trip_fields):
            return []
        number = _call_index(piece.get("index"))
        call = self._find_call(number, id_, name)
        if call is not None and name and id_ and id_ == call.id and arguments and call.is_whole():
            if "".join(call.arguments) == arguments:  # said once more, as a whole
                return []
            call = None
        if call is None or self._begins_new_call(call, id_, name, arguments):
            name = name or (call.name if call else None)
            call = _ChatCall(len(self._calls), id_, name)
            self._calls.append(call)
        elif call.is_named_again and not (arguments or round_trip_fields):
            return []
        elif name and call.name and name != call.name:  # it comes bit by bit, or grows
            name = call.name = name if name.startswith(call.name) else call.name + name
        call.id, call.name = call.id or id_, call.name or name
        if type(number) is int:
            self._by_number[number] = call
        call.arguments.append(arguments)
        call.round_trip_fields |= round_trip_fields
        return [ToolCallDelta(call.index, id_, name, arguments)] if id_ or name or arguments else []

    def signature_deltas(self, message_fields: dict[str, Any]) -> list[ToolCallDelta]:
        """Return the events of what a server wants back with its calls, at the end of an answer.

        ``message_fields`` goes back with the first of them.
        """
        events = []
        for call in self._calls:
            content = (message_fields if call is self._calls[0] else {}) | call.round_trip_fields
            if content:
                signature = json.dumps(content, ensure_ascii=False)
                events.append(ToolCallDelta(call.index, None, None, "", signature))
        return events

    def _find_call(self, number: Any, id_: str | None, name: str | None) -> _ChatCall | None:
        """Find the call that a piece goes on with, as far as number, id and name say it."""
        if type(number) is int and number in self._by_number:
            call = self._by_number[number]
            return None if id_ and name and call.id and id_ != call.id else call
        if id_ and (same := next((call for call in self._calls if call.id == id_), None)):
            return None if name and same.name and name != same.name else same
        last = self._calls[-1] if self._calls else None
        if last is None or not (id_ or name):
            return last  # a piece that says nothing but arguments goes on with the last call
        if type(number) is int or (id_ and last.id) or (name and last.name and name != last.name):
            return None
        return last

    def _begins_new_call(self, call: _ChatCall, id_: str | None, name: str | None, arguments: str) -> bool:
        """Whether a piece that looks like one of ``call`` is the first of another."""
        if not name:
            again, call.is_named_again = call.is_named_again, False
            return again and bool(arguments)
        if call.name is None:
            return False
        if id_ and id_ == call.id:
            return name != call.name and call.is_whole()
        if name != call.name:
            if call.id and not (id_ or "".join(call.arguments)):
                return False  # named by an id once, and nothing said of arguments: its name goes on
            return not "".join(call.arguments).strip() or call.is_whole()
        if not call.is_whole():
            return False
        # Without arguments: perhaps another call begins, perhaps the name is said every time.
        call.is_named_again = not arguments
        return bool(arguments)


def is_json_object(text: str) -> bool:
    """Whether a text is a whole JSON object."""
    if not text.rstrip().endswith("}"):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def arguments_as_json_object(text: str) -> str:
    """Return a call's arguments as a JSON object that any server can read; broken ones say what they are.

    >>> arguments_as_json_object("Oslo")
    '{"error": "these arguments were no JSON object", "arguments": "Oslo"}'
    """
    if not text.strip():
        return "{}"
    value = parse_arguments(text)
    with contextlib.suppress(ValueError, RecursionError):  # NaN is no JSON
        if isinstance(value, dict):
            plain = json.dumps(value, ensure_ascii=False, allow_nan=False)
            return text if _is_exact_json(text, value) else plain
    broken = {"error": "these arguments were no JSON object", "arguments": without_surrogates(text)}
    return json.dumps(broken, ensure_ascii=False)


def _is_exact_json(text: str, value: dict[str, Any]) -> bool:
    """Whether a text is this object's JSON as it stands, and can be encoded."""
    try:
        return bool(json.loads(text) == value) and not find_surrogate(text)
    except ValueError:  # said twice
        return False


def fields_from_signature(signature: str | None) -> dict[str, Any]:
    """Return what a server wants back with a call; empty where it is another provider's, or nothing."""
    try:
        content = json.loads(signature or "")
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def arguments_to_text(arguments: Any) -> str:
    """Return a call's arguments as the text they are, or should have been.

    >>> arguments_to_text({"city": "Oslo"}), arguments_to_text('{"ci'), arguments_to_text(None)
    ('{"city": "Oslo"}', '{"ci', '')
    """
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return json.dumps(arguments, ensure_ascii=False)


def _call_index(value: Any) -> int | None:
    """Return the number of a call, also where it is 1.0 or "1"."""
    if (type(value) is float and value.is_integer()) or (type(value) is str and value.isdecimal()):
        return int(value) if len(str(value)) < 10 else None
    return value if type(value) is int else None
