"""``%%stream --each`` and ``%stream log`` in a real kernel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels import Kernel, kernel

LOAD = "%load_ext streamnb\nwords = ['rain', 'snow']"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(home))
        with kernel(LOAD) as started:
            yield started


def test_a_prompt_is_asked_once_for_each_element_and_each_model(running: Kernel) -> None:
    ran = running.run("%%stream -m demo:haiku -m demo:streaming --each words --speed 0 -o two\nOn {{ it }}.")
    assert ran.ok, ran
    assert ran.shown.startswith("4 of 4")
    seen = running.run("print([(reply.row.prompt, reply.model) for reply in two], type(two).__name__)")
    assert seen.stdout == (
        "[('On rain.', 'demo:haiku'), ('On rain.', 'demo:streaming'), "
        "('On snow.', 'demo:haiku'), ('On snow.', 'demo:streaming')] Replies\n"
    )


def test_the_columns_of_a_row_go_into_its_prompt_and_into_the_frame(running: Kernel) -> None:
    running.run("import pandas; frame = pandas.DataFrame({'name': ['Ada', 'Bob'], 'age': [3, 4]})")
    ran = running.run("%%stream demo:haiku --each frame --speed 0 -o replies\n{{ it.name }} is {{ it.age }}")
    assert ran.ok, ran
    seen = running.run("print(replies.to_frame()[['prompt', 'name', 'age']].values.tolist())")
    assert seen.stdout == "[['Ada is 3', 'Ada', 3], ['Bob is 4', 'Bob', 4]]\n"


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("--each nothing\n{{ it }}", "nothing in the notebook has this name"),
        ("--each words\nthe same", "needs {{ it }} in the prompt"),
        ("--each words --bg\n{{ it }}", "--bg is for one prompt"),
        ("--each words --raw\n{{ it }}", "--raw is for one prompt"),
        ("--each words -c plans\n{{ it }}", "goes on with one answer"),
        ("--each words.x\n{{ it }}", "words.x"),
        ("--each frame\n{{ it.colour }}", "no column 'colour'"),
        ("--each range(3)\n{{ it }}", "--each 'range(3)' is not a variable name"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_the_variable_stays(
    running: Kernel, cell: str, line: str
) -> None:
    running.run("import pandas; frame = pandas.DataFrame({'name': ['Ada']}); replies = 'mine'")
    assert line in running.run(f"%%stream demo:haiku -o replies {cell}").refusal
    assert running.run("print(replies)").stdout == "mine\n"


def test_a_dry_run_shows_the_first_request_and_how_many_there_are(running: Kernel) -> None:
    ran = running.run("%%stream openai:m --each words --dry-run\nOn {{ it }}.")
    assert ran.stdout.startswith("2 requests; the first:\n")
    assert "On rain." in ran.stdout


def test_the_log_lists_shows_and_deletes_what_was_asked_since_it_was_wanted(running: Kernel) -> None:
    assert "no log yet" in running.run("%stream log").refusal
    running.run("%config StreamMagics.log = True")
    running.run("%%stream demo:haiku --speed 0\nSomething about elephants")
    running.run("%config StreamMagics.log = False")
    running.run("%%stream demo:haiku --speed 0\nNot for the log")
    listed = running.run("%stream log elephants -n 5").stdout
    assert "Something about elephants" in listed
    assert "Not for the log" not in running.run("%stream log").stdout
    entry = running.run("%stream log show 1")
    assert "Something about elephants" in entry.stdout
    assert "text/html" in entry.outputs[0]["data"]
    assert running.run("%stream log delete 1").stdout == "1 entry deleted\n"
    assert "no entry 1" in running.run("%stream log show 1").refusal


END_OF_LOG = "from streamnb.streaming.session import current_session; current_session().log.close()"


def test_a_log_that_cannot_be_kept_is_one_notice_and_no_answer_is_lost(tmp_path: Path) -> None:
    (tmp_path / "streamnb").write_text("a file where the folder should be")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path))
        with kernel("%load_ext streamnb\n%config StreamMagics.log = True") as started:
            notices = ""
            for _ in range(2):
                ran = started.run("%%stream demo:haiku --speed 0\nhi")
                assert ran.ok
                notices += ran.stderr
            notices += started.run(END_OF_LOG).stderr
            # ipykernel 6 gives what a thread prints to the cell in which the thread began.
            notices += "".join(message["content"].get("text", "") for message in started.elsewhere)
    assert notices.count("the log stops, answers go on") == 1
