"""``--cells``: which cells are in the request, with what came out of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.kernels import Kernel, kernel
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request


class Door:
    """The kernel and the provider that it asks."""

    def __init__(self, shell: Kernel, upstream: Upstream) -> None:
        self.shell = shell
        self.upstream = upstream

    @property
    def line(self) -> str:
        """The options that send a cell here."""
        return f"openai:test --base-url {self.upstream.openai_url}"

    @property
    def content(self) -> Any:
        """The content of the last prompt that came."""
        return self.upstream.requests[-1].json["messages"][-1]["content"]

    def sent(self, *cells: str, number: str = "") -> str:
        """Run cells, then one that sends them; return its prompt."""
        for code in cells:
            self.shell.run(code)
        ran = self.shell.run(f"%%stream {self.line} --cells {number or len(cells)}\nGo on.")
        assert ran.ok, ran
        return str(self.content)

    @property
    def details(self) -> list[str]:
        """What the footer's details say of the cells."""
        return [line for line in self.shell.value("list(answer.details)") if "cell" in line]


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    before = "print('printed before')\n'a result before'"
    with (
        Upstream(lambda request: answer_request(request, ModelAnswer())) as upstream,
        kernel(before, "%load_ext streamnb", CANARY_TOKEN="c4n4ry-of-the-environment") as shell,
    ):
        yield Door(shell, upstream)


def test_cells_from_before_the_extension_are_sent_as_ipython_keeps_them(door: Door) -> None:
    sent = door.sent(number="all")
    assert sent.startswith(
        "The last 2 cells that ran in this notebook, in order, with what came out:\n\nCell [1]:"
    )
    assert "printed before" in sent
    assert "'a result before'" in sent
    assert sent.index("print(") < sent.index("%load_ext streamnb")
    assert sent.endswith("\n\nGo on.")


