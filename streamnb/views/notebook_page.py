"""The kernel's connection to the notebook's page, which adds buttons to answers and inserts cells.

Each page that runs the widget (``widget_page``) says so, and when a person may have run a cell in it.  The
one that spoke last is asked; what it has not done goes to the next that speaks, for a page may be loaded
again, or closed.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from .widget_output import Channel

__all__ = ["CodeInsertion", "NotebookPage", "is_any_page_present"]

Loop = Any  # an event loop's call_later is all that is used
MAX_PAGES = 50  # pages of one notebook that are remembered
MAX_NAME_CHARACTERS = 100  # of a page's own name for itself
DETECTION_TIMEOUT_S = 10.0  # after which a page that has said nothing is taken for one without widgets


@dataclass(frozen=True, slots=True)
class CodeInsertion:
    """What a page is asked to put below a cell.

    Attributes
    ----------
    cell
        The id of the cell.
    text
        The code.
    line
        What the page writes below that cell instead, in the midst of a run.
    retry
        What to type to have it done after all.
    running
        How many other cells may be running: a stream in the background disturbs no single one.
    """

    cell: str
    text: str
    line: str
    retry: str
    running: int = 0


class NotebookPage:
    """The connection to the pages that show the kernel's notebook.

    Parameters
    ----------
    on_failure
        Is told in one line what no page could do.
    """

    def __init__(self, on_failure: Callable[[str], None]) -> None:
        self._on_failure = on_failure
        self._pages: list[str] = []  # the names of those that can put cells, the last to speak last
        self._pending: dict[int, CodeInsertion] = {}
        self._ids = itertools.count()
        self._lock = RLock()  # a stream in the background ends in a thread of its own
        self._widget: Channel | None = None
        self._notes: Mapping[str, Mapping[str, str | list[str]]] = {}
        self.may_come = False

    @property
    def is_present(self) -> bool:
        """Whether a page has said that it can put cells."""
        return bool(self._pages)

    @property
    def may_be_present(self) -> bool:
        """Whether a page can put cells, or may still say so."""
        return self.is_present or self.may_come

    def start_detection(self, loop: Loop) -> None:
        """Wait for a page to speak, for a while in which the kernel's loop turns."""
        self.may_come = True
        # Twice, since a loop that was blocked runs this before it reads what has come meanwhile.
        loop.call_later(DETECTION_TIMEOUT_S, loop.call_later, DETECTION_TIMEOUT_S / 10, self._give_up_waiting)

    def open(self, widget: Channel) -> None:
        """Exchange messages with pages through a widget from now on."""
        self._widget = widget
        _open_pages.add(self)
        widget.on_msg(self._on_message)

    def insert_code(self, request: CodeInsertion) -> None:
        """Ask a page to insert code below a cell, at once or when one speaks."""
        with self._lock:
            id_ = next(self._ids)
            self._pending[id_] = request
            self._send_insertion(id_)

    def update_answer_notes(self, **notes: Mapping[str, str | list[str]]) -> None:
        """Send pages the notes that they show at answers, by the ids of cells.

        Parameters
        ----------
        notes
            ``aside``: why the turn of a cell is set aside; ``names``: its answers that a model can go on
            with, as a person types them.
        """
        with self._lock:
            if notes != self._notes:
                self._notes = notes
                self._send_notes()

    def close(self) -> None:
        """Close the connection: the pages forget it."""
        _open_pages.discard(self)
        if self._widget is not None:
            self._widget.close()

    def _send_insertion(self, id_: int) -> None:
        if self._pages and self._widget is not None:
            request = asdict(self._pending[id_])
            self._widget.send({"kind": "put", "page": self._pages[-1], "id": id_} | request)

    def _send_notes(self) -> None:
        if self._notes and self._widget is not None:
            self._widget.send({"kind": "notes", **self._notes})

    def _give_up_waiting(self) -> None:
        with self._lock:
            self.may_come = False
            for id_ in [] if self._pages else list(self._pending):
                self._report_failure(id_, "no page of JupyterLab or Notebook 7 answers")

    def _report_failure(self, id_: int, reason: str) -> None:
        request = self._pending.pop(id_)
        self._on_failure(f"{reason}, so nothing was inserted; to have the code here: {request.retry}")

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        with self._lock:
            match message:
                case {"kind": "here", "page": str(page), "works": True} if len(page) <= MAX_NAME_CHARACTERS:
                    # Once each, and not without end: whatever speaks here, a replayed message counts once.
                    self._pages = [*(name for name in self._pages if name != page), page][-MAX_PAGES:]
                    self._send_notes()
                    for id_ in self._pending:
                        self._send_insertion(id_)
                case {"kind": "here"}:
                    self._give_up_waiting()
                case {"kind": "used", "page": str(page)} if page in self._pages:
                    self._pages.sort(key=lambda name: name == page)  # it becomes the last to speak
                case {"kind": "left", "page": str(page)} if page in self._pages:
                    self._pages.remove(page)
                case {"kind": "put", "id": int(id_), "result": str(result)} if id_ in self._pending:
                    if result == "deleted":
                        self._report_failure(id_, "the cell that asked for code was deleted")
                    elif result == "failed":
                        self._report_failure(id_, "this page could not put a cell")
                    else:
                        del self._pending[id_]
                case _:  # not a word of ours: a page can say anything
                    pass


_open_pages: WeakSet[NotebookPage] = WeakSet()


def is_any_page_present() -> bool:
    """Say whether a page runs the extension's own widget, and so has the code of all others."""
    return any(page.is_present for page in _open_pages)
