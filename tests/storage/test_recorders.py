"""What keeps a stream: the cassette that answers again, the journal that survives a kernel."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streamnb.core.errors import UsageError
from streamnb.core.events import State
from streamnb.core.recording import Header, RecordingWriter, read
from streamnb.core.reply import Reply
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead, WireEvent
from streamnb.request.options import Options
from streamnb.storage import journal
from streamnb.storage.recorders import Recorders, check_writable
from streamnb.streaming.planner import make_plan, make_replay_plan
from streamnb.streaming.runner import run_plan
from streamnb.views.base import NoView
from tests.support import PROJECT, posix_only
from tests.upstream import ModelAnswer, Upstream, answer_request


def ask(upstream: Upstream, prompt: str = "why?", **options: object) -> Reply:
    given = {
        "models": ("openai:m",),
        "base_url": upstream.openai_url,
        "api_key": "canary-key-0123456789",
    } | options
    return run_plan(make_plan(prompt, Options(**given)), NoView())  # type: ignore[arg-type]


def test_a_cassette_answers_the_same_question_without_asking_again(tmp_path: Path) -> None:
    cassette = tmp_path / "lesson"
    with Upstream() as upstream:
        first = ask(upstream, cassette=cassette)
        second = ask(upstream, cassette=cassette, speed=0)
        assert len(upstream.requests) == 1
    assert second == first
    assert second.usage == first.usage
    assert second.origin is not None
    assert "replay" in second.origin


def test_a_cassette_plays_without_the_key_that_it_was_made_with(tmp_path: Path) -> None:
    cassette = tmp_path
    with Upstream() as upstream:
        first = ask(upstream, cassette=cassette)
    again = make_plan("why?", Options(models=("openai:m",), cassette=cassette, speed=0), environ={})
    assert run_plan(again, NoView()) == first


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.5},
        {"system": "brief"},
        {"options": {"seed": 1}},
        {"attach": (b"\x89PNG\r\n\x1a\n",)},
    ],
)
def test_another_question_is_asked(change: dict[str, object], tmp_path: Path) -> None:
    cassette = tmp_path
    with Upstream() as upstream:
        ask(upstream, cassette=cassette)
        ask(upstream, cassette=cassette, **change)
        assert len(upstream.requests) == 2


def test_refresh_asks_again_and_keeps_the_new_answer(tmp_path: Path) -> None:
    with Upstream(text="old") as upstream:
        ask(upstream, cassette=tmp_path)
    with Upstream(text="new") as upstream:
        ask(upstream, cassette=tmp_path, cassette_since=time.time() + 60)
        assert ask(upstream, cassette=tmp_path, speed=0) == "new"


def test_a_stream_that_broke_off_is_not_kept(tmp_path: Path) -> None:
    with Upstream(finish=None) as upstream:
        assert ask(upstream, cassette=tmp_path).state == "unfinished"
    assert list(tmp_path.iterdir()) == []


def test_no_key_is_in_a_recording(tmp_path: Path) -> None:
    with Upstream(text="your key is canary-key-0123456789") as upstream:
        ask(upstream, record=tmp_path / "a.jsonl", cassette=tmp_path, journal=tmp_path / "j")
    contents = [path.read_bytes() for path in tmp_path.rglob("*.jsonl")]
    assert len(contents) == 3
    assert not any(b"canary-key" in content for content in contents)


def test_the_journal_keeps_every_stream_where_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "journal"
    with Upstream() as upstream:
        reply = ask(upstream, journal=folder)
    (path,) = folder.iterdir()
    assert read(path).header.model == "openai:m"
    assert reply
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0
        assert path.stat().st_mode & 0o077 == 0


def cut_off(path: Path, *more: WireEvent) -> None:
    writer = RecordingWriter(path, Header("openai", "openai:m"))
    writer.feed(RequestSent(0.0))
    writer.feed(ResponseHead(0.1, 200, {"content-type": "text/event-stream"}))
    writer.feed(Data(0.2, b'data: {"choices": [{"delta": {"content": "half"}}]}\n\n'))
    for message in more:
        writer.feed(message)
    writer.close()  # as the system does for a process that was killed: no end was written


def test_the_stream_that_a_killed_kernel_left_is_found(tmp_path: Path) -> None:
    cut_off(tmp_path / "20260101-000000-4999999-1.part")
    cut_off(tmp_path / "20260102-000000-4999999-2.jsonl")
    recording = journal.latest_cut_off_recording(tmp_path)
    assert recording.header.model == "openai:m"
    assert isinstance(recording.wire_events[-1], Data)


def test_a_stream_that_was_killed_while_a_tool_ran_is_found_as_well(tmp_path: Path) -> None:
    path = tmp_path / "20260101-000000-4999999-1.part"
    cut_off(path, EndOfBody(1.0))  # the request had ended, the stream had not
    assert isinstance(journal.latest_cut_off_recording(tmp_path).wire_events[-1], EndOfBody)


def test_a_stream_that_is_still_running_was_not_cut_off(tmp_path: Path) -> None:
    cut_off(tmp_path / f"20260101-000000-{os.getpid()}-1.part")
    with pytest.raises(UsageError, match="no stream was cut off"):
        journal.latest_cut_off_recording(tmp_path)


@pytest.mark.parametrize("state", ["complete", "interrupted", "lost"])
def test_a_stream_that_ended_was_not_cut_off_however_it_ended(tmp_path: Path, state: State) -> None:
    path = tmp_path / "20260101-000000-4999999-1.part"
    recorders = Recorders(
        [], journal=journal.JournalWriter(path, RecordingWriter(path, Header("openai", "openai:m")))
    )
    recorders.feed(RequestSent(0.0))
    recorders.close(Reply(state=state))
    with pytest.raises(UsageError, match="no stream was cut off"):
        journal.latest_cut_off_recording(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["20260101-000000-4999999-1.jsonl"]


KILLED = """
import sys, time
from pathlib import Path
from streamnb.request.options import Options
from streamnb.views.base import NoView
from streamnb.streaming.runner import run_plan
from streamnb.streaming.planner import make_plan
from streamnb.streaming.tools import tool

