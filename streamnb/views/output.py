"""One output of a cell: displayed once, then updated by its display id."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import Context, copy_context
from functools import partial
from threading import current_thread, main_thread
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle

from ..render.snapshot import MimeBundle

__all__ = ["Output"]


class Output:
    """An output that whoever holds it can replace, from any cell and any thread.

    Parameters
    ----------
    follows
        Whether it is replaced in the name of the cell that runs then: a runner of notebooks listens to no
        other, while a page finds the output by its display id, whoever speaks.
    collector
        What collects the displays of the cell (``%%capture``): it gets what is shown, however late.
    """

    def __init__(self, *, follows: bool = False, collector: Any = None) -> None:
        self._follows = follows
        self._collector = collector
        self._handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's has no types

    def show(self, bundle: MimeBundle) -> None:
        """Show the bundle as an output of the cell that runs now."""
        if self._collector is not None:
            self._collector.publish(bundle.data, bundle.metadata)
            return
        self._handle.display(bundle.data, raw=True, metadata=bundle.metadata)

    def update(self, bundle: MimeBundle) -> None:
        """Replace the output."""
        update = partial(self._handle.update, bundle.data, raw=True, metadata=bundle.metadata)
        if self._follows:
            # A context of its own is that of no cell; the kernel then names the one that runs.
            with suppress(LookupError):  # ipykernel 7.0 knows of none outside of a cell
                Context().run(update)
                return
        copy_context().run(update)

    def finalize(self, bundle: MimeBundle) -> None:
        """Replace the output for the last time."""
        if self._follows and current_thread() is not main_thread():
            # It may come between two cells, when nobody listens: once more with the next one. Registered
            # first, for that one may begin, and be the last, while this is sent.
            _call_in_next_cell(lambda: self.update(bundle))
        self.update(bundle)


def _call_in_next_cell(do: Callable[[], None]) -> None:
    """Call ``do`` once, in the name of the next cell."""
    events = get_ipython().events

    def once(_cell: object) -> None:
        events.unregister("pre_run_cell", once)
        do()

    events.register("pre_run_cell", once)
