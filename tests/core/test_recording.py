"""A recording gives back what happened, and keeps no secret."""

from __future__ import annotations

import itertools
import json
import os
import stat
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core import recording
from streamnb.core.errors import UsageError
from streamnb.core.recording import Header, Recording, RecordingWriter
from streamnb.core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, WireEvent
from streamnb.streaming.replay import Player
from tests.support import posix_only

HEADER = Header("openai", "openai:gpt-4.1-mini", "2026-11-20T12:34:56+00:00")
PLAIN = (
    RequestSent(0.0),
    ResponseHead(0.1, 200, {"content-type": "text/event-stream"}),
    Data(0.2, b"data: 1\n\n"),
    EndOfBody(0.3),
)

FIRST_LINE = b'{"streamnb": "recording", "version": 1, "provider": "p", "model": "m", "recorded": "r"}'


def write_recording(
    path: Path, messages: tuple[WireEvent, ...], header: Header = HEADER, **more: Any
) -> bytes:
    writer = RecordingWriter(path, header, **more)
    for message in messages:
        writer.feed(message)
    writer.close()
    return path.read_bytes()


def play(
    source: Recording,
    speed: float = 0.0,
    request: int = 0,
    act: Callable[[Player, WireEvent], None] | None = None,
) -> list[WireEvent]:
    """Play to the end; ``act`` is called with every message as it is put."""
    got: list[WireEvent] = []
    ready = threading.Event()

    def put(message: WireEvent) -> None:
        ready.wait(5)
        got.append(message)
        if act:
            act(player, message)

    player = Player(source, put, speed, request)
    ready.set()
    player.join(10)
    return got


def gaps(times: list[float]) -> list[float]:
    return [later - earlier for earlier, later in itertools.pairwise(times)]


def without_times(messages: list[WireEvent] | tuple[WireEvent, ...]) -> list[Any]:
    summaries: list[Any] = []
    for message in messages:
        match message:
            case RequestSent():
                summaries.append("sent")
            case ResponseHead():
                summaries.append((message.status, dict(message.headers)))
            case Data():
                summaries.append(message.data)
            case EndOfBody():
                summaries.append(message.fault)
    return summaries


@given(
    st.lists(st.binary() | st.text().map(str.encode)),
    st.sampled_from([None, Fault("lost", "it broke", True), Fault("error", "no")]),
)
def test_what_was_written_is_read_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[bytes], fault: Fault | None
) -> None:
    path = tmp_path_factory.mktemp("kept") / "a.jsonl"
    messages = (
        RequestSent(100.0),
        ResponseHead(100.5, 200, {"content-type": "x"}),
        *(Data(101.0 + index, data) for index, data in enumerate(blocks)),
        EndOfBody(999.0, fault),
    )
    write_recording(path, messages)
    loaded = recording.read(path)
    assert loaded.header == HEADER
    assert without_times(loaded.wire_events) == without_times(messages)
    assert [message.at for message in loaded.wire_events] == [message.at - 100.0 for message in messages]


def test_text_is_kept_readable_and_other_bytes_are_not_lost(tmp_path: Path) -> None:
    data = write_recording(
        tmp_path / "a", (RequestSent(0), Data(0, "data: é\u2028\n".encode()), Data(0, b"\xc3"))
    )
    lines = data.split(b"\n")
    assert json.loads(lines[2])["text"] == "data: é\u2028\n"
    assert json.loads(lines[3])["base64"] == "ww=="


@given(st.integers(min_value=0))
def test_a_recording_that_breaks_off_anywhere_after_its_header_is_read_up_to_there(cut: int) -> None:
    lines = [
        FIRST_LINE,
        b'{"at": 0.0, "sent": true}',
        b'{"at": 0.1, "text": "data: 1"}',
        '{"at": 0.2, "text": "é"}'.encode(),
    ]
    whole = b"\n".join(lines)
    head = len(lines[0]) + 1
    broken = whole[: head + cut % (len(whole) - head + 1)]
    full = without_times(recording.parse(whole, "x").wire_events)
    some = without_times(recording.parse(broken, "x").wire_events)
    assert some == full[: len(some)]
    assert len(some) >= broken.count(b"\n") - 1


