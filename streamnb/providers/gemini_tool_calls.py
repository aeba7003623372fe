"""Reading of Gemini's function calls into ``ToolCallDelta`` events, streamed arguments included.

Most calls are whole.  With streamed arguments a call begins with a name and ``willContinue``;
later pieces have no name and carry values by their place (``$.city``), a text in several bits;
the piece without ``willContinue`` is the last.  JSON text can be written only once every value is
there, so such a call says its name at once and its arguments at the end.
"""

from __future__ import annotations

import re
from typing import Any

from ..core.events import ToolCallDelta
from .extract import text_or_none
from .tool_call_deltas import arguments_to_text

__all__ = ["GeminiToolCalls"]

_PATH_STEP = re.compile(r"""\.([^.\[\]]+) | \[(\d+)\] | \['([^']*)'\] | \["([^"]*)"\]""", re.VERBOSE)
MAX_LIST_ITEMS = 1_000  # a place beyond it is not believed


class GeminiToolCalls:
    """Numbers the calls of one answer from 0, in the order in which they appear."""

    def __init__(self) -> None:
        self._count = 0
        self._whole_calls: set[tuple[str | None, str | None, str]] = set()
        self._open: dict[str, Any] | None = None  # the arguments of the call that goes on

    def feed(self, part: dict[str, Any]) -> list[ToolCallDelta]:
        """Return the events of one part that has a ``functionCall``."""
        call = part["functionCall"]
        if type(call) is list:
            return [event for entry in call for event in self.feed({**part, "functionCall": entry})]
        if type(call) is not dict:
            return []
        id_, name, signature = (
            text_or_none(call.get("id")),
            text_or_none(call.get("name")),
            text_or_none(part.get("thoughtSignature") or part.get("thought_signature")),
        )
        goes_on, arguments = call.get("willContinue"), call.get("args", call.get("arguments"))
        if self._open is not None and not name:
            self._add_arguments(call)
            signed = [ToolCallDelta(self._count - 1, None, None, "", signature)] if signature else []
            return signed if goes_on else [*signed, *self.close()]
        events = self.close()
        whole = arguments_to_text(arguments) or "{}"
        if id_ and not goes_on and (id_, name, whole) in self._whole_calls:
            return events  # said once more at the end
        self._count += 1
        if not goes_on and not call.get("partialArgs"):
            self._whole_calls.add((id_, name, whole))
            return [*events, ToolCallDelta(self._count - 1, id_, name, whole, signature)]
        self._open = {}
        self._add_arguments(call)
        events.append(ToolCallDelta(self._count - 1, id_, name, "", signature))
        return events if goes_on else [*events, *self.close()]

    def close(self) -> list[ToolCallDelta]:
        """Return the arguments of the call that was going on, as far as they came."""
        if self._open is None:
            return []
        arguments, self._open = arguments_to_text(self._open), None
        return [ToolCallDelta(self._count - 1, None, None, arguments)]

    def _add_arguments(self, call: dict[str, Any]) -> None:
        assert self._open is not None
        if type(call.get("args")) is dict:
            self._open.update(call["args"])
        pieces = call.get("partialArgs")
        for piece in pieces if type(pieces) is list else ():
            if type(piece) is dict:
                _set_argument(self._open, piece)


def _set_argument(arguments: dict[str, Any], piece: dict[str, Any]) -> None:
    """Put one value in its place; a text goes on where one is there already."""
    path = _PATH_STEP.findall(str(piece.get("jsonPath")))
    steps = [int(number[:9]) if number else name or single or double for name, number, single, double in path]
    value = next((piece[key] for key in ("stringValue", "numberValue", "boolValue") if key in piece), None)
    holder: Any = arguments
    for here, following in zip(steps, [*steps[1:], None], strict=False):
        if not _ensure_item(holder, here):
            return  # a place that does not fit what is there already
        if following is None:
            before = holder[here]
            both_text = isinstance(before, str) and isinstance(value, str)
            holder[here] = before + value if both_text else value
        elif holder[here] is None:
            holder[here] = [] if isinstance(following, int) else {}
        holder = holder[here]


def _ensure_item(holder: Any, step: str | int) -> bool:
    """Make sure that ``holder[step]`` can be read; what was not there is ``None``."""
    if isinstance(holder, dict) and isinstance(step, str):
        holder.setdefault(step, None)
        return True
    if isinstance(holder, list) and isinstance(step, int) and step < MAX_LIST_ITEMS:
        holder.extend([None] * (step + 1 - len(holder)))
        return True
    return False
