"""What a scenario is, and the pieces of an answer that most of them are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..answers import TEXT, wire_format_for
from ..messages import Answer, Dialect, Request
from ..server import PortMode, Script
from ..wire_formats import Chat, Gemini, Responses, split_text

__all__ = [
    "ALL_DIALECTS",
    "HALF_TEXT",
    "TIMEOUT_S",
    "TOKEN_COUNTS",
    "AnyWireFormat",
    "MakeAnswer",
    "Scenario",
    "end_events",
    "fails_early",
    "fails_midway",
    "first_events",
    "first_half",
    "good_answer",
    "harmless",
    "repeat_forever",
    "second_half",
]

AnyWireFormat: TypeAlias = Chat | Responses | Gemini
MakeAnswer: TypeAlias = Callable[[AnyWireFormat, Request], Answer]

ALL_DIALECTS: tuple[Dialect, ...] = ("chat", "responses", "gemini")
TIMEOUT_S = 0.3  # seconds, for the scenarios that end by it
PIECES = split_text(TEXT, 5)
HALF_TEXT = TEXT[:50]
TOKEN_COUNTS = {"input": 7, "output": 20, "reasoning": 0, "cached": 0}


@dataclass(frozen=True)
class Scenario:
    """One fault.

    Attributes
    ----------
    name, does
        A short name, and what the server does.
    makes
        The answer to the first request, the second, ...; the last one again and again.
    state
        How the stream has to end.
    text
        What was really sent and has to be there to the character; ``None``: not compared.
    requests
        How many the server sees with two retries allowed; ``None``: not compared.
    retryable
        Whether a client may ask again; without retries one request fewer each is seen.
    says
        A word that the message for the person has to have in it, whatever its case.
    notice
        Whether something has to be said while waiting.
    output_tokens
        What usage has to say; ``False``: not compared.
    timeout, within
        Seconds without content that are allowed, and seconds it may take beyond them.
    where
        ``plain``, or what is wrong with the address: see ``address``.
    """

    name: str
    does: str
    makes: tuple[MakeAnswer, ...]
    state: str
    text: str | None = TEXT
    requests: int | None = 1
    retryable: bool = False
    dialects: tuple[Dialect, ...] = ALL_DIALECTS
    says: str = ""
    notice: bool = False
    output_tokens: int | bool | None = False
    timeout: float = 20.0
    within: float = 1.0
    where: str = "plain"
    slow: bool = False
    states: Mapping[Dialect, str] = field(default_factory=dict)

    def script(self) -> Script:
        """Return what an ``Upstream`` is to be given; fresh, it counts the requests."""
        seen = 0

        def answer(request: Request) -> Answer:
            nonlocal seen
            make = self.makes[min(seen, len(self.makes) - 1)]
            seen += 1
            return make(wire_format_for(request), request)

        return answer

    @property
    def is_long(self) -> bool:
        """Whether it takes a good part of a second or more, by its nature."""
        return self.slow or self.timeout < 1 or self.within > 1

    @property
    def port_mode(self) -> PortMode:
        """How the server's port behaves."""
        modes: dict[str, PortMode] = {
            "refused": "closed",
            "silent": "silent",
            "tls-silent": "silent",
            "tls": "tls",
        }
        return modes.get(self.where, "plain")

    def address(self, url: str) -> str:
        """Turn the server's address into the one that the client is given."""
        if self.where == "unknown-host":
            return "http://no-such-host.invalid" + url[len("http://127.0.0.1:12345") :]
        if self.where in {"tls-plain", "tls-silent"}:
            return url.replace("http://", "https://")
        return url

    def state_for(self, dialect: Dialect) -> str:
        """How it has to end on this dialect."""
        return self.states.get(dialect, self.state)


def fails_early(name: str, does: str, make: MakeAnswer, state: str, **more: Any) -> Scenario:
    """A fault before any text."""
    return Scenario(name, does, (make,), state, "", **more)


def fails_midway(name: str, does: str, make: MakeAnswer, state: str, **more: Any) -> Scenario:
    """A fault after half of the text."""
    return Scenario(name, does, (make,), state, HALF_TEXT, **more)


def harmless(name: str, does: str, make: MakeAnswer, text: str = TEXT, **more: Any) -> Scenario:
    """An oddity that has to make no difference."""
    return Scenario(name, does, (make,), "complete", text, **more)


def first_events(wire: AnyWireFormat, count: int) -> list[bytes]:
    """The opening and the first ``count`` of twenty deltas."""
    return [*wire.opening(), *map(wire.delta, PIECES[:count])]


def first_half(wire: AnyWireFormat) -> list[bytes]:
    """The opening and half of the text."""
    return first_events(wire, 10)


def second_half(wire: AnyWireFormat) -> list[bytes]:
    """The other half of the text, and an end in order."""
    return [*map(wire.delta, PIECES[10:]), *end_events(wire)]


def end_events(wire: AnyWireFormat) -> list[bytes]:
    """The end in order: finish mark, usage, done."""
    return [*wire.finish("stop", TOKEN_COUNTS), *wire.done()]


def good_answer(wire: AnyWireFormat, _request: Request | None = None) -> Answer:
    """Answer without any fault."""
    return Answer((*first_half(wire), *second_half(wire)))


def repeat_forever(seconds: float, piece: bytes, first: list[bytes] | None = None) -> Iterator[bytes | float]:
    """``first``, then ``piece`` for ever."""
    yield from first or []
    while True:
        yield piece
        yield seconds
