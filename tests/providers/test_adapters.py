"""What holds for every adapter, whatever a server sends: one contract, run over all of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamnb.core.events import Event, Finished, ReasoningDelta, StepDelta, TextDelta, ToolCallDelta, Usage
from streamnb.core.reply import Reply
from streamnb.providers.chunks import ChunkReader
from streamnb.providers.registry import PROVIDERS, adapter_factory
from tests.providers.reading import reply_from_chunks

# One row a language: chunks that say "Hello", then the mark, usage, an error, in that language.
SAMPLES: dict[str, dict[str, Any]] = {
    "chat": {
        "provider": "openai",
        "text": lambda text: {"choices": [{"index": 0, "delta": {"content": text}}]},
        "end": {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        "word": "stop",
        "length": {"choices": [{"delta": {}, "finish_reason": "length"}]},
        "filtered": {"choices": [{"delta": {}, "finish_reason": "content_filter"}]},
        "odd": {"choices": [{"delta": {}, "finish_reason": "wandered_off"}]},
        "usage": lambda a, b: {"choices": [], "usage": {"prompt_tokens": a, "completion_tokens": b}},
        "other": {"choices": [{"index": 1, "delta": {"content": "another answer"}}]},
    },
    "responses": {
        "provider": "openai-responses",
        "text": lambda text: {"type": "response.output_text.delta", "output_index": 0, "delta": text},
        "end": {"type": "response.completed", "response": {"status": "completed"}},
        "word": "completed",
        "length": {
            "type": "response.incomplete",
            "response": {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
        },
        "filtered": {
            "type": "response.incomplete",
            "response": {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
        },
        "odd": {"type": "response.cancelled", "response": {"status": "cancelled"}},
        "usage": lambda a, b: {
            "type": "response.completed",
            "response": {"status": "completed", "usage": {"input_tokens": a, "output_tokens": b}},
        },
        "other": {"type": "response.web_search_call.searching"},
    },
    "gemini": {
        "provider": "gemini",
        "text": lambda text: {"candidates": [{"content": {"parts": [{"text": text}]}}]},
        "end": {"candidates": [{"finishReason": "STOP"}]},
        "word": "STOP",
        "length": {"candidates": [{"finishReason": "MAX_TOKENS"}]},
        "filtered": {"candidates": [{"finishReason": "SAFETY"}]},
        "odd": {"candidates": [{"finishReason": "WANDERED_OFF"}]},
        "usage": lambda a, b: {"usageMetadata": {"promptTokenCount": a, "candidatesTokenCount": b}},
        "other": {"candidates": [{"index": 1, "content": {"parts": [{"text": "another answer"}]}}]},
    },
}


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> dict[str, Any]:
    return SAMPLES[request.param]


def reply(sample: dict[str, Any], *chunks: Any) -> Reply:
    return reply_from_chunks(adapter_factory(sample["provider"])(), *chunks)


def test_every_row_of_the_table_speaks_a_language_that_is_tested_here() -> None:
    assert {row.dialect for row in PROVIDERS.values()} == set(SAMPLES)


def test_text_and_finish_mark_make_a_complete_answer(sample: dict[str, Any]) -> None:
    answer = reply(sample, sample["text"]("Hel"), sample["text"]("lo"), sample["end"])
    assert (answer.text, answer.state, answer.finish_reason) == ("Hello", "complete", sample["word"])
    assert answer.error is None


def test_without_a_finish_mark_it_is_unfinished(sample: dict[str, Any]) -> None:
    answer = reply(sample, sample["text"]("Hel"))
    assert (answer.text, answer.state, answer.finish_reason) == ("Hel", "unfinished", None)


def test_no_chunk_at_all_is_unfinished(sample: dict[str, Any]) -> None:
    assert reply(sample).state == "unfinished"


@pytest.mark.parametrize("state", ["length", "filtered"])
def test_a_mark_that_says_why_it_stopped_is_that_state(sample: dict[str, Any], state: str) -> None:
    assert reply(sample, sample["text"]("Hel"), sample[state]).state == state


def test_a_word_that_nobody_knows_is_kept_and_proves_nothing(sample: dict[str, Any]) -> None:
    answer = reply(sample, sample["text"]("Hel"), sample["odd"])
    assert answer.state == "unfinished"
    assert answer.finish_reason
    assert answer.finish_reason.lower() in ("wandered_off", "cancelled")
    assert answer.error


def test_text_after_the_finish_mark_is_kept(sample: dict[str, Any]) -> None:
    answer = reply(sample, sample["text"]("Hel"), sample["end"], sample["text"]("lo"))
    assert (answer.text, answer.state) == ("Hello", "complete")


def test_a_chunk_that_equals_the_last_is_kept(sample: dict[str, Any]) -> None:
    assert reply(sample, sample["text"]("ha"), sample["text"]("ha"), sample["end"]).text == "haha"


def test_other_answers_and_other_events_are_not_the_answer(sample: dict[str, Any]) -> None:
    assert reply(sample, sample["text"]("Hel"), sample["other"], sample["text"]("lo")).text == "Hello"


def test_finished_tells_that_nothing_but_usage_will_come(sample: dict[str, Any]) -> None:
    adapter = adapter_factory(sample["provider"])()
    adapter.feed(sample["text"]("Hello"))
    assert not adapter.finished
    adapter.feed(sample["end"])
    assert adapter.finished


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ({"message": "No more", "code": 429}, "No more (429)"),
        ({"message": "No more", "code": "quota"}, "No more (quota)"),
        ({"error": {"message": "No more"}}, "No more"),
        ([{"message": "No more"}], "No more"),
        ("No more", "No more"),
        ({"message": "<h1>No</h1> more\x1b[31m sk-abcdefghijklmnop1234"}, "No more [31m [key]"),
        ({"code": 500}, "The provider reported an error: 500"),
        ({"message": None}, "The provider reported an error and did not say which."),
        (True, "The provider reported an error and did not say which."),
    ],
)
def test_an_error_among_the_chunks_is_the_end_in_one_line(
    sample: dict[str, Any], error: Any, message: str
) -> None:
    answer = reply(sample, sample["text"]("Hel"), {"error": error})
    assert (answer.text, answer.state, answer.error) == ("Hel", "error", message)


def test_an_error_wins_over_a_finish_mark_before_and_after_it(sample: dict[str, Any]) -> None:
    assert reply(sample, sample["end"], {"error": "no"}).state == "error"
    assert reply(sample, {"error": "no"}, sample["end"]).state == "error"


def test_a_long_error_is_cut_to_200_characters(sample: dict[str, Any]) -> None:
    error = reply(sample, {"error": {"message": "word " * 1000, "code": "c" * 1000}}).error
    assert error
    assert len(error) <= 200


@pytest.mark.parametrize(
    "event", ['{"message": "No more"}', "No more", '{"type": "error", "message": "No more"}']
)
def test_an_event_called_error_is_an_error_to_every_adapter(sample: dict[str, Any], event: str) -> None:
    chunks = ChunkReader().feed(f"event: error\ndata: {event}\n\n".encode())
    answer = reply(sample, *chunks)
    assert (answer.state, answer.error) == ("error", "No more")


def test_the_last_usage_that_says_something_counts(sample: dict[str, Any]) -> None:
    for last in ((None, None), (-1, "many"), (True, -5)):
        answer = reply(sample, sample["usage"](9, 9), sample["usage"](3, 4), sample["usage"](*last))
        assert (answer.usage.input_tokens, answer.usage.output_tokens) == (3, 4)


def test_usage_that_cannot_be_is_not_reported(sample: dict[str, Any]) -> None:
    assert reply(sample, sample["usage"](-3, "4")).usage == Usage()
    assert reply(sample, sample["usage"](3, -4)).usage == Usage(input_tokens=3)


def test_usage_comes_before_finished_and_once(sample: dict[str, Any]) -> None:
    adapter = adapter_factory(sample["provider"])()
    assert adapter.feed(sample["usage"](1, 2)) == []
    usage, finished = adapter.close()
    assert isinstance(usage, Usage)
    assert isinstance(finished, Finished)


# -- anything at all --------------------------------------------------------------------------

_WORDS = re.findall(
    r"\S+",
    """
    choices delta content role reasoning reasoning_content reasoning_details refusal tool_calls
    function function_call name arguments index id finish_reason message usage prompt_tokens
    completion_tokens total_tokens completion_tokens_details x_groq citations search_results
    annotations url_citation url title images image_url audio transcript error code detail type text
    thinking summary object candidates parts thought functionCall args partialArgs jsonPath
    stringValue willContinue inlineData mimeType data finishReason finishMessage groundingMetadata
    groundingChunks web uri retrievedContext citationMetadata citationSources promptFeedback
    blockReason usageMetadata promptTokenCount candidatesTokenCount thoughtsTokenCount response
    status output item output_index content_index annotation partial_image_b64 result
    incomplete_details reason input executed_tools executableCode codeExecutionResult toolCall
    toolResponse toolType outcome outputs results tools logs input_schema server_label action
