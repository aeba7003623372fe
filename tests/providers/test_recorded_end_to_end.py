"""Every recorded stream over a socket, through both dialects of each SDK, cut as networks cut."""

from __future__ import annotations

import pytest

from streamnb.api import stream_events
from streamnb.core.reply import Reply
from streamnb.core.reply_builder import ReplyBuilder
from tests.providers.recordings import Recorded, recorded
from tests.providers.test_recorded_streams import check
from tests.upstream import Answer, Upstream
from tests.upstream.stream_helpers import SYNC_AND_ASYNC, stream_keywords

SLOW = pytest.mark.slow


def served(recording: Recorded, size: int) -> Answer:
    body = recording.body
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    kind = "text/event-stream" if recording.status == 200 else "application/json"
    return Answer(pieces, recording.status, content_type=kind)


def stream_reply(server: Upstream, recording: Recorded, sync: bool) -> Reply:
    draft = ReplyBuilder("test")
    where = stream_keywords(server, recording.dialect, sync)  # type: ignore[arg-type]
    for event in stream_events("hello", **where, retries=0, timeout=20):
        draft.feed([event], 0.0)
    return draft.build_reply(0.0)


def check_answer(recording: Recorded, reply: Reply) -> None:
    check(recording, reply)
    assert bool(reply.error) or recording.state != "unfinished"


def check_refusal(recording: Recorded, reply: Reply) -> None:
    assert (reply.text, reply.state, reply.finish_reason) == ("", "error", None)
    assert f"HTTP {recording.status}" in str(reply.error)


@SYNC_AND_ASYNC
@pytest.mark.parametrize("size", [pytest.param(1, marks=SLOW), pytest.param(7, marks=SLOW), 997, 10**9])
def test_every_recorded_stream_comes_whole_through_a_socket(sync: bool, size: int) -> None:
    wrong, streams = [], recorded()
    answers = {id(recording): served(recording, size) for recording in streams}
    now = streams[0]
    with Upstream(lambda _request: answers[id(now)]) as server:
        for now in streams:
            reply = stream_reply(server, now, sync)
            try:
                (check_answer if now.status == 200 else check_refusal)(now, reply)
            except AssertionError as difference:
                wrong.append(f"{now.path.name}: {difference}")
        assert len(server.requests) == len(streams) == 96
    assert wrong == []
