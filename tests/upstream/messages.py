"""Messages of the test provider: a ``Request`` that came in, an ``Answer`` to give.

Plain values; how they get on and off a socket is ``server``'s affair, what a provider would
say is ``answers``'.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["Answer", "Dialect", "Request"]

Dialect = Literal["chat", "responses", "gemini"]


@dataclass(frozen=True)
class Request:
    """One request as it was read; header names in lower case, ``at`` on the monotonic clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    json: Any
    at: float
    connection: int

    @property
    def dialect(self) -> Dialect | None:
        """Which wire this request asks for; ``None`` for anything but an answer of a model."""
        path = self.path.partition("?")[0]
        if path.endswith("/chat/completions"):
            return "chat"
        if path.endswith("/responses"):
            return "responses"
        if path.endswith((":streamGenerateContent", ":generateContent")):
            return "gemini"
        return None

    @property
    def streams(self) -> bool:
        """Whether a stream is asked for, and not one whole body."""
        if self.dialect == "gemini":
            return ":streamGenerateContent" in self.path
        return isinstance(self.json, dict) and bool(self.json.get("stream"))


@dataclass(frozen=True)
class Answer:
    """What to send, piece by piece.

    ``body`` mixes bytes, each one send, and numbers, each a pause in seconds before the next
    piece; a generator makes an endless answer.  ``before`` is the pause before the status line.

    ``framing``: ``chunked``; ``length`` (of the body, or ``declared``); ``close`` (HTTP/1.0:
    the end of the connection ends the body); ``raw`` (the body is all there is, no head).

    ``end``: ``ok`` in order · ``fin`` closed, the framing left open · ``reset`` by RST ·
    ``hang`` nothing more, the connection stays open, the framing left open.
    """

    body: Iterable[bytes | float] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "text/event-stream"
    framing: Literal["chunked", "length", "close", "raw"] = "chunked"
    declared: int | None = None
    before: float = 0.0
    end: Literal["ok", "fin", "reset", "hang"] = "ok"
