"""What a provider would say: a ``Speech``, which knows no dialect, put on the wire that was asked for.

How the three wires are written is in ``wires``, how bytes are sent in ``server``, what can go
wrong with them in ``faults``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .wires import WIRES, Chat, Finish, Gemini, Responses, Wire, cut, encode
from .words import Answer, Dialect, Request

__all__ = ["TEXT", "Speech", "refuse", "speak", "wire_for"]

TEXT = "The sky is blue: air scatters short waves of light more strongly than long ones, said Lord Rayleigh."
"""One hundred characters, the answer unless a test gives another."""


@dataclass(frozen=True)
class Speech:
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
        return cut(self.text, self.chunk) if self.deltas is None else list(self.deltas)

    def tokens(self) -> dict[str, int] | None:
        """Usage with every number filled in; a delta counts as a token."""
        if self.usage is None:
            return None
        reasoning = len(cut(self.reasoning, self.chunk))
        counted = {"input": 7, "output": len(self.pieces()) + reasoning, "reasoning": reasoning, "cached": 0}
        return counted | dict(self.usage)


def wire_for(request: Request, model: str = "test-model") -> Chat | Responses | Gemini:
    """Return the wire that this request asks for; chat's usage only where it was asked for."""
    if request.dialect == "chat":
        asked = request.json.get("stream_options") if isinstance(request.json, dict) else None
        return Chat(model, include_usage=bool((asked or {}).get("include_usage")))
    return WIRES[request.dialect or "chat"](model)


def speak(request: Request, speech: Speech) -> Answer:
    """Answer ``request`` with the whole of ``speech``, on the wire it asks for."""
    if speech.status >= 400:
        return refuse(request.dialect or "chat", speech.status, speech.text, speech.headers)
    wire = wire_for(request, speech.model)
    if not request.streams:
        body = encode(wire.whole("".join(speech.pieces()), speech.tokens()))
        return Answer((body,), speech.status, speech.headers, "application/json", "length")
    return Answer(tuple(_paced(wire, speech)), speech.status, speech.headers)


def _paced(wire: Wire, speech: Speech) -> Iterable[bytes | float]:
    yield from wire.opening()
    yield speech.first_delay
    deltas = [wire.reasoning(piece) for piece in cut(speech.reasoning, speech.chunk)]
    deltas += [wire.delta(piece) for piece in speech.pieces()]
    for number, (name, arguments) in enumerate(speech.tool_calls):
        deltas += wire.tool_call(number, name, arguments)
    for number, delta in enumerate(deltas):
        if number:
            yield speech.delay
        yield delta
    if speech.finish is not None:
        asks_for_tool = bool(speech.tool_calls) and speech.finish == "stop"
        yield from wire.finish("tool" if asks_for_tool else speech.finish, speech.tokens())
    yield from wire.done()


def refuse(dialect: Dialect, status: int, message: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an error in the words of this dialect."""
    error: dict[str, object] = {"message": message, "type": "test_error", "param": None, "code": None}
    if dialect == "gemini":
        error = {"code": status, "message": message, "status": "TEST_ERROR"}
    return Answer((encode({"error": error}),), status, headers or {}, "application/json", "length")
