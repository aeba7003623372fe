"""Asking a provider through its real SDK and our transport, sync or async, without exchange and display."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from streamnb.core.content import Text, Turn
from streamnb.core.events import Event
from streamnb.core.wire_events import Data, EndOfBody, Fault, ResponseHead, WireEvent
from streamnb.providers import http_capture, http_client
from streamnb.providers.base import Endpoint, Provider, Request
from streamnb.providers.body import BodyReader
from streamnb.providers.gemini import Gemini
from streamnb.providers.openai_chat import OpenAIChat
from streamnb.providers.openai_responses import OpenAIResponses
from tests.providers.loopback import Loopback

PROVIDERS: dict[str, Any] = {"chat": OpenAIChat(), "responses": OpenAIResponses(), "gemini": Gemini()}
NAMES = {"chat": "openai", "responses": "openai-responses", "gemini": "gemini"}
HELLO = Request("some-model", (Turn("user", (Text("Hello"),)),))


@dataclass
class Answer:
    """What came of one request."""

    status: int = 0
    page: bytes = b""
    fault: Fault | None = None
    batches: list[list[Event]] = field(default_factory=list)


class SdkClient:
    """An SDK client over our transport, used for any number of requests; close it.

    ``guarded=False`` leaves out the transport's own wall around keys.
    """

    def __init__(
        self, provider: Provider, endpoint: Endpoint, *, asynchronous: bool, guarded: bool = True
    ) -> None:
        self._provider, self._endpoint = provider, endpoint
        bare = guarded and endpoint.key is None and not endpoint.is_trusted
        guard = http_client.header_stripping_hook(bare=bare, unwanted=frozenset())
        self._loop = asyncio.new_event_loop() if asynchronous else None
        self._http: Any = http_client.AsyncClient(guard) if asynchronous else http_client.Client(guard)
        self.client = provider.build_client(endpoint, self._http, asynchronous=asynchronous)

    def ask(self, request: Request = HELLO) -> Answer:
        """Send ``request`` and read the whole answer."""
        body = self._provider.request_kwargs(request, self._endpoint)
        traffic: list[WireEvent] = []
        if self._loop is None:
            http_capture.read_response(lambda: self._provider.send(self.client, body), traffic.append)
        else:
            self._loop.run_until_complete(
                http_capture.aread_response(lambda: self._provider.asend(self.client, body), traffic.append)
            )
        return _read(traffic, self._provider)

    def close(self) -> None:
        if self._loop is None:
            self._http.close()
        else:
            self._loop.run_until_complete(self._http.aclose())
            self._loop.close()


def _read(traffic: list[WireEvent], provider: Provider) -> Answer:
    answer, adapter, body = Answer(), provider.make_adapter(), BodyReader(0, {}, 1_000_000)
    for message in traffic:
        match message:
            case ResponseHead(_, status, headers):
                answer.status, body = status, BodyReader(status, headers, 1_000_000)
            case Data(_, data):
                answer.batches += map(adapter.feed, body.feed(data))
            case EndOfBody(_, fault):
                answer.fault = fault
    answer.batches += map(adapter.feed, body.close())
    answer.batches.append(adapter.close())
    answer.page = body.error_body
    return answer


def endpoint(server: Loopback, dialect: str) -> Endpoint:
    return Endpoint(NAMES[dialect], server.url + ("" if dialect == "gemini" else "/v1"), "a-key")
