"""The SDK clients of a session, and their connections, kept from one stream to the next.

Any number of asynchronous streams share the client of their endpoint; a synchronous one has a
client to itself while it runs.  Each is made when it is first needed.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..providers.base import Endpoint, ProviderEndpoint

if TYPE_CHECKING:
    from ..providers import http_client

__all__ = ["ClientPool", "LeasedClient", "header_filter"]


@dataclass(frozen=True, slots=True)
class LeasedClient:
    """A synchronous SDK client and the HTTP client under it."""

    http: http_client.Client
    client: Any


class ClientPool:
    """The clients by endpoint; every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shared: dict[Endpoint, tuple[http_client.AsyncClient, Any]] = {}
        self._idle: dict[Endpoint, list[LeasedClient]] = {}
        self._closed = False

    def shared_client(self, model: ProviderEndpoint) -> Any:
        """Return the asynchronous SDK client of an endpoint."""
        client = self.existing_client(model)
        if client is not None:
            return client
        from ..providers import http_client

        http = http_client.AsyncClient(header_filter(model.endpoint), url=model.endpoint.base_url)
        client = model.provider.build_client(model.endpoint, http, asynchronous=True)
        with self._lock:
            return self._shared.setdefault(model.endpoint, (http, client))[1]

    def existing_client(self, model: ProviderEndpoint) -> Any:
        """Return the asynchronous SDK client of an endpoint that has one, else ``None``."""
        with self._lock:
            return self._shared.get(model.endpoint, (None, None))[1]

    def lease_client(self, model: ProviderEndpoint) -> LeasedClient:
        """Return a synchronous client that nobody else has until it is given back."""
        from ..providers import http_client

        with self._lock:
            if idle := self._idle.get(model.endpoint):
                return idle.pop()
        http = http_client.Client(header_filter(model.endpoint), url=model.endpoint.base_url)
        return LeasedClient(http, model.provider.build_client(model.endpoint, http, asynchronous=False))

    def return_client(self, endpoint: Endpoint, leased: LeasedClient) -> None:
        """Keep a client for the next stream; close one whose connection was torn."""
        if leased.http.is_aborted or self._closed:
            leased.http.close()
            return
        with self._lock:
            self._idle.setdefault(endpoint, []).append(leased)

    def close(self) -> None:
        """Close the synchronous clients that are idle; one that is leased is closed when given back."""
        self._closed = True
        for leased in (leased for idle in self._idle.values() for leased in idle):
            leased.http.close()
        self._idle.clear()

    async def aclose(self) -> None:
        """Close the asynchronous clients, on the loop that they were used on."""
        for http, _ in self._shared.values():
            await http.aclose()


def header_filter(endpoint: Endpoint) -> Any:
    """Return the request hook that drops headers which an SDK would add from the environment."""
    from ..providers import http_client

    # Azure and Vertex may sign with credentials of their SDK; elsewhere no key means no key at all.
    bare = endpoint.key is None and endpoint.provider not in ("azure", "vertex")
    if endpoint.is_trusted:
        return http_client.header_stripping_hook(bare=bare, unwanted=frozenset())
    custom = os.environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines()
    names = {line.partition(":")[0].strip().lower() for line in custom if ":" in line}
    # The address's own key has the name that one of them may have; the client sees to those.
    names -= {"authorization", "api-key"}
    unwanted = frozenset(names | {"openai-organization", "openai-project"})
    return http_client.header_stripping_hook(bare=bare, unwanted=unwanted)
