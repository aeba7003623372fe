"""A stream that was recorded comes again: the same bytes, the same events, the same pace, and no key."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb import Reply, stream, stream_events, tool
from streamnb.core.errors import StreamError, UsageError
from streamnb.core.events import Finished, TextDelta
from streamnb.core.recording import parse, read
from streamnb.core.wire_events import Data, EndOfBody, WireEvent
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request

TEXT = "Every delta has a time of its own, and keeps it."


@pytest.fixture(params=["openai", "openai-responses", "gemini"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[False, True], ids=["async", "sync"])
def sync(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def recorded(path: Path, provider: str, *, sync: bool = False) -> Reply:
    """Stream from an upstream on this computer and record it; the upstream is gone afterwards."""
    with Upstream(text=TEXT, delay=0.01, first_delay=0.05) as upstream:
        url = upstream.gemini_url if provider == "gemini" else upstream.openai_url
        return stream(
            "Hello", model=f"{provider}:m", base_url=url, api_key="canary-0123456789",
            record=path, sync=sync, display=False,
        )  # fmt: skip


def body(messages: tuple[WireEvent, ...]) -> bytes:
    return b"".join(message.data for message in messages if isinstance(message, Data))


def test_the_bytes_come_again_as_they_came(tmp_path: Path, provider: str, sync: bool) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    live = recorded(first, provider, sync=sync)
    played = stream("Hello", replay=first, record=second, speed=0, display=False)
    assert body(read(first).wire_events) == body(read(second).wire_events)
    assert (played.text, played.usage, played.state) == (live.text, live.usage, "complete")
    assert played.origin
    assert b"canary" not in first.read_bytes()


def test_the_events_come_again_as_they_came(tmp_path: Path, provider: str) -> None:
    with Upstream(text=TEXT, reasoning="Hm." if provider == "gemini" else "") as upstream:
        url = upstream.gemini_url if provider == "gemini" else upstream.openai_url
        options = {"model": f"{provider}:m", "base_url": url, "api_key": "none"}
        live = list(stream_events("Hello", record=tmp_path / "a", **options))  # type: ignore[arg-type]
    assert list(stream_events("Hello", replay=tmp_path / "a", speed=0)) == live


@pytest.mark.parametrize("provider", ["openai"])
def test_the_gaps_come_again_within_20_milliseconds(tmp_path: Path, provider: str) -> None:
    live = recorded(tmp_path / "a", provider)
    recorded_times = [message.at for message in read(tmp_path / "a").wire_events if isinstance(message, Data)]
    assert len(live.timing.gaps) > 5
    worst = []
    for _ in range(3):  # one busy moment of the machine must not decide
        again = tmp_path / "again"
        stream("Hello", replay=tmp_path / "a", record=again, display=False)
        times = [message.at for message in read(again).wire_events if isinstance(message, Data)]
        gaps = zip(pairwise(recorded_times), pairwise(times), strict=True)
        worst.append(max(abs((b - a) - (d - c)) for (a, b), (c, d) in gaps))
    assert min(worst) < 0.02


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "a.jsonl"
    recorded(path, "openai")
    return path


@given(st.floats(min_value=0.0, max_value=1.0))
def test_a_recording_that_was_cut_plays_to_its_end(whole: Path, share: float) -> None:
    data = whole.read_bytes()
    head = data.index(b"\n") + 1
    cut = whole.with_name("cut.jsonl")
    cut.write_bytes(data[: head + int(share * (len(data) - head))])
    *events, last = stream_events("Hello", replay=cut, speed=0)
    assert isinstance(last, Finished)
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert TEXT.startswith(text)
    ended = any(isinstance(message, EndOfBody) for message in parse(cut.read_bytes(), "cut").wire_events)
    assert last.state == "complete" if ended else last.state in ("complete", "unfinished")


@pytest.mark.parametrize(
    "data", [b"Dear diary,\n", b"", b'{"streamnb": "recording", "version": 1}\n', b"\x00" * 99]
)
def test_a_foreign_or_damaged_file_is_one_line_and_nothing_is_played(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "diary.jsonl"
    path.write_bytes(data)
    with pytest.raises(UsageError, match=r"diary\.jsonl") as raised:
        stream("Hello", replay=path, display=False)
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) <= 250


@pytest.mark.parametrize("speed", [0, 4, 0.5])
def test_a_replay_at_another_speed_claims_no_tokens_per_second(whole: Path, speed: float) -> None:
    assert stream("Hello", replay=whole, speed=speed, display=False).timing.tokens_per_second is None


def test_a_replay_at_the_pace_of_the_recording_tells_its_rate(whole: Path) -> None:
    assert stream("Hello", replay=whole, display=False).timing.tokens_per_second is not None


def test_what_was_said_after_a_tool_comes_again_without_the_tool(tmp_path: Path, provider: str) -> None:
    def answer(request: Request) -> Answer:
        if "sunny" in str(request.json):
            return answer_request(request, ModelAnswer(text="Take a hat."))
        return answer_request(
            request, ModelAnswer(text="Let me look. ", tool_calls=[("weather", "{}")], finish="tool")
        )

    @tool(approve=False)
    def weather() -> str:
        return "sunny"

    with Upstream(answer) as upstream:
        url = upstream.gemini_url if provider == "gemini" else upstream.openai_url
        options = {"model": f"{provider}:m", "base_url": url, "record": tmp_path / "a", "display": False}
        live = stream("Hat?", tools=[weather], **options)  # type: ignore[arg-type]
    played = stream("", replay=tmp_path / "a", speed=0, display=False)
    assert played.text == live.text == "Let me look. \n\nTake a hat."
    assert (played.state, played.usage) == ("complete", live.usage)
    assert [(call.name, call.result) for call in played.tool_calls] == [("weather", None)]


def test_a_recording_that_ends_at_a_call_ends_there(tmp_path: Path) -> None:
    call = ModelAnswer(text="Let me look.", tool_calls=[("weather", "{}")], finish="tool")
    with Upstream(lambda request: answer_request(request, call)) as upstream:
        options = {"model": "openai:m", "base_url": upstream.openai_url, "record": tmp_path / "a"}
        stream("Hat?", **options, display=False)  # type: ignore[arg-type]
    played = stream("", replay=tmp_path / "a", speed=0, display=False)
    assert (played.text, played.state, len(played.tool_calls)) == ("Let me look.", "complete", 1)


@pytest.mark.parametrize("options", [{}, {"timeout": 2.0}])
def test_a_stalled_demo_ends_as_timed_out_without_waiting_too(options: dict[str, float]) -> None:
    with pytest.raises(StreamError) as caught:
        stream("?", model="demo:stall", speed=0, display=False, **options)  # type: ignore[arg-type]
    reply = caught.value.reply
    assert (reply.state, reply.error) == (
        "timed-out",
        f"nothing new came for {options.get('timeout', 60):g} s; --timeout sets how long to wait",
    )
    assert reply.text
