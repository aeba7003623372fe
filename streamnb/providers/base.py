"""What a provider is: three small roles, and the request that it is asked to send.

A provider is one file and one row in ``models``.  It says how its SDK's client is built,
how a ``Request`` reads in its dialect, and which ``Adapter`` understands its chunks.  The
bytes of the answer never pass through the SDK: our transport (``wire``) keeps them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..events import Event
from ..parts import Turn

__all__ = ["Adapter", "Chunk", "Endpoint", "Provider", "Request", "ToolSpec"]

Chunk = dict[str, Any]
"""The JSON object of one server-sent event."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request goes and what it may carry there.

    ``base_url`` is ``None`` for the address that the SDK knows itself.  ``key`` is ``None``
    where none belongs to this address.  ``trusted`` says that this address may have what the
    SDK itself finds in the environment besides the key: OpenAI's organisation, project and
    custom headers at OpenAI's own address or the one that ``OPENAI_BASE_URL`` names; tokens
    and credentials at Azure's and Vertex AI's own.  No other address is trusted.
    """

    provider: str
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that the model may ask for; ``parameters`` is a JSON schema of an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, in no provider's dialect.

    ``options`` are the person's own parameters and win over everything; ``unwanted`` names
    parameters of ours that this server has refused (``stream_options``).
    """

    model: str
    turns: tuple[Turn, ...]
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None
    schema_name: str = "Answer"
    unwanted: frozenset[str] = frozenset()


class Adapter(Protocol):
    """Turns one answer's chunks into events, without I/O.

    ``finished`` turns true once the provider's own finish mark, or its error, has been
    seen: nothing but usage is to be waited for after it.
    """

    finished: bool

    def feed(self, chunk: Chunk) -> list[Event]:
        """Return the events of one chunk; ``Finished`` is never among them."""
        ...

    def close(self) -> list[Event]:
        """Return what was held back, and ``Finished`` last; called once."""
        ...


class Provider(Protocol):
    """One SDK surface. ``client`` and what ``start`` takes are the SDK's own, hence ``Any``."""

    added: frozenset[str]
    """Parameters that we add to a request and can do without if the server refuses them."""

    def client(self, endpoint: Endpoint, http: Any, *, asynchronous: bool) -> Any:
        """Build the SDK's client over ``http``, an httpx2 client with our transport."""
        ...

    def body(self, request: Request, endpoint: Endpoint) -> dict[str, Any]:
        """Return the keyword arguments of the SDK's call; raises ``UsageError`` for a part it cannot take."""
        ...

    def start(self, client: Any, body: dict[str, Any]) -> None:
        """Have the SDK send the request; returns when our transport holds the answer's head."""
        ...

    async def astart(self, client: Any, body: dict[str, Any]) -> None:
        """Do the same on the asynchronous surface."""
        ...

    def names(self, client: Any, endpoint: Endpoint) -> list[str]:
        """Ask for the names of the endpoint's models, through a synchronous client."""
        ...

    def adapter(self) -> Adapter:
        """Return a fresh adapter for one answer."""
        ...
