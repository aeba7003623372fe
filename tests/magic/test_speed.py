"""``speed = "auto"``: a class's cassette is played without waiting where nobody watches."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.kernels import kernel
from tests.upstream import ModelAnswer, Upstream, answer_request

HOURS = 3_600.0


def make_slow(folder: Path) -> int:
    """Give every message of every recording an hour of its own; return how many recordings there are."""
    recordings = list(folder.glob("*.jsonl"))
    for path in recordings:
        header, *messages = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        for number, message in enumerate(messages):
            message["at"] = number * HOURS
        path.write_text("\n".join(map(json.dumps, [header, *messages])) + "\n", encoding="utf-8")
    return len(recordings)


@pytest.mark.slow
def test_run_all_of_a_cassette_waits_for_nothing_under_nbclient(tmp_path: Path) -> None:
    settings = f'%load_ext streamnb\n%config StreamMagics.cassette = "{tmp_path}"'
    with Upstream(lambda request: answer_request(request, ModelAnswer())) as upstream:
        cell = f"%%stream openai:test --base-url {upstream.openai_url}\nQuestion "
        with kernel(settings) as shell:
            assert all(shell.run(f"{cell}{number}").ok for number in range(3))
        assert make_slow(tmp_path) == 3
        count = len(upstream.requests)
        sources = [settings, '%config StreamMagics.speed = "auto"', *(f"{cell}{n}" for n in range(3))]
        notebook = nbformat.v4.new_notebook(  # type: ignore[no-untyped-call]
            cells=[nbformat.v4.new_code_cell(source) for source in sources]  # type: ignore[no-untyped-call]
        )
        NotebookClient(notebook, timeout=30).execute()
        assert len(upstream.requests) == count
    for cell_ in notebook.cells[2:]:
        (output,) = cell_.outputs
        assert "replay" in output["data"]["text/plain"]


@pytest.mark.slow
def test_auto_is_a_speed_and_another_word_is_refused() -> None:
    with kernel("%load_ext streamnb") as shell:
        assert shell.run('%config StreamMagics.speed = "auto"').ok
        assert shell.run("%%stream demo:haiku\nhi").ok
        assert shell.value("answer.state") == "complete"
        assert (
            "any of ['auto'], not the str 'quick'" in shell.run('%config StreamMagics.speed = "quick"').stderr
        )
        assert shell.value("get_ipython().magics_manager.registry['StreamMagics'].speed") == "auto"