def test_a_recording_without_an_end_replays_and_ends_in_order() -> None:
    assert without_times(play(Recording(HEADER, PLAIN[:3]))) == without_times(PLAIN)


def test_a_header_alone_is_a_recording_of_nothing() -> None:
    assert without_times(play(Recording(HEADER, ()))) == ["sent", None]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"{}",
        b'{"cells": [], "nbformat": 4}',
        b"\x89PNG\r\n",
        b'{"streamnb": "recording"',
        b'{"streamnb": "recording"}',
        FIRST_LINE.replace(b"1", b'"one"'),
        FIRST_LINE.replace(b'"r"', b'"r", "about": 3'),
        FIRST_LINE.replace(b"1", b"99"),
        FIRST_LINE + b"\nnot json\n{}",
        FIRST_LINE + b"\n[]\n{}",
        FIRST_LINE + b'\n{"at": 1, "base64": "?"}\n{}',
        FIRST_LINE + b'\n{"at": 1' + b"0" * 400 + b', "sent": true}\n{}',
    ],
)
def test_a_foreign_or_damaged_file_is_one_line_that_names_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "lesson.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError) as raised:
        recording.read(path)
    assert "lesson.jsonl" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_lines_and_fields_of_a_later_minor_version_are_passed_over() -> None:
    data = (
        FIRST_LINE.replace(b'"r"', b'"r", "new": 1') + b"\n"
        b'{"at": 0, "sent": true, "new": 1}\n{"at": 1, "mark": "here"}\n{"at": 2, "text": "x"}\n'
    )
    assert without_times(recording.parse(data, "x").wire_events) == ["sent", b"x"]


@pytest.mark.parametrize("name", ["missing.jsonl", "folder", "a\0b"])
def test_a_file_that_cannot_be_opened_is_one_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        recording.read(tmp_path / name)
    unwritable = tmp_path / name / "below" if name.startswith("missing") else tmp_path / name
    with pytest.raises(UsageError, match="cannot be written"):
        RecordingWriter(unwritable, HEADER)


