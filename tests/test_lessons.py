"""Every **Try it** of the lessons, done as a reader would, and what the lesson says comes of it.

What needs a hand on the page (Stop, the arrow keys of the x-ray, the buttons of an approval) is done as near
to it as a kernel allows: an interrupt, the text of the x-ray, nobody who could answer.
"""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kernels import CellResult, Kernel, kernel
from tests.support import PROJECT

pytestmark = pytest.mark.slow

NOTEBOOKS = PROJECT / "notebooks"
MEANT_TO_FAIL = ("%%stream demo:cut", "%%stream demo:stall", "--replay {{ other }}", "    return sum(values)")


class Lesson:
    """A lesson in a kernel: its cells are run by a text that stands in them."""

    def __init__(self, path: Path, shell: Kernel) -> None:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        self.cells = {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}
        self.shell = shell

    def run(self, having: str, *changes: tuple[str, str]) -> CellResult:
        """Run the first cell that has a text, each of the ``changes`` made in it first."""
        name, code = next((name, code) for name, code in self.cells.items() if having in code)
        for old, new in changes:
            assert old in code, code
            code = code.replace(old, new)
        return self.shell.run(code, cell=None if code.startswith("%%stream") else name)

    def run_all(self, *, until: str = "\0") -> None:
        """Run the cells from the top to the one that has a text, without waiting for recordings."""
        self.shell.run("%load_ext streamnb\n%config StreamMagics.speed = 0")
        for code in self.cells.values():
            if until in code:
                return
            ran = self.shell.run(code)
            assert ran.ok or any(fault in code for fault in MEANT_TO_FAIL), (code, ran)


@contextmanager
def lesson(number: int) -> Iterator[Lesson]:
    (path,) = NOTEBOOKS.glob(f"{number:02}_*.ipynb")
    with kernel() as shell:
        yield Lesson(path, shell)


def tasks(path: Path) -> list[str]:
    return re.findall(r"\*\*Try it:\*\* (.{12})", path.read_text(encoding="utf-8"))


TASKS = {
    1: ["run the cell", "change `form"],
    2: [
        "replace the ",
        "add a third ",
        "change the f",
        "write `{{ sa",
        "replace `ope",
        "leave out `-",
        "add `author:",
    ],
    3: ["change `[:8]", "ask `demo:we", "go to *first"],
    4: ["add a third ", "before the s", "on the comma"],
    5: ["make the pic", "attach somet"],
    6: ["take `--yes`", "write a tool"],
    7: ["run `%stream", "which timeou", "add `--retri"],
    8: ["replay at `-", "change one w"],
    9: ["set `api_key", "change a let", "run `%%strea"],
    10: ["add a column", "ask for five"],
}


def test_no_task_is_left_out_here() -> None:
    """A new **Try it** is followed below before its first words are added to the list above."""
    assert {int(path.name[:2]): tasks(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))} == TASKS


