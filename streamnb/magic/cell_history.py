"""The cells of the session that have run: what ``--cells`` and ``--error`` can send.

IPython's events tell when a cell runs, and its history has the source of all; a kernel passes each output
to a hook before it is sent.  What is kept is bounded: the last cells, of each some text, of all some bytes
of pictures.  Cells from before this was started have what IPython itself keeps of them.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from IPython.core.error import UsageError as IPythonUsageError

from ..core.cell_record import CellRecord, FailedCell
from ..views.current_cell import current_cell
from . import compat
from .cell_outputs import CellOutputs

__all__ = ["CellHistory"]

MAX_CELLS = 100  # cells; more than can be sent, since a cell that ran again is sent once
MAX_PICTURE_BYTES = 20_000_000  # of all cells

_STREAM_MAGIC = re.compile(r"\s*%%?stream\b")
_STDIO_NAMES = {"out_stream": "stdout", "err_stream": "stderr"}


@dataclass
class _Run:
    """One run of a cell.

    Attributes
    ----------
    source
        The text of the cell as it was typed.
    cell_id
        ``None`` where the front end says none.
    message_id
        That of the request which ran the cell, which its outputs name; ``None`` in a terminal.
    number
        The ``In[number]`` of the run, 0 while it lasts.
    outputs
        What the cell has shown.
    answer
        What ``%%stream`` put into a variable, ``None`` for any other cell.
    """

    source: str
    cell_id: str | None = None
    message_id: object = None
    number: int = 0
    outputs: CellOutputs = field(default_factory=CellOutputs)
    answer: Any = None

    def is_same_cell(self, other: _Run) -> bool:
        """Tell whether another run is of the same cell, by its id or, without one, by its text."""
        if self.cell_id is None or other.cell_id is None:
            return self.source == other.source
        return self.cell_id == other.cell_id


class CellHistory:
    """Watches the cells of a shell.

    Attributes
    ----------
    failed
        The last cell that raised; ``None`` where none has, or where it has run without an error since.
    resolution
        A line on how the last error was resolved; empty where ``failed`` is set or nothing has failed.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._runs: list[_Run] = []
        self._by_message: dict[object, _Run] = {}
        self._running: list[_Run | None] = []  # innermost last; None for what is not in the history
        self._has_hook = False
        self._last_value: BaseException | None = None
        self._failed_run = _Run("")
        self._variable: str | None = None
        self.failed: FailedCell | None = None
        self.resolution = ""

    def start(self) -> None:
        """Begin to watch, and take over what IPython knows of earlier cells."""
        self._shell.events.register("pre_run_cell", self._before_cell)
        self._shell.events.register("post_run_cell", self._after_cell)
        self._has_hook = compat.add_output_hook(self._shell, self._note_output)
        inputs = compat.raw_inputs(self._shell)
        earlier = inputs[:-1] if compat.is_inside_a_cell() else inputs
        for number, source in list(enumerate(earlier))[1:][-MAX_CELLS:]:
            run = _Run(source, number=number)
            self._read_ipython_outputs(run, streams=True)
            self._runs.append(run)
        self._last_value = error = getattr(sys, "last_value", None)
        if error is not None and not _is_stream_cell_error(error):
            number_ = compat.last_failed_cell_number(self._shell)
            is_known = number_ is not None and number_ < len(earlier)
            self._failed_run = _Run(earlier[number_] if is_known and number_ else "")
            self.failed = FailedCell(number_ if is_known else None, self._failed_run.source, error)

    def stop(self) -> None:
        """Watch no more."""
        for event, function in (("pre_run_cell", self._before_cell), ("post_run_cell", self._after_cell)):
            with suppress(ValueError):  # it was not started
                self._shell.events.unregister(event, function)
        compat.remove_output_hook(self._shell, self._note_output)

    def set_answer_variable(self, variable: str) -> None:
        """Note that the cell which is running puts an answer into a variable."""
        self._variable = variable

    def last_cells(self, number: int | None) -> list[CellRecord]:
        """Return the last cells that ran, in their order, each once; ``None`` for all that are kept.

        The cell that is running is not among them, whichever run of it.
        """
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):  # none is there, or it is closed
                stream.flush()  # the kernel has then sent, and the hook seen, all that was printed
        cell_ids = {current_cell().cell} - {None}
        runs: list[_Run] = []
        for run in reversed(self._runs):
            if run.cell_id not in cell_ids:
                runs.append(run)
                cell_ids |= {run.cell_id} - {None}
        return [_cell_record(run) for run in reversed(runs[: len(runs) if number is None else number])]

    def _note_output(self, message: Any) -> Any:
        run = self._by_message.get(message.get("parent_header", {}).get("msg_id"))
        if run is not None:
            with suppress(Exception):  # an output must reach its page, whatever is wrong with it
                run.outputs.feed(message["header"]["msg_type"], message["content"])
        return message

    def _before_cell(self, info: Any) -> None:
        run = None
        if info.store_history:
            run = _Run(info.raw_cell, info.cell_id, current_cell().run)
            self._by_message[run.message_id] = run
        self._running.append(run)

    def _after_cell(self, result: Any) -> None:
        run = self._running.pop() if self._running else None
        info = result.info
        if run is None and info.store_history and not self._running:  # it began before we watched
            run = _Run(info.raw_cell, info.cell_id)
        error = result.error_before_exec or result.error_in_exec
        before, self._last_value = self._last_value, getattr(sys, "last_value", None)
        if error is None and self._last_value is not before:
            error = self._last_value  # a magic has shown it and went on: %run, a cell within the cell
        if run is not None:
            run.number = result.execution_count or 0
            self._keep_run(run, error)
        if error is None:
            self._forget_error(run)
        elif not _is_stream_cell_error(error):
            self._failed_run = run or _Run(info.raw_cell or "")
            self.failed = FailedCell(run.number if run else None, self._failed_run.source, error)

    def _keep_run(self, run: _Run, error: BaseException | None) -> None:
        self._read_ipython_outputs(run, streams=not self._has_hook)
        if self._variable is not None:
            run.answer, self._variable = self._shell.user_ns.get(self._variable), None
        if error is not None:
            from ..request.traceback_text import error_headline  # here and not above: loading is light

            run.outputs.feed("stream", {"name": "error", "text": error_headline(error)})
        self._runs.append(run)
        for dropped in self._runs[:-MAX_CELLS]:
            self._by_message.pop(dropped.message_id, None)
        del self._runs[:-MAX_CELLS]
        size = 0
        for past_run in reversed(self._runs):
            size += past_run.outputs.picture_size_bytes
            if size > MAX_PICTURE_BYTES:
                past_run.outputs.drop_pictures()

    def _read_ipython_outputs(self, run: _Run, *, streams: bool) -> None:
        """Feed ``run.outputs`` with what IPython keeps: results, and with ``streams`` also printed text."""
        for kind, content in compat.outputs_of_cell(self._shell, run.number):
            if kind == "execute_result":
                run.outputs.feed(kind, {"data": content})
            elif streams and kind in _STDIO_NAMES:
                text = "".join(content["stream"])  # one text, or a list of them since IPython 9.5
                run.outputs.feed("stream", {"name": _STDIO_NAMES[kind], "text": text})
            elif streams:
                run.outputs.feed("display_data", {"data": content})

    def _forget_error(self, run: _Run | None) -> None:
        """Forget the error of a cell that has run well since."""
        failed = self.failed
        if failed is None or run is None or _STREAM_MAGIC.match(run.source):
            return
        if run.is_same_cell(self._failed_run):
            self.failed = None
            self.resolution = f"{failed.label} has run without one since, as [{run.number}]"


def _is_stream_cell_error(error: BaseException) -> bool:
    """Tell whether a ``%%stream`` cell raised this: it is no error of the person's own code."""
    if type(error) is IPythonUsageError:
        return _STREAM_MAGIC.match(str(error)) is not None
    return type(error).__module__ == f"{__package__}.cell_errors"


def _cell_record(run: _Run) -> CellRecord:
    answer = _answer_text(run.answer)
    outputs = run.outputs.outputs if answer is None else ()
    return CellRecord(run.number, run.source, outputs, answer)


def _answer_text(answer: Any) -> str | None:
    """Return an answer as text; of several, each below its model's name."""
    from ..core.reply import Reply  # here and not above: loading is light
    from ..streaming.background import BackgroundStream

    match answer:
        case Reply():
            note = "" if answer.state == "complete" else f"\n[{answer.state}]"
            return f"{answer.text}{note}"
        case BackgroundStream():
            return answer.text
        case dict() | list() if answer:
            replies = answer.values() if isinstance(answer, dict) else answer
            return "\n\n".join(f"[{reply.model}]\n{_answer_text(reply)}" for reply in replies)
        case _:
            return None
