"""``--cells``: which cells are in the request, with what came out of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.kernels import kernel
from tests.magic.notebook import Notebook
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request


@pytest.fixture(scope="module")
def notebook() -> Iterator[Notebook]:
    before = "print('printed before')\n'a result before'"
    with (
        Upstream(lambda request: answer_request(request, ModelAnswer())) as upstream,
        kernel(before, "%load_ext streamnb", CANARY_TOKEN="c4n4ry-of-the-environment") as shell,
    ):
        yield Notebook(shell, upstream)


def test_cells_from_before_the_extension_are_sent_as_ipython_keeps_them(notebook: Notebook) -> None:
    sent = notebook.send_cells(number="all")
    assert sent.startswith(
        "The last 2 cells that ran in this notebook, in order, with what came out:\n\nCell [1]:"
    )
    assert "printed before" in sent
    assert "'a result before'" in sent
    assert sent.index("print(") < sent.index("%load_ext streamnb")
    assert sent.endswith("\n\nGo on.")


def test_text_outputs_are_sent_in_the_order_in_which_they_came(notebook: Notebook) -> None:
    sent = notebook.send_cells(
        "from IPython.display import display, Markdown\n"
        "print('one')\ndisplay('two')\nimport sys; print('three', file=sys.stderr)\n"
        "display(Markdown('**four**'))\n5",
        "import asyncio\nprint('awaited')\nawait asyncio.sleep(0)\n6",
        "1 / 0",
    )
    texts = ["print('one')", "```\none\n", "```\n'two'", "```\nthree", "```\n**four**", "```\n5\n"]
    texts += ["```\nawaited\n", "```\n6\n", "1 / 0", "```\nZeroDivisionError: division by zero\n"]
    positions = [sent.index(text) for text in texts]
    assert positions == sorted(positions)
    assert "Traceback" not in sent


def test_an_answer_counts_as_what_came_of_its_cell(notebook: Notebook) -> None:
    sent = notebook.send_cells(f"%%stream {notebook.line} -o first\nWhy is the sky blue?")
    assert "Why is the sky blue?" in sent
    assert f"The model's answer to it:\n\n```markdown\n{TEXT}\n```" in sent
    assert "first token" not in sent  # the footer is none of it


def test_several_answers_and_one_that_broke_off_are_said_to_be_that(notebook: Notebook) -> None:
    sent = notebook.send_cells("%%stream -m demo:haiku -m demo:cut --speed 0\nGo", number="1")
    assert "[demo:haiku]\n" in sent
    assert "[demo:cut]\n" in sent
    assert "\n[lost]" in sent


def test_a_cell_that_ran_again_is_sent_once_and_the_current_one_never(notebook: Notebook) -> None:
    notebook.shell.run("again = 1", cell="again")
    notebook.shell.run("other = 1", cell="other")
    notebook.shell.run("again = 2", cell="again")
    for _ in range(2):
        assert notebook.shell.run(f"%%stream {notebook.line} --cells 2\nGo on.", cell="asks").ok
    sent = notebook.prompt
    assert "again = 1" not in sent
    assert sent.index("other = 1") < sent.index("again = 2")
    assert "%%stream" not in sent


def test_pictures_go_where_they_are_asked_for_and_are_counted_where_not(notebook: Notebook) -> None:
    picture = (
        "from IPython.display import Image\nimport base64\n"
        "Image(base64.b64decode('iVBORw0KGgo='), format='png')"
    )
    sent = notebook.send_cells(picture)
    assert "iVBORw0KGgo" not in sent.replace(picture, "")
    assert notebook.details[-1].endswith("(1 picture left out: --cells N+images sends them)")
    assert notebook.shell.run(f"%%stream {notebook.line} --cells 2+images\nGo on.").ok
    kinds = [part["type"] for part in notebook.content]
    assert kinds == ["text", "image_url", "text"]
    assert notebook.content[1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    assert any("and image/png of 8 bytes" in detail for detail in notebook.details)


def test_what_a_bound_left_out_is_said(notebook: Notebook) -> None:
    sent = notebook.send_cells("print('x' * 30_000, 'the end')")
    assert "characters left out]" in sent
    assert "the end" in sent
    assert len(sent) < 6_000
    assert notebook.details[-1].endswith("(cut in the middle)")
    large = [f"# {number}{'y' * 19_000}\nNone" for number in range(7)]
    sent = notebook.send_cells(*large)
    assert len(sent) < 110_000
    assert "# 6yy" in sent
    assert "# 0yy" not in sent
    assert "2 earlier cells left out: all have more than 100,000 characters" in notebook.details


def test_what_was_written_over_or_cleared_is_not_sent(notebook: Notebook) -> None:
    sent = notebook.send_cells(
        "from IPython.display import clear_output, display, update_display\n"
        "print('cleared', 1)\nclear_output()\nprint('10%', end='\\r'); print('99%')\n"
        "shown = display('old', display_id='it'); update_display('new', display_id='it')"
    )
    outputs = sent[sent.index("Output:") :]
    assert "cleared 1" not in outputs
    assert "10%" not in outputs
    assert "99%" in outputs
    assert "'new'" in outputs
    assert "'old'" not in outputs


def test_keys_in_cells_and_outputs_are_masked(notebook: Notebook) -> None:
    sent = notebook.send_cells(
        "import os\nsecret_word = 'hunter2hunter2'\n"
        "print(os.environ['CANARY_TOKEN'], 'sk-0123456789abcdefghij')"
    )
    for key in ("hunter2", "c4n4ry-of", "0123456789abcdefghij"):
        assert key not in sent
    assert "secret_word = '[key]'" in sent


def test_a_conversation_takes_the_cells_along(notebook: Notebook) -> None:
    notebook.shell.run("in_the_talk = 1")
    assert notebook.shell.run(f"%%stream {notebook.line} -c talk --cells 1\nFirst.").ok
    assert notebook.shell.run(f"%%stream {notebook.line} -c talk\nSecond.").ok
    messages = notebook.upstream.requests[-1].json["messages"]
    assert "in_the_talk = 1" in messages[0]["content"]
    assert messages[-1]["content"] == "Second."


def test_a_dry_run_shows_each_cell_with_its_size_and_sends_nothing(notebook: Notebook) -> None:
    count = len(notebook.upstream.requests)
    notebook.shell.run("dry = 1")
    preview = notebook.shell.run(f"%%stream {notebook.line} --cells 1 --dry-run\nGo on.")
    number = preview.reply["execution_count"] - 1
    assert f"Sent before the prompt: cell [{number}]: " in preview.stdout
    assert "dry = 1" in preview.stdout
    assert len(notebook.upstream.requests) == count


def test_more_cells_than_have_run_are_one_line(notebook: Notebook) -> None:
    with kernel("%load_ext streamnb", "None") as shell:
        refused = shell.run("%%stream demo --cells 9\nGo on.")
        expected = "--cells 9: 2 cells have run before this one; type --cells 2 or --cells all"
        assert refused.refusal == f"UsageError: %%stream: {expected}"
        assert "answer" not in shell.value("list(globals())")


def test_an_empty_prompt_is_empty_whatever_goes_before_it(notebook: Notebook) -> None:
    refused = notebook.shell.run(f"%%stream {notebook.line} --cells 1\n")
    assert "the prompt is empty" in refused.refusal


REFUSED = {
    "--error --cells 2": "--error sends the cell that failed, --cells the last ones that ran: leave one",
    "--error=yes": "--error takes no value: write it without '='",
    "--cells 0": "--cells '0' is not a number of cells",
    "--cells -1": "--cells '-1' is not a number of cells",
    "--cells two": "--cells 'two' is not a number of cells",
    "--cells 51": "--cells 51: 50 are the most",
    "--cells 3+figures": "--cells '3+figures' is not a number of cells",
}


@pytest.mark.parametrize("options", REFUSED)
def test_wrong_options_are_one_line_and_nothing_is_sent(notebook: Notebook, options: str) -> None:
    notebook.shell.run("answer = 'as it was'")
    count = len(notebook.upstream.requests)
    refused = notebook.shell.run(f"%%stream {notebook.line} {options}\nWhy?")
    assert REFUSED[options] in refused.refusal
    assert len(notebook.upstream.requests) == count
    assert notebook.shell.value("answer") == "as it was"


def test_the_last_error_is_explained_and_its_cell_corrected(notebook: Notebook) -> None:
    ran = notebook.shell.run("wrong_name + 1")
    refused = notebook.shell.run(f"%stream fix {notebook.line}")
    assert refused.ok
    number = ran.reply["execution_count"]
    assert refused.stdout.startswith(f"cell [{number}]: NameError: name 'wrong_name' is not defined\n")
    assert f"raised by cell [{number}]:\n\n```python\nwrong_name + 1\n```" in notebook.prompt
    assert TEXT in refused.shown


def test_a_cell_of_fix_alone_awaits_so_that_a_click_can_stop_it(notebook: Notebook) -> None:
    def rewritten(cell: str) -> str:
        return str(notebook.shell.value(f"get_ipython().transform_cell({cell!r})"))

    assert rewritten("%stream fix demo -o it\n").startswith("await ")
    assert ".await_fix(' demo -o it')" in rewritten("# why\n%stream fix demo -o it")
    for cell in ("%stream fix demo\nx = 1", "x = 1\n%stream fix", "%stream fixes", "%stream status"):
        assert "await" not in rewritten(cell)
