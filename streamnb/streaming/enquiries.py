"""What is asked of an endpoint besides streams: how a request would look, which models there are.

Each has a client of its own, for the one call; nothing here streams.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..providers.base import ModelEndpoint, Request
from .session import guard

if TYPE_CHECKING:
    from ..providers import http_client

__all__ = ["list_models", "rehearse"]


def rehearse(model: ModelEndpoint, request: Request, *, sync: bool) -> Any:
    """Return the HTTP request that would be sent, as the SDK builds and signs it; send nothing.

    ``None`` where the SDK would send none; raises whatever it raises.
    """
    from ..providers import http_client

    body, guards = model.provider.request_kwargs(request, model.endpoint), guard(model.endpoint)

    def start(http: http_client.Client) -> None:
        model.provider.send(model.provider.client(model.endpoint, http, asynchronous=False), body)

    async def astart(http: http_client.AsyncClient) -> None:
        await model.provider.asend(model.provider.client(model.endpoint, http, asynchronous=True), body)

    if sync:
        return http_client.rehearse(guards, start)
    with ThreadPoolExecutor(1) as thread:  # every notebook has a running loop, in which none can be run
        return thread.submit(lambda: asyncio.run(http_client.arehearse(guards, astart))).result()


def list_models(model: ModelEndpoint) -> list[str]:
    """Ask an endpoint for the names of its models; raises whatever its SDK raises."""
    from ..providers import http_client

    with http_client.Client(guard(model.endpoint)) as http:
        client = model.provider.client(model.endpoint, http, asynchronous=False)
        return model.provider.list_models(client, model.endpoint)
