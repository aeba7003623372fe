"""Calls in an answer: what the model asked for, and what the provider did by itself.

Both come piece by piece; ``ToolCallBuilder`` and ``StepBuilder`` put the pieces together.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .events import StepDelta, ToolCallDelta

__all__ = ["StepBuilder", "ToolCall", "ToolCallBuilder"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asked for, or a step that the provider took itself.

    ``arguments`` is a dict, or the raw text where it is no JSON object.  ``result`` is what
    the function gave, ``None`` while it was not called.
    """

    name: str
    arguments: dict[str, Any] | str
    id: str | None = None
    result: Any = None
    signature: str | None = field(default=None, repr=False)


@dataclass
class ToolCallBuilder:
    """A tool call whose pieces are still coming."""

    head: ToolCall = ToolCall("", {})
    arguments: list[str] = field(default_factory=list)

    def feed(self, delta: ToolCallDelta) -> None:
        self.arguments.append(delta.arguments)
        # Some servers repeat id and name on every piece, some send them empty.
        for name in ("id", "name", "signature"):
            value = getattr(delta, name)
            if value and not getattr(self.head, name):
                self.head = replace(self.head, **{name: value})

    def call(self) -> ToolCall:
        return replace(self.head, arguments=_arguments("".join(self.arguments)))


@dataclass
class StepBuilder:
    """A step whose pieces are still coming."""

    name: str = ""
    arguments: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)

    def feed(self, delta: StepDelta) -> None:
        self.name = self.name or delta.name or ""
        self.arguments.append(delta.arguments)
        self.result.append(delta.result)

    def step(self) -> ToolCall:
        return ToolCall(self.name, _arguments("".join(self.arguments)), result="".join(self.result) or None)


def _arguments(text: str) -> dict[str, Any] | str:
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, Mapping) else text  # type: ignore[return-value]
