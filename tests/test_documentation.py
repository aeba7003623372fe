"""Every cell and every command that README and docs/ name, run as a reader would type it.

Models answer from a server on this computer; CAPITALS stand for something of the reader's own and are
filled in.
`streamnb demo` opens JupyterLab and is tried in tests/test_cli.py.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from tests.kernels import Kernel, kernel
from tests.support import PROJECT
from tests.upstream import Upstream

PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")])

NAMESPACE = """
import os, pathlib
%load_ext streamnb
%config StreamMagics.speed = 0
%config StreamMagics.log = True
from pydantic import BaseModel
class Recipe(BaseModel):
    title: str = ""
df, report, prompts = [1, 2], "a report", ["one", "two"]
from streamnb import stream
answer = stream("Count to ten.", model="demo:haiku", speed=0)
stream("A poem.", model="openai:any")
"""
READER = {
    "FILE": "kept.jsonl",
    "MODEL": "demo",
    "NAME": "answer",
    "NEW": "other",
    "CHAT": "chemistry",
    "PROMPT": "Hello",
    "WORDS": "haiku",
    "PROVIDER": "groq",
    "ID": "1",
    "N": "1",
}
"""What a reader puts where a page has a word in capitals."""


def indented(page: Path) -> list[str]:
    """Return the blocks of a page that are set off by four blanks."""
    lines = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S).splitlines()
    groups = groupby(lines, key=lambda line: line.startswith("    "))
    return ["\n".join(line[4:] for line in group) for is_code, group in groups if is_code]


def fenced(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), flags=re.M | re.S)


def spans(text: str) -> list[str]:
    """Return the inline code of a text, as a reader sees it in a table."""
    return [span.replace(r"\|", "|") for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)]


def table_commands(page: Path) -> list[str]:
    """Return the commands of a table's first column that leave `%stream` out."""
    rows = re.findall(r"^\| (`%stream .*?) \| ", page.read_text("utf-8"), flags=re.M)
    return [span for row in rows for span in spans(row) if not span.startswith("%")]


def as_typed(command: str) -> list[str]:
    """Return a command with none of the words in brackets, and one with the first of each."""
    every = re.sub(
        r"(?<= )\[([^][|]*)(?:\|[^][]*)?\]", r"\1", command.replace("[NAME [MODEL]]", "NAME MODEL")
    )
    without = re.sub(r"\s+\[[^][]*\]", "", command.replace("[NAME [MODEL]]", ""))
    forms = [without.strip()] if without == every else [without.strip(), every]
    alternatives = (form.replace("ID|--all", "ID") for form in forms)
    return [
        re.sub(r"\b[A-Z]+\b", lambda match: READER.get(match[0], match[0]), form) for form in alternatives
    ]


CELLS = [
    pytest.param(block, id=f"{page.stem}-{block.splitlines()[0][:40]}")
    for page in PAGES
    for block in [*indented(page), *fenced(page, "python")]
    if re.match(r"%|from |import |print|answer", block)
]
LINE_MAGICS = [
    pytest.param(line, id=line)
    for line in dict.fromkeys(
        line
        for page in PAGES
        for span in [*spans(page.read_text("utf-8")), *(f"%stream {cell}" for cell in table_commands(page))]
        if re.match(r"%(stream|config|load_ext)\b", span)
        for line in as_typed(span)
    )
]
COMMANDS = [
    pytest.param(line, id=line)
    for line in dict.fromkeys(
        typed
        for page in PAGES
        for line in [
            *spans(page.read_text("utf-8")),
            *(line for block in indented(page) for line in block.splitlines()),
        ]
        if re.match(r"streamnb |cat .*\| *streamnb", line) and not line.startswith("streamnb demo")
        for typed in as_typed(line)
    )
]


@pytest.fixture(scope="module")
def server() -> Iterator[Upstream]:
    with Upstream(text='{"title": "Soup"}') as upstream:
        yield upstream


@pytest.fixture(scope="module")
def environ(server: Upstream, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": "key-of-a-reader",
        "GEMINI_API_KEY": "key-of-a-reader",
        "GROQ_API_KEY": "key-of-a-reader",
        "GROQ_BASE_URL": server.openai_url,
        "OPENAI_BASE_URL": server.openai_url,
        "GOOGLE_GEMINI_BASE_URL": server.gemini_url,
        "OLLAMA_BASE_URL": server.openai_url,
        "STREAMNB_DATA": str(tmp_path_factory.mktemp("data")),
    }


