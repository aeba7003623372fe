"""Every recorded stream, however its bytes are cut, comes to the right text, calls, usage and state."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamnb.core.events import Citation, Event, Finished
from streamnb.core.reply import Reply
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.providers.base import Adapter, Provider
from streamnb.providers.chunks import ChunkReader
from streamnb.providers.gemini import Gemini
from streamnb.providers.openai_chat import OpenAIChat
from streamnb.providers.openai_responses import OpenAIResponses
from tests.providers.recordings import Recorded, recorded

PROVIDERS: dict[str, Provider] = {"chat": OpenAIChat(), "responses": OpenAIResponses(), "gemini": Gemini()}


def events_of(body: bytes, adapter: Adapter, size: int | None = None) -> Iterator[list[Event]]:
    """Yield the events of each chunk of ``body``, fed in pieces of ``size`` bytes."""
    reader = ChunkReader()
    for start in range(0, len(body), size or len(body) or 1):
        for chunk in reader.feed(body[start : start + (size or len(body))]):
            yield adapter.feed(chunk)
    for chunk in reader.close():
        yield adapter.feed(chunk)
    yield adapter.close()
    assert reader.unreadable_count == 0


def reply_to(recording: Recorded, size: int | None = None) -> Reply:
    draft = ReplyBuilder("test")
    for events in events_of(recording.body, PROVIDERS[recording.dialect].make_adapter(), size):
        draft.feed(events, 0.0)
    return draft.build_reply(0.0)


def check(recording: Recorded, reply: Reply) -> None:
    """Compare all that a recording says."""
    assert reply.text == recording.text
    assert reply.reasoning == recording.reasoning
    assert [(call.id, call.name, call.arguments) for call in reply.tool_calls] == recording.tool_calls
    assert (reply.state, reply.finish_reason) == (recording.state, recording.finish_reason)
    if recording.state != "unfinished":  # what is said of those is the exchange's affair
        assert bool(reply.error) == (recording.state == "error" or bool(recording.expected["block_reason"]))
    usage = reply.usage
    counts = (usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens)
    assert (*counts, usage.total_tokens) == recording.usage
    assert bool(reply.citations) == bool(recording.expected["citations"])
    assert len(reply.images) == len(recording.expected["images"])


def successful_recordings() -> list[Recorded]:
    return [recording for recording in recorded() if recording.status == 200]


@pytest.mark.parametrize("size", [None, 997, 7])
def test_every_recorded_stream_comes_to_its_text_calls_usage_and_state(size: int | None) -> None:
    wrong = []
    for recording in successful_recordings():
        try:
            check(recording, reply_to(recording, size))
        except AssertionError as difference:
            wrong.append(f"{recording.path.name}: {difference}")
    assert wrong == []


@pytest.mark.slow
def test_every_recorded_stream_survives_being_cut_at_every_byte() -> None:
    test_every_recorded_stream_comes_to_its_text_calls_usage_and_state(1)


def test_there_are_as_many_recordings_as_the_promise_names() -> None:
    assert len(recorded()) == 96


def test_lists_of_sources_that_servers_repeat_are_not_doubled() -> None:
    for recording in successful_recordings():
        citations = reply_to(recording).citations
        assert len({citation.url or citation.title for citation in citations}) == len(citations)
        assert all(
            isinstance(citation, Citation) and (citation.title or citation.url) for citation in citations
        )


def test_finished_comes_last_and_once() -> None:
    for recording in successful_recordings():
        events = [
            event
            for batch in events_of(recording.body, PROVIDERS[recording.dialect].make_adapter())
            for event in batch
        ]
        assert [isinstance(event, Finished) for event in events] == [False] * (len(events) - 1) + [True]
