"""Which call a piece of a tool call belongs to, where servers say it badly or not at all.

OpenAI numbers the calls and names each once.  Others leave out the number, repeat id and name on
every piece, give every call the number 0, or send a call whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from ..core.events import ToolCallDelta

__all__ = ["ToolCallIndexer", "as_json"]


@dataclass
class _Call:
    index: int
    id: str | None
    name: str | None
    arguments: list[str] = field(default_factory=list)

    def whole(self) -> bool:
        try:
            return isinstance(json.loads("".join(self.arguments)), dict)
        except (ValueError, RecursionError):
            return False


class ToolCallIndexer:
    """Numbers the calls of one answer from 0, in the order in which they appear."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_number: dict[Any, _Call] = {}  # the call that a server's number means at present

    def feed(self, piece: Any) -> list[ToolCallDelta]:
        """Return the event of one entry of ``delta.tool_calls``; none if it is no such entry."""
        if not isinstance(piece, dict):
            return []
        said = piece.get("function") or piece.get("custom") or {}
        if not isinstance(said, dict):
            return []
        id_, name = _text(piece.get("id")), _text(said.get("name"))
        arguments = as_json(said.get("arguments", said.get("input")))
        if not (id_ or name or arguments):
            return []
        call = self._call(piece.get("index"), id_, name)
        call.arguments.append(arguments)
        return [ToolCallDelta(call.index, id_, name, arguments)]

    def _call(self, number: Any, id_: str | None, name: str | None) -> _Call:
        known = self._by_number.get(number) if type(number) is int else self._unnumbered(id_, name)
        if known is None or (id_ and name and known.id and id_ != known.id):
            known = _Call(len(self._calls), id_, name)
            self._calls.append(known)
        known.id, known.name = known.id or id_, known.name or name
        if type(number) is int:
            self._by_number[number] = known
        return known

    def _unnumbered(self, id_: str | None, name: str | None) -> _Call | None:
        """Find the call without a number: by its id, else it is the last one, unless a new one begins."""
        if id_:
            same = [call for call in self._calls if call.id == id_]
            if same:
                return same[0]
        last = self._calls[-1] if self._calls else None
        if last is None or not (id_ or name):
            return last
        begins = (id_ and last.id) or (name and (name != last.name or last.whole()))
        return None if begins else last


def as_json(arguments: Any) -> str:
    """Return a call's arguments as the text they are, or should have been.

    >>> as_json({"city": "Oslo"}), as_json('{"ci'), as_json(None)
    ('{"city": "Oslo"}', '{"ci', '')
    """
    if arguments is None or isinstance(arguments, str):
        return arguments or ""
    return json.dumps(arguments, ensure_ascii=False)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
