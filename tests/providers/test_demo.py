"""The demo model needs nothing, says what it is, and speaks the wire of a real one."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.errors import UsageError
from streamnb.core.events import Event, Finished, ReasoningDelta, TextDelta, ToolCallDelta, Usage
from streamnb.core.recording import Recording
from streamnb.core.wire_events import Data, EndOfBody, ResponseHead
from streamnb.providers import demo, openai_chat
from streamnb.providers.chunks import ChunkReader
from tests.support import PROJECT

ANSWERS = ("fix", "haiku", "long", "picture", "python", "recipe", "streaming", "thinking", "tour")
IN_TWO_REQUESTS = ("weather",)
AFTER_REFUSALS = ("rate-limit",)
FAULTS = ("cut", "refused", "stall")


def body(recording: Recording) -> bytes:
    return b"".join(message.data for message in recording.wire_events if isinstance(message, Data))


def events(recording: Recording) -> list[Event]:
    reader, adapter = ChunkReader(), openai_chat.ChatAdapter()
    chunks = [*reader.feed(body(recording)), *reader.close()]
    return [event for chunk in chunks for event in adapter.feed(chunk)] + adapter.close()


def text(recording: Recording) -> str:
    return "".join(event.text for event in events(recording) if isinstance(event, TextDelta))


def source(name: str) -> str:
    path = PROJECT / "streamnb" / "recordings" / f"{name}.md"
    return path.read_text(encoding="utf-8").partition("---\n")[2]


def test_there_are_at_least_five_answers_and_three_ways_to_fail() -> None:
    assert sorted((*ANSWERS, *IN_TWO_REQUESTS, *AFTER_REFUSALS, *FAULTS)) == demo.answer_names()


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_its_source_with_usage_and_finish_mark(name: str) -> None:
    recording = demo.answer_for(name, "")
    assert text(recording) == source(name)
    got = events(recording)
    assert got[-1] == Finished("complete", "stop")
    usage = next(event for event in got if isinstance(event, Usage))
    pieces = sum(isinstance(event, TextDelta | ReasoningDelta) for event in got)
    assert usage.output_tokens == pieces
    assert usage.total_tokens == pieces + (usage.input_tokens or 0)


@pytest.mark.parametrize("name", [*ANSWERS, *AFTER_REFUSALS, *FAULTS])
def test_every_answer_says_that_it_is_the_demo_models(name: str) -> None:
    recording = demo.answer_for(name, "")
    assert "demo model" in body(recording).decode().replace(
        '"}}]}\n\ndata: {"choices":[{"delta":{"content":"', ""
    )
    assert recording.header.model == f"demo:{name}"
    assert recording.header.origin == "the demo model: a recorded answer, no model was asked"


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_comes_at_a_models_pace_and_never_evenly(name: str) -> None:
    recording = demo.answer_for(name, "")
    blocks = [message.at for message in recording.wire_events if isinstance(message, Data)][1:-1]
    pieces = sum(isinstance(event, TextDelta | ReasoningDelta) for event in events(recording))
    assert 0.3 <= blocks[0] <= 0.6
    assert 55 <= pieces / (blocks[-1] - blocks[0]) <= 125
    gaps = [later - earlier for earlier, later in itertools.pairwise(blocks)]
    assert min(gaps) > 0
    assert max(gaps) > 2 * sorted(gaps)[len(gaps) // 2]
    assert len(blocks) < pieces  # some blocks bring several chunks


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("What is streaming?", "streaming"),
        ("Why is the sky blue?", "streaming"),
        ("", "streaming"),
        ("Show me a TABLE and some maths", "tour"),
        ("write a short poem about rain", "haiku"),
        ("Explain this Python function", "python"),
        ("Tell me a long story", "long"),
        ("Write a long story about rain.", "long"),
        ("Write a long story about a Python function and the weather in spring.", "long"),
        ("Write a haiku about a long table with formulas", "haiku"),
        ("stall, cut, rate-limit!", "streaming"),
    ],
)
def test_a_prompt_gets_the_nearest_answer(prompt: str, name: str) -> None:
    assert demo.answer_for("", prompt).header.model == f"demo:{name}"


@given(st.text())
def test_every_prompt_gets_a_whole_answer(prompt: str) -> None:
    assert demo.answer_for("", prompt).header.model.removeprefix("demo:") in ANSWERS + IN_TWO_REQUESTS


@pytest.mark.parametrize("name", ["sonnet", "../streaming", "streaming.md", "tour\n", "x" * 999])
def test_an_unknown_name_is_one_line_that_names_those_there_are(name: str) -> None:
    with pytest.raises(UsageError) as raised:
        demo.answer_for(name, "hello")
    message = str(raised.value)
    assert "\n" not in message
    assert len(message) <= 200
    assert all(known in message for known in demo.answer_names())


def test_the_answer_with_tools_asks_for_two_calls_and_says_its_text_when_it_is_asked_again() -> None:
    first, second = (Recording(demo.answer_for("weather", "").header, part) for part in
                     demo.answer_for("weather", "").tries)  # fmt: skip
    names = [event.name for event in events(first) if isinstance(event, ToolCallDelta) and event.name]
    assert names == ["temperature", "temperature"]
    assert events(first)[-1] == Finished("complete", "tool_calls")
    assert text(second) == source("weather")


def test_a_stalled_answer_has_text_and_then_an_hour_of_silence() -> None:
    recording = demo.answer_for("stall", "")
    *_, last, end = recording.wire_events
    assert isinstance(end, EndOfBody)
    assert end.at - last.at >= 3600
    assert text(recording) == source("stall").strip()
    assert events(recording)[-1] == Finished("unfinished")


def test_a_cut_answer_ends_in_the_middle_of_a_word_with_a_lost_connection() -> None:
    recording = demo.answer_for("cut", "")
    end = recording.wire_events[-1]
    assert isinstance(end, EndOfBody)
    assert end.fault is not None
    assert end.fault.state == "lost"
    assert text(recording) == source("cut").strip()


@pytest.mark.parametrize("name", ["rate-limit", "refused"])
def test_a_rate_limit_is_a_429_that_says_when_to_come_back(name: str) -> None:
    recording = demo.answer_for(name, "")
    head = recording.wire_events[1]
    assert isinstance(head, ResponseHead)
    assert (head.status, head.headers["retry-after"]) == (429, "1")
    first = Recording(recording.header, recording.tries[0])
    assert json.loads(body(first))["error"]["code"] == "rate_limit_exceeded"


def test_the_rate_limit_refuses_twice_and_then_answers() -> None:
    recording = demo.answer_for("rate-limit", "")
    heads = [message.status for message in recording.wire_events if isinstance(message, ResponseHead)]
    assert heads == [429, 429, 200]
    assert text(Recording(recording.header, recording.tries[-1])) == source("rate-limit")
    assert len(demo.answer_for("refused", "").tries) == 1  # played again, however often it is asked


def test_the_recordings_are_small_and_readable_for_everybody() -> None:
    for file in (PROJECT / "streamnb" / "recordings").glob("*.jsonl"):
        assert file.stat().st_size < 120_000
        assert file.stat().st_mode & 0o044 == 0o044


def test_the_recordings_are_those_that_the_script_makes(tmp_path: Path) -> None:
    """Text and times are seeded: a source that was changed has to be recorded again."""
    folder = tmp_path / "streamnb" / "recordings"
    folder.mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "record-demo"
    script.write_bytes((PROJECT / "scripts" / "record-demo").read_bytes())
    committed = sorted((PROJECT / "streamnb" / "recordings").iterdir())
    for file in committed:
        if file.suffix == ".md":
            (folder / file.name).write_bytes(file.read_bytes())
    subprocess.run([sys.executable, "-P", str(script)], check=True, capture_output=True)
    made = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert made == {file.name: file.read_bytes() for file in committed}


def code_blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", source(name), re.MULTILINE | re.DOTALL)


def test_the_code_in_the_answers_does_what_they_say() -> None:
    names: dict[str, Any] = {}
    function, example = code_blocks("python", "python")
    exec(function, names)
    call, result = example.splitlines()
    assert repr(eval(call.removeprefix(">>> "), names)) == result
    exec(code_blocks("tour", "python")[0], names)
    assert names["fibonacci"](6) == [0, 1, 1, 2, 3, 5]
    assert names["fibonacci"](1) == [0]
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code_blocks("long", "python")[0], names)
    assert out.getvalue().splitlines() == ["'caf'", "''", "'é'"]
