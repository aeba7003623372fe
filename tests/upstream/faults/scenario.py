"""What a scenario is, and the pieces of an answer that most of them are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ..answers import TEXT, wire_for
from ..server import Door, Script
from ..wires import Chat, Gemini, Responses, cut
from ..words import Answer, Dialect, Request

__all__ = [
    "ALL",
    "HALF",
    "OPENAI",
    "TIMEOUT",
    "TOKENS",
    "AnyWire",
    "Make",
    "Scenario",
    "begun",
    "early",
    "ended",
    "every",
    "half",
    "harmless",
    "midway",
    "rest",
    "whole",
]

AnyWire: TypeAlias = Chat | Responses | Gemini
Make: TypeAlias = Callable[[AnyWire, Request], Answer]

ALL: tuple[Dialect, ...] = ("chat", "responses", "gemini")
OPENAI: tuple[Dialect, ...] = ("chat", "responses")
TIMEOUT = 0.3  # seconds, for the scenarios that end by it
PIECES = cut(TEXT, 5)
HALF = TEXT[:50]
TOKENS = {"input": 7, "output": 20, "reasoning": 0, "cached": 0}


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
    makes: tuple[Make, ...]
    state: str
    text: str | None = TEXT
    requests: int | None = 1
    retryable: bool = False
    dialects: tuple[Dialect, ...] = ALL
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
            return make(wire_for(request), request)

        return answer

    @property
    def lasting(self) -> bool:
        """Whether it takes a good part of a second or more, by its nature."""
        return self.slow or self.timeout < 1 or self.within > 1

    @property
    def door(self) -> Door:
        """How the server's port behaves."""
        doors: dict[str, Door] = {"refused": "shut", "silent": "silent", "tls-silent": "silent", "tls": "tls"}
        return doors.get(self.where, "plain")

    def address(self, url: str) -> str:
        """Turn the server's address into the one that the client is given."""
        if self.where == "unknown-host":
            return "http://no-such-host.invalid" + url[len("http://127.0.0.1:12345") :]
        if self.where in {"tls-plain", "tls-silent"}:
            return url.replace("http://", "https://")
        return url

    def state_on(self, dialect: Dialect) -> str:
        """How it has to end on this dialect."""
        return self.states.get(dialect, self.state)


def early(name: str, does: str, make: Make, state: str, **more: Any) -> Scenario:
    """A fault before any text."""
    return Scenario(name, does, (make,), state, "", **more)


def midway(name: str, does: str, make: Make, state: str, **more: Any) -> Scenario:
    """A fault after half of the text."""
    return Scenario(name, does, (make,), state, HALF, **more)


def harmless(name: str, does: str, make: Make, text: str = TEXT, **more: Any) -> Scenario:
    """An oddity that has to make no difference."""
    return Scenario(name, does, (make,), "complete", text, **more)


def begun(wire: AnyWire, count: int) -> list[bytes]:
    """The opening and the first ``count`` of twenty deltas."""
    return [*wire.opening(), *map(wire.delta, PIECES[:count])]


def half(wire: AnyWire) -> list[bytes]:
    """The opening and half of the text."""
    return begun(wire, 10)


def rest(wire: AnyWire) -> list[bytes]:
    """The other half of the text, and an end in order."""
    return [*map(wire.delta, PIECES[10:]), *ended(wire)]


def ended(wire: AnyWire) -> list[bytes]:
    """The end in order: finish mark, usage, done."""
    return [*wire.finish("stop", TOKENS), *wire.done()]


def whole(wire: AnyWire, _request: Request | None = None) -> Answer:
    """Answer without any fault."""
    return Answer((*half(wire), *rest(wire)))


def every(seconds: float, piece: bytes, first: list[bytes] | None = None) -> Iterator[bytes | float]:
    """``first``, then ``piece`` for ever."""
    yield from first or []
    while True:
        yield piece
        yield seconds
