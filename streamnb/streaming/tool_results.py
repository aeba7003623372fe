"""``ToolResults``: the message to a stream when the tools that its model asked for have run."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.content import ToolResultPart
from ..core.text import sanitize_line
from ..core.tool_calls import ToolCall

__all__ = ["ToolResults"]


@dataclass(frozen=True, slots=True)
class ToolResults:
    """Results of the calls of one round.

    Attributes
    ----------
    at
        When all were there, in seconds on the process's monotonic clock.
    calls
        What the model asked for.
    contents
        What it reads of each call, in their order.
    errors
        A sentence for the person on each call, ``None`` or empty where there is nothing to say.
    """

    at: float
    calls: tuple[ToolCall, ...]
    contents: tuple[ToolResultPart, ...]
    errors: tuple[str | None, ...]

    def notice_lines(self) -> list[str]:
        """Return a line for each call that has an error."""
        pairs = zip(self.calls, self.errors, strict=True)
        return [sanitize_line(f"{call.name}: {error}") for call, error in pairs if error]
