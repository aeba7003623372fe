"""Every refused line: one sentence that names what to type; nothing is sent or overwritten."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamnb.core.errors import UsageError
from tests.kernels import Kernel, kernel
from tests.upstream import Upstream

VARIABLES = """
from pathlib import Path
table = {"a": 1}
clip = b"RIFF....WAVEfmt "
film = b"\\0\\0\\0\\x18ftypmp42" + bytes(21_000_000)

def spread(*numbers: int) -> int: ...

class Unspeakable:
    def __init__(self, error): self.error = error
    def __repr__(self): raise self.error
    __str__ = __repr__
broken, impatient, leaving = map(Unspeakable, (ValueError("no text"), KeyboardInterrupt(), SystemExit(3)))
generator = (n for n in [])
import math
"""

CELLS = [  # what stands after %%stream, what of it is named, what to type instead
    ("openai:m --modle x", "--modle", "--model"),
    ("openai:m -model x", "-model", "--model"),
    ("openai:m b", "'b'", "quote a value"),
    ("fix", "fix is a command", "%stream fix, with one %"),
    ("chats show talk", "chats is a command", "-m chats"),
    ("openai:", "openai:", "openai:MODEL"),
    ("opnai:m", "opnai", "openai:m"),
    ("openai:m -s 'open", "openai:m -s 'open", "not closed"),
    ("openai:m -t warm", "'warm'", "a number from 0 on"),
    ("openai:m --max-tokens 0", "'0'", "a whole number from 1 on"),
    ("openai:m --timeout 0", "'0'", "a number above 0"),
    ("openai:m --retries x", "'x'", "a whole number from 0 on"),
    ("openai:m --speed -1", "'-1'", "a number from 0 on"),
    ("openai:m --option seed", "--option", "--option seed 7"),
    ("openai:m --option n 1 --option n 1", "--option n", "leave one of them out"),
    ("openai:m -o 1x", "'1x'", "draft_2"),
    ("openai:m -o class", "'class'", "draft_2"),
    ("openai:m -o print", "'print'", "draft_2"),
    ("openai:m -o get_ipython", "'get_ipython'", "draft_2"),
    ("openai:m -o In", "'In'", "draft_2"),
    ("openai:m -o _", "'_'", "draft_2"),
    ("openai:m -o __name__", "'__name__'", "draft_2"),
    ("openai:m -T broken", "Unspeakable", "def"),
    ("openai:m -a broken", "broken", "ValueError: no text; nothing was sent"),
    ("openai:m -a impatient", "impatient", "KeyboardInterrupt; nothing was sent"),
    ("openai:m -s '{{ leaving }}'", "leaving", "SystemExit: 3; nothing was sent"),
    ("openai:m -a generator", "a generator", "cannot be sent"),
    ("openai:m -a math", "a module", "cannot be sent"),
    ("openai:m --option model x", "--option model", "name it first"),
    ("openai:m --option messages []", "--option messages", "write it below the line"),
    ("openai:m --option timeout 5", "--option timeout", "--timeout 30"),
    ("openai:m --option extra_headers 5", "--option extra_headers", '{"NAME": "VALUE"}'),
    ("openai:m --option extra_body []", "--option extra_body", '{"NAME": "VALUE"}'),
    ("openai:m -c ''", "--chat", "--chat plans"),
    ("openai:m --base-url nowhere", "'nowhere'", "http://localhost:8000/v1"),
    ("openai:m --key-env sk-abc", "--key-env", "MY_KEY"),
    ("openai:m --key-env NOBODYS", "NOBODYS", "getpass"),
    ("openai:m --sync=yes", "--sync", "without '='"),
    ("openai:m --record /nowhere/x", "/nowhere/x", "your own folder"),
    ("openai:m -a gone.png", "'gone.png'", "file"),
    ("openai:m -a table.gone", "table.gone", "attribute"),
    ("openai:m -a film", "video/mp4 (21.0 MB)", "files.create"),
    ("openai-responses:m -a clip", "audio/wav", "attach text, an image or a PDF"),
    ("openai:m -s {{ clip }}", "{{ clip }}", "-a"),
    ("openai:m -T nobody", "--tool nobody", "run its cell"),
    ("openai:m -T table", "{'a': 1}", "def"),
    ("openai:m -T spread", "spread", "each with a name"),
    ("openai:m --schema nobody", "--schema nobody", "run its cell"),
    ("openai:m --schema table", "type dict", "class Person"),
    ("openai:m --bg --xray", "--xray", "%stream xray"),
    ("-m openai:m*17", "'openai:m*17'", "a number from 1 to 16"),
    ("-m openai:m*9 -m openai:n*9", "18 streams", "16 at most"),
    ("-m openai:m -m openai:n --bg", "--bg", "name one model"),
    ("-m openai:m -m openai:n -c plan", "--chat", "leave it out"),
    ("-m openai:m -m groq:n", "groq", "GROQ_API_KEY"),
    ("demo:nothing", "demo:nothing", "demo alone picks one"),
]

COMMANDS = [
    ("stpo", "'stpo'", "%stream stop"),
    ("show", "show", "%stream show answer"),
    ("show nobody", "'nobody'", "answers"),
    ("stop nobody", "'nobody'", "nothing is"),
    ("continue nobody", "'nobody'", "none so far"),
    ("continue answer", "'answer'", "none so far"),
    ("xray nobody", "'nobody'", "%stream xray answer"),
    ("alias 'a b' openai:m", "'a b'", "for example fast"),
    ("alias fast 'a b'", "'a b'", "provider:name"),
    ("models nobody", "'nobody'", "openai"),
    ("models azure", "azure", "type azure:"),
    ("chats nobody", "%stream chats", "chats show NAME"),
    ("chats show nobody", "'nobody'", "there are"),
    ("chats load /nowhere/x", "/nowhere/x", "chats save"),
    ("reset nobody", "'nobody'", "there are"),
    ("recover", "no stream was cut off", "journal = True"),
    ("cassette refresh", "no cassette", "%config"),
    ("compare -m openai:m", "compare", '%stream compare "'),
    ("compare hi -m openai:m --bg", "compare", "leave out --bg"),
    ("compare hi -m openai:m -m openai:n", "one model", "%%stream -m A -m B"),
]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture(scope="module")
def shell(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    home = tmp_path_factory.mktemp("state")
    set_ = {"OPENAI_BASE_URL": upstream.openai_url, "XDG_STATE_HOME": str(home)}
    with kernel("%load_ext streamnb", VARIABLES, **set_) as running:
        yield running


def refused(code: str, shell: Kernel, upstream: Upstream) -> str:
    """Run what has to be refused; return the sentence."""
    shell.run("answer = both = 'mine'", silent=True)
    ran = shell.run(code)
    assert not upstream.requests
    assert shell.value("answer, both") == ("mine", "mine")
    return ran.refusal


def check_sentence(message: str, given: str, instead: str) -> None:
    """Assert that a refusal names what was given and what to type, in one short sentence."""
    assert given in message
    assert instead in message
    assert len(message) < 260


@pytest.mark.parametrize(("line", "given", "instead"), CELLS, ids=[line for line, _, _ in CELLS])
def test_a_cell_is_refused_in_one_sentence(
    line: str, given: str, instead: str, shell: Kernel, upstream: Upstream
) -> None:
    check_sentence(refused(f"%%stream {line}\nhi", shell, upstream), given, instead)


@pytest.mark.parametrize(("line", "given", "instead"), COMMANDS, ids=[line for line, _, _ in COMMANDS])
def test_a_command_is_refused_in_one_sentence(
    line: str, given: str, instead: str, shell: Kernel, upstream: Upstream
) -> None:
    check_sentence(refused(f"%stream {line}", shell, upstream), given, instead)


def test_what_cannot_be_replayed_is_refused(shell: Kernel, upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    assert "--record FILE" in refused(f"%%stream --replay {tmp_path / 'notes.txt'}\n", shell, upstream)
    assert "gone" in refused(f"%%stream --replay {tmp_path / 'gone'}\n", shell, upstream)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_an_empty_prompt_is_refused(shell: Kernel, upstream: Upstream) -> None:
    assert "the prompt is empty: type one" in refused("%%stream openai:m\n\n", shell, upstream)


def test_a_refusal_quotes_what_was_typed_without_what_moves_a_terminal() -> None:
    error = UsageError("there is no option --a\x1b[2J\x9b1m\u202e\u2028b; --help lists them all\n")
    assert str(error) == "there is no option --a [2J 1m b; --help lists them all "
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
