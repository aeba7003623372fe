"""One output of a cell: put there once, replaced as often as needed, by its display id."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from IPython.display import DisplayHandle

from .snapshot import Bundle

__all__ = ["Outlet"]


class Outlet:
    """An output that whoever holds it can replace, from any cell and any thread."""

    def __init__(self) -> None:
        self._handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]  # IPython's has no types

    def appear(self, bundle: Bundle) -> None:
        """Make the output in the cell that runs now."""
        self._handle.display(bundle.data, raw=True, metadata=bundle.metadata)

    def replace(self, bundle: Bundle) -> None:
        """Put something else in its place."""
        # In the name of the cell that runs now, whichever that is: a runner of notebooks hears no other.
        Context().run(self._handle.update, bundle.data, raw=True, metadata=bundle.metadata)
