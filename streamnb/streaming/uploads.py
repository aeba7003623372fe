"""Attachments too large for a request: sent to the provider ahead of it, and named by address in it.

``Uploads`` sends what a request needs and is not there yet, waits until the provider has read it, and returns
the request with addresses in the attachments' places.  It remembers those, so that the next turn of a
conversation, a retry or a neighbour side by side sends nothing twice.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..core.content import Link, Part, Upload
from ..core.errors import UsageError
from ..core.text import sanitize_line
from ..core.wire_events import ResponseHead, Sink, WireEvent
from ..providers.base import Endpoint, ProviderEndpoint, Request
from ..providers.file_uploader import FileUploader

__all__ = ["Uploads"]

MAX_AGE_S = 47 * 3600.0  # a provider keeps a file for two days; one hour is for the request
PROCESSING_TIMEOUT_S = 300.0  # that a provider may take to read one
FIRST_POLL_DELAY_S, MAX_POLL_DELAY_S = 0.25, 5.0  # seconds between two looks at how far it is
CANCEL_CHECK_INTERVAL_S = 0.1
GONE_STATUSES = (400, 403, 404)  # what a provider says of a file that it has no more


class Uploads:
    """Links of what lies at providers already, by endpoint and fingerprint of the content."""

    def __init__(self) -> None:
        # One at a time: several streams may want the same file.
        self._lock, self._async_lock = threading.Lock(), asyncio.Lock()
        self._links: dict[tuple[Endpoint, str], tuple[float, Link]] = {}

    def missing_uploads(self, endpoint: Endpoint, request: Request) -> list[Upload]:
        """Return what has to be sent ahead of ``request``, each once."""
        parts = (part for turn in request.turns for part in turn.parts)
        uploads = {part.fingerprint: part for part in parts if isinstance(part, Upload)}
        return [part for part in uploads.values() if self._known_link(endpoint, part) is None]

    def upload_and_link(
        self, model: ProviderEndpoint, client: Any, request: Request, is_cancelled: Callable[[], bool]
    ) -> Request:
        """Upload what is missing and return the request that names it.

        Parameters
        ----------
        model
            What is asked, and where.
        client
            The SDK's client.
        request
            What goes out, attachments included.
        is_cancelled
            Asked while it waits; true ends the waiting.

        Returns
        -------
        Request
            The request with the provider's names in place of the files.

        Raises
        ------
        UsageError
            A file could not be uploaded, or not be read at the other end.
        """
        if self.missing_uploads(model.endpoint, request):
            while not self._lock.acquire(timeout=CANCEL_CHECK_INTERVAL_S):
                _raise_if_cancelled(is_cancelled)
            try:
                for part in self.missing_uploads(model.endpoint, request):
                    self._store_link(
                        model.endpoint,
                        part,
                        _upload_and_wait(_uploader_of(model), client, part, is_cancelled),
                    )
            finally:
                self._lock.release()
        return self.with_known_links(model.endpoint, request)

    async def aupload_and_link(self, model: ProviderEndpoint, client: Any, request: Request) -> Request:
        """Do the same on the asynchronous surface, where a cancellation ends it.

        Parameters
        ----------
        model, client, request
            As for ``upload_and_link``.

        Returns
        -------
        Request
            The request with the provider's names in place of the files.
        """
        if self.missing_uploads(model.endpoint, request):
            async with self._async_lock:
                for part in self.missing_uploads(model.endpoint, request):
                    self._store_link(
                        model.endpoint, part, await _aupload_and_wait(_uploader_of(model), client, part)
                    )
        return self.with_known_links(model.endpoint, request)

    def sink_that_forgets_refused(self, endpoint: Endpoint, request: Request, put: Sink) -> Sink:
        """Return a sink that forgets the links of ``request`` when it is refused: a file may be gone.

        Parameters
        ----------
        endpoint
            Where the request goes.
        request
            What it names.
        put
            Takes its traffic.

        Returns
        -------
        Sink
            A sink that passes everything on to ``put``.
        """
        marks = [
            part.fingerprint for turn in request.turns for part in turn.parts if isinstance(part, Upload)
        ]

        def put_and_forget(message: WireEvent) -> float | None:
            if isinstance(message, ResponseHead) and message.status in GONE_STATUSES:
                for mark in marks:
                    self._links.pop((endpoint, mark), None)
            return put(message)

        return put_and_forget if marks else put

    def with_known_links(self, endpoint: Endpoint, request: Request) -> Request:
        """Return ``request`` with links in the place of attachments that are uploaded already."""

        def link_or_part(part: Part) -> Part:
            return (self._known_link(endpoint, part) or part) if isinstance(part, Upload) else part

        turns = tuple(replace(turn, parts=tuple(map(link_or_part, turn.parts))) for turn in request.turns)
        return replace(request, turns=turns)

    def _store_link(self, endpoint: Endpoint, part: Upload, link: Link) -> None:
        self._links[endpoint, part.fingerprint] = time.time(), link

    def _known_link(self, endpoint: Endpoint, part: Upload) -> Link | None:
        at, link = self._links.get((endpoint, part.fingerprint), (0.0, None))
        return link if time.time() - at < MAX_AGE_S else None


def _upload_and_wait(
    uploader: FileUploader, client: Any, part: Upload, is_cancelled: Callable[[], bool]
) -> Link:
    stored = uploader.upload(client, part)
    for pause in _poll_delays(part):
        if stored.is_ready:
            break
        until = time.monotonic() + pause
        while time.monotonic() < until:
            _raise_if_cancelled(is_cancelled)
            time.sleep(CANCEL_CHECK_INTERVAL_S)
        stored = uploader.poll(client, part, stored)
    return stored.link


async def _aupload_and_wait(uploader: FileUploader, client: Any, part: Upload) -> Link:
    stored = await uploader.aupload(client, part)
    for pause in _poll_delays(part):
        if stored.is_ready:
            break
        await asyncio.sleep(pause)
        stored = await uploader.apoll(client, part, stored)
    return stored.link


def _uploader_of(model: ProviderEndpoint) -> FileUploader:
    assert isinstance(model.provider, FileUploader)  # any other has refused the part when the plan was made
    return model.provider


def _poll_delays(part: Upload) -> Iterator[float]:
    """Yield how long to wait before each look; raise when that has been long enough."""
    pause, until = FIRST_POLL_DELAY_S, time.monotonic() + PROCESSING_TIMEOUT_S
    while time.monotonic() < until:
        yield pause
        pause = min(MAX_POLL_DELAY_S, 1.5 * pause)
    why = f"the provider has not read it within {PROCESSING_TIMEOUT_S:g} s; ask again"
    raise UsageError(sanitize_line(f"{part} was uploaded, but {why}"))


def _raise_if_cancelled(is_cancelled: Callable[[], bool]) -> None:
    if is_cancelled():
        raise UsageError("the upload was stopped")
