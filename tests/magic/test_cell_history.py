"""The cells of a shell without a kernel: what IPython keeps of them, and when an error stands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from streamnb.magic.cell_history import MAX_CELLS, CellHistory


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell of its own."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    shell = InteractiveShell.instance(config=config)
    assert shell.history_manager is not None
    shell.history_manager.outputs.clear()  # one for all shells of a process
    yield shell
    InteractiveShell.clear_instance()


@pytest.fixture
def history(shell: InteractiveShell) -> Iterator[CellHistory]:
    """A history that watches it."""
    history = CellHistory(shell)
    history.start()
    history.failed = None  # of an earlier test in this process
    yield history
    history.stop()


def run(shell: InteractiveShell, *cells: str) -> None:
    for cell in cells:
        shell.run_cell(cell, store_history=True)


def test_without_a_kernel_outputs_are_what_ipython_keeps(
    shell: InteractiveShell, history: CellHistory
) -> None:
    run(shell, "print('one')\nprint('two')", "1 + 1", "1 / 0")
    first, second, third = history.last_cells(3)
    assert (first.number, first.source, first.outputs) == (1, "print('one')\nprint('two')", ("one\ntwo\n",))
    assert second.outputs == ("2",)
    assert third.outputs[-1] == "ZeroDivisionError: division by zero"
    assert [cell.number for cell in history.last_cells(2)] == [2, 3]


def test_an_error_stands_until_its_cell_runs_well(shell: InteractiveShell, history: CellHistory) -> None:
    run(shell, "not_there", "1 + 1")
    assert history.failed is not None
    assert (history.failed.number, history.failed.source) == (1, "not_there")
    run(shell, "not_there = 1", "not_there")
    assert history.failed is None
    assert history.resolution == "cell [1] has run without one since, as [4]"


def test_an_error_that_a_magic_shows_is_one(shell: InteractiveShell, history: CellHistory) -> None:
    run(shell, "get_ipython().run_cell('inner_error')")
    assert history.failed is not None
    assert isinstance(history.failed.error, NameError)
    run(shell, "%tb")  # shows it again, and is none itself
    assert (history.failed.number, history.failed.source) == (None, "inner_error")  # a cell within the cell


def test_what_is_kept_is_bounded(shell: InteractiveShell, history: CellHistory) -> None:
    run(shell, *(f"print({number})" for number in range(MAX_CELLS + 20)))
    cells = history.last_cells(None)
    assert len(cells) == MAX_CELLS
    assert cells[-1].outputs == (f"{MAX_CELLS + 19}\n",)


def test_what_was_started_leaves_nothing_behind(shell: InteractiveShell) -> None:
    callbacks = {event: list(functions) for event, functions in shell.events.callbacks.items()}
    history = CellHistory(shell)
    history.start()
    history.stop()
    history.stop()
    assert shell.events.callbacks == callbacks
