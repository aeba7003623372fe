"""Keeping a result that a cell has shown live from being shown again as the value of its last line.

``stream("…")`` alone on the last line is shown while it comes, and is also what the cell returns.
"""

from __future__ import annotations

from typing import Any

from .choose import current_shell

__all__ = ["note_shown_result"]


def note_shown_result(result: Any) -> None:
    """Remember that the cell which runs now shows ``result``; in the next cell it is shown as ever.

    ``display(result)`` is asked for, and shows it in any cell.
    """
    if (shell := current_shell()) is None:
        return
    printers = shell.display_formatter.ipython_display_formatter.type_printers
    printer = printers.get(type(result))
    if printer is None or isinstance(printer, _ShownResultSuppressor):
        printers[type(result)] = _ShownResultSuppressor(shell, result)


class _ShownResultSuppressor:
    """IPython's printer of a type: it prints nothing of the one result, and leaves all others to IPython."""

    def __init__(self, shell: Any, result: Any) -> None:
        self._shell, self._result, self._cell = shell, result, _running_cell_id(shell)

    def __call__(self, value: Any) -> None:
        hook = self._shell.displayhook
        # A kernel's hook has a message while it shows a cell's value, IPython's own says that it is active.
        is_last_line = getattr(hook, "msg", None) is not None or hook.is_active
        if value is not self._result or not is_last_line or _running_cell_id(self._shell) != self._cell:
            raise NotImplementedError


def _running_cell_id(shell: Any) -> tuple[object, ...]:
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return (parent or {}).get("header", {}).get("msg_id"), shell.execution_count
