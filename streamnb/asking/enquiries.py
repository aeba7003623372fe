"""What is asked of an endpoint besides streams: how a request would look, which models there are.

Each has a client of its own, for the one call; nothing here streams.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..providers.base import Request
from ..session import Open, guard

if TYPE_CHECKING:
    from ..providers import wire

__all__ = ["names", "rehearse"]


def rehearse(model: Open, request: Request, *, sync: bool) -> Any:
    """Return the HTTP request that would be sent, as the SDK builds and signs it; send nothing.

    ``None`` where the SDK would send none; raises whatever it raises.
    """
    from ..providers import wire

    body, guards = model.provider.body(request, model.endpoint), guard(model.endpoint)

    def start(http: wire.Client) -> None:
        model.provider.start(model.provider.client(model.endpoint, http, asynchronous=False), body)

    async def astart(http: wire.AsyncClient) -> None:
        await model.provider.astart(model.provider.client(model.endpoint, http, asynchronous=True), body)

    if sync:
        return wire.rehearse(guards, start)
    with ThreadPoolExecutor(1) as thread:  # every notebook has a running loop, in which none can be run
        return thread.submit(lambda: asyncio.run(wire.arehearse(guards, astart))).result()


def names(model: Open) -> list[str]:
    """Ask an endpoint for the names of its models; raises whatever its SDK raises."""
    from ..providers import wire

    with wire.Client(guard(model.endpoint)) as http:
        client = model.provider.client(model.endpoint, http, asynchronous=False)
        return model.provider.names(client, model.endpoint)
