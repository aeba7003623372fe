"""The tool loop: an answer in several rounds, between which the model's calls are answered.

A round ends complete and asks for calls; they are run, and the next request tells their results.
Who runs them is a ``ToolRunner``, or the ``Replay`` of a recording.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ..core.content import Text, ToolCallPart, ToolResultPart, Turn
from ..core.events import ToolResult, Usage
from ..core.reply import ToolCall
from ..core.reply_builder import ReplyBuilder
from ..core.tool_calls import plain_name, with_unique_ids
from ..providers.base import Request
from .tool_results import ToolResults

__all__ = ["MAX_TOOL_ROUNDS", "ToolLoop"]

MAX_TOOL_ROUNDS = 10


class CallRunner(Protocol):
    """Answers the calls of a round: a ``ToolRunner``, or the ``Replay`` of a recording."""

    @property
    def is_exhausted(self) -> bool:
        """Whether there is nobody who could answer one more round."""
        ...

    def start_calls(
        self, calls: Sequence[ToolCall], put: Callable[[ToolResults], object], is_wanted: Callable[[], bool]
    ) -> None:
        """Answer ``calls`` as long as that is wanted, and put the results."""
        ...


class ToolLoop:
    """The rounds of one stream.

    Parameters
    ----------
    request
        What the first round asks.
    runner
        Answers the calls; ``None`` where there are no tools.
    builder
        The reply in the making.
    is_over_budget
        Whether, at the usage so far, no further request may be paid for.

    Attributes
    ----------
    request
        What the round under way asks.
    turns
        What was said in earlier rounds, results included.
    is_running
        Tools are being asked for, or run.
    """

    def __init__(
        self,
        request: Request,
        runner: CallRunner | None,
        builder: ReplyBuilder,
        is_over_budget: Callable[[Usage], bool],
    ) -> None:
        self.request = request
        self.turns: list[Turn] = []
        self.is_running = False
        self._runner = runner
        self._builder = builder
        self._is_over_budget = is_over_budget
        self._rounds = 0

    def stop(self) -> None:
        """Answer no call any more, not even the next of those that are being answered."""
        self._runner = None

    def has_calls(self) -> bool:
        """Whether the round that has ended asks for calls which somebody here could answer."""
        finished = self._builder.finished
        if self._runner is None or self._runner.is_exhausted or finished is None:
            return False
        return finished.state == "complete" and bool(self._builder.round_calls)

    def refusal_message(self) -> str | None:
        """Return why the calls of this round are not answered, ``None`` where they are."""
        if self._rounds >= MAX_TOOL_ROUNDS:
            return f"the model asks for tools again; {MAX_TOOL_ROUNDS} rounds are enough"
        if self._is_over_budget(self._builder.usage_of_all_rounds()):
            return "the budget of this session is reached; the model's calls are not answered"
        return None

    def start_calls(self, put: Callable[[ToolResults], object]) -> None:
        """Have the calls of the round that has ended answered."""
        assert self._runner is not None  # ``has_calls`` said so
        self.is_running = True
        self._rounds += 1
        parts = (part for turn in self.request.turns for part in turn.parts)
        used_ids = [part.id for part in parts if isinstance(part, ToolCallPart)]
        calls = [replace(call, name=plain_name(call.name)) for call in self._builder.round_calls]
        self._runner.start_calls(with_unique_ids(calls, used_ids), put, lambda: self._runner is not None)

    def prepare_next_round(self, results: ToolResults) -> list[ToolResult]:
        """Make the request that tells the results; return these for the views."""
        pairs = zip(self._builder.round_call_indices, results.calls, results.errors, strict=True)
        events = [
            ToolResult(index, call.name, call.result, error is not None) for index, call, error in pairs
        ]
        text = self._builder.round_text
        raw = self._builder.start_next_round(results.calls)
        new_turns = turns_of_round(text, results.calls, raw, results.contents)
        self.turns += new_turns
        self.request = replace(self.request, turns=(*self.request.turns, *new_turns))
        self.is_running = False
        return events


def turns_of_round(
    text: str, calls: Sequence[ToolCall], raw: Sequence[str], results: Sequence[ToolResultPart]
) -> list[Turn]:
    """Return the turns that a round adds: what the model said and asked for, and the answers.

    Parameters
    ----------
    text
        What the model wrote.
    calls
        What it asked for.
    raw
        Each call's arguments as the model wrote them.
    results
        What the calls gave.

    Returns
    -------
    list[Turn]
        Two turns: the model's, and that of the tools.
    """
    text_parts = (Text(text),) if text else ()
    call_parts = tuple(
        ToolCallPart(call.id or call.name, call.name, arguments, call.signature)
        for call, arguments in zip(calls, raw, strict=True)
    )
    return [Turn("assistant", (*text_parts, *call_parts)), Turn("tool", tuple(results))]
