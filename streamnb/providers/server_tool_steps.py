"""Steps of a provider's own tools during an answer: code that it ran, searches, calls of MCP servers.

Nothing is asked of us, so these are no tool calls but ``StepDelta`` events.  Some servers send a step in
pieces and then once more as a whole: each part gives one event.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from ..core.events import StepDelta
from .tool_call_deltas import arguments_to_text

__all__ = [
    "GEMINI_STEP_KEYS",
    "GeminiSteps",
    "StepTracker",
    "is_step_type",
    "step_from_executed_tool",
    "step_from_item",
]

WholeStep = tuple[str, str, str]
"""A step as a whole: its name, what the tool was given, what it gave."""

GEMINI_STEP_KEYS = frozenset({"executableCode", "codeExecutionResult", "toolCall", "toolResponse"})
"""The parts of Gemini's content that are steps."""

_GEMINI_CODE_TOOL = "code_execution"
_NON_STEP_TYPES = frozenset({"function_call", "custom_tool_call", "image_generation_call"})
_STEP_SUFFIXES = ("_call", "_output", "mcp_list_tools", "mcp_approval_request")
_INPUT_KEYS = ("code", "arguments", "action", "queries", "operation", "input")
_OUTPUT_KEYS = ("output", "outputs", "results", "tools", "error")


class StepTracker:
    """Numbers the steps of one answer from 0, in the order in which they appear.

    ``key`` is whatever the provider tells its steps apart by.

    >>> steps = StepTracker()
    >>> steps.feed_piece("a", "search")
    [StepDelta(index=0, name='search', arguments='', result='')]
    >>> steps.feed_whole("a", ("search", "{}", "found"))
    [StepDelta(index=0, name=None, arguments='{}', result='found')]
    """

    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._sent_fields: set[tuple[Hashable, str]] = set()

    def feed_piece(
        self, key: Hashable, name: str | None = None, arguments: str = "", result: str = ""
    ) -> list[StepDelta]:
        """Return the event of the next piece of a step; none for nothing new.

        Parameters
        ----------
        key
            What tells the steps of this answer apart.
        name
            What the tool is called; ``None`` where the piece does not say it.
        arguments
            The next piece of what it is asked.
        result
            The next piece of what it gave.

        Returns
        -------
        list[StepDelta]
            One delta with what is new, or none.
        """
        number = self._numbers.setdefault(key, len(self._numbers))
        new = {"name": name, "arguments": arguments, "result": result}
        if (key, "name") in self._sent_fields:
            new["name"] = name = None
        self._sent_fields.update((key, field) for field, value in new.items() if value)
        return [StepDelta(number, name, arguments, result)] if name or arguments or result else []

    def feed_whole(self, key: Hashable, step: WholeStep) -> list[StepDelta]:
        """Return the event of what was not told before of a step that came whole."""
        name, *texts = step
        arguments, result = (
            "" if (key, field) in self._sent_fields else text
            for field, text in zip(("arguments", "result"), texts, strict=True)
        )
        return self.feed_piece(key, name, arguments, result)


def is_step_type(kind: Any) -> bool:
    """Whether an item of this type in the output of Responses is a step."""
    return isinstance(kind, str) and kind.endswith(_STEP_SUFFIXES) and kind not in _NON_STEP_TYPES


def step_from_item(item: Mapping[str, Any]) -> WholeStep:
    """Read an item in the output of Responses, of whatever tool."""
    kind = str(item.get("type")).removesuffix("_call")
    label = ".".join(str(item[key]) for key in ("server_label", "name") if item.get(key))
    name = label if label and kind in ("mcp", label) else ": ".join(filter(None, (kind, label)))
    result = next((_output_text(item[key]) for key in _OUTPUT_KEYS if item.get(key)), "")
    if item.get("status") in ("failed", "incomplete"):
        result = ": ".join(filter(None, (item["status"], result)))
    return name, next((arguments_to_text(item[key]) for key in _INPUT_KEYS if item.get(key)), ""), result


def step_from_executed_tool(entry: Mapping[str, Any]) -> WholeStep:
    """Read an entry of ``executed_tools``, which Groq's compound models send."""
    return (
        str(entry.get("type") or "tool"),
        arguments_to_text(entry.get("arguments")),
        arguments_to_text(entry.get("output")),
    )


def _output_text(value: Any) -> str:
    """Return a result as text: logs as they are, of listed tools the names, anything else as JSON."""
    if not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
        return arguments_to_text(value)
    if all(isinstance(entry.get("logs"), str) for entry in value):
        return "".join(entry["logs"] for entry in value)
    if all("input_schema" in entry for entry in value):
        return ", ".join(str(entry.get("name")) for entry in value)
    return arguments_to_text(value)


class GeminiSteps:
    """Reads Gemini's steps; each result goes to the step with its id, else to the last one."""

    def __init__(self) -> None:
        self._steps = StepTracker()
        self._count = 0
        self._last: Any = None

    def feed(self, part: dict[str, Any]) -> list[StepDelta]:
        """Return the events of one part that has one of ``GEMINI_STEP_KEYS``."""
        kind = next(name for name in part if name in GEMINI_STEP_KEYS)
        payload = part[kind]
        if type(payload) is not dict:
            return []
        match kind:
            case "executableCode":
                return self._steps.feed_piece(
                    self._begin_step(payload), _GEMINI_CODE_TOOL, str(payload.get("code") or "")
                )
            case "toolCall":
                name = str(payload.get("toolType") or "tool").lower()
                return self._steps.feed_piece(
                    self._begin_step(payload), name, arguments_to_text(payload.get("args"))
                )
            case "toolResponse":
                return self._steps.feed_piece(
                    self._step_key(payload), None, "", arguments_to_text(payload.get("response"))
                )
            case _:
                return self._steps.feed_piece(
                    self._step_key(payload), _GEMINI_CODE_TOOL, "", _gemini_output_text(payload)
                )

    def _begin_step(self, payload: dict[str, Any]) -> Any:
        self._count += 1
        self._last = str(payload.get("id") or self._count)
        return self._last

    def _step_key(self, payload: dict[str, Any]) -> Any:
        return str(payload["id"]) if payload.get("id") else self._last


def _gemini_output_text(payload: dict[str, Any]) -> str:
    """Return what code printed; how it ended comes first where that was not well."""
    outcome, output = str(payload.get("outcome") or ""), str(payload.get("output") or "")
    return output if outcome == "OUTCOME_OK" else "\n".join(filter(None, (outcome, output)))
