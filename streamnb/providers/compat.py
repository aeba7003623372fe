"""All uses of private interfaces of the SDKs and their transport; each has a canary test.

- google-genai: the name of its logger, and how its warning about two keys begins.
- httpcore2, under httpx2: the names of its trace events, and the stream that two of them hand over; that it
  reads and writes through that stream's own ``read`` and ``write``, which ``http_chunks`` replaces.
"""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from importlib import import_module
from typing import Any

__all__ = [
    "TLS_END_EVENTS",
    "TLS_START_EVENT",
    "assume_single_sdk",
    "import_whole_httpx",
    "stream_of_new_connection",
    "suppress_key_warning",
]

TLS_START_EVENT = "connection.start_tls.started"
TLS_END_EVENTS = frozenset({"connection.start_tls.complete", "connection.start_tls.failed"})
_CONNECT_EVENTS = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})

_is_single_sdk: ContextVar[bool] = ContextVar("streamnb_is_only_sdk", default=False)


def stream_of_new_connection(event: str, info: Mapping[str, Any]) -> Any:
    """Return the network stream of a connection that has just been made, ``None`` for any other event."""
    return info["return_value"] if event in _CONNECT_EVENTS else None


def import_whole_httpx() -> None:
    """Import httpx, where it is installed, before openai may see half of it; see ``assume_single_sdk``.

    openai looks into ``sys.modules`` for httpx with every request, and takes what another thread (a warm-up,
    google-genai in the next column) is still importing.
    """
    if _is_single_sdk.get() and "httpx" not in sys.modules:
        return
    with contextlib.suppress(ImportError):
        import_module("httpx")


@contextlib.contextmanager
def assume_single_sdk() -> Iterator[None]:
    """Leave out the import of httpx for streams opened within, during which no other SDK is imported.

    A command line that asks one model has its first text a twentieth of a second earlier.
    """
    token = _is_single_sdk.set(True)
    try:
        yield
    finally:
        _is_single_sdk.reset(token)


@contextlib.contextmanager
def suppress_key_warning() -> Iterator[None]:
    """Keep google-genai from writing into the cell that it found two keys: which is sent is settled."""
    log = logging.getLogger("google_genai._api_client")
    log.addFilter(_is_not_key_warning)
    try:
        yield
    finally:
        log.removeFilter(_is_not_key_warning)


def _is_not_key_warning(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Both GOOGLE_API_KEY and GEMINI_API_KEY")
