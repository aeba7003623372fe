"""The command line as a person types it: a process of its own, pipes, a terminal, exit statuses."""

from __future__ import annotations

import io
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamnb import cli, demo_cli
from tests.support import PROJECT, posix_only
from tests.upstream import TEXT, ModelAnswer, Upstream

COMMAND = [sys.executable, "-m", "streamnb"]


class Keyboard(io.StringIO):
    """Standard input that is a person's keyboard, at which nothing is typed."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as server:
        yield server


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in an empty folder: a .env of the person who runs the tests is none of theirs."""
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        capture_output=True,
        timeout=60,
        env=os.environ | environ,
        check=False,
    )


def at(upstream: Upstream) -> list[str]:
    return ["-m", "openai:test", "--base-url", upstream.openai_url]


def prompt(upstream: Upstream) -> object:
    return upstream.requests[-1].json["messages"][-1]["content"]


@pytest.mark.parametrize("surface", [[], ["--sync"]], ids=["async", "sync"])
def test_text_goes_to_stdout_and_the_footer_to_stderr(upstream: Upstream, surface: list[str]) -> None:
    ran = run("Why is the sky blue?", *at(upstream), *surface)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.decode() == TEXT + "\n"
    footer = ran.stderr.decode()
    for figure in ("total tokens", "tokens/s", "median", "p95", "longest"):
        assert figure in footer
    assert "\x1b" not in footer
    assert prompt(upstream) == "Why is the sky blue?"


def test_a_first_text_does_not_wait_for_a_client_that_openai_does_not_use(upstream: Upstream) -> None:
    program = "import sys\nfrom streamnb.cli import main\nmain()\nsys.exit('httpx' in sys.modules)"
    arguments = ["-c", program, "hi", *at(upstream)]
    ran = subprocess.run([sys.executable, *arguments], capture_output=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout.decode().strip()) == (0, TEXT)


def test_standard_input_goes_after_the_prompt(upstream: Upstream) -> None:
    assert run("summarise", *at(upstream), stdin="nötes\n".encode()).returncode == 0
    assert prompt(upstream) == "summarise\n\nnötes\n"
    assert run(*at(upstream), stdin=b"only notes").returncode == 0
    assert prompt(upstream) == "only notes"


def test_two_dashes_end_the_options(upstream: Upstream) -> None:
    assert run(*at(upstream), "--", "--sync", "is text").returncode == 0
    assert prompt(upstream) == "--sync is text"


def test_braces_stay_as_typed(upstream: Upstream) -> None:
    assert run("{{ os }} {x}", *at(upstream)).returncode == 0
    assert prompt(upstream) == "{{ os }} {x}"


