"""State of the process, all of it: a loop thread, clients, and what is running.

Everything is made on first use and found by process id, so that a forked child makes its own.
The asynchronous surface of every SDK runs on one background loop; a synchronous stream has a
thread.  The clients are ``clients``'.  ``close`` ends it all, at exit and on unload.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import contextlib
import contextvars
import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.conversation import Chat, ChatExchange
from ..core.wire_events import Sink, Source
from ..providers.base import ProviderEndpoint, Request
from .clients import ClientPool, LeasedClient
from .spending import Spending
from .uploads import Uploads

if TYPE_CHECKING:
    from ..storage.log import LogWriter
    from ..storage.traffic_log import TrafficLog

__all__ = ["Session", "close_session", "current_session"]

CLOSE_TIMEOUT_S = 1.0  # for connections that are closed in order; then the process goes on


class Session:
    """Clients and their threads; one a process.

    Attributes
    ----------
    chats
        The conversations, by name; a dict to read and change.
    spending
        What was spent so far.
    log
        Writes prompts and answers into a file, ``None`` where nobody asked for that.
    uploads
        The attachments that lie at their providers already.
    """

    def __init__(self) -> None:
        self.chats: dict[str, Chat] = {}
        self.spending = Spending()
        self._traffic_log: TrafficLog | None = None
        self.log: LogWriter | None = None
        self.uploads = Uploads()
        self._clients = ClientPool()
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._sources: weakref.WeakSet[_AsyncSource | _SyncSource] = weakref.WeakSet()
        self._prepared = False

    @property
    def traffic_log(self) -> TrafficLog:
        """The traffic of the last streams, where it is kept; made when it is first asked for."""
        if self._traffic_log is None:
            from ..storage.traffic_log import TrafficLog

            self._traffic_log = TrafficLog()
        return self._traffic_log

    @property
    def keeps_traffic(self) -> bool:
        """Whether the traffic of streams is kept."""
        return self._traffic_log is not None and self._traffic_log.keep

    def get_chat(self, name: str) -> Chat:
        """Return the conversation of a name; a new one is listed once something was said in it."""
        return self.chats.get(name) or Chat(name)

    def add_to_chat(self, chat: Chat, entry: ChatExchange) -> int:
        """Add to a conversation; return how many later exchanges that sets aside."""
        return self.chats.setdefault(chat.name, chat).add(entry)

    def preload_certificates(self) -> None:
        """Read the TLS certificates in a thread, once, before the first connection needs them."""
        if not self._prepared:
            self._prepared = True
            threading.Thread(target=_load_certificates, name="streamnb certificates", daemon=True).start()

    def start_request(self, model: ProviderEndpoint, request: Request, put: Sink, *, sync: bool) -> Source:
        """Start a request in the background; raises nothing, faults come as traffic.

        Parameters
        ----------
        model
            What is asked, and where.
        request
            What goes out.
        put
            Takes the traffic, in the thread or on the loop that reads; it says how long to wait.
        sync
            Whether the SDK's synchronous client is used, in a thread.

        Returns
        -------
        Source
            The request that is under way; its ``stop`` closes the connection.
        """
        put = self.uploads.sink_that_forgets_refused(model.endpoint, request, put)
        source = (
            _SyncSource(lambda lend: self._read_sync(model, request, put, lend))
            if sync
            else self._start_async(model, request, put)
        )
        self._sources.add(source)
        return source

    def close(self) -> None:
        """Stop what runs, close the connections, end the loop."""
        for source in tuple(self._sources):
            source.stop()
        self._clients.close()
        if self.log is not None:
            self.log.close()
        if self._loop is not None and self._thread is not None:
            ending = asyncio.run_coroutine_threadsafe(self._aclose_connections(), self._loop)
            with contextlib.suppress(TimeoutError):  # a server that does not answer must not keep us
                ending.result(CLOSE_TIMEOUT_S)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSE_TIMEOUT_S)

    async def _aclose_connections(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
        await self._clients.aclose()

    # -- the asynchronous surface: one loop, shared clients ---------------------------------

    def _start_async(self, model: ProviderEndpoint, request: Request, put: Sink) -> _AsyncSource:
        ended = threading.Event()

        async def run() -> None:
            from ..providers import http_capture

            async def start() -> None:
                client = self._clients.existing_client(model)
                if client is None:
                    # Importing an SDK and building its client take a second at worst: not on the loop.
                    client = await asyncio.to_thread(self._clients.shared_client, model)
                with http_capture.without_capture():
                    request_with_links = await self.uploads.aupload_and_link(model, client, request)
                await model.provider.asend(
                    client, model.provider.request_kwargs(request_with_links, model.endpoint)
                )

            try:
                await http_capture.aread_response(start, put)
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

    # -- the synchronous surface: a thread and a leased client ------------------------------

    def _read_sync(
        self, model: ProviderEndpoint, request: Request, put: Sink, lend: Callable[[LeasedClient], None]
    ) -> None:
        from ..providers import http_capture

        leased: LeasedClient | None = None

        def start() -> None:
            nonlocal leased
            leased = lent = self._clients.lease_client(model)
            lend(lent)
            with http_capture.without_capture():
                request_with_links = self.uploads.upload_and_link(
                    model, lent.client, request, lambda: lent.http.is_aborted
                )
            model.provider.send(
                lent.client, model.provider.request_kwargs(request_with_links, model.endpoint)
            )

        http_capture.read_response(start, put)
        if leased is not None:
            self._clients.return_client(model.endpoint, leased)


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

    def __init__(self, read: Callable[[Callable[[LeasedClient], None]], None]) -> None:
        self._stopped = False
        self._leased: LeasedClient | None = None
        context = contextvars.copy_context()  # a thread begins without the one it was started in
        self._thread = threading.Thread(
            target=context.run, args=(read, self._set_client), name="streamnb read", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stopped = True
        if self._leased is not None and self._thread.is_alive():
            self._leased.http.abort()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _set_client(self, leased: LeasedClient) -> None:
        self._leased = leased
        if self._stopped:
            leased.http.abort()


def _load_certificates() -> None:
    from ..providers import http_client

    with contextlib.suppress(Exception):  # whoever connects will say what is wrong with them
        http_client.ssl_context()


_sessions: dict[int, Session] = {}


def current_session() -> Session:
    """Return this process's session."""
    mine = os.getpid()
    if mine not in _sessions:
        # A parent's session stays where it is: its loop does not run here, its sockets are not ours to close.
        _sessions[mine] = Session()
    return _sessions[mine]


@atexit.register
def close_session() -> None:
    """End this process's session; the next use makes a new one."""
    mine = _sessions.pop(os.getpid(), None)
    if mine is not None:
        mine.close()
