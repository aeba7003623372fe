"""The notebook's door: ``%%stream`` and ``%stream``.  Only this folder knows IPython.core.

``magics`` the defaults, and the way in · ``transform`` a cell that begins with ``%%stream`` becomes
an awaited call · ``cells`` line and cell -> a stream -> the variable · ``endings`` how a cell ends in
one line · ``admin`` ``%stream …`` · ``completion`` Tab.  Here: what loading adds to IPython, and
unloading takes away again.  The first two are imported with it, the others when they are needed.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import cast

from IPython.core.completer import CompletionContext, SimpleMatcherResult, completion_matcher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import TraitError

from ..request.environment import read_dotenv
from ..streaming import session
from .cell_transform import AwaitStream
from .magics import StreamMagics
from .warmup import Warmup

__all__ = ["StreamMagics", "load", "unload"]

NEEDED_SOON = ("streamnb.magic.cells", "streamnb.views.widget", "streamnb.providers.http_client")
"""What the first stream imports of ours, and so the warm-up before it."""


def load(shell: InteractiveShell) -> None:
    """Add the magics, the transformer and the completions to ``shell``."""
    unload(shell)  # loaded twice is loaded once
    if used := read_dotenv():
        print(used)
    _drop_what_does_not_fit(shell)
    magics = StreamMagics(shell=shell)
    shell.register_magics(magics)
    # First of all: a later transformer would already have stripped prompts and indentation.
    shell.input_transformers_cleanup.insert(0, AwaitStream(shell))
    if shell.Completer is not None:
        magics.matcher = _matcher_for(magics)
        shell.Completer.custom_matchers.append(magics.matcher)
    session.session().traffic_log.keep = True  # so that an answer can be looked into afterwards
    atexit.register(magics.stop_all)
    magics.warmup = Warmup(NEEDED_SOON, magics.default_model)


def unload(shell: InteractiveShell) -> None:
    """Take away what ``load`` added, and end what runs."""
    magics = shell.magics_manager.registry.pop(StreamMagics.__name__, None)
    if magics is None:
        return
    if magics.warmup is not None:
        magics.warmup.stop()
    magics.stop_all()
    atexit.unregister(magics.stop_all)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("stream", None)
    shell.configurables[:] = [each for each in shell.configurables if each is not magics]
    transformers = shell.input_transformers_cleanup
    transformers[:] = [each for each in transformers if not isinstance(each, AwaitStream)]
    if shell.Completer is not None:
        matchers = shell.Completer.custom_matchers
        matchers[:] = [each for each in matchers if each is not magics.matcher]
    session.close()


def _drop_what_does_not_fit(shell: InteractiveShell) -> None:
    """Take refused defaults out of IPython's configuration, where ``%config`` leaves them.

    They would be refused again here, and there would be no magic at all.
    """
    section = shell.config.get(StreamMagics.__name__, {})
    wanted = dict(section)
    section.clear()
    probe = StreamMagics(shell=shell)
    shell.configurables[:] = [each for each in shell.configurables if each is not cast(object, probe)]
    for name, value in wanted.items():
        try:
            setattr(probe, name, value)
        except TraitError as error:
            print(f"StreamMagics.{name} keeps its default: {error}")
        else:
            section[name] = value


def _matcher_for(magics: StreamMagics) -> Callable[[CompletionContext], SimpleMatcherResult]:
    @completion_matcher(identifier="streamnb", api_version=2)  # type: ignore[untyped-decorator]
    def matcher(context: CompletionContext) -> SimpleMatcherResult:
        from .completion import complete

        return complete(magics, context)

    return cast(Callable[[CompletionContext], SimpleMatcherResult], matcher)