@pytest.fixture(scope="module")
def notebook(environ: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with kernel(NAMESPACE, f"%cd -q {tmp_path_factory.mktemp('reader')}", **environ) as running:
        assert not running.run("1 / 0").ok  # there is something to fix
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_of_the_pages_runs_as_it_stands(notebook: Kernel, cell: str) -> None:
    ran = notebook.run(
        cell.replace("getpass.getpass()", "'key-of-a-reader'")
    )  # a kernel of a test cannot ask
    assert ran.ok, ran.stderr + ran.traceback
    assert "sent as typed" not in str(ran.outputs)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINE_MAGICS)
def test_a_command_of_the_pages_does_something(notebook: Kernel, line: str) -> None:
    notebook.run("%%stream demo:haiku -c chemistry\nHello")
    if line.startswith("%stream code"):
        notebook.run(
            "answer = stream('Two blocks.', model='demo:python', display=False)\nrows = [answer] * 4"
        )
        notebook.run("answer = {'openai:gpt-4.1-mini': answer}" if "answer[" in line else "")
    if "chats load" not in line:
        notebook.run("pathlib.Path('kept.jsonl').unlink(missing_ok=True)")
    ran = notebook.run(line)
    text = ran.stdout + ran.shown + ran.stderr + ran.traceback
    assert ran.ok or NOTHING_TO_DO.get(line, "\0") in text, text
    notebook.run("%config StreamMagics.cassette = ''\n%config StreamMagics.model = ''")


NOTHING_TO_DO = {
    "%stream continue answer": "played from a recording",
    "%stream recover": "no stream was cut off",
    "%stream models groq": "groq: no host of the name api.groq.com was found",
    "%stream stop answer": "is not streaming in the background",
    "%stream wait answer": "is not streaming in the background",
}
"""Commands that have nothing to do offline, in a session where nothing went wrong, and what they then say."""


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.usefixtures("notebook")  # which keeps a log
def test_a_shell_command_of_the_pages_runs(environ: dict[str, str], tmp_path: Path, command: str) -> None:
    (tmp_path / "notes.md").write_text("Notes.\n", "utf-8")
    program = f"{shlex.quote(sys.executable)} -m streamnb "
    line = re.sub(r"(^|\| *)streamnb ", lambda match: match[1] + program, command)
    ran = subprocess.run(
        line,
        shell=True,
        cwd=tmp_path,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        timeout=60,
        input="",
    )
    assert ran.returncode == 0, ran.stderr


def test_a_script_that_a_page_names_exists_and_can_be_run() -> None:
    for page in [*PAGES, *PROJECT.glob("*.md")]:
        for name in re.findall(r"\bscripts/([\w-]+)", page.read_text("utf-8")):
            assert os.access(PROJECT / "scripts" / name, os.X_OK), (page.name, name)


def test_a_file_of_the_package_that_a_page_names_exists() -> None:
    for page in [*PAGES, *PROJECT.glob("*.md")]:
        for span in spans(page.read_text("utf-8")):
            for name in re.findall(r"(?<![\w*/])((?:\w+/)+\w+\.(?:py|js|css))\b", span):
                roots = (PROJECT, PROJECT / "streamnb", PROJECT / "tests")
                assert any((root / name).is_file() for root in roots), (page.name, name)


def test_a_link_within_the_project_leads_somewhere() -> None:
    for page in [*PAGES, *PROJECT.glob("*.md")]:
        for target in links(page):
            address, _, fragment = target.partition("#")
            file = page.parent / address if address else page
            assert file.exists(), (page.name, target)
            assert not fragment or fragment in anchors(file), (page.name, target)


def test_every_message_of_the_page_is_one_that_the_package_has() -> None:
    trees = (ast.parse(file.read_text("utf-8")) for file in (PROJECT / "streamnb").rglob("*.py"))
    constants = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    texts = "\0".join(text for text in constants if isinstance(text, str))
    page = (PROJECT / "docs" / "messages.md").read_text("utf-8")
    messages = [span for row in re.findall(r"^\| (`.*?) \| ", page, flags=re.M) for span in spans(row)]
    assert len(messages) > 40
    for message in messages:
        for part in message.split("…"):
            assert part.strip("{} ;:()") in texts, (message, part)


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```$|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.M | re.S)
    targets = re.findall(r"(?:\]\(|srcset=\"|src=\")([^)\"\s]+)", text)
    return [target for target in targets if not re.match(r"\w+:", target)]


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are called in an address, by a code host's rule."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), flags=re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
