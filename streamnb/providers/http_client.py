"""httpx2 clients for the SDKs; they give each response to the ``Capture`` of its call (``http_capture``).

They remember their socket, so that a read can be ended from any thread, and drop keys on a redirect to
another host.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import socket
import ssl
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2

from ..core.errors import UsageError
from .base import CUSTOM_HEADERS_MARK, EXTRA_QUERY_HEADER
from .bounded_body import BoundedBody
from .compat import TLS_END_EVENTS, TLS_START_EVENT, stream_of_new_connection
from .http_capture import Capture, capture_response, current_capture
from .http_chunks import acoalesce_reads, coalesce_reads

__all__ = ["AsyncClient", "Client", "adry_run", "dry_run", "header_stripping_hook", "ssl_context"]

# An open connection is kept while a person reads an answer and types the next cell.
_POOL_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=60)

# What any request may carry to any host; everything else belongs to the address it was made for.
_HARMLESS_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}
    | {"transfer-encoding"}
)


def ssl_context() -> ssl.SSLContext:
    """Return the one SSL context of all clients, since making it reads every certificate."""
    with _errors_to_usage_errors():
        return _cached_ssl_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.cache
def _cached_ssl_context(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # reads the two variables itself


@contextlib.contextmanager
def _errors_to_usage_errors() -> Iterator[None]:
    """Turn what the environment's proxies and certificates raise into a ``UsageError``."""
    try:
        yield
    except (OSError, ImportError, ValueError, httpx2.InvalidURL) as error:
        if isinstance(error, UsageError):
            raise
        from .connection_errors import client_build_error

        raise client_build_error(error) from error


def _is_proxy_bypassed(url: str | None) -> bool:
    """Whether NO_PROXY has this address; then the proxies of the environment may be broken."""
    host = urlsplit(url or "").netloc.rpartition("@")[2]
    has_proxy = any(name != "no" for name in urllib.request.getproxies_environment())
    return bool(host and has_proxy and urllib.request.proxy_bypass(host))


def _apply_custom_headers_and_query(request: httpx2.Request, query: Mapping[str, str]) -> None:
    """Note which headers the person gave, and put the query of the base URL after the path."""
    own = request.headers.pop(CUSTOM_HEADERS_MARK, "")
    request.extensions["own_headers"] = frozenset(own.split(","))
    own_query = parse_qsl(request.headers.pop(EXTRA_QUERY_HEADER, ""), keep_blank_values=True)
    if query or own_query:
        request.url = request.url.copy_merge_params([*query.items(), *own_query])


def _close_redirect_body(response: httpx2.Response) -> None:
    """Hang up on the body of a redirect, which httpx2 would read whole, and uncompress: it may never end."""
    if response.has_redirect_location:
        body, response.stream = response.stream, httpx2.ByteStream(b"")
        body.close()  # type: ignore[union-attr]


async def _adrop_redirect_body(response: httpx2.Response) -> None:
    """Do the same on the asynchronous surface."""
    if response.has_redirect_location:
        body, response.stream = response.stream, httpx2.ByteStream(b"")
        await body.aclose()  # type: ignore[union-attr]


def _client_options(url: str | None) -> dict[str, Any]:
    """Return what both clients are built with."""
    return {
        "follow_redirects": True,
        "timeout": None,
        "verify": ssl_context(),
        "limits": _POOL_LIMITS,
        "trust_env": not _is_proxy_bypassed(url),
    }


class Client(httpx2.Client):
    """A synchronous client for one stream at a time; ``abort`` ends its read from any thread."""

    def __init__(
        self,
        request_hook: Callable[[httpx2.Request], None],
        transport: httpx2.BaseTransport | None = None,
        url: str | None = None,
    ) -> None:
        with _errors_to_usage_errors():
            super().__init__(
                event_hooks={"request": [request_hook], "response": [_close_redirect_body]},
                transport=transport,
                **_client_options(url),
            )
        self.base_query: Mapping[str, str] = {}  # of the base URL, for every request
        self.is_aborted = False
        self._socket: socket.socket | None = None
        self._handshake_socket: socket.socket | None = None  # the same connection, during its TLS handshake

    def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        """Send, and keep the answer for the reader whose call this is."""
        capture = current_capture()
        _apply_custom_headers_and_query(request, self.base_query)
        request.extensions["trace"] = self._note_socket
        if capture is None:
            body = BoundedBody(request)
            with contextlib.closing(super().send(request, **kwargs | {"stream": True})) as response:
                body.take_head(response)
                for data in response.iter_raw():
                    body.feed(data)
            return body.build_response()
        capture.prepare_request(request)
        capture.is_cancelled = lambda: self.is_aborted
        return capture.take_response(super().send(request, **kwargs | {"stream": True}))

    def abort(self) -> None:
        """Shut the connection down; a read that blocks in another thread returns at once.

        Closing would not wake it, and ``SSLSocket.shutdown`` would pull the cipher away from
        under the reader, hence the plain socket's own ``shutdown``.
        """
        self.is_aborted = True
        connection = self._handshake_socket or self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _note_socket(self, event: str, info: Mapping[str, Any]) -> None:
        if event == TLS_START_EVENT and self._socket is not None:
            # While it shakes hands, a socket is held by nobody but its TLS wrapper.
            self._handshake_socket = self._socket.dup()
        elif event in TLS_END_EVENTS and self._handshake_socket:
            self._handshake_socket.close()  # held on to, it would keep the connection open after its end
            self._handshake_socket = None
        if (stream := stream_of_new_connection(event, info)) is not None:
            coalesce_reads(stream)
            self._socket = stream.get_extra_info("socket")
            if self.is_aborted:  # before there was a connection
                self.abort()


