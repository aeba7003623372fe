"""What a provider's own tools did while an answer came: code that it ran, searches, calls of its servers.

Nobody here is asked for anything, so these are no tool calls; they are told as ``StepDelta``.  Some
servers say a step piece by piece and then once more as a whole: each thing is told once.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from ..core.events import StepDelta
from .tool_call_deltas import as_json

__all__ = ["Steps", "is_step", "of_chat", "of_item"]

Told = tuple[str, str, str]
"""A step as a whole: its name, what the tool was given, what it gave."""

_OURS = frozenset({"function_call", "custom_tool_call", "image_generation_call"})
_ENDINGS = ("_call", "_output", "mcp_list_tools", "mcp_approval_request")
_GIVEN = ("code", "arguments", "action", "queries", "operation", "input")
_GAVE = ("output", "outputs", "results", "tools", "error")


class Steps:
    """Numbers the steps of one answer from 0, in the order in which they appear.

    ``place`` is whatever the provider tells its steps apart by.

    >>> steps = Steps()
    >>> steps.piece("a", "search")
    [StepDelta(index=0, name='search', arguments='', result='')]
    >>> steps.whole("a", ("search", "{}", "found"))
    [StepDelta(index=0, name=None, arguments='{}', result='found')]
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._told: set[tuple[Hashable, str]] = set()

    def piece(
        self, place: Hashable, name: str | None = None, arguments: str = "", result: str = ""
    ) -> list[StepDelta]:
        """Return the event of the next piece of a step; none for nothing new."""
        number = self._numbers.setdefault(place, len(self._numbers))
        new = {"name": name, "arguments": arguments, "result": result}
        if (place, "name") in self._told:
            new["name"] = name = None
        self._told.update((place, what) for what, said in new.items() if said)
        return [StepDelta(number, name, arguments, result)] if name or arguments or result else []

    def whole(self, place: Hashable, told: Told) -> list[StepDelta]:
        """Return the event of what was not told before of a step that came whole."""
        name, *rest = told
        arguments, result = (
            "" if (place, what) in self._told else said
            for what, said in zip(("arguments", "result"), rest, strict=True)
        )
        return self.piece(place, name, arguments, result)


def is_step(kind: Any) -> bool:
    """Whether an item of this type in the output of Responses is a step."""
    return isinstance(kind, str) and kind.endswith(_ENDINGS) and kind not in _OURS


def of_item(item: Mapping[str, Any]) -> Told:
    """Read an item in the output of Responses, of whatever tool."""
    kind = str(item.get("type")).removesuffix("_call")
    label = ".".join(str(item[key]) for key in ("server_label", "name") if item.get(key))
    name = label if label and kind in ("mcp", label) else ": ".join(filter(None, (kind, label)))
    result = next((_gave(item[key]) for key in _GAVE if item.get(key)), "")
    if item.get("status") in ("failed", "incomplete"):
        result = ": ".join(filter(None, (item["status"], result)))
    return name, next((as_json(item[key]) for key in _GIVEN if item.get(key)), ""), result


def of_chat(entry: Mapping[str, Any]) -> Told:
    """Read an entry of ``executed_tools``, which Groq's compound models send."""
    return str(entry.get("type") or "tool"), as_json(entry.get("arguments")), as_json(entry.get("output"))


def _gave(value: Any) -> str:
    """Return a result as text: logs as they are, of listed tools the names, anything else as JSON."""
    if not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
        return as_json(value)
    if all(isinstance(entry.get("logs"), str) for entry in value):
        return "".join(entry["logs"] for entry in value)
    if all("input_schema" in entry for entry in value):
        return ", ".join(str(entry.get("name")) for entry in value)
    return as_json(value)
