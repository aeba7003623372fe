"""Each private interface of IPython that is used: a test that fails when an upgrade takes it away."""

from __future__ import annotations

from collections.abc import Iterator

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
    assert compat.notebook_variables(shell)["In"][-1] == "%pwd"


def test_what_ipython_keeps_of_a_cell_can_be_read(shell: InteractiveShell) -> None:
    assert shell.history_manager is not None
    shell.history_manager.outputs.clear()  # one for all shells of a process
    shell.run_cell("print('said'); 1 + 1", store_history=True)
    shell.run_cell("1 / 0", store_history=True)
    assert compat.raw_inputs(shell)[1:] == ["print('said'); 1 + 1", "1 / 0"]
    outputs = list(compat.outputs_of_cell(shell, 1))
    assert [kind for kind, _ in outputs] == ["out_stream", "execute_result"]
    assert "".join(outputs[0][1]["stream"]).strip() == "said"
    assert outputs[1][1]["text/plain"] == "2"
    assert list(compat.outputs_of_cell(shell, 7)) == []
    assert compat.last_failed_cell_number(shell) == 2


def test_a_cell_s_file_has_the_name_that_ipython_shows(shell: InteractiveShell) -> None:
    shell.run_cell("def f(): pass\nfile = f.__code__.co_filename", store_history=True)
    assert compat.cell_label(shell, shell.user_ns["file"]) == "Cell In[1]"
    assert compat.cell_label(shell, __file__) is None
    assert not compat.add_output_hook(shell, lambda message: message)  # no kernel, no messages
