"""A flood fills no memory and does not outlast the time allowed; measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from streamnb.core.wire_events import Data
from streamnb.streaming.inbox import Inbox
from tests.support import PROJECT
from tests.upstream import Answer, Request, Upstream
from tests.upstream.answers import wire_format_for
from tests.upstream.faults.scenario import AnyWireFormat

MEGABYTE = 1_000_000
CLIENT = """
import json, resource, sys, time
from streamnb.core.events import TextDelta
from streamnb.api import stream_events

warm, url, sync = sys.argv[1], sys.argv[2], sys.argv[3] == "sync"
list(stream_events("hello", model="openai:m", base_url=warm, sync=sync))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began, characters = time.monotonic(), 0
for event in stream_events("why?", model="openai:m", base_url=url, sync=sync, timeout=1):
    characters += len(event.text) if isinstance(event, TextDelta) else 0
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
seconds = time.monotonic() - began
print(json.dumps({"state": event.state, "characters": characters, "grown": grown, "seconds": seconds}))
"""


def measure_flood(
    piece: Callable[[AnyWireFormat], bytes], *, sync: bool, pause: float = 0.0
) -> dict[str, Any]:
    """Stream ``piece`` for ever into a process of its own; return what it says in the end."""

    def answer(request: Request) -> Answer:
        wire = wire_format_for(request)

        def body() -> Iterator[bytes]:
            yield from wire.opening()
            flood = piece(wire)
            while True:
                yield flood
                time.sleep(pause)

        return Answer(body())

    with Upstream() as warm, Upstream(answer) as server:
        command = [sys.executable, "-c", CLIENT, warm.openai_url, server.openai_url, "sync" if sync else ""]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_a_source_is_slowed_down_only_while_much_is_unread() -> None:
    inbox = Inbox()
    block = Data(0.0, bytes(100_000))
    assert [inbox.put(block) for _ in range(10)] == [0.0] * 10
    assert 0 < inbox.put(block) < inbox.put(block)
    assert max(inbox.put(block) for _ in range(3_000)) == 5.0
    list(inbox.drain())
    assert inbox.put(block) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])
def test_text_without_end_is_capped_at_five_times_its_size_in_memory(sync: bool) -> None:
    figures = measure_flood(lambda wire: wire.delta("x" * 2_000), sync=sync)
    assert figures["state"] == "capped"
    assert 10 * MEGABYTE <= figures["characters"] < 12 * MEGABYTE
    assert figures["grown"] < 5 * figures["characters"]


@pytest.mark.slow
@pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])
@pytest.mark.parametrize(("pause", "states"), [(0.01, ["timed-out"]), (0.0, ["timed-out", "capped"])])
def test_comments_without_end_fill_no_memory_and_end(sync: bool, pause: float, states: list[str]) -> None:
    """By the clock; where they come faster than that, by their size, whichever is first."""
    figures = measure_flood(lambda _wire: b": keep-alive\n\n" * 2_000, sync=sync, pause=pause)
    assert figures["state"] in states
    assert figures["seconds"] < 3
    assert figures["grown"] < 30 * MEGABYTE


@pytest.mark.slow
def test_small_chunks_faster_than_they_can_be_read_are_no_silence() -> None:
    """What is unread is behind, but not late: the stream ends at its size, never by the clock."""
    figures = measure_flood(lambda wire: wire.delta("x" * 40) * 100, sync=True)
    assert figures["state"] == "capped"
