"""Gemini's own tools -> steps: code that it ran with what that printed, searches and their answers."""

from __future__ import annotations

from typing import Any

from ..core.events import StepDelta
from .steps import Steps
from .tool_call_deltas import as_json

__all__ = ["STEPS", "GeminiSteps"]

STEPS = frozenset({"executableCode", "codeExecutionResult", "toolCall", "toolResponse"})
_CODE = "code_execution"


class GeminiSteps:
    """Puts each result to the step that it belongs to: by its id, else the last one."""

    def __init__(self) -> None:
        self._steps = Steps()
        self._count = 0
        self._last: Any = None

    def feed(self, part: dict[str, Any]) -> list[StepDelta]:
        """Return the events of one part that has one of ``STEPS``."""
        kind = next(name for name in part if name in STEPS)
        said = part[kind]
        if type(said) is not dict:
            return []
        match kind:
            case "executableCode":
                return self._steps.piece(self._begin(said), _CODE, str(said.get("code") or ""))
            case "toolCall":
                name = str(said.get("toolType") or "tool").lower()
                return self._steps.piece(self._begin(said), name, as_json(said.get("args")))
            case "toolResponse":
                return self._steps.piece(self._place(said), None, "", as_json(said.get("response")))
            case _:
                return self._steps.piece(self._place(said), _CODE, "", _output(said))

    def _begin(self, said: dict[str, Any]) -> Any:
        self._count += 1
        self._last = str(said.get("id") or self._count)
        return self._last

    def _place(self, said: dict[str, Any]) -> Any:
        return str(said["id"]) if said.get("id") else self._last


def _output(said: dict[str, Any]) -> str:
    """Return what code printed; how it ended comes first where that was not well."""
    outcome, output = str(said.get("outcome") or ""), str(said.get("output") or "")
    return output if outcome == "OUTCOME_OK" else "\n".join(filter(None, (outcome, output)))
