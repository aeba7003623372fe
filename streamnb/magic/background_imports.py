"""Imports ahead of time: after ``%load_ext`` a thread imports what the first stream will need.

Loading itself is quick because it imports little; the rest, and the SDK of the model that is asked by
default, come here, one module after the other with pauses between them, and the certificates.  Nothing is
connected, and nothing fails: what cannot be imported is left to the stream that needs it, which says why.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from importlib import import_module

from ..core.redaction import ENVIRON

__all__ = ["BackgroundImports"]

PAUSE_S = 0.05  # seconds before each import, in which the notebook has the interpreter for itself
STOP_TIMEOUT_S = 5.0  # seconds that whoever stops it waits for the import under way
LAST_MODULES = ("genai_prices",)  # a cost is told when the answer has ended
SDK_ON_HTTPX = "google.genai"


class BackgroundImports:
    """A thread that imports.

    Parameters
    ----------
    ours
        Modules of ours, the first to come.
    model
        Says, when it is time to know, what is asked by default.
    """

    def __init__(self, ours: Sequence[str], model: Callable[[], str]) -> None:
        self._ours = ours
        self._model = model
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._import_modules, name="streamnb warm-up", daemon=True)
        self._thread.start()
        mine = weakref.ref(self)

        def before_fork() -> None:
            # A child would inherit the lock of a module whose import nobody ends there.
            if (background_imports := mine()) is not None:
                background_imports.stop()

        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=before_fork)

    def stop(self) -> None:
        """End after the import under way; safe to call again, and from the thread itself."""
        self._stopped.set()
        if self._thread is not threading.current_thread():
            self._thread.join(STOP_TIMEOUT_S)

    def _import_modules(self) -> None:
        for name in self._ours:
            self._import_after_pause(name)
        with contextlib.suppress(Exception):  # a warm-up has nobody to complain to
            from ..providers.registry import sdk_modules

            for name in _put_httpx_first(sdk_modules(self._model(), ENVIRON)):
                self._import_after_pause(name)
        self._preload_certificates()
        for name in LAST_MODULES:
            self._import_after_pause(name)

    def _preload_certificates(self) -> None:
        if not self._stopped.is_set():
            from ..streaming.session import current_session  # not above: loading is light

            current_session().preload_certificates()

    def _import_after_pause(self, name: str) -> None:
        if not self._stopped.wait(PAUSE_S):
            with contextlib.suppress(Exception):  # the stream that needs it will say what is wrong with it
                import_module(name)


def _put_httpx_first(sdks: list[str]) -> list[str]:
    """Return the SDKs to import, httpx before them: a person's own request must not meet half of it.

    Such a request fails while a thread imports httpx (``providers.compat``).  Who has not begun to import
    openai sends none until long after httpx is whole; else google-genai is left to the stream that needs it.
    """
    if SDK_ON_HTTPX not in sdks:
        return sdks
    if "openai" in sys.modules and "httpx" not in sys.modules:
        return [name for name in sdks if name != SDK_ON_HTTPX]
    return ["httpx", *sdks]