def test_a_file_can_be_attached(upstream: Upstream, tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("from the file")
    assert run("read", *at(upstream), "-a", str(tmp_path / "notes.md")).returncode == 0
    assert "from the file" in str(prompt(upstream))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hi", "--modle", "x"], "Did you mean --model?"),
        (["hi"], "STREAMNB_MODEL"),
        (["hi", "-m", "openai:gpt-4.1-mini"], "OPENAI_API_KEY"),
        (["hi", "-m", "demo", "-o", "x"], "--into needs a notebook"),
        (["hi", "-m", "demo", "-T", "f"], "--tool needs a notebook"),
        (["-m", "demo"], "prompt is empty"),
        (["demo", "--bogus"], "--bogus"),
        (["hi", "-m", "demo", "-a", "no-such-file.png"], "no file"),
    ],
)
def test_a_usage_error_is_one_line_and_status_2(
    arguments: list[str], message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        assert cli.main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1
    assert message in lines[0]


def test_a_fault_is_status_1_and_keeps_the_text() -> None:
    with Upstream(text="not here", status=404) as server:
        ran = run("hi", *at(server), "--retries", "0")
    assert ran.returncode == 1
    assert "not here" in ran.stderr.decode()
    assert "Traceback" not in ran.stderr.decode()


def test_an_interrupt_is_status_130_and_keeps_the_text() -> None:
    with Upstream(text=TEXT * 50, delay=0.02) as server:
        process = subprocess.Popen(
            [*COMMAND, "hi", *at(server)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,  # what a buffer has read ahead, ``communicate`` does not return
        )
        assert process.stdout is not None
        first = process.stdout.read(8)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (TEXT * 50).encode().startswith(first + out.rstrip(b"\n"))
    assert "interrupted" in err.decode()
    assert "Traceback" not in err.decode()


def test_a_reader_that_leaves_ends_the_stream_quietly() -> None:
    with Upstream(text=TEXT * 100, delay=0.005) as server:
        process = subprocess.Popen(
            [*COMMAND, "hi", *at(server)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.read(8)
        process.stdout.close()
        assert process.stderr is not None
        err = process.stderr.read()
        process.stderr.close()
        assert process.wait(30) == 0
        assert len(server.sent) < 2000
    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


def test_help_into_a_reader_that_leaves_is_quiet() -> None:
    ran = subprocess.run(
        f"{sys.executable} -m streamnb --help | true",
        shell=True,
        capture_output=True,
        timeout=60,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        check=False,
    )
    assert ran.stderr == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_a_fault_in_one_line() -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [*COMMAND, "A haiku", "-m", "demo", "--speed", "0"],
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert ran.returncode == 1
    assert "standard output cannot be written" in ran.stderr.decode()
    assert "Traceback" not in ran.stderr.decode()


def test_a_model_cannot_steer_the_terminal() -> None:
    speech = ModelAnswer(deltas=["safe\x1b", "]52;c;ZXZpbA==", "\x07 and \x1b[2Jsound\u202e"])
    with Upstream(deltas=speech.deltas) as server:
        ran = run("hi", *at(server))
    assert ran.stdout.decode() == "safe and sound⟨U+202E⟩\n"


def test_help_and_version() -> None:
    ran = run("--help")
    assert ran.returncode == 0
    assert b"--base-url" in ran.stdout
    for of_a_notebook in (
        b"variable of the notebook",
        b"set the variable",
        b"{{",
        b"--yes",
        b"--chat",
        b"tools",
    ):
        assert of_a_notebook not in ran.stdout
    assert run("--version").stdout.startswith(b"streamnb 0.")


def test_letters_that_the_encoding_lacks_are_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    monkeypatch.setenv("OPENAI_API_KEY", "k-0123456789")
    monkeypatch.setattr("sys.stdin", Keyboard())
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(file, encoding="ascii"))
    assert cli.main(["wörds 水", "-m", "openai:test", "--dry-run"]) == 0
    assert b"w?rds ?" in file.getvalue()


def test_every_command_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    for command, text in (("demo", "needs no key"), ("log", "log delete ID"), ("compare", "Options:")):
        assert cli.main([command, "--help"]) == 0
        assert text in capsys.readouterr().out


def test_compare_without_a_prompt_asks_for_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard())
    assert cli.main(["compare"]) == 2
    assert "compare needs a prompt" in capsys.readouterr().err


def test_the_line_for_a_missing_model_cannot_be_read_as_if_one_had_been_named() -> None:
    ran = run("A haiku")
    assert ran.returncode == 2
    (line,) = ran.stderr.decode().splitlines()
    assert line == (
        'streamnb: no model was named; to name one: -m MODEL, model="MODEL" in Python, or the variable '
        "STREAMNB_MODEL; for example openai:gpt-4.1-mini, or demo, which answers offline"
    )


def test_the_model_of_the_environment_is_used() -> None:
    ran = run("A haiku", "--speed", "0", STREAMNB_MODEL="demo:haiku")
    assert ran.returncode == 0
    assert ran.stdout


@pytest.mark.slow
def test_the_demo_stops_after_its_answer_where_nobody_watches() -> None:
    ran = run("demo")
    assert ran.returncode == 0
    assert len(ran.stdout) > 100
    assert "streamnb demo" in ran.stderr.decode().splitlines()[-1]
    assert "demo" in ran.stderr.decode()


def test_the_first_notebook_of_a_wheel_is_copied_and_never_over_a_persons_own(
    tmp_path: Path,
) -> None:
    package, folder = tmp_path / "site" / "streamnb", tmp_path / "work"
    (package / "notebooks").mkdir(parents=True)
    folder.mkdir()
    (package / "notebooks" / demo_cli.FIRST_NOTEBOOK).write_text("the lesson")
    assert demo_cli.find_or_copy_first_notebook(package, folder).read_text() == "the lesson"
    (folder / demo_cli.FIRST_NOTEBOOK).write_text("with my changes")
    assert demo_cli.find_or_copy_first_notebook(package, folder).read_text() == "with my changes"


def test_all_lessons_of_a_wheel_are_copied_together_so_that_their_links_lead_somewhere(
    tmp_path: Path,
) -> None:
    package, folder = tmp_path / "site" / "streamnb", tmp_path / "work"
    shutil.copytree(PROJECT / "notebooks", package / "notebooks")
    folder.mkdir()
    first = demo_cli.find_or_copy_first_notebook(package, folder)
    assert [path.name for path in folder.iterdir()] == ["streamnb-lessons"]
    assert first == folder / "streamnb-lessons" / "01_first_stream.ipynb"
    lessons = sorted((PROJECT / "notebooks").glob("*.ipynb"))
    assert sorted(path.name for path in first.parent.iterdir()) == [path.name for path in lessons]
    (first.parent / lessons[-1].name).unlink()
    first.write_text("with my changes")
    assert demo_cli.find_or_copy_first_notebook(package, folder).read_text() == "with my changes"
    assert (first.parent / lessons[-1].name).is_file()


def test_main_takes_words_and_returns_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--modle"]) == 2
    assert "--model" in capsys.readouterr().err


@posix_only
@pytest.mark.slow
def test_the_demo_prints_an_address_that_answers(tmp_path: Path) -> None:
    """In a terminal, ``streamnb demo --no-browser`` ends up with JupyterLab on the notebook."""
    import pty  # Windows has none

    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.environ.pop("CI", None)
        os.execv(sys.executable, [*COMMAND, "demo", "--no-browser"])
    try:
        seen, deadline = "", time.monotonic() + 90
        while "JupyterLab: " not in seen and time.monotonic() < deadline:
            if select.select([terminal], [], [], 0.5)[0]:
                seen += os.read(terminal, 65536).decode(errors="replace")
        assert "JupyterLab: http" in seen, seen
        assert f"lab/tree/{demo_cli.FIRST_NOTEBOOK}?token=" in seen
        os.write(terminal, b"\x03")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                assert os.waitstatus_to_exitcode(status) == 0
                return
            if select.select([terminal], [], [], 0.2)[0]:
                try:
                    os.read(terminal, 65536)
                except OSError:  # the other side has closed
                    time.sleep(0.2)
        pytest.fail("Ctrl-C did not end it")
    finally:
        os.close(terminal)


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX closes it")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_standard_output_is_silence(closed: str) -> None:
    command = f'"{sys.executable}" -m streamnb hi -m demo:haiku --speed 0 {closed} < /dev/null'
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0
    assert "Traceback" not in ran.stderr + ran.stdout
