"""The one place with state of the process: a loop thread, clients, and what is running.

Everything is made on first use and found by process id, so that a forked child makes its own.
The asynchronous surface of every SDK runs on one background loop; a synchronous stream has a
thread, and a client that it has to itself while it runs.  Clients live on between streams, and
with them their connections.  ``close`` ends it all, at exit and on unload.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..core.conversation import Chat, ChatEntry
from ..core.wire_events import Sink, Source
from ..providers.base import Endpoint, ModelEndpoint, Request
from ..storage.traffic_log import TrafficLog
from .spending import Spending
from .uploads import Uploads

if TYPE_CHECKING:
    from ..providers import http_client

__all__ = ["Session", "close", "guard", "session"]

CLOSE_TIMEOUT_S = 1.0  # for connections that are closed in order; then the process goes on


class Session:
    """Clients and their threads; one a process.

    Attributes
    ----------
    chats
        The conversations, by name; a dict to read and change.
    ledger
        What was spent so far.
    reels
        The traffic of the last streams, where it is kept.
    uploads
        The attachments that lie at their providers already.
    """

    def __init__(self) -> None:
        self.chats: dict[str, Chat] = {}
        self.spending = Spending()
        self.traffic_log = TrafficLog()
        self.uploads = Uploads()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._shared: dict[Endpoint, _Shared] = {}  # asynchronous clients, for any number of streams
        self._idle: dict[Endpoint, list[_Leased]] = {}  # synchronous ones, for one stream at a time
        self._sources: weakref.WeakSet[_AsyncSource | _SyncSource] = weakref.WeakSet()
        self._prepared = self._closed = False

    def chat(self, name: str) -> Chat:
        """Return the conversation of a name; a new one is listed once something was said in it."""
        return self.chats.get(name) or Chat(name)

    def add_to_chat(self, chat: Chat, said: ChatEntry) -> int:
        """Add to a conversation; return how many later exchanges that sets aside."""
        return self.chats.setdefault(chat.name, chat).add(said)

    def prepare(self) -> None:
        """Begin, once, what every connection needs and Python need not wait for: reading the certificates."""
        if not self._prepared:
            self._prepared = True
            threading.Thread(target=_read_certificates, name="streamnb certificates", daemon=True).start()

    def open(self, model: ModelEndpoint, request: Request, put: Sink, *, sync: bool) -> Source:
        """Start a request in the background; raises nothing, faults come as traffic."""
        put = self.uploads.watching(model.endpoint, request, put)
        source = self._open_sync(model, request, put) if sync else self._open_async(model, request, put)
        self._sources.add(source)
        return source

    def close(self) -> None:
        """Stop what runs, close the connections, end the loop."""
        self._closed = True
        for source in tuple(self._sources):
            source.stop()
        for leased in (leased for idle in self._idle.values() for leased in idle):
            leased.http.close()
        self._idle.clear()
        if self._loop is not None and self._thread is not None:
            ending = asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop)
            with contextlib.suppress(TimeoutError):  # a server that does not answer must not keep us
                ending.result(CLOSE_TIMEOUT_S)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSE_TIMEOUT_S)

    async def _hang_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        for shared in self._shared.values():
            await shared.http.aclose()

    # -- the asynchronous surface: one loop, shared clients ---------------------------------

    def _open_async(self, model: ModelEndpoint, request: Request, put: Sink) -> _AsyncSource:
        ended = threading.Event()

        async def run() -> None:
            from ..providers import http_client

            async def start() -> None:
                # Importing an SDK and building its client take a second at worst: not on the loop.
                client = await asyncio.to_thread(self._shared_client, model)
                with http_client.without_capture():
                    named = await self.uploads.asend(model, client, request)
                await model.provider.asend(client, model.provider.request_kwargs(named, model.endpoint))

            try:
                await http_client.aread(start, put)
            finally:
                ended.set()

        return _AsyncSource(asyncio.run_coroutine_threadsafe(run(), self._running_loop()), ended)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._run_loop, name="streamnb", daemon=True)
                self._thread.start()
            return self._loop

    def _run_loop(self) -> None:
        assert self._loop is not None
        self._loop.run_forever()
        self._loop.close()

    def _shared_client(self, model: ModelEndpoint) -> Any:
        from ..providers import http_client

        with self._lock:
            shared = self._shared.get(model.endpoint)
        if shared is None:
            http = http_client.AsyncClient(guard(model.endpoint))
            made = _Shared(http, model.provider.client(model.endpoint, http, asynchronous=True))
            with self._lock:
                shared = self._shared.setdefault(model.endpoint, made)
        return shared.client

    # -- the synchronous surface: a thread and a leased client ------------------------------

    def _open_sync(self, model: ModelEndpoint, request: Request, put: Sink) -> _SyncSource:
        return _SyncSource(lambda lease: self._read_sync(model, request, put, lease))

    def _read_sync(
        self, model: ModelEndpoint, request: Request, put: Sink, lease: Callable[[_Leased], None]
    ) -> None:
        from ..providers import http_client

        leased: _Leased | None = None

        def start() -> None:
            nonlocal leased
            leased = lent = self._lease(model)
            lease(lent)
            with http_client.without_capture():
                named = self.uploads.send(model, lent.client, request, lambda: lent.http.hung_up)
            model.provider.send(lent.client, model.provider.request_kwargs(named, model.endpoint))

        http_client.read(start, put)
        if leased is not None:
            self._give_back(model.endpoint, leased)

    def _lease(self, model: ModelEndpoint) -> _Leased:
        from ..providers import http_client

        with self._lock:
            idle = self._idle.get(model.endpoint)
            if idle:
                return idle.pop()
        http = http_client.Client(guard(model.endpoint))
        return _Leased(http, model.provider.client(model.endpoint, http, asynchronous=False))

    def _give_back(self, endpoint: Endpoint, leased: _Leased) -> None:
        if leased.http.hung_up or self._closed:
            leased.http.close()
            return
        with self._lock:
            self._idle.setdefault(endpoint, []).append(leased)


class _Shared:
    """An asynchronous SDK client and the httpx2 client under it."""

    def __init__(self, http: http_client.AsyncClient, client: Any) -> None:
        self.http, self.client = http, client


class _Leased:
    """A synchronous SDK client and the httpx2 client under it."""

    def __init__(self, http: http_client.Client, client: Any) -> None:
        self.http, self.client = http, client


class _AsyncSource:
    """A reader on the loop; stopping cancels its task, which closes the connection."""

    def __init__(self, future: concurrent.futures.Future[None], ended: threading.Event) -> None:
        # A cancelled future counts as done at once, its task only when the connection is closed.
        self._future, self._ended = future, ended

    def stop(self) -> None:
        self._future.cancel()

    def join(self, seconds: float) -> None:
        self._ended.wait(seconds)


class _SyncSource:
    """A reader in a thread; stopping shuts its socket down, now or as soon as there is one."""

    def __init__(self, read: Callable[[Callable[[_Leased], None]], None]) -> None:
        self._stopped = False
        self._leased: _Leased | None = None
        self._thread = threading.Thread(target=read, args=(self._take,), name="streamnb read", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        if self._leased is not None and self._thread.is_alive():
            self._leased.http.abort()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _take(self, leased: _Leased) -> None:
        self._leased = leased
        if self._stopped:
            leased.http.abort()


def _read_certificates() -> None:
    from ..providers import http_client

    with contextlib.suppress(Exception):  # whoever connects will say what is wrong with them
        http_client.ssl_context()


def guard(endpoint: Endpoint) -> Any:
    """Return the hook that keeps from ``endpoint`` what an SDK would add from the environment."""
    from ..providers import http_client

    # Azure and Vertex may sign with credentials of their SDK; elsewhere no key means no key at all.
    bare = endpoint.key is None and endpoint.provider not in ("azure", "vertex")
    if endpoint.trusted:
        return http_client.strip_headers(bare=bare, unwanted=frozenset())
    custom = os.environ.get("OPENAI_CUSTOM_HEADERS", "").splitlines()
    names = {line.partition(":")[0].strip().lower() for line in custom if ":" in line}
    # The address's own key has the name that one of them may have; the client sees to those.
    names -= {"authorization", "api-key"}
    unwanted = frozenset(names | {"openai-organization", "openai-project"})
    return http_client.strip_headers(bare=bare, unwanted=unwanted)


_sessions: dict[int, Session] = {}


def session() -> Session:
    """Return this process's session."""
    mine = os.getpid()
    if mine not in _sessions:
        # A parent's session stays where it is: its loop does not run here, its sockets are not ours to close.
        _sessions[mine] = Session()
    return _sessions[mine]


@atexit.register
def close() -> None:
    """End this process's session; the next use makes a new one."""
    mine = _sessions.pop(os.getpid(), None)
    if mine is not None:
        mine.close()
