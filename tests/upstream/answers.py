"""Answers of a model, without a dialect (``ModelAnswer``), written in the dialect of a request.

How the three dialects are written is in ``wire_formats``, how bytes are sent in ``server``, what can go
wrong with them in ``faults``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .messages import Answer, Dialect, Request
from .wire_formats import WIRE_FORMATS, Chat, Finish, Gemini, Responses, WireFormat, encode_json, split_text

__all__ = ["TEXT", "ModelAnswer", "answer_request", "error_answer", "wire_format_for"]

TEXT = "The sky is blue: air scatters short waves of light more strongly than long ones, said Lord Rayleigh."
"""One hundred characters, the answer unless a test gives another."""


@dataclass(frozen=True)
class ModelAnswer:
    """An answer without a dialect.

    ``deltas`` overrides ``text`` cut into pieces of ``chunk`` characters.  ``delay`` is the
    pause before each delta but the first, ``first_delay`` the one before the first.
    ``usage``: numbers by ``input``, ``output`` (reasoning included), ``reasoning``,
    ``cached``; absent ones are counted from the deltas, ``None`` sends no usage at all.
    ``finish`` ``None`` leaves the finish mark out.  ``tool_calls``: (name, arguments as JSON).
    A ``status`` from 400 on sends ``text`` as the message of an error instead.
    """

    text: str = TEXT
    chunk: int = 4
    deltas: Sequence[str] | None = None
    delay: float = 0.0
    first_delay: float = 0.0
    reasoning: str = ""
    tool_calls: Sequence[tuple[str, str]] = ()
    usage: Mapping[str, int] | None = field(default_factory=dict)
    finish: Finish | None = "stop"
    model: str = "test-model"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def pieces(self) -> list[str]:
        """The text's deltas."""
        return split_text(self.text, self.chunk) if self.deltas is None else list(self.deltas)

    def tokens(self) -> dict[str, int] | None:
        """Usage with every number filled in; a delta counts as a token."""
        if self.usage is None:
            return None
        reasoning = len(split_text(self.reasoning, self.chunk))
        counted = {"input": 7, "output": len(self.pieces()) + reasoning, "reasoning": reasoning, "cached": 0}
        return counted | dict(self.usage)


def wire_format_for(request: Request, model: str = "test-model") -> Chat | Responses | Gemini:
    """Return the wire format that this request asks for; chat's usage only where it was asked for."""
    if request.dialect == "chat":
        options = request.json.get("stream_options") if isinstance(request.json, dict) else None
        return Chat(model, include_usage=bool((options or {}).get("include_usage")))
    return WIRE_FORMATS[request.dialect or "chat"](model)


def answer_request(request: Request, model_answer: ModelAnswer) -> Answer:
    """Return the whole of ``model_answer`` in the wire format that ``request`` asks for."""
    if model_answer.status >= 400:
        return error_answer(
            request.dialect or "chat", model_answer.status, model_answer.text, model_answer.headers
        )
    wire = wire_format_for(request, model_answer.model)
    if not request.streams:
        body = encode_json(wire.whole("".join(model_answer.pieces()), model_answer.tokens()))
        return Answer((body,), model_answer.status, model_answer.headers, "application/json", "length")
    return Answer(tuple(_paced_events(wire, model_answer)), model_answer.status, model_answer.headers)


def _paced_events(wire: WireFormat, model_answer: ModelAnswer) -> Iterable[bytes | float]:
    yield from wire.opening()
    yield model_answer.first_delay
    deltas = [wire.reasoning(piece) for piece in split_text(model_answer.reasoning, model_answer.chunk)]
    deltas += [wire.delta(piece) for piece in model_answer.pieces()]
    for number, (name, arguments) in enumerate(model_answer.tool_calls):
        deltas += wire.tool_call(number, name, arguments)
    for number, delta in enumerate(deltas):
        if number:
            yield model_answer.delay
        yield delta
    if model_answer.finish is not None:
        asks_for_tool = bool(model_answer.tool_calls) and model_answer.finish == "stop"
        yield from wire.finish("tool" if asks_for_tool else model_answer.finish, model_answer.tokens())
    yield from wire.done()


def error_answer(
    dialect: Dialect, status: int, message: str, headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an error in the words of this dialect."""
    error: dict[str, object] = {"message": message, "type": "test_error", "param": None, "code": None}
    if dialect == "gemini":
        error = {"code": status, "message": message, "status": "TEST_ERROR"}
    return Answer((encode_json({"error": error}),), status, headers or {}, "application/json", "length")