def test_text_outputs_are_sent_in_the_order_in_which_they_came(door: Door) -> None:
    sent = door.sent(
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


def test_an_answer_counts_as_what_came_of_its_cell(door: Door) -> None:
    sent = door.sent(f"%%stream {door.line} -o first\nWhy is the sky blue?")
    assert "Why is the sky blue?" in sent
    assert f"The model's answer to it:\n\n```markdown\n{TEXT}\n```" in sent
    assert "first token" not in sent  # the footer is none of it


def test_several_answers_and_one_that_broke_off_are_said_to_be_that(door: Door) -> None:
    sent = door.sent("%%stream -m demo:haiku -m demo:cut --speed 0\nGo", number="1")
    assert "[demo:haiku]\n" in sent
    assert "[demo:cut]\n" in sent
    assert "\n[lost]" in sent


def test_a_cell_that_ran_again_is_sent_once_and_the_current_one_never(door: Door) -> None:
    door.shell.run("again = 1", cell="again")
    door.shell.run("other = 1", cell="other")
    door.shell.run("again = 2", cell="again")
    for _ in range(2):
        assert door.shell.run(f"%%stream {door.line} --cells 2\nGo on.", cell="asks").ok
    sent = str(door.content)
    assert "again = 1" not in sent
    assert sent.index("other = 1") < sent.index("again = 2")
    assert "%%stream" not in sent


def test_pictures_go_where_they_are_asked_for_and_are_counted_where_not(door: Door) -> None:
    picture = (
        "from IPython.display import Image\nimport base64\n"
        "Image(base64.b64decode('iVBORw0KGgo='), format='png')"
    )
    sent = door.sent(picture)
    assert "iVBORw0KGgo" not in sent.replace(picture, "")
    assert door.details[-1].endswith("(1 picture left out: --cells N+images sends them)")
    assert door.shell.run(f"%%stream {door.line} --cells 2+images\nGo on.").ok
    kinds = [part["type"] for part in door.content]
    assert kinds == ["text", "image_url", "text"]
    assert door.content[1]["image_url"]["url"] == "data:image/png;base64,iVBORw0KGgo="
    assert any("and image/png of 8 bytes" in detail for detail in door.details)


def test_what_a_bound_left_out_is_said(door: Door) -> None:
    sent = door.sent("print('x' * 30_000, 'the end')")
    assert "characters left out]" in sent
    assert "the end" in sent
    assert len(sent) < 6_000
    assert door.details[-1].endswith("(cut in the middle)")
    large = [f"# {number}{'y' * 19_000}\nNone" for number in range(7)]
    sent = door.sent(*large)
    assert len(sent) < 110_000
    assert "# 6yy" in sent
    assert "# 0yy" not in sent
    assert "2 earlier cells left out: all have more than 100,000 characters" in door.details


def test_what_was_written_over_or_cleared_is_not_sent(door: Door) -> None:
    sent = door.sent(
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


def test_keys_in_cells_and_outputs_are_masked(door: Door) -> None:
    sent = door.sent(
        "import os\nsecret_word = 'hunter2hunter2'\n"
        "print(os.environ['CANARY_TOKEN'], 'sk-0123456789abcdefghij')"
    )
    for key in ("hunter2", "c4n4ry-of", "0123456789abcdefghij"):
        assert key not in sent
    assert "secret_word = '[key]'" in sent


def test_a_conversation_takes_the_cells_along(door: Door) -> None:
    door.shell.run("in_the_talk = 1")
    assert door.shell.run(f"%%stream {door.line} -c talk --cells 1\nFirst.").ok
    assert door.shell.run(f"%%stream {door.line} -c talk\nSecond.").ok
    messages = door.upstream.requests[-1].json["messages"]
    assert "in_the_talk = 1" in messages[0]["content"]
    assert messages[-1]["content"] == "Second."


def test_a_dry_run_shows_each_cell_with_its_size_and_sends_nothing(door: Door) -> None:
    count = len(door.upstream.requests)
    door.shell.run("dry = 1")
    shown = door.shell.run(f"%%stream {door.line} --cells 1 --dry-run\nGo on.")
    number = shown.reply["execution_count"] - 1
    assert f"Sent before the prompt: cell [{number}]: " in shown.stdout
    assert "dry = 1" in shown.stdout
    assert len(door.upstream.requests) == count


def test_more_cells_than_have_run_are_one_line(door: Door) -> None:
    with kernel("%load_ext streamnb", "None") as shell:
        refused = shell.run("%%stream demo --cells 9\nGo on.")
        expected = "--cells 9: 2 cells have run before this one; type --cells 2 or --cells all"
        assert refused.refusal == f"UsageError: %%stream: {expected}"
        assert "answer" not in shell.value("list(globals())")


def test_an_empty_prompt_is_empty_whatever_goes_before_it(door: Door) -> None:
    refused = door.shell.run(f"%%stream {door.line} --cells 1\n")
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
def test_wrong_options_are_one_line_and_nothing_is_sent(door: Door, options: str) -> None:
    door.shell.run("answer = 'as it was'")
    count = len(door.upstream.requests)
    refused = door.shell.run(f"%%stream {door.line} {options}\nWhy?")
    assert REFUSED[options] in refused.refusal
    assert len(door.upstream.requests) == count
    assert door.shell.value("answer") == "as it was"


def test_the_last_error_is_explained_and_its_cell_corrected(door: Door) -> None:
    ran = door.shell.run("wrong_name + 1")
    refused = door.shell.run(f"%stream fix {door.line}")
    assert refused.ok
    number = ran.reply["execution_count"]
    assert refused.stdout.startswith(f"cell [{number}]: NameError: name 'wrong_name' is not defined\n")
    assert f"raised by cell [{number}]:\n\n```python\nwrong_name + 1\n```" in str(door.content)
    assert TEXT in refused.shown


def test_a_cell_of_fix_alone_awaits_so_that_a_click_can_stop_it(door: Door) -> None:
    def rewritten(cell: str) -> str:
        return str(door.shell.value(f"get_ipython().transform_cell({cell!r})"))

    assert rewritten("%stream fix demo -o it\n").startswith("await ")
    assert ".await_fix(' demo -o it')" in rewritten("# why\n%stream fix demo -o it")
    for cell in ("%stream fix demo\nx = 1", "x = 1\n%stream fix", "%stream fixes", "%stream status"):
        assert "await" not in rewritten(cell)
