"""A stream looked into: nothing is lost on the way, wherever its bytes were cut."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb import stream
from streamnb.core.errors import UsageError
from streamnb.core.recording import Header, Recording
from streamnb.core.reply import Reply
from streamnb.core.trace import Xray
from streamnb.core.wire_events import Data, EndOfBody, Fault, RequestSent, ResponseHead, WireEvent
from streamnb.magic.xray import show_xray_of_answer
from streamnb.providers.demo import answer_for, answer_names
from streamnb.render import xray as display
from streamnb.storage.traffic_log import MAX_BYTES, StreamLogger, TrafficLog
from streamnb.storage.xray import build_xray
from streamnb.streaming.session import current_session
from tests.kernels import Kernel, kernel
from tests.upstream.server import Upstream

STREAM = {"content-type": "text/event-stream"}
EVENTS = (
    'data: {"choices":[{"delta":{"reasoning_content":"Hm."}}]}\n\n'
    ": still here\n\n"
    'data: {"choices":[{"delta":{"content":"Grüße "}}]}\r\n\r\n'
    'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c",'
    '"function":{"name":"f","arguments":"{"}}]}}]}\n\n'
    'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}}]}\n\n'
    'data: {"choices":[{"delta":{"content":"🎈"},"finish_reason":"stop"}]}\n\n'
    'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n'
    "data: [DONE]\n\n"
).encode()
WHAT = ["reasoning", "comment", "text", "tool call", "tool call", "text, finish mark", "usage", "end mark"]


def recorded(*messages: WireEvent, headers: dict[str, str] | None = None) -> Recording:
    head = ResponseHead(0.1, 200, STREAM if headers is None else headers)
    return Recording(Header("demo", "demo:test"), (RequestSent(0.0), head, *messages))


def descriptions(xray: Xray) -> list[str]:
    return [frame.description for frame in xray.entries if frame.kind in ("chunk", "quiet")]


@given(st.lists(st.integers(min_value=0, max_value=len(EVENTS))))
def test_the_same_events_come_out_wherever_the_bytes_were_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(EVENTS)]
    blocks = [Data(1.0 + i, EVENTS[a:b]) for i, (a, b) in enumerate(pairwise(places))]
    xray = build_xray(recorded(*blocks, EndOfBody(99.0)))
    assert descriptions(xray) == WHAT
    assert "".join(frame.answer_text for frame in xray.entries) == "Grüße 🎈"
    raw = "\n".join(frame.raw for frame in xray.entries if frame.packet)
    assert re.sub(r"\s+", "", raw) == re.sub(r"\s+", "", EVENTS.decode())


def test_a_chunk_keeps_its_own_raw_text_its_time_and_its_packet() -> None:
    half = EVENTS.index(b"data: [DONE]")
    xray = build_xray(recorded(Data(0.5, EVENTS[:half]), Data(0.9, EVENTS[half:]), EndOfBody(1.0)))
    first, *_, last = (frame for frame in xray.entries if frame.packet)
    assert (first.raw, first.at, first.packet) == (EVENTS.decode().split("\n")[0], 0.5, 1)
    assert (last.raw, last.at, last.packet) == ("data: [DONE]", 0.9, 2)
    assert xray.time_to_first_content == 0.5
    assert xray.entries[-1].events[-1].state == "complete"  # type: ignore[union-attr]


def test_a_compressed_stream_is_looked_into_as_any_other() -> None:
    data = gzip.compress(EVENTS)
    headers = STREAM | {"content-encoding": "gzip"}
    xray = build_xray(recorded(Data(0.5, data[:40]), Data(0.6, data[40:]), EndOfBody(1.0), headers=headers))
    assert descriptions(xray) == WHAT
    assert xray.size == len(data)


def test_damaged_compression_does_not_keep_from_looking() -> None:
    xray = build_xray(
        recorded(Data(0.5, b"no gzip"), EndOfBody(1.0), headers=STREAM | {"content-encoding": "gzip"})
    )
    assert "damaged" in xray.entries[2].raw


@pytest.mark.parametrize("name", sorted({*answer_names()} - {"stall", "cut", "rate-limit", "refused"}))
def test_every_demo_answer_shows_the_text_that_the_reply_has(name: str) -> None:
    xray = build_xray(answer_for(name, ""))
    (first, *more) = answer_for(name, "").tries
    reply = stream("Hello", model=f"demo:{name}", speed=0, display=False)
    text = "".join(frame.answer_text for frame in xray.entries)
    assert text.startswith(reply.text) if more else text == reply.text
    assert first


def test_a_long_gap_is_a_stall_and_the_wait_for_the_first_token_is_none() -> None:
    deltas = [b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'] * 6
    times = (3.0, 3.02, 3.04, 3.06, 5.0, 5.02)
    xray = build_xray(
        recorded(*(Data(at, data) for at, data in zip(times, deltas, strict=True)), EndOfBody(5.03))
    )
    assert [frame.at for frame in xray.stalls] == [5.0]
    assert xray.longest_gap == pytest.approx(1.94)


def test_the_time_in_which_a_tool_ran_is_no_stall() -> None:
    data = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    xray = build_xray(
        recorded(
            Data(0.5, data), Data(0.52, data), Data(0.54, data), EndOfBody(0.55),
            RequestSent(9.0), ResponseHead(9.3, 200, {}), Data(9.5, data), EndOfBody(9.51),
        )
    )  # fmt: skip
    assert not xray.stalls


def test_where_we_stopped_listening_is_the_end() -> None:
    data = b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n'
    xray = build_xray(recorded(Data(1.0, data)), end=(4.0, "nothing new came for 3 s"))
    assert (xray.duration, xray.entries[-1].description) == (4.0, "nothing new came for 3 s")
    assert xray.entries[-1].stalled


def test_a_refusal_and_the_try_after_it_are_both_there() -> None:
    refused = (
        RequestSent(0.0),
        ResponseHead(0.1, 429, {"retry-after": "1"}),
        Data(0.2, b"too many"),
        EndOfBody(0.2),
    )
    again = (RequestSent(1.2), ResponseHead(1.3, 200, STREAM), Data(1.4, EVENTS), EndOfBody(1.5))
    xray = build_xray(Recording(Header("demo", "m"), refused + again))
    assert [frame.kind for frame in xray.entries][:5] == ["sent", "head", "page", "end", "sent"]
    assert xray.entries[2].raw == "too many"
    assert xray.time_to_first_content == 1.4


def test_a_recording_of_nothing_can_be_looked_into() -> None:
    xray = build_xray(Recording(Header("demo", "m"), ()))
    assert xray.time_to_first_content is None
    assert display.bundle(xray).data["text/plain"]


def test_the_picture_escapes_what_came_and_has_no_script() -> None:
    bad = '<img src=x onerror=alert(1)><script>alert(2)</script>"\x1b[31m'
    chunk = f"data: {json.dumps({'choices': [{'delta': {'content': bad}}]})}\n\n".encode()
    recording = Recording(
        Header("demo", bad),
        (
            RequestSent(0),
            ResponseHead(0.1, 200, {bad: bad}),
            Data(0.2, chunk),
            EndOfBody(0.3, Fault("lost", bad)),
        ),
    )
    made = display.bundle(build_xray(recording, origin=bad)).data
    assert not re.search(r"<(?:img|script)", made["text/html"])
    assert "\x1b" not in made["text/plain"]
    assert "style=" in made["text/html"]


def test_a_page_gets_json_with_every_event_and_no_more_than_it_can_bear() -> None:
    many = Data(1.0, b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n' * 5000)
    data = display.page_data(build_xray(recorded(many, EndOfBody(2.0))))
    json.dumps(data)
    assert len(data["frames"]) == display.MAX_ENTRIES
    assert data["left_out"] == 5003 - display.MAX_ENTRIES


# --- traffic log -----------------------------------------------------------------------


@pytest.fixture
def log() -> Iterator[TrafficLog]:
    mine = current_session().traffic_log
    mine.keep = True
    yield mine
    mine.keep = False


def test_an_answer_is_looked_into_by_itself_and_not_by_an_equal_one(log: TrafficLog) -> None:
    one = stream("Hello", model="demo:haiku", speed=0, display=False)
    two = stream("Hello", model="demo:haiku", speed=0, display=False)
    assert one == two
    assert log.find_stream(one) is not log.find_stream(two)
    assert log.find_stream(Reply(one.text)) is None


def test_a_replay_at_another_speed_keeps_the_times_of_the_recording(log: TrafficLog) -> None:
    reply = stream("Hello", model="demo:haiku", speed=0, display=False)
    logged_stream = log.find_stream(reply)
    assert logged_stream is not None
    assert build_xray(logged_stream.recording).entries[3].at == answer_for("haiku", "").wire_events[3].at
    assert reply.timing.tokens_per_second is None  # of the playback; the model's is not known


def test_a_live_stream_is_kept_without_its_key(log: TrafficLog) -> None:
    with Upstream() as upstream:
        reply = stream(
            "Hello",
            model="openai:m",
            base_url=upstream.openai_url,
            api_key="canary-0123456789",
            display=False,
        )
    logged_stream = log.find_stream(reply)
    assert logged_stream is not None
    assert "".join(frame.answer_text for frame in build_xray(logged_stream.recording).entries) == reply.text
    assert "canary" not in str(logged_stream)


def test_the_logged_stream_of_a_reply_goes_with_it(log: TrafficLog) -> None:
    replies = [stream("Hello", model="demo:haiku", speed=0, display=False) for _ in range(22)]
    assert log.find_stream(replies[0]) is None  # the last twenty are kept
    assert log.find_stream(replies[-1]) is not None
    before = len(log)
    del replies
    last = stream("Hello", model="demo:haiku", speed=0, display=False)
    assert len(log) < before
    assert last


def test_a_reel_is_bounded() -> None:
    logged_streams = []
    reel = StreamLogger(
        Header("demo", "m"), keep=lambda reply, logged_stream: logged_streams.append(logged_stream)
    )
    for at in range(3):
        reel.feed(Data(at, b"x" * (MAX_BYTES // 2)))
    reel.close(Reply("x"))
    assert len(logged_streams[0].recording.wire_events) == 2
    assert "only the first" in logged_streams[0].end[1]


def test_what_was_not_kept_is_one_line() -> None:
    for value in (Reply("x"), None, {}, "text"):
        with pytest.raises(UsageError) as raised:
            show_xray_of_answer(value, "answer")
        assert "\n" not in str(raised.value)


# --- in a notebook ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def shell() -> Iterator[Kernel]:
    with kernel("%load_ext streamnb") as running:
        yield running


def test_the_xray_stands_below_the_answer_and_can_be_had_afterwards(shell: Kernel) -> None:
    ran = shell.run("%%stream demo:haiku --speed 0 --xray\nHello")
    answer, xray = (sorted(output["data"]) for output in ran.outputs)
    assert answer == ["text/html", "text/markdown", "text/plain"]
    assert xray == ["text/html", "text/markdown", "text/plain"]
    assert "first text" in ran.outputs[1]["data"]["text/plain"]
    again = shell.run("%stream xray answer")
    assert again.outputs[0]["data"] == ran.outputs[1]["data"]


def test_a_stream_that_failed_is_looked_into_before_its_one_line(shell: Kernel) -> None:
    ran = shell.run("%%stream demo:cut --speed 0 --xray\nHello")
    assert not ran.ok
    assert "connection reset" in ran.outputs[1]["data"]["text/plain"]
    assert "Traceback" not in ran.traceback


def test_both_tries_of_a_refused_request_are_shown(shell: Kernel) -> None:
    ran = shell.run("%%stream demo:rate-limit --speed 0 --retries 1 --xray\nHello")
    assert ran.shown.count("answer begins, status 429") == 4  # twice among the moments, twice below


def test_several_side_by_side_have_an_xray_each(shell: Kernel) -> None:
    ran = shell.run("%%stream -m demo:haiku -m demo:thinking --speed 0 --xray\nHello")
    assert ran.shown.count("What came over the wire") == 2


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("%%stream demo:haiku --bg --xray\nHello", "leave out --bg"),
        ("%stream xray nothing", "there is no answer of this name"),
        ("%stream xray", "xray takes NAME"),
    ],
)
def test_what_cannot_be_looked_into_is_one_line(shell: Kernel, line: str, message: str) -> None:
    ran = shell.run(line)
    assert not ran.ok
    assert message in ran.stderr + ran.traceback
    assert "Traceback" not in ran.traceback