def test_every_lesson_but_the_last_has_a_link_to_the_next() -> None:
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    for path, following in itertools.pairwise(paths):
        links = re.findall(r"Next: \[[^\]]+\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
        assert links == [following.name]


def test_first_stream() -> None:
    with lesson(1) as it:
        it.shell.run("%load_ext streamnb")
        cell = it.shell.start("%%stream\nWhat is streaming?")
        it.shell.until("text/html")
        it.shell.interrupt()
        stopped = it.shell.finish(cell)
        assert "interrupted" in stopped.shown.splitlines()[-1]
        assert it.shell.value("answer.state") == "interrupted"
        it.run_all()
        for subject in ("rain", "a Python function in spring", "my answers, explained"):
            it.run('form = "haiku"', ('"haiku"', '"long story"'), ('"rain"', repr(subject)))
            it.run("Write a {{ form }} about")
            assert it.shell.value("len(poem)") > 5_000  # there is enough to scroll up in


def test_exploring() -> None:
    with lesson(2) as it:
        it.run_all()
        three = it.run("-m demo:haiku -m demo:python", ("-m demo:haiku -m demo:python", "-m demo:haiku*3"))
        assert three.ok
        assert it.shell.value("list(both)") == ["demo:haiku", "demo:haiku #2", "demo:haiku #3"]

        assert it.run("streamnb.grid", ('"snow"]', '"snow", "sun"]')).ok
        assert it.shell.value("len(replies)") == 12
        misspelt = it.run("streamnb.grid", ("    topic=", "    topics="))
        assert not misspelt.ok
        assert it.shell.value("len(replies)") == 12  # nothing was sent

        for cell, code in (("a", "%%stream demo -c lesson -o first\nWhat is streaming?"),
                           ("b", "%%stream demo:haiku -c lesson -o second\nNow the same as a poem."),
                           ("a", "%%stream demo -c lesson -o first\nWhat is a token?")):  # fmt: skip
            assert it.shell.run("%stream reset lesson" if cell == "a" and "streaming" in code else "").ok
            assert it.shell.run(code, cell=cell).ok
        listed = it.run("%stream chats")
        assert "What is a token?" in listed.stdout + listed.shown
        assert "set aside" in listed.stdout + listed.shown

        counted = it.run("does it fit {{ sales }}", ("{{ sales }}", '{{ sales["Oslo"] + 1 }}'))
        assert "{{ sales[&quot;Oslo&quot;] + 1 }}" in str(counted.outputs[-1]["data"]["text/html"])
        before = it.shell.value("str(seen)")
        nothing = it.run("does it fit {{ sales }}", ("{{ sales }}", '{{ sales["Rome"] }}'))
        assert "nothing was sent" in nothing.refusal
        assert it.shell.value("str(seen)") == before

        openai = it.run("--dry-run")
        gemini = it.run("--dry-run", ("openai:gpt-4.1-mini", "gemini:gemini-2.5-flash"))
        assert '"messages"' in openai.stdout + openai.shown
        assert '"contents"' in gemini.stdout + gemini.shown

        it.run("called = []")
        assert it.run("demo:weather -T temperature", (" --yes", "")).ok
        assert it.shell.value("called") == []  # nobody is there to be asked
        assert "--yes" in it.shell.value("str([call.result for call in coat.tool_calls])") or "refus" in (
            it.shell.value("str([call.result for call in coat.tool_calls])")
        )

        it.run("class Recipe", ("    title: str\n", "    title: str\n    author: str\n"))
        form = it.run("--schema Recipe")
        assert "author" in form.shown
        assert it.shell.value("pancakes.parsed is None and len(pancakes) > 20")


def test_what_a_stream_is() -> None:
    with lesson(3) as it:
        it.run_all(until="server.stop()")
        end = it.run("came[:8]", ("[:8]", "[-8:]")).stdout
        assert '"finish_reason":"stop"' in end
        assert '"completion_tokens"' in end
        assert end.rstrip().splitlines()[-2].endswith(r"'data: [DONE]\n'")
        assert "'ToolCallDelta': " in it.run("demo:thinking", ("demo:thinking", "demo:weather")).stdout
        it.run("%%stream demo:thinking --xray")
        looked = it.shell.run("%stream xray thought").shown
        assert "first token" in looked
        assert "usage" in looked


def test_sync_async_and_chat() -> None:
    with lesson(4) as it:
        it.run_all(until="%stream compare")
        added = 'ask("demo:thinking", QUESTION), ask("demo:haiku", QUESTION))'
        three = it.run("asyncio.gather", ('ask("demo:thinking", QUESTION))', added))
        alone, together = map(float, re.findall(r"(\d+\.\d+) s", three.stdout))
        assert together < alone
        forgot = it.run("def say(prompt)", ('say("Now one about rain.")', 'del messages[:2]; say("Now one")'))
        assert [line.split()[0] for line in forgot.stdout.splitlines()] == ["user"]
        turns = it.run("gemini.chats.create").stdout.splitlines()
        assert [line.split()[0] for line in turns] == ["user", "model", "user"]  # however many pieces
    for arguments in (["compare", "Write a haiku", "-m", "demo:haiku"],
                  ["Write a haiku", "-m", "demo:haiku", "--sync"]):  # fmt: skip
        typed = [sys.executable, "-m", "streamnb", *arguments]
        ran = subprocess.run(typed, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert ran.returncode == 0, ran.stderr
        assert "tokens/s" in ran.stdout + ran.stderr


def test_images_and_other_parts() -> None:
    with lesson(5) as it:
        it.run_all(until="server.stop()")
        small = it.shell.value("len(picture)")
        it.run("def png(", ("png(64, 64, sunset)", "png(512, 512, lambda x, y: sunset(x // 8, y // 8))"))
        assert it.shell.value("len(picture)") > small
        it.run("openai:demo:picture --base-url {{ server.openai_url }} -a picture\nWhat")
        assert "characters)" in it.run('server.requests[-1]["messages"])').stdout
        before = it.shell.value("len(server.requests)")
        refused = it.run("-a notes -a picture", ("-a notes", "-a server"))
        assert "LessonServer has no text of its own and cannot be sent" in refused.refusal
        assert it.shell.value("len(server.requests)") == before


def test_tools_and_structured_output() -> None:
    with lesson(6) as it:
        it.run_all()
        it.run('"Lisbon": 19')
        assert it.run("demo:weather -T temperature --yes\n", (" --yes", "")).ok
        assert it.shell.value("[call.name for call in answer.tool_calls]") == ["temperature", "temperature"]
        spec = it.shell.run(
            "def mean(weight: float, values: list[int]) -> float:\n    'Weigh and add.'\n"
            'from streamnb.streaming.tools import Tool; Tool("name", mean).spec'
        )
        assert "Weigh and add." in spec.shown
        assert "'array'" in spec.shown
        assert "'number'" in spec.shown


def test_when_streams_break() -> None:
    with lesson(7) as it:
        it.run_all(until="%%stream demo:stall")
        assert "finish mark" not in it.shell.run("%stream xray answer").shown
        it.shell.run("%config StreamMagics.speed = 1")
        stalled = it.run("%%stream demo:stall", ("--timeout 2", "--timeout 1"))
        assert "timed-out" in stalled.shown or "timed out" in stalled.shown
        retried = it.run("%%stream demo:rate-limit")
        assert retried.ok
        assert it.shell.value("answer.state") == "complete"
        assert retried.shown.count("answer begins, status 429") == 4  # among the moments, and below
        assert not it.run("%%stream demo:rate-limit", ("--xray", "--retries 1")).ok
        assert not it.run("%%stream demo:rate-limit", ("rate-limit", "refused")).ok
        it.run("from streamnb import StreamError")
        loop = it.run("def patiently").stdout
        assert "demo:stall: timed-out" in loop
        assert "demo:cut: lost" in loop
        assert "demo:haiku complete" in loop


def test_a_lesson_of_your_own() -> None:
    with lesson(8) as it:
        it.run_all(until="%stream cassette off")
        looked = it.shell.run("%%stream --replay {{ lesson }} --speed 2 --xray\nWrite a haiku about waiting.")
        own = float(
            re.findall(r"first token after (\d\.\d+) s", it.shell.run("%stream xray answer").shown)[0]
        )
        assert own > 0.3  # the model's own time, at whatever speed it is played
        assert looked.ok
        changed = it.run("-o second", ("rain", "snow"))
        assert changed.ok
        assert it.shell.value("(len(server.requests), second.origin)") == (2, None)  # asked
        it.shell.run("import os; os.chmod(tape, 0o555); server.stop()")
        assert it.run("-o second").ok  # a folder that is only read is enough
        assert "replay" in it.shell.value("second.origin")


def test_from_answer_to_code() -> None:
    with lesson(9) as it:
        it.run_all(until="%stream fix demo")
        it.shell.run('api_key = "not-for-models-1"')
        it.run("    return sum(values)", ("def mean", "api_key\n\n\ndef mean"))
        preview = it.run("--dry-run")
        assert preview.ok
        assert "api_key: str, its value is not shown" in preview.stdout
        assert "not-for-models-1" not in preview.stdout
        assert "readings: dict of 4: keys 'Mon', 'Tue', 'Wed', 'Thu'" in preview.stdout

        fixed = it.run("%stream fix demo:fix")
        assert fixed.ok
        assert "TypeError: unsupported operand type(s) for +: 'float' and 'str'" in fixed.stdout
        assert it.shell.run(it.shell.value("str(answer.code[0])")).shown.startswith("15.33")
        assert "python · 6 lines" in it.run("for block in answer.code").stdout

        assert it.run("days = [").ok
        assert it.run("%%stream demo:python --cells 2").ok
        details = it.shell.value("list(explained.details)")
        assert [detail.split(":")[0].split(" ")[0] for detail in details[:2]] == ["cell", "cell"]
        it.run("days = [")
        it.run("%%stream demo:python --cells 2")
        it.run("explained.details")
        ran = it.shell.run("%%stream openai:gpt-4.1-mini --cells 3 --dry-run\nWhat is it about?")
        assert "3 days with a reading" in ran.stdout


def test_a_small_experiment() -> None:
    with lesson(10) as it:
        it.run_all()
        listed = '"is_short": words <= 60, "has_list": "\\n- " in reply}'
        assert it.run("def brevity", ('"is_short": words <= 60}', listed)).ok
        assert it.run("prompts = [").ok
        assert it.shell.value("'has_list' in replies.to_frame().columns")

        five = it.run("prompts = [", ('"demo:haiku*2"', '"demo:haiku*5"'))
        assert five.ok
        assert it.shell.value("len(replies)") == 27
        assert it.run("frame = replies.to_frame()").ok
        assert it.shell.run('frame.boxplot("words", by="prompt")').ok