@posix_only
def test_a_recording_is_its_owners_alone_even_over_a_file_that_was_not(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("older")
    path.chmod(0o666)
    write_recording(path, PLAIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"older" not in path.read_bytes()


def test_no_key_is_in_the_file(tmp_path: Path) -> None:
    key = "canary-0123456789"
    request = {
        "messages": [f"my key is {key}"],
        "max_tokens": 5,
        "extra_headers": {"X": "secret-1"},
        "deep": [{"API-Key": "secret-2"}],
        "extra_body": {"auth_token": "secret-3"},
    }
    messages = (
        RequestSent(0),
        ResponseHead(0, 401, {"set-cookie": "secret-4", "location": f"/?key={key}"}),
        Data(0, f"wrong key {key}".encode()),
    )
    data = write_recording(
        tmp_path / "a", messages, Header("openai", "m", request=request), secrets=[key]
    ).decode()
    assert key not in data
    assert "secret-" not in data
    assert '"max_tokens": 5' in data
    assert "wrong key ****" in data


def test_a_stand_in_for_a_key_does_not_spoil_the_text(tmp_path: Path) -> None:
    assert b"ollama" in write_recording(
        tmp_path / "a", (RequestSent(0), Data(0, b"ollama")), secrets=["ollama", ""]
    )


def test_every_message_is_on_disk_before_the_next(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a", HEADER)
    for count, message in enumerate(PLAIN, 1):
        writer.feed(message)
        assert len(recording.read(tmp_path / "a").wire_events) == count
    writer.close()
    writer.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_told_once_and_does_not_stop_the_stream() -> None:
    messages: list[str] = []
    writer = RecordingWriter("/dev/full", HEADER, on_fault=messages.append)
    for message in PLAIN:
        writer.feed(message)
    writer.close()
    assert len(messages) == 1
    assert "/dev/full ends here" in messages[0]


def test_half_a_surrogate_in_a_prompt_comes_back_as_it_was(tmp_path: Path) -> None:
    write_recording(tmp_path / "a", (), Header("p", "m", request={"prompt": "a\ud83d"}))
    assert recording.read(tmp_path / "a").header.request == {"prompt": "a\ud83d"}


def test_the_origin_says_of_what_and_when() -> None:
    assert HEADER.origin == "replay of openai:gpt-4.1-mini, recorded 2026-11-20 12:34 UTC"
    assert Header("p", "m", "last spring").origin == "replay of m, recorded last spring"


def test_a_replay_keeps_the_gaps_within_20_milliseconds() -> None:
    times = [0.0, 0.1, 0.13, 0.14, 0.35, 0.36, 0.6]
    source = Recording(HEADER, tuple(RequestSent(at) if at == 0 else Data(at, b"x") for at in times))
    ways = []
    for _ in range(3):  # one busy moment of the machine must not decide
        got = [message.at for message in play(source, speed=1.0)][: len(times)]
        ways.append(max(abs(b - a) for a, b in zip(gaps(got), gaps(times), strict=True)))
    assert min(ways) < 0.02


def test_four_times_the_speed_takes_a_quarter_and_none_takes_no_time() -> None:
    source = Recording(HEADER, (RequestSent(0.0), Data(0.8, b"x"), EndOfBody(0.8)))
    for speed, least, most in ((4.0, 0.19, 0.5), (0.0, 0.0, 0.15)):
        spans = [(got := play(source, speed))[-1].at - got[0].at for _ in range(3)]
        assert least <= statistics.median(spans) < most


def test_the_times_of_a_replay_are_the_clocks_own() -> None:
    before = time.perf_counter()
    assert all(before <= message.at <= time.perf_counter() for message in play(Recording(HEADER, PLAIN)))


def test_a_player_that_is_stopped_puts_the_end_at_once_and_once() -> None:
    source = Recording(HEADER, (RequestSent(0.0), Data(0.0, b"x"), Data(60.0, b"never"), EndOfBody(61.0)))

    def stop(player: Player, message: WireEvent) -> None:
        if isinstance(message, Data):
            player.stop()
            player.stop()

    before = time.perf_counter()
    assert without_times(play(source, 1.0, act=stop)) == ["sent", b"x", None]
    assert time.perf_counter() - before < 10


def test_times_that_cannot_be_do_not_stop_a_player() -> None:
    source = Recording(
        HEADER, (RequestSent(5.0), Data(float("nan"), b"x"), Data(-1e300, b"y"), EndOfBody(0.0))
    )
    assert without_times(play(source, 1.0)) == ["sent", b"x", b"y", None]


def test_a_retried_request_is_played_try_by_try() -> None:
    refused = (RequestSent(0.0), ResponseHead(0.1, 429, {}), EndOfBody(0.1))
    source = Recording(HEADER, (*refused, *PLAIN))
    assert len(source.tries) == 2
    assert without_times(play(source, request=0)) == without_times(refused)
    for request in (1, 2):
        assert without_times(play(source, request=request)) == without_times(PLAIN)


def test_recording_a_replay_gives_the_same_recording(tmp_path: Path) -> None:
    source = Recording(HEADER, PLAIN)
    write_recording(tmp_path / "a", tuple(play(source)))
    assert without_times(recording.read(tmp_path / "a").wire_events) == without_times(PLAIN)


def test_a_header_names_nothing_that_cannot_be_shown() -> None:
    line = (
        recording.FIRST_BYTES
        + rb', "version": 1, "provider": "openai", "model": "\ud83d", "recorded": "\ude00"}'
    )
    header = recording.parse(line, "a").header
    assert (header.model, header.recorded) == ("\ufffd", "\ufffd")
    header.origin.encode()
