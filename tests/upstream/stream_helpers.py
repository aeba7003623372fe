"""Keywords, parametrizations and time limits of tests that stream from the test provider."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamnb.api import stream

from .messages import Dialect
from .server import Upstream

__all__ = [
    "BUSY_MACHINE_FACTOR",
    "EACH_DIALECT",
    "HANG_UP_LIMIT_S",
    "MODELS",
    "PROMPT_BACK_LIMIT_S",
    "SYNC_AND_ASYNC",
    "base_url_for",
    "has_sent_pieces",
    "stream_keywords",
    "warm_up_sdks",
]

HANG_UP_LIMIT_S = 0.2  # seconds until the server has seen it: the promise
PROMPT_BACK_LIMIT_S = 0.1  # seconds until the prompt is back: the promise
BUSY_MACHINE_FACTOR = (
    3  # a single run may take this many times longer, for the machine may be busy; a median may not
)

MODELS: dict[Dialect, str] = {
    "chat": "openai:test-model",
    "responses": "openai-responses:test-model",
    "gemini": "gemini:test-model",
}


EACH_DIALECT = pytest.mark.parametrize("dialect", MODELS)
SYNC_AND_ASYNC = pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])


def base_url_for(server: Upstream, dialect: Dialect) -> str:
    """Return the base URL for this dialect."""
    return server.gemini_url if dialect == "gemini" else server.openai_url


def stream_keywords(server: Upstream, dialect: Dialect, sync: bool = False) -> dict[str, Any]:
    """Return the keywords with which ``stream`` asks this server."""
    return {"model": MODELS[dialect], "base_url": base_url_for(server, dialect), "sync": sync}


def has_sent_pieces(pieces: int) -> Callable[[Upstream], bool]:
    """Whether more than this many pieces of bodies have gone out, for ``wait_until``."""
    return lambda server: len(server.sent) > pieces


def warm_up_sdks() -> None:
    """Stream once in every way, so that no test waits for the SDKs' import."""
    for dialect in MODELS:
        for sync in (False, True):
            with Upstream() as server:
                stream("hello", **stream_keywords(server, dialect, sync), display=False)