""",
)
_KINDS = re.findall(
    r"\S+",
    """
    response.output_text.delta response.output_text.done response.reasoning_text.delta error
    response.output_item.added response.output_item.done response.function_call_arguments.delta
    response.function_call_arguments.done response.output_text.annotation.added response.completed
    response.failed response.incomplete response.image_generation_call.partial_image function_call
    response.code_interpreter_call_code.delta web_search_call mcp_call mcp_list_tools some_output
    message reasoning image_generation_call url_citation thinking image_url stop STOP $.a[0].b
""",
)
_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(allow_nan=False)
    | st.sampled_from(_KINDS)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, min_size=1, max_size=6)
    ),
    max_leaves=25,
)
_CHUNKS = st.lists(st.dictionaries(st.sampled_from(_WORDS), _ANYTHING, max_size=5), max_size=4)


def survives(dialect: str, chunks: list[Any]) -> None:
    adapter = adapter_factory(SAMPLES[dialect]["provider"])()
    events: list[Event] = []
    for chunk in chunks:
        new_events = adapter.feed(chunk)
        assert not any(isinstance(event, Finished) for event in new_events)
        events += new_events
    *closing, last = adapter.close()
    assert isinstance(last, Finished)
    assert last.error is None or 0 < len(last.error) <= 200
    for event in [*events, *closing]:
        if isinstance(event, TextDelta | ReasoningDelta):
            assert isinstance(event.text, str)
            assert event.text
        if isinstance(event, ToolCallDelta):
            assert isinstance(event.index, int)
            assert isinstance(event.arguments, str)
        if isinstance(event, StepDelta):
            assert isinstance(event.name, str | None)
            assert isinstance(event.arguments, str)
            assert isinstance(event.result, str)


ANYTHING = given(st.sampled_from(sorted(SAMPLES)), _CHUNKS)
test_no_shape_of_json_makes_an_adapter_raise = settings(max_examples=60, deadline=None)(ANYTHING(survives))
test_really_no_shape_of_json_makes_an_adapter_raise = pytest.mark.slow(
    settings(max_examples=1000, deadline=None)(ANYTHING(survives))
)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(SAMPLES)), st.lists(st.text(), max_size=8), st.integers(1, 40))
def test_the_text_is_what_was_sent_wherever_it_was_cut(dialect: str, pieces: list[str], size: int) -> None:
    sample = SAMPLES[dialect]
    sent = [sample["text"](piece) for piece in pieces] + [sample["end"]]
    stream = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in sent)
    reader, chunks = ChunkReader(), []
    for start in range(0, len(stream), size):
        chunks += reader.feed(stream[start : start + size])
    answer = reply(sample, *chunks, *reader.close())
    if not "".join(pieces).lstrip().startswith("<think>"):
        assert answer.text == "".join(pieces)
    assert answer.state == "complete"
