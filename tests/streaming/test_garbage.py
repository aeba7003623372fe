"""What a stream makes on its way is gone at once: Python never has to look for it among everything else."""

from __future__ import annotations

import gc
import json
import time
from dataclasses import replace

import pytest

from streamnb.core.wire_events import Data, RequestSent, ResponseHead
from streamnb.markdown import LiveMarkdown, render
from streamnb.markdown.live import gc_paused
from streamnb.request.options import Options
from streamnb.streaming.driver import StreamDriver
from streamnb.streaming.planner import make_plan
from streamnb.views.base import NoView

CHUNKS = 20_000
PARAGRAPHS = "Some *words* and a [link](https://example.org), `code`.\n\n" * 500


def looks() -> int:
    """Return how often Python has looked for garbage."""
    return sum(generation["collections"] for generation in gc.get_stats())


class Silent:
    """A source that says nothing by itself."""

    def stop(self) -> None: ...
    def join(self, seconds: float) -> None: ...


def test_a_block_with_thousands_of_chunks_is_read_without_a_look_for_garbage() -> None:
    plan = replace(
        make_plan("why?", Options(models=("demo:haiku",))), start_request=lambda request, put: Silent()
    )
    stage = StreamDriver(plan, NoView(), frames_per_second=0.01)
    stage.step()  # the request goes out
    chunk = {"choices": [{"index": 0, "delta": {"content": "word"}, "finish_reason": None}]}
    data = f"data: {json.dumps(chunk)}\n\n".encode() * CHUNKS
    now = time.perf_counter()
    for message in (RequestSent(now), ResponseHead(now, 200, {}), Data(now, data)):
        stage.inbox.put(message)
    before = looks()
    stage.step()
    assert looks() - before < 10  # read as a whole it is more than a hundred
    assert len(stage.finish()) == len("word") * CHUNKS


def test_text_is_parsed_without_a_look_for_garbage() -> None:
    live = LiveMarkdown()
    live.feed("Once.\n\n")  # what is made once is made
    gc.collect()
    before = looks()
    live.feed(PARAGRAPHS)
    render(PARAGRAPHS)
    assert looks() - before < 10


@pytest.mark.parametrize("on", [True, False])
def test_the_collector_is_left_as_it_was(on: bool) -> None:
    assert gc.isenabled()
    if not on:
        gc.disable()
    try:
        with pytest.raises(ValueError, match="collector is on: False"), gc_paused():
            float(f"the collector is on: {gc.isenabled()}")
        assert gc.isenabled() is on
    finally:
        gc.enable()
