"""An output that is replaced from a thread while the notebook's cells come and go."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.display import DisplayHandle

from streamnb.render.snapshot import MimeBundle
from streamnb.views import output
from streamnb.views.output import Output

LAST = MimeBundle({"text/plain": "all"}, {})


class Events:
    """What IPython calls when a cell begins."""

    def __init__(self) -> None:
        self.callbacks: list[Callable[[object], None]] = []

    def register(self, _event: str, callback: Callable[[object], None]) -> None:
        self.callbacks.append(callback)

    def unregister(self, _event: str, callback: Callable[[object], None]) -> None:
        self.callbacks.remove(callback)

    def begin_cell(self) -> None:
        for callback in self.callbacks[:]:
            callback(None)


def test_the_last_cell_may_begin_while_an_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens between two cells, so the cell that begins then, and may be the last, sends it again."""
    events, heard = Events(), list[str]()
    monkeypatch.setattr(output, "get_ipython", lambda: SimpleNamespace(events=events))

    def update(_handle: object, data: dict[str, Any], **_: object) -> None:
        if not begun:  # sent in the name of the cell before, of which nobody takes it; then the next begins
            begun.append(True)
            events.begin_cell()
        else:
            heard.append(data["text/plain"])

    begun: list[bool] = []
    monkeypatch.setattr(DisplayHandle, "update", update)
    thread = Thread(target=Output(follows=True).finalize, args=[LAST])
    thread.start()
    thread.join()
    assert heard == ["all"]
    assert events.callbacks == []