@tool(approve=False)
def wait() -> str:
    print("called", flush=True)
    time.sleep(60)
    return ""

asked = Options(models=("openai:m",), base_url=sys.argv[1], journal=Path(sys.argv[2]), tools=(wait,))
run_plan(make_plan("why?", asked), NoView())
"""


@pytest.mark.slow
def test_a_process_that_is_killed_while_a_tool_runs_leaves_all_its_text(tmp_path: Path) -> None:
    speech = ModelAnswer(text="Let me look.", tool_calls=[("wait", "{}")], finish="tool")
    with Upstream(lambda request: answer_request(request, speech)) as upstream:
        command = [sys.executable, "-c", KILLED, upstream.openai_url, str(tmp_path)]
        with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as doomed:
            assert doomed.stdout is not None
            assert doomed.stdout.readline() == b"called\n"
            doomed.kill()
    reply = run_plan(
        make_replay_plan(journal.latest_cut_off_recording(tmp_path), Options(speed=0.0)), NoView()
    )
    assert reply.text == "Let me look."
    assert [call.name for call in reply.tool_calls] == ["wait"]


def test_an_empty_journal_says_how_to_keep_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"StreamMagics\.journal"):
        journal.latest_cut_off_recording(tmp_path)


def test_old_files_of_the_journal_are_cleared(tmp_path: Path) -> None:
    old = [tmp_path / f"20200101-000000-1-1{suffix}" for suffix in (".jsonl", ".part")]
    for path in old:
        cut_off(path)
        os.utime(path, (0, 0))
    journal.prepare_next_file(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere" / "a.stream", tmp_path):
        with pytest.raises(UsageError, match="cannot be written"):
            make_plan("why?", Options(models=("demo",), record=path))
    make_plan("why?", Options(models=("demo",), record=tmp_path / "a.stream"))
    assert list(tmp_path.iterdir()) == []


def test_a_recording_takes_the_place_of_a_recording_and_of_nothing_else(tmp_path: Path) -> None:
    notes, empty, recording = (tmp_path / name for name in ("notes.md", "empty", "kept.stream"))
    notes.write_text("mine")
    empty.touch()
    cut_off(recording)
    with pytest.raises(UsageError, match="something else than a recording"):
        make_plan("why?", Options(models=("demo",), record=notes))
    assert notes.read_text() == "mine"
    for path in (empty, recording):
        make_plan("why?", Options(models=("demo",), record=path))


@posix_only
@pytest.mark.parametrize("name", ["circle", "dangling"])
def test_a_link_that_leads_nowhere_is_refused_before_anything_is_sent(tmp_path: Path, name: str) -> None:
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "dangling").symlink_to(tmp_path / "somewhere")
    with pytest.raises(UsageError, match="cannot be written"):
        check_writable(tmp_path / name)
    assert not (tmp_path / "somewhere").exists()


@posix_only
def test_a_link_to_a_file_of_somebody_else_is_not_written_through(tmp_path: Path) -> None:
    foreign, link = tmp_path / "foreign", tmp_path / "mine.jsonl"
    foreign.touch(mode=0o644)
    link.symlink_to(foreign)
    with pytest.raises(UsageError, match="it is a link"):
        check_writable(link)
    with pytest.raises(UsageError, match="cannot be written"):
        RecordingWriter(link, Header("openai", "openai:m"))
    assert foreign.read_bytes() == b""
    assert foreign.stat().st_mode & 0o777 == 0o644
