"""The way to read below the SDKs: httpx2 clients that keep the answer for us.

An SDK builds and signs a request and sends it through one of these clients.  What comes back
is caught: the SDK is handed an empty event stream (its iterator ends at once, no chunk object
is ever made), and ``read`` or ``aread`` pass the answer's bytes on as traffic, uncompressed in bites,
each with its time.  Status and errors are the exchange's business, so every answer is caught, whatever
its status.

Which call an answer belongs to is told by a context variable: one client serves many streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any

import httpx2

from ..core.decompress import Decompressor
from ..core.errors import UsageError
from ..core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, Sink, WireEvent
from .base import OWN_HEADERS
from .compat import TLS_ENDED, TLS_STARTED, connected_stream
from .connection_errors import client_fault
from .error_messages import fault_from_exception

__all__ = [
    "AsyncClient",
    "Client",
    "aread",
    "arehearse",
    "read",
    "rehearse",
    "ssl_context",
    "strip_headers",
    "without_capture",
]

MAX_WITHOUT_REST_S = 0.005  # of reading without letting others of the event loop run
CONNECT_TIMEOUT_S = 10.0  # for name, TCP and TLS each; waiting for an answer is the exchange's business
_TIMEOUT = {"connect": CONNECT_TIMEOUT_S, "read": None, "write": 60.0, "pool": None}
_TIMEOUT_ASIDE = _TIMEOUT | {"read": 60.0}  # nobody watches over the silence of what is no stream
# An open connection is kept while a person reads an answer and types the next cell.
_LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=60)
_KEPT_HEADERS = ("content-type", "content-encoding", "retry-after", "date", "location")

# What any request may carry to any host; everything else belongs to the address it was made for.
_HARMLESS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}
    | {"transfer-encoding"}
)


class _Catch:
    """One call's answer, between the client that received it and the reader that wants it."""

    def __init__(self, put: Sink) -> None:
        self._put = put
        self._plain = Decompressor()
        self.ended = False  # the end was put
        self.response: httpx2.Response | None = None
        self.url: str = ""
        self.given_up: Callable[[], bool] = lambda: False

    def prepare(self, request: httpx2.Request) -> None:
        self.url = str(request.url)
        request.extensions["timeout"] = dict(_TIMEOUT)
        request.headers["accept-encoding"] = "identity"  # a compressed stream arrives in lumps
        self._put(RequestSent(time.perf_counter()))

    def keep(self, response: httpx2.Response) -> httpx2.Response:
        self.response = response
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        for event in self._plain.feed(ResponseHead(time.perf_counter(), response.status_code, headers)):
            self._pass_on(event)
        return httpx2.Response(
            200, headers={"content-type": "text/event-stream"}, content=b"", request=response.request
        )

    def bites(self, data: bytes) -> Iterator[float]:
        """Put a block of the body, uncompressed in bites; yield how long to wait after each."""
        for event in self._plain.feed(Data(time.perf_counter(), data)):
            yield self._pass_on(event)

    def end(self, fault: Fault | None = None) -> None:
        """Put the end, unless it was put already."""
        if not self.ended:
            for event in self._plain.feed(EndOfBody(time.perf_counter(), fault)):
                self._pass_on(event)

    def _pass_on(self, event: WireEvent) -> float:
        self.ended = self.ended or isinstance(event, EndOfBody)
        return self._put(event) or 0.0


_catching: ContextVar[_Catch | None] = ContextVar("streamnb_catching", default=None)


def ssl_context() -> ssl.SSLContext:
    """Return whom connections trust: one context for all clients, since making it reads every certificate."""
    with _usage_errors():
        return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.cache
def _trusted(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return httpx2.create_ssl_context()  # reads the two variables itself


@contextlib.contextmanager
def _usage_errors() -> Iterator[None]:
    """Word what the environment's proxies and certificates raise while a client is built."""
    try:
        yield
    except (OSError, ImportError, ValueError, httpx2.InvalidURL) as error:
        if isinstance(error, UsageError):
            raise
        raise client_fault(error) from error


def _take_own_headers(request: httpx2.Request, query: Mapping[str, str]) -> None:
    """Note which headers the person gave, and put the query of the base URL after the path."""
    own = request.headers.pop(OWN_HEADERS, "")
    request.extensions["own_headers"] = frozenset(own.split(","))
    if query:
        request.url = request.url.copy_merge_params(query)


class Client(httpx2.Client):
    """A synchronous client for one stream at a time; ``hang_up`` ends its read from any thread."""

    def __init__(
        self, guards: Callable[[httpx2.Request], None], transport: httpx2.BaseTransport | None = None
    ) -> None:
        with _usage_errors():
            super().__init__(
                follow_redirects=True,
                event_hooks={"request": [guards]},
                timeout=None,
                transport=transport,
                verify=ssl_context(),
                limits=_LIMITS,
            )
        self.base_query: Mapping[str, str] = {}  # of the base URL, for every request
        self.hung_up = False
        self._socket: socket.socket | None = None
        self._spare: socket.socket | None = None  # the same connection, during its TLS handshake

    def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        """Send, and keep the answer for the reader whose call this is."""
        catch = _catching.get()
        _take_own_headers(request, self.base_query)
        request.extensions["trace"] = self._note_socket
        if catch is None:
            request.extensions["timeout"] = dict(_TIMEOUT_ASIDE)
            return super().send(request, **kwargs)
        catch.prepare(request)
        catch.given_up = lambda: self.hung_up
        return catch.keep(super().send(request, **kwargs | {"stream": True}))

    def abort(self) -> None:
        """Shut the connection down; a read that blocks in another thread returns at once.

        Closing would not wake it, and ``SSLSocket.shutdown`` would pull the cipher away from
        under the reader, hence the plain socket's own ``shutdown``.
        """
        self.hung_up = True
        connection = self._spare or self._socket
        if connection is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)

    def _note_socket(self, event: str, info: Mapping[str, Any]) -> None:
        if event == TLS_STARTED and self._socket is not None:
            # While it shakes hands, a socket is held by nobody but its TLS wrapper.
            self._spare = self._socket.dup()
        elif event in TLS_ENDED and self._spare:
            self._spare.close()  # held on to, it would keep the connection open after its end
            self._spare = None
        if (stream := connected_stream(event, info)) is not None:
            self._socket = stream.get_extra_info("socket")
            if self.hung_up:  # before there was a connection
                self.abort()


