"""Wire events: what happened on one connection, each with its time.

A source (a live request, a replay, a demo answer) makes these; an exchange reads them and
a recording keeps them.  One request gives ``RequestSent``, at most one ``ResponseHead``, any number of
``Data``, and one ``EndOfBody``; a request that never got an answer has no head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from .events import State

__all__ = ["Data", "EndOfBody", "Fault", "RequestSent", "ResponseHead", "Sink", "Source", "WireEvent"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a connection failed.

    Attributes
    ----------
    state
        The state that a stream ends in by this.
    message
        One sentence for a person.
    retry
        Whether asking again may help, which is safe while nothing has come.
    """

    state: State
    message: str
    retry: bool = False


@dataclass(frozen=True, slots=True)
class RequestSent:
    """The request is on its way. ``at`` is seconds on the process's monotonic clock."""

    at: float


@dataclass(frozen=True, slots=True)
class ResponseHead:
    """Status and headers of an answer.

    Attributes
    ----------
    at
        When they came, in seconds on the process's monotonic clock; in a recording, since its first request.
    status
        The number of HTTP, for example 200.
    headers
        Their values by name, in lower case.
    """

    at: float
    status: int
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of the body as they came off the socket, still compressed if they were."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class EndOfBody:
    """The body ended: in order, or with a fault."""

    at: float
    fault: Fault | None = None


WireEvent: TypeAlias = RequestSent | ResponseHead | Data | EndOfBody

Sink: TypeAlias = Callable[[WireEvent], float | None]
"""Where a source puts its wire events; safe to call from any thread, never blocks.

It returns how many seconds the source had better wait before it reads on, because the other
side is far behind; nothing, or 0, where it is not.
"""


class Source(Protocol):
    """A producer of wire events, in a thread or a loop of its own."""

    def stop(self) -> None:
        """Close the connection now; safe from any thread, more than once, and after the end."""
        ...

    def join(self, seconds: float) -> None:
        """Wait for the end of what ``stop`` began, ``seconds`` at most."""
        ...
