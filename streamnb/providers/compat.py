"""What is used of other libraries beside their public interfaces; a canary test watches over each.

- google-genai: the name of its logger, and how its warning about two keys begins.
- httpcore2, under httpx2: the names of its trace events, and the stream that two of them hand over.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

__all__ = ["TLS_ENDED", "TLS_STARTED", "connected_stream", "import_whole_httpx", "without_key_warning"]

TLS_STARTED = "connection.start_tls.started"
TLS_ENDED = frozenset({"connection.start_tls.complete", "connection.start_tls.failed"})
_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})


def connected_stream(event: str, info: Mapping[str, Any]) -> Any:
    """Return the network stream of a connection that has just been made, ``None`` for any other event."""
    return info["return_value"] if event in _CONNECTED else None


def import_whole_httpx() -> None:
    """Import httpx, where it is installed, before openai may see half of it.

    openai looks into ``sys.modules`` for httpx with every request, and takes what another thread (a warm-up,
    google-genai in the next column) is still importing.
    """
    with contextlib.suppress(ImportError):
        import_module("httpx")


@contextlib.contextmanager
def without_key_warning() -> Iterator[None]:
    """Keep google-genai from writing into the cell that it found two keys: which is sent is settled."""
    log = logging.getLogger("google_genai._api_client")
    log.addFilter(_is_no_key_warning)
    try:
        yield
    finally:
        log.removeFilter(_is_no_key_warning)


def _is_no_key_warning(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith("Both GOOGLE_API_KEY and GEMINI_API_KEY")
