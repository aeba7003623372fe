"""Each private interface of IPython that is used: a test that fails when an upgrade takes it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from streamnb.magic import compat


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell of its own."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.hist_file = ":memory:"
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


def test_a_running_cell_is_seen_from_within_and_from_nowhere_else(shell: InteractiveShell) -> None:
    shell.user_ns["compat"] = compat
    assert shell.run_cell("compat.is_inside_a_cell()").result is True
    assert not compat.is_inside_a_cell()


def test_a_transformer_comes_first_and_goes_again(shell: InteractiveShell) -> None:
    class Loud:
        def __call__(self, lines: list[str]) -> list[str]:
            return ["'loud'\n"]

    compat.add_transformer(shell, Loud())
    assert shell.run_cell("'quiet'").result == "loud"
    compat.remove_transformers(shell, Loud)
    assert shell.run_cell("'quiet'").result == "quiet"


def test_a_matcher_is_asked_and_goes_again(shell: InteractiveShell) -> None:
    def matcher(text: str) -> list[str]:
        return ["streamnb_word"]

    assert shell.Completer is not None
    assert compat.add_matcher(shell, matcher)
    assert matcher in shell.Completer.matchers
    compat.remove_matcher(shell, matcher)
    assert matcher not in shell.Completer.matchers


def test_in_is_what_was_typed(shell: InteractiveShell) -> None:
    shell.run_cell("%pwd", store_history=True)
    assert compat.raw_input_names(shell)["In"][-1] == "%pwd"


def test_the_last_exception_is_the_one_of_the_last_cell_that_failed(shell: InteractiveShell) -> None:
    shell.run_cell("1 / 0")
    error = compat.last_exception()
    assert isinstance(error, ZeroDivisionError)
    frames = list(compat.own_frames(error))
    assert [line for _, line in frames] == [1]


def test_history_has_what_a_cell_printed_and_showed(shell: InteractiveShell) -> None:
    shell.run_cell("print('one')\n2", store_history=True)
    kinds: list[Any] = [
        output.output_type for output in compat.history_outputs(shell)[shell.execution_count - 1]
    ]
    assert "execute_result" in kinds
