"""Where in a notebook something is asked: which run of which cell.

A page names its cell in every request, a runner of notebooks and a terminal do not; there a
conversation simply goes on.
"""

from __future__ import annotations

from ..chats import Place
from ..display.choose import shell

__all__ = ["here"]


def here() -> Place:
    """Return the cell that is running and this run of it, as the kernel was told of them."""
    where = shell()
    if where is None or not hasattr(where, "get_parent"):
        return Place()
    parent = where.get_parent() or {}
    return Place(parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id"))
