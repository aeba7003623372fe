"""Capture of HTTP responses below the SDKs: an answer's bytes go to us, the SDK gets an empty stream.

An SDK builds and signs a request and sends it through one of ``http_client``'s clients.  What comes back
is kept in a ``Capture``: the SDK is handed an empty event stream (its iterator ends at once, no chunk object
is ever made), and ``read_response`` or ``aread_response`` pass the answer's bytes on, decompressed in pieces,
each with its time.  Status and errors are the exchange's business, so every answer is caught, whatever its
status.

Which call an answer belongs to is told by a context variable: one client serves many streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import ContextVar

import httpx2

from ..core.decompress import Decompressor
from ..core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, Sink, WireEvent
from .error_messages import fault_from_exception

__all__ = [
    "TIMEOUTS_S",
    "Capture",
    "aread_response",
    "capture_response",
    "current_capture",
    "read_response",
    "without_capture",
]

MAX_READ_WITHOUT_YIELD_S = 0.005  # of reading without letting others of the event loop run
MIN_WAIT_S = 0.001  # without a block; then the event loop has run meanwhile
CONNECT_TIMEOUT_S = 10.0  # for name, TCP and TLS each; waiting for an answer is the exchange's business
TIMEOUTS_S = {"connect": CONNECT_TIMEOUT_S, "read": None, "write": 60.0, "pool": None}
_RELEVANT_HEADERS = ("content-type", "content-encoding", "retry-after", "date", "location")


class Capture:
    """One call's answer, between the client that received it and the reader that wants it.

    Attributes
    ----------
    has_ended
        The end was put.
    response
        What came, as soon as its head is there.
    url
        Where the request went.
    is_cancelled
        Says whether nobody wants the rest.
    """

    def __init__(self, put: Sink) -> None:
        self._put = put
        self._decompressor = Decompressor()
        self.has_ended = False
        self.response: httpx2.Response | None = None
        self.url: str = ""
        self.is_cancelled: Callable[[], bool] = lambda: False

    def prepare_request(self, request: httpx2.Request) -> None:
        """Make a request one whose answer is read as it comes, and note that it goes out."""
        self.url = str(request.url)
        request.extensions["timeout"] = dict(TIMEOUTS_S)
        request.headers["accept-encoding"] = "identity"  # a compressed stream arrives in lumps
        self._put(RequestSent(time.perf_counter()))

    def take_response(self, response: httpx2.Response) -> httpx2.Response:
        """Keep an answer; return what the SDK gets in its place."""
        self.response = response
        headers = {name: response.headers[name] for name in _RELEVANT_HEADERS if name in response.headers}
        for event in self._decompressor.feed(
            ResponseHead(time.perf_counter(), response.status_code, headers)
        ):
            self._put_event(event)
        return httpx2.Response(
            200, headers={"content-type": "text/event-stream"}, content=b"", request=response.request
        )

    def put_data(self, data: bytes) -> Iterator[float]:
        """Put a block of the body, decompressed in pieces; yield the seconds to wait after each."""
        return map(self._put_event, self._decompressor.feed(Data(time.perf_counter(), data)))

    def put_end(self, fault: Fault | None = None) -> None:
        """Put the end, unless it was put already."""
        if not self.has_ended:
            for event in self._decompressor.feed(EndOfBody(time.perf_counter(), fault)):
                self._put_event(event)

    def _put_event(self, event: WireEvent) -> float:
        if type(event) is EndOfBody:
            self.has_ended = True
        return self._put(event) or 0.0


_current: ContextVar[Capture | None] = ContextVar("streamnb_current", default=None)


def current_capture() -> Capture | None:
    """Return the capture that gets the response to what is sent now; ``None`` where the SDK gets it."""
    return _current.get()


def read_response(start: Callable[[], None], put: Sink) -> None:
    """Have ``start`` send a request, and put each event of it; returns when the body has ended."""
    capture = Capture(put)
    try:
        with capture_response(capture):
            start()
        if capture.response is not None:
            with contextlib.closing(capture.response):
                _read_body(capture, capture.response)
        capture.put_end()
    except Exception as error:  # whatever an SDK or the network raises becomes one of our faults
        capture.put_end(fault_from_exception(error, capture.url))


def _read_body(capture: Capture, response: httpx2.Response) -> None:
    for data in response.iter_raw():
        for pause in capture.put_data(data):
            _sleep_while_behind(pause, capture)
            if capture.is_cancelled():  # a server that never pauses would not notice the hang-up
                return
        if capture.has_ended:
            return


def _sleep_while_behind(seconds: float, capture: Capture) -> None:
    """Sleep in short steps while the reader catches up; return at once where it has given up."""
    until = time.perf_counter() + seconds
    while (remaining_s := until - time.perf_counter()) > 0 and not capture.is_cancelled():
        time.sleep(min(remaining_s, 0.02))


async def aread_response(start: Callable[[], Awaitable[None]], put: Sink) -> None:
    """Do the same on the asynchronous surface; cancelled, it closes the connection."""
    capture = Capture(put)
    try:
        try:
            with capture_response(capture):
                await start()
            if capture.response is not None:
                await _aread_body(capture, capture.response)
        finally:
            if capture.response is not None:
                await capture.response.aclose()
        capture.put_end()
    except asyncio.CancelledError:
        capture.put_end()
        raise
    except Exception as error:  # whatever an SDK or the network raises becomes one of our faults
        capture.put_end(fault_from_exception(error, capture.url))


async def _aread_body(capture: Capture, response: httpx2.Response) -> None:
    last_rest = last_block = time.perf_counter()
    async for data in response.aiter_raw():
        if (now := time.perf_counter()) - last_block > MIN_WAIT_S:
            last_rest = now
        for pause in capture.put_data(data):
            # A body that is always there already would never let the loop's other tasks run.
            if pause or time.perf_counter() - last_rest > MAX_READ_WITHOUT_YIELD_S:
                await asyncio.sleep(pause)
                last_rest = time.perf_counter()
        if capture.has_ended:
            return
        last_block = time.perf_counter()


@contextlib.contextmanager
def capture_response(capture: Capture) -> Iterator[None]:
    """Give the response to a request that is sent within to ``capture``."""
    token = _current.set(capture)
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def without_capture() -> Iterator[None]:
    """Let the SDK have its responses within, for what is sent before the request: an upload."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)
