"""Opening the widget that gives a notebook's answers their buttons, once a page has run a cell.

Not while the extension loads, which should not wait for widgets.  And not without a page: nbclient
would save the widget's state in the notebook that it writes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from importlib.util import find_spec
from threading import Thread
from typing import TYPE_CHECKING, Any

from ..streaming.session import current_session
from ..views.notebook_page import NotebookPage

if TYPE_CHECKING:
    from ..streaming.plan import Plan

__all__ = ["PageOpener"]

SUPERSEDED_NOTE = (
    "an earlier turn of the conversation {} was asked again; run this cell again to go on from there"
)


class PageOpener:
    """Opens ``page`` after the first cell that a page runs; ``plans`` are those of answers, by variable."""

    def __init__(self, shell: Any, plans: Mapping[str, Plan]) -> None:
        self._shell = shell
        self._plans = plans
        self.page = NotebookPage(self._print_in_next_cell)
        self._register_event("post_run_cell", self._open_when_page_present)
        self._register_event("post_run_cell", self._send_answer_notes)

    def close(self) -> None:
        """Close the widget, or never open it."""
        self._unregister_event("post_run_cell", self._open_when_page_present)
        self._unregister_event("post_run_cell", self._send_answer_notes)
        self.page.close()

    def _register_event(self, event: str, do: Callable[[object], None]) -> None:
        self._shell.events.register(event, do)

    def _unregister_event(self, event: str, do: Callable[[object], None]) -> None:
        with suppress(ValueError):  # it has happened
            self._shell.events.unregister(event, do)

    def _open_when_page_present(self, _result: object) -> None:
        from ..views.choose import is_page  # here: loading is light

        if not hasattr(self._shell, "kernel") or not is_page(self._shell):
            return
        self._unregister_event("post_run_cell", self._open_when_page_present)
        if find_spec("anywidget") is not None:
            self.page.start_detection(asyncio.get_running_loop())
            Thread(target=copy_context().run, args=[self._open_page], daemon=True).start()

    def _open_page(self) -> None:
        from ..views.widget_page import PageWidget  # here: it imports anywidget, which takes a while

        self.page.open(PageWidget())

    def _send_answer_notes(self, _result: object) -> None:
        """Send pages the cells whose turn was superseded, and the answers that can be continued."""
        chats = current_session().chats.values()
        aside = {
            cell: SUPERSEDED_NOTE.format(chat.name) for chat in chats for cell in chat.superseded_cells()
        }
        names: dict[str, list[str]] = {}
        for name, plan in self._plans.items():
            cell = plan.extras.cell_run_id.cell
            if cell is not None and plan.model is not None:  # out of a recording nothing more comes
                names.setdefault(cell, []).append(name)
        self.page.update_answer_notes(aside=aside, names=names)

    def _print_in_next_cell(self, line: str) -> None:
        """Print a line in the next cell's output, since the cell that it is about was deleted."""

        def print_line(_info: object) -> None:
            self._unregister_event("pre_run_cell", print_line)
            print(line)

        self._register_event("pre_run_cell", print_line)
