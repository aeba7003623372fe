"""The IPython extension: ``%%stream`` and ``%stream``.  Only this folder imports IPython.core.

``magics`` the magics themselves · ``state`` the defaults · ``cell_transform`` a ``%%stream`` cell becomes an
awaited call · ``dispatch``, ``prepare``, ``cell_run`` line and cell -> a stream -> the variable ·
``cell_errors`` how a cell ends in one line · ``commands`` ``%stream …`` · ``completion`` Tab · ``compat``
what of IPython is private.  Here: what loading adds to IPython, and unloading takes away again.  The first
three are imported with it, the others when they are needed.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import cast

from IPython.core.completer import CompletionContext, SimpleMatcherResult, completion_matcher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import TraitError

from ..request.environment import load_nearest_dotenv
from ..streaming import session
from . import compat
from .background_imports import BackgroundImports
from .cell_history import CellHistory
from .cell_transform import AwaitStreamTransformer
from .magics import StreamMagics
from .page_opener import PageOpener

__all__ = ["StreamMagics", "load", "unload"]

FIRST_STREAM_MODULES = (
    "streamnb.magic.dispatch",
    "streamnb.views.widget",
    "streamnb.providers.openai_chat",
    "streamnb.providers.http_client",
    "streamnb.storage.recorders",
    "streamnb.core.cost",
)
"""Our own modules that the first stream needs: a thread imports them after loading."""


def load(shell: InteractiveShell) -> None:
    """Add the magics, the transformer and the completions to ``shell``."""
    unload(shell)  # loaded twice is loaded once
    if line := load_nearest_dotenv():
        print(line)
    _drop_refused_defaults(shell)
    magics = StreamMagics(shell=shell)
    shell.register_magics(magics)
    compat.add_transformer(shell, AwaitStreamTransformer(shell))
    magics.matcher = _make_matcher(magics)
    compat.add_matcher(shell, magics.matcher)
    session.current_session().traffic_log.keep = True  # so that an answer can be looked into afterwards
    magics.history = CellHistory(shell)
    magics.history.start()
    atexit.register(magics.stop_background_streams)
    magics.background_imports = BackgroundImports(FIRST_STREAM_MODULES, magics.default_model)
    magics.page_opener = PageOpener(shell, magics.plans)


def unload(shell: InteractiveShell) -> None:
    """Take away what ``load`` added, and end what runs."""
    magics = compat.remove_magics(shell, StreamMagics.__name__, "stream")
    if magics is None:
        return
    if magics.background_imports is not None:
        magics.background_imports.stop()
    if magics.page_opener is not None:
        magics.page_opener.close()
    if magics.history is not None:
        magics.history.stop()
    magics.stop_background_streams()
    atexit.unregister(magics.stop_background_streams)
    compat.remove_transformers(shell, AwaitStreamTransformer)
    compat.remove_matcher(shell, magics.matcher)
    session.close_session()


def _drop_refused_defaults(shell: InteractiveShell) -> None:
    """Take refused defaults out of IPython's configuration, where ``%config`` leaves them.

    They would be refused again here, and there would be no magic at all.
    """
    section = shell.config.get(StreamMagics.__name__, {})
    values = dict(section)
    section.clear()
    probe = StreamMagics(shell=shell)
    compat.remove_configurable(shell, probe)
    for name, value in values.items():
        try:
            setattr(probe, name, value)
        except TraitError as error:
            print(f"StreamMagics.{name} keeps its default: {error}")
        else:
            section[name] = value


def _make_matcher(magics: StreamMagics) -> Callable[[CompletionContext], SimpleMatcherResult]:
    @completion_matcher(identifier="streamnb", api_version=2)  # type: ignore[untyped-decorator]
    def matcher(context: CompletionContext) -> SimpleMatcherResult:
        from .completion import complete

        return complete(magics, context)

    return cast(Callable[[CompletionContext], SimpleMatcherResult], matcher)
