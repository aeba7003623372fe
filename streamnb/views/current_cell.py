"""The id and run number of the notebook cell that is running.

A page names its cell in every request, a runner of notebooks and a terminal do not; there a
conversation simply goes on.
"""

from __future__ import annotations

from ..core.conversation import CellRunId
from .choose import current_shell

__all__ = ["current_cell"]


def current_cell() -> CellRunId:
    """Return the id of the running cell and of this run of it, as the kernel knows them."""
    where = current_shell()
    if where is None or not hasattr(where, "get_parent"):
        return CellRunId()
    parent = where.get_parent() or {}
    return CellRunId(parent.get("metadata", {}).get("cellId"), parent.get("header", {}).get("msg_id"))