class AsyncClient(httpx2.AsyncClient):
    """An asynchronous client for any number of streams; cancelling a reader closes its connection."""

    def __init__(
        self,
        request_hook: Callable[[httpx2.Request], None],
        transport: httpx2.AsyncBaseTransport | None = None,
        url: str | None = None,
    ) -> None:
        async def hook(request: httpx2.Request) -> None:
            request_hook(request)

        with _errors_to_usage_errors():
            super().__init__(
                event_hooks={"request": [hook], "response": [_adrop_redirect_body]},
                transport=transport,
                **_client_options(url),
            )
        self.base_query: Mapping[str, str] = {}  # of the base URL, for every request

    async def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        """Send, and keep the answer for the reader whose call this is."""
        capture = current_capture()
        _apply_custom_headers_and_query(request, self.base_query)
        if capture is None:
            body = BoundedBody(request)
            response = await super().send(request, **kwargs | {"stream": True})
            async with contextlib.aclosing(response):
                body.take_head(response)
                async for data in response.aiter_raw():
                    body.feed(data)
            return body.build_response()
        capture.prepare_request(request)
        opened: list[Any] = []

        async def note_stream(event: str, info: Mapping[str, Any]) -> None:
            if (stream := stream_of_new_connection(event, info)) is not None:
                acoalesce_reads(stream)
                opened.append(stream)

        request.extensions["trace"] = note_stream
        try:
            return capture.take_response(await super().send(request, **kwargs | {"stream": True}))
        except asyncio.CancelledError:
            for stream in opened:  # cancelled in its TLS handshake, a connection is left open by httpcore2
                await stream.aclose()
            raise


def header_stripping_hook(*, bare: bool, unwanted: frozenset[str]) -> Callable[[httpx2.Request], None]:
    """Return a hook that takes out of each request what does not belong to its address.

    The first address that the client is used for is its own.  ``bare`` says that no key
    belongs there; ``unwanted`` names headers (lower case) that an SDK adds from the
    environment and that do not belong there.  A redirect to any other origin loses every
    header that is not plainly harmless.
    """
    own: list[tuple[str, str, int | None]] = []

    def take_out(request: httpx2.Request) -> None:
        origin = (request.url.scheme, request.url.host, request.url.port)
        if not own:
            own.append(origin)
        secrets = unwanted | {"authorization", "x-goog-api-key", "api-key"} if bare else unwanted
        secrets -= request.extensions.get("own_headers", frozenset())
        if request.url.userinfo and request.headers.get("authorization", "").startswith("Basic "):
            secrets -= {"authorization"}  # made of user and password in the address
        for name in list(request.headers):
            if name in secrets or (origin != own[0] and name not in _HARMLESS_HEADERS):
                del request.headers[name]

    return take_out


def dry_run(
    request_hook: Callable[[httpx2.Request], None], start: Callable[[Client], None]
) -> httpx2.Request | None:
    """Have ``start`` send a request through a client that sends nothing; return what would have gone out.

    Raises whatever the SDK raises.
    """
    requests, transport = _mock_transport()
    with Client(request_hook, transport) as client, capture_response(Capture(lambda message: None)):
        start(client)
    return requests[0] if requests else None


async def adry_run(
    request_hook: Callable[[httpx2.Request], None], start: Callable[[AsyncClient], Awaitable[None]]
) -> httpx2.Request | None:
    """Do the same on the asynchronous surface."""
    requests, transport = _mock_transport()
    async with AsyncClient(request_hook, transport) as client:
        with capture_response(Capture(lambda message: None)):
            await start(client)
    return requests[0] if requests else None


def _mock_transport() -> tuple[list[httpx2.Request], httpx2.MockTransport]:
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"})

    return requests, httpx2.MockTransport(answer)
