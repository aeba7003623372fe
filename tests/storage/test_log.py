"""The log: what gets in, who may read it, what is found again, and that it is never in the way."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import streamnb
from streamnb import UsageError
from streamnb.cli import main
from streamnb.render import log_table
from streamnb.request.log_query import LogQuery, parse_log_args
from streamnb.storage import log
from streamnb.storage.log import LogEntry, LogWriter
from streamnb.streaming.log_entry import reply_from_entry
from streamnb.streaming.session import current_session
from tests.support import posix_only
from tests.upstream import ModelAnswer, Request, Upstream, answer_request

KEY = "sk-proj-0123456789abcdefghijkl"


def entry(prompt: str = "why", answer: str = "because", **more: Any) -> LogEntry:
    return LogEntry(**{"at": 0.0, "model": "demo", "system": None, "prompt": prompt, "answer": answer,
                       "state": "complete"} | more)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "log.sqlite3"


@pytest.fixture
def writer(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LogWriter]:
    """The session's log, in a folder of the test's own."""
    faults: list[str] = []
    writer = LogWriter(path, faults.append)
    monkeypatch.setattr(current_session(), "log", writer)
    yield writer
    assert faults == []


def write(path: Path, *entries: LogEntry) -> list[str]:
    """Write entries; return the notices."""
    faults: list[str] = []
    writer = LogWriter(path, faults.append)
    for one in entries:
        writer.add(one)
    writer.close()
    return faults


def test_every_stream_is_kept_with_its_figures(writer: LogWriter, path: Path) -> None:
    with Upstream(lambda request: answer_request(request, ModelAnswer(deltas=["Hel", "lo"]))) as server:
        streamnb.stream("hi", model="openai:m", system="be brief", base_url=server.openai_url, display=False)
    streamnb.stream("What is streaming?", model="demo:haiku", speed=0, display=False)
    writer.close()
    demo, live = log.search_entries((), 20, path)
    assert (live.model, live.system, live.prompt, live.answer) == ("openai:m", "be brief", "hi", "Hello")
    assert live.state == "complete"
    assert live.output_tokens is not None
    assert live.duration is not None
    assert live.duration > 0
    assert live.origin is None
    assert demo.origin is not None


def test_no_key_gets_in_and_an_attachment_by_its_name_and_size(writer: LogWriter, path: Path) -> None:
    def leak(request: Request) -> Any:
        return answer_request(request, ModelAnswer(deltas=[f"your key is {KEY} and own-key-of-mine-1"]))

    with Upstream(leak) as server:
        streamnb.stream(
            f"my key {KEY}",
            model="openai:m",
            base_url=server.openai_url,
            api_key="own-key-of-mine-1",
            attach=[b"\x89PNG\r\n\x1a\nsecret bytes"],
            display=False,
        )
    writer.close()
    (entry,) = log.search_entries((), 20, path)
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert KEY.encode() not in raw
    assert b"own-key-of-mine-1" not in raw
    assert b"secret bytes" not in raw
    assert entry.attachments == ("image/png, 20 bytes",)


@posix_only
def test_the_file_is_its_owner_s_alone(path: Path) -> None:
    assert write(path, entry()) == []
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_words_are_found_in_prompts_answers_and_models_whatever_they_mean_to_sqlite(path: Path) -> None:
    write(path, entry("rain in Oslo"), entry("snow", "it rains"), entry("x", model="openai:gpt"))
    assert [entry.id for entry in log.search_entries(["rain"], 20, path)] == [2, 1]
    assert [entry.id for entry in log.search_entries(["rain", "oslo"], 20, path)] == [1]
    assert [entry.id for entry in log.search_entries(["gpt"], 20, path)] == [3]
    for odd in ('"', "a OR b", "NEAR(", "prompt:x", "*", "'; DROP TABLE streams; --", "-x", "^"):
        log.search_entries([odd], 20, path)
    assert len(log.search_entries((), 2, path)) == 2


def test_what_is_deleted_is_in_the_file_no_more(path: Path) -> None:
    write(path, entry("the elephant"), entry("the heron"))
    assert log.delete_entries(1, path) == 1
    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"elephant" not in raw
    assert [entry.prompt for entry in log.search_entries((), 20, path)] == ["the heron"]
    with pytest.raises(UsageError, match="no entry 1"):
        log.delete_entries(1, path)
    assert log.delete_entries(None, path) == 1
    assert log.search_entries((), 20, path) == []
    assert b"heron" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_an_entry_is_shown_again_as_a_reply(path: Path) -> None:
    write(path, entry(answer="**yes**", cost=0.5, output_tokens=7, duration=2.0, first_token=0.5))
    stored = log.get_entry(1, path)
    reply = reply_from_entry(stored)
    assert (reply.text, reply.cost, reply.usage.output_tokens) == ("**yes**", 0.5, 7)
    assert "<strong" in reply._repr_mimebundle_()[0]["text/html"]
    assert "why" in log_table.entry_heading(stored)


def test_a_lone_surrogate_and_a_nul_are_kept_as_far_as_text_goes(path: Path) -> None:
    assert write(path, entry("a\ud800b", "c\x00d")) == []
    assert log.get_entry(1, path).prompt == "a?b"


def test_a_terminal_gets_no_escapes_from_the_log(path: Path) -> None:
    write(path, entry("\x1b[31mred", model="\x1b]0;x\x07"))
    entries = log.search_entries((), 20, path)
    assert "\x1b" not in log_table.entries_to_text(entries) + log_table.entry_heading(entries[0])


@pytest.mark.parametrize("version", [0, 2])
def test_a_file_of_another_format_is_one_line_and_stays_as_it_is(path: Path, version: int) -> None:
    write(path, entry())
    with sqlite3.connect(path) as database:
        database.execute(f"PRAGMA user_version = {version}")
    database.close()
    (notice,) = write(path, entry(), entry())
    assert f"format {version}, not 1" in notice
    with pytest.raises(UsageError, match=r"an older|a newer"):
        log.search_entries((), 20, path)


def test_a_foreign_database_and_a_broken_file_are_one_notice(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    (notice,) = write(path, entry(), entry())
    assert "no log of streamnb" in notice
    path.write_bytes(b"this is no database at all, but a text that is long enough" * 50)
    (notice,) = write(path, entry(), entry())
    assert "not a database" in notice
    assert "\n" not in notice


def test_a_folder_that_cannot_be_made_is_one_notice(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    (notice,) = write(tmp_path / "data" / "log.sqlite3", entry())
    assert "the log stops, answers go on" in notice


def test_a_locked_file_does_not_hold_up_an_answer(
    writer: LogWriter, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(path, entry("before"))
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    began = time.monotonic()
    streamnb.stream("What is streaming?", model="demo:haiku", speed=0, display=False)
    assert time.monotonic() - began < 2  # the writer waits up to 5
    holder.rollback()
    holder.close()
    writer.close()
    assert len(log.search_entries((), 20, path)) == 2


def test_a_file_that_stays_locked_is_one_notice(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "BUSY_TIMEOUT_S", 0.05)
    write(path, entry("before"))
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    faults: list[str] = []
    warning = threading.Event()
    writer = LogWriter(path, lambda line: (faults.append(line), warning.set()))
    writer.add(entry())
    assert warning.wait(5)
    writer.add(entry())
    writer.close()
    holder.close()
    (notice,) = faults
    assert "locked" in notice


def test_two_processes_write_into_one_log(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from streamnb.storage.log import LogEntry, LogWriter\n"
        "w = LogWriter(Path(sys.argv[1]), print)\n"
        "for n in range(50): w.add(LogEntry(0.0, 'demo', None, f'{sys.argv[2]} {n}', 'x', 'complete'))\n"
        "w.close()"
    )
    runs = [
        subprocess.Popen([sys.executable, "-c", code, str(path), name], stdout=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]
    assert [run.communicate(timeout=30)[0] for run in runs] == ["", ""]
    assert len({entry.prompt for entry in log.search_entries((), 1000, path)}) == 100


def test_without_a_log_it_is_one_line_and_no_file_is_made(path: Path) -> None:
    with pytest.raises(UsageError, match="no log yet"):
        log.search_entries((), 20, path)
    assert not path.exists()


def test_a_session_without_a_log_does_not_import_sqlite() -> None:
    code = (
        "import sys, streamnb\n"
        "streamnb.stream('hi', model='demo:haiku', speed=0, display=False)\n"
        "print('sqlite3' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("", LogQuery()),
        ("rain snow -n 3", LogQuery(terms=("rain", "snow"), limit=3)),
        ("-- show 3", LogQuery(terms=("show", "3"))),
        ("show 3", LogQuery("show", id=3)),
        ("delete 3", LogQuery("delete", id=3)),
        ("delete --all", LogQuery("delete")),
    ],
)
def test_the_words_say_what_is_wanted(line: str, query: LogQuery) -> None:
    assert parse_log_args(line.split()) == query


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("show", "log show 12"),
        ("show x", "log show takes a number"),
        ("delete", "ID of one entry or --all"),
        ("-n", "log -n takes a number"),
        ("-n 0", "from 1 to 1000"),
        ("--all", "log has no option --all"),
    ],
)
def test_words_that_make_no_sense_are_one_line(arguments: str, line: str) -> None:
    with pytest.raises(UsageError, match=line):
        parse_log_args(arguments.split())


def test_a_shell_lists_shows_and_deletes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    where = tmp_path / "log.sqlite3"
    monkeypatch.setattr(log, "log_path", lambda: where)
    assert main(["log"]) == 2
    assert "no log yet" in capsys.readouterr().err
    write(where, entry("rain in Oslo", "It **rains**."), entry("snow"))
    assert main(["log", "rain"]) == 0
    listed = capsys.readouterr().out
    assert "rain in Oslo" in listed
    assert "snow" not in listed
    assert main(["log", "show", "1"]) == 0
    assert "It **rains**." in capsys.readouterr().out
    assert main(["log", "delete", "--all"]) == 0
    assert capsys.readouterr().out == "2 entries deleted\n"
    assert main(["log"]) == 0
    assert capsys.readouterr().out == "nothing in the log\n"
