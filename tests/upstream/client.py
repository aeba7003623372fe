"""How streamnb is led to the test provider: keywords, marks for every way there, what was promised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from streamnb.api import stream

from .server import Upstream
from .words import Dialect

__all__ = ["BACK", "BOTH", "BUSY", "EACH", "GONE", "MODELS", "address", "has_sent", "to", "warm_up"]

GONE = 0.2  # seconds until the server has seen it: the promise
BACK = 0.1  # seconds until the prompt is back: the promise
BUSY = 3  # a single run may take this many times longer, for the machine may be busy; a median may not

MODELS: dict[Dialect, str] = {
    "chat": "openai:test-model",
    "responses": "openai-responses:test-model",
    "gemini": "gemini:test-model",
}


EACH = pytest.mark.parametrize("dialect", MODELS)
BOTH = pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])


def address(server: Upstream, dialect: Dialect) -> str:
    """The base URL for this dialect."""
    return server.gemini_url if dialect == "gemini" else server.openai_url


def to(server: Upstream, dialect: Dialect, sync: bool = False) -> dict[str, Any]:
    """The keywords that lead to this server."""
    return {"model": MODELS[dialect], "base_url": address(server, dialect), "sync": sync}


def has_sent(pieces: int) -> Callable[[Upstream], bool]:
    """Whether more than this many pieces of bodies have gone out, for ``wait_until``."""
    return lambda server: len(server.sent) > pieces


def warm_up() -> None:
    """Have the SDKs imported and their types built, which takes seconds and is nobody's fault."""
    for dialect in MODELS:
        for sync in (False, True):
            with Upstream() as server:
                stream("hello", **to(server, dialect, sync), display=False)
