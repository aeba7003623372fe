"""The interfaces of a provider, and the ``Request`` that it sends.

A provider is one file and one row in ``registry``.  It says how its SDK's client is built,
how a ``Request`` reads in its dialect, and which ``Adapter`` understands its chunks.  The
bytes of the answer never pass through the SDK: our transport (``http_client``) keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from ..core.content import Turn
from ..core.events import Event
from ..core.redaction import Secret
from .urls import secrets_in_url

__all__ = [
    "CUSTOM_HEADERS_MARK",
    "EXTRA_QUERY_HEADER",
    "PLACEHOLDER_KEY",
    "Adapter",
    "Chunk",
    "Dialect",
    "Endpoint",
    "Model",
    "Provider",
    "ProviderEndpoint",
    "Request",
    "ToolSpec",
    "mark_custom_headers",
    "option_secrets",
]

_IS_SECRET_VARIABLE = re.compile("KEY|TOKEN|HEADERS").search  # in the name of a variable

PLACEHOLDER_KEY = "none"
"""What an SDK is given that wants a key where none belongs; our client takes it out again."""

CUSTOM_HEADERS_MARK = "x-streamnb-own"
"""A header that never leaves: it names those that the person gave, which stay where keys are taken out."""

EXTRA_QUERY_HEADER = "x-streamnb-query"
"""A header that never leaves: what it holds goes into the query, where an SDK has no field for it."""

# Headers and parameters that carry no secret: whose app it is, which version is spoken.
_IS_PUBLIC_HEADER = re.compile(r"(?i)version|beta|referer|title|origin|user-agent|^accept|^content-").search

Chunk = dict[str, Any]
"""The JSON object of one server-sent event."""

Dialect: TypeAlias = Literal["chat", "responses", "gemini"]
"""The language in which a provider is asked and answers."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a request goes and what it may carry there.

    Attributes
    ----------
    provider
        The name before the colon of a model.
    base_url
        ``None`` for the address that the SDK knows itself.
    key
        ``None`` where none belongs to this address.
    is_trusted
        Whether this address may have what the SDK itself finds in the environment besides the key: OpenAI's
        organisation, project and custom headers at OpenAI's own address or the one that ``OPENAI_BASE_URL``
        names; tokens and credentials at Azure's and Vertex AI's own.  No other address is.
    client_variables
        The variables that the SDK itself reads for this address, with their values: a client that was built
        with others is another client.
    address_variable
        The variable that named the address, ``None`` where a person typed it or it is the provider's own.
    """

    provider: str
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    is_trusted: bool = False
    client_variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    address_variable: str | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may be sent there and must not be kept: the key, tokens, values of custom headers."""
        lines = (
            line
            for name, value in self.client_variables
            if _IS_SECRET_VARIABLE(name)
            for line in value.splitlines()
        )
        texts = [self.key or "", *(line.partition(":")[2].strip() or line for line in lines)]
        proxies = (value for name, value in self.client_variables if name.lower().endswith("_proxy"))
        texts += [secret for address in (self.base_url or "", *proxies) for secret in secrets_in_url(address)]
        return tuple(Secret(secret) for secret in dict.fromkeys(texts) if secret)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A function that the model may ask for, as the model is told of it.

    Attributes
    ----------
    name
        What the model calls it by.
    description
        What it does; empty where it has no docstring.
    parameters
        A JSON schema of an object.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One request, in no provider's dialect; what is ``None`` was not said, and is left to the provider.

    Attributes
    ----------
    model
        The model as its provider knows it.
    turns
        The conversation, the prompt last.
    system
        The system prompt.
    temperature
        From 0 on.
    max_tokens
        The longest answer, in tokens.
    options
        The person's own parameters, which win over everything.
    effort
        One of none, minimal, low, medium and high.
    search
        Whether the model may search the web.
    tools
        The functions that it may ask for.
    schema, schema_name
        A JSON schema that the answer has to fit, and what the provider is told of its name.
    dropped_params
        Parameters of ours that this server has refused (``stream_options``).
    """

    model: str
    turns: tuple[Turn, ...]
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    effort: str | None = None
    search: bool = False
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None
    schema_name: str = "Answer"
    dropped_params: frozenset[str] = frozenset()


def option_secrets(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a person's own headers and query carry that must not be shown or kept."""
    http_options = options.get("http_options")
    beside = http_options if isinstance(http_options, Mapping) else {}
    fields = (options.get("extra_headers"), options.get("extra_query"), beside.get("headers"))
    values = [
        str(value)
        for field_ in fields
        if isinstance(field_, Mapping)
        for name, value in field_.items()
        if isinstance(value, str) and not _IS_PUBLIC_HEADER(str(name))
    ]
    # "Bearer KEY": the key by itself is one, too.
    credentials = [word for value in values for word in value.split()[1:] if len(value.split()) == 2]
    return tuple(Secret(value) for value in dict.fromkeys([*values, *credentials]) if value)


def mark_custom_headers(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the person's own headers, with a mark that keeps them where keys are taken out."""
    names = [name.lower() for name in headers]
    return {**headers, CUSTOM_HEADERS_MARK: ",".join(names)} if names else {}


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
    """One dialect of an SDK. ``client`` and what ``send`` takes are the SDK's own, hence ``Any``."""

    optional_params: frozenset[str]
    """Parameters that we add to a request and can do without if the server refuses them."""

    def build_client(self, endpoint: Endpoint, http: Any, *, asynchronous: bool) -> Any:
        """Build the SDK's client over ``http``, an httpx2 client with our transport.

        Parameters
        ----------
        endpoint
            Address, key and variables.
        http
            An httpx2 client with our transport.
        asynchronous
            Whether it is the SDK's asynchronous client.

        Returns
        -------
        Any
            The client of the SDK, its asynchronous one where ``asynchronous`` says so.
        """
        ...

    def request_kwargs(self, request: Request, endpoint: Endpoint) -> dict[str, Any]:
        """Return the keyword arguments of the SDK's call; raises ``UsageError`` for a part it cannot take."""
        ...

    def send(self, client: Any, body: dict[str, Any]) -> None:
        """Have the SDK send the request; returns when our transport holds the answer's head."""
        ...

    async def asend(self, client: Any, body: dict[str, Any]) -> None:
        """Do the same on the asynchronous surface."""
        ...

    def list_models(self, client: Any, endpoint: Endpoint) -> list[str]:
        """Ask for the names of the endpoint's models, through a synchronous client."""
        ...

    def make_adapter(self) -> Adapter:
        """Return a fresh adapter for one answer."""
        ...


class ProviderEndpoint(Protocol):
    """A provider, and the endpoint for which a client of it is opened."""

    @property
    def provider(self) -> Provider: ...

    @property
    def endpoint(self) -> Endpoint: ...


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be asked.

    Attributes
    ----------
    provider
        Speaks its language.
    endpoint
        Where it is.
    name
        What the provider is told.
    spec
        What was typed.
    dialect
        The language in which it is asked and answers.
    """

    provider: Provider
    endpoint: Endpoint
    name: str
    spec: str
    dialect: Dialect
