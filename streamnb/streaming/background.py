"""``BackgroundStream``: a stream that runs on after its cell (``--bg``), until its reply replaces it.

``BackgroundStream`` has a thread of its own, in a copy of the cell's context, so that what it prints
lands in the cell that started it.  Its output appears before that cell ends: a runner of notebooks, such as
nbclient, listens to no cell that has ended.  How a stream is run is ``runner``'s affair.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence

from ..core.errors import StreamInterrupted
from ..core.events import Event, TextDelta
from ..core.reply import Reply, ToolCall
from ..views.base import View

__all__ = ["BackgroundStream"]


class BackgroundStream:
    """A stream in the background, once ``start`` is called.

    Parameters
    ----------
    model
        As it was typed; for people.
    run
        Runs the stream with a view and returns its reply.
    view
        Where it is shown.
    on_end
        Called with the reply when the stream has ended, in the background thread.
    """

    def __init__(
        self, model: str, run: Callable[[View], Reply], view: View, on_end: Callable[[Reply], None]
    ) -> None:
        self.model = model
        self._observed_view = _ObservedView(view)
        self._ended = threading.Event()
        self._reply: Reply | None = None
        self._bug: BaseException | None = None
        context = contextvars.copy_context()
        # A daemon: an interpreter that wants to end is not kept; the magic's exit hook stops it in order.
        self._thread = threading.Thread(
            target=context.run, args=(self._run, run, on_end), name="streamnb --bg", daemon=True
        )

    def start(self) -> None:
        """Begin, and return when the output has appeared, or cannot any more."""
        self._thread.start()
        self._observed_view.opened.wait()

    @property
    def text(self) -> str:
        """All text so far."""
        return self._observed_view.text if self._reply is None else self._reply.text

    @property
    def state(self) -> str:
        """``"running"``, then the state of the reply; ``"error"`` where a bug left none."""
        if not self._ended.is_set():  # not before the reply is where it belongs
            return "running"
        return "error" if self._bug is not None or self._reply is None else self._reply.state

    def wait(self, timeout: float | None = None) -> Reply:
        """Wait for the end of the stream, whatever its state.

        Parameters
        ----------
        timeout
            Seconds; ``None`` waits as long as it takes.

        Returns
        -------
        Reply
            The answer.

        Raises
        ------
        TimeoutError
            ``timeout`` seconds have passed and it is still running, which it goes on doing.
        """
        if not self._ended.wait(timeout):
            raise TimeoutError(f"{self.model} is still streaming after {timeout:g} s")
        if self._bug is not None:
            raise self._bug
        assert self._reply is not None
        return self._reply

    def stop(self) -> None:
        """End the stream; its text so far is kept. Safe at any time."""
        self._observed_view.stop()

    def __repr__(self) -> str:
        return f"<Running {self.model}: {self.state}, {len(self.text):,} characters>"

    def _run(self, run: Callable[[View], Reply], on_end: Callable[[Reply], None]) -> None:
        try:
            try:
                self._reply = run(self._observed_view)
            except StreamInterrupted as stopped:
                self._reply = stopped.reply
            on_end(self._reply)
        except BaseException as bug:  # nobody is above this thread: whoever waits gets it
            self._bug = bug
        finally:
            self._observed_view.opened.set()
            self._ended.set()


class _ObservedView:
    """A view that passes everything on to another, and keeps the text so far and the function that stops."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._pieces: list[str] = []
        self._stop: Callable[[], None] | None = None
        self._stopped = threading.Event()
        self.opened = threading.Event()

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def stop(self) -> None:
        self._stopped.set()
        if self._stop is not None:
            self._stop()

    def open(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        try:
            self._view.open(stop)
        finally:
            self.opened.set()
        if self._stopped.is_set():  # stopped before it began
            stop()

    def show(self, events: Sequence[Event]) -> None:
        self._pieces += [event.text for event in events if isinstance(event, TextDelta)]
        self._view.show(events)

    def ask(self, call: ToolCall) -> bool | None:
        return self._view.ask(call)

    def close(self, reply: Reply) -> None:
        self._view.close(reply)