class AsyncClient(httpx2.AsyncClient):
    """An asynchronous client for any number of streams; cancelling a reader closes its connection."""

    def __init__(
        self, guards: Callable[[httpx2.Request], None], transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        async def hook(request: httpx2.Request) -> None:
            guards(request)

        with _usage_errors():
            super().__init__(
                follow_redirects=True,
                event_hooks={"request": [hook]},
                timeout=None,
                transport=transport,
                verify=ssl_context(),
                limits=_LIMITS,
            )
        self.base_query: Mapping[str, str] = {}  # of the base URL, for every request

    async def send(self, request: httpx2.Request, **kwargs: Any) -> httpx2.Response:
        """Send, and keep the answer for the reader whose call this is."""
        catch = _catching.get()
        _take_own_headers(request, self.base_query)
        if catch is None:
            request.extensions["timeout"] = dict(_TIMEOUT_ASIDE)
            return await super().send(request, **kwargs)
        catch.prepare(request)
        opened: list[Any] = []

        async def note_stream(event: str, info: Mapping[str, Any]) -> None:
            if (stream := connected_stream(event, info)) is not None:
                opened.append(stream)

        request.extensions["trace"] = note_stream
        try:
            return catch.keep(await super().send(request, **kwargs | {"stream": True}))
        except asyncio.CancelledError:
            for stream in opened:  # cancelled in its TLS handshake, a connection is left open by httpcore2
                await stream.aclose()
            raise


def strip_headers(*, bare: bool, unwanted: frozenset[str]) -> Callable[[httpx2.Request], None]:
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
            if name in secrets or (origin != own[0] and name not in _HARMLESS):
                del request.headers[name]

    return take_out


def read(start: Callable[[], None], put: Sink) -> None:
    """Have ``start`` send a request, and put its traffic; returns when the body has ended."""
    catch = _Catch(put)
    try:
        with _catch(catch):
            start()
        if catch.response is not None:
            with contextlib.closing(catch.response):
                _read_body(catch, catch.response)
        catch.end()
    except Exception as error:  # whatever an SDK or the network raises becomes one of our faults
        catch.end(fault_from_exception(error, catch.url))


def _read_body(catch: _Catch, response: httpx2.Response) -> None:
    for data in response.iter_raw():
        for pause in catch.bites(data):
            _pause(pause, catch)
            if catch.given_up():  # a server that never pauses would not notice the hang-up
                return
        if catch.ended:
            return


def rehearse(
    guards: Callable[[httpx2.Request], None], start: Callable[[Client], None]
) -> httpx2.Request | None:
    """Have ``start`` send a request through a client that sends nothing; return what would have gone out.

    Raises whatever the SDK raises.
    """
    sent, transport = _sending_nothing()
    with Client(guards, transport) as client, _catch(_Catch(lambda message: None)):
        start(client)
    return sent[0] if sent else None


async def arehearse(
    guards: Callable[[httpx2.Request], None], start: Callable[[AsyncClient], Awaitable[None]]
) -> httpx2.Request | None:
    """Do the same on the asynchronous surface."""
    sent, transport = _sending_nothing()
    async with AsyncClient(guards, transport) as client:
        with _catch(_Catch(lambda message: None)):
            await start(client)
    return sent[0] if sent else None


def _sending_nothing() -> tuple[list[httpx2.Request], httpx2.MockTransport]:
    sent: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, headers={"content-type": "text/event-stream"})

    return sent, httpx2.MockTransport(answer)


def _pause(seconds: float, catch: _Catch) -> None:
    """Wait, in naps, because the other side is behind; not where it has given up."""
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0 and not catch.given_up():
        time.sleep(min(left, 0.02))


async def aread(start: Callable[[], Awaitable[None]], put: Sink) -> None:
    """Do the same on the asynchronous surface; cancelled, it closes the connection."""
    catch = _Catch(put)
    try:
        try:
            with _catch(catch):
                await start()
            if catch.response is not None:
                await _aread_body(catch, catch.response)
        finally:
            if catch.response is not None:
                await catch.response.aclose()
        catch.end()
    except asyncio.CancelledError:
        catch.end()
        raise
    except Exception as error:  # whatever an SDK or the network raises becomes one of our faults
        catch.end(fault_from_exception(error, catch.url))


async def _aread_body(catch: _Catch, response: httpx2.Response) -> None:
    rested = time.perf_counter()
    async for data in response.aiter_raw():
        for pause in catch.bites(data):
            # A body that is always there already would never let the loop's other tasks run.
            if pause or time.perf_counter() - rested > MAX_WITHOUT_REST_S:
                await asyncio.sleep(pause)
                rested = time.perf_counter()
        if catch.ended:
            return


@contextlib.contextmanager
def _catch(catch: _Catch) -> Iterator[None]:
    token = _catching.set(catch)
    try:
        yield
    finally:
        _catching.reset(token)


@contextlib.contextmanager
def without_capture() -> Iterator[None]:
    """Let what ``start`` does before its request, an upload, have its answers itself."""
    token = _catching.set(None)
    try:
        yield
    finally:
        _catching.reset(token)
