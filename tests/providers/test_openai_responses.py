"""Responses: deltas count, wholes only where no delta came; items, pictures, and how it ends."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from streamnb.core.events import Citation, Image
from streamnb.core.reply import Reply
from streamnb.providers.openai_responses import ResponsesAdapter
from tests.providers.reading import reply_from_chunks

END = {"type": "response.completed", "response": {"status": "completed"}}


def reply(*chunks: Any) -> Reply:
    return reply_from_chunks(ResponsesAdapter(), *chunks)


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "output_index": 0, **more}


MESSAGE = {"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}
WHOLES = [
    event("output_text.done", content_index=0, text="Hello"),
    event("output_item.done", item=MESSAGE),
    {"type": "response.completed", "response": {"status": "completed", "output": [MESSAGE]}},
]


def test_a_text_is_said_once_however_often_it_comes() -> None:
    deltas = [event("output_text.delta", content_index=0, delta=piece) for piece in ("Hel", "lo")]
    assert reply(*deltas, *WHOLES).text == "Hello"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_text_without_deltas_is_had_from_the_first_whole(count: int) -> None:
    answer = reply(*WHOLES[-count:])
    assert (answer.text, answer.state) == ("Hello", "complete")


def test_ids_that_change_midway_do_not_double_the_text() -> None:
    answer = reply(
        event("output_text.delta", item_id="a", content_index=0, delta="Hel"),
        event("output_text.delta", item_id="b", content_index=0, delta="lo"),
        event("output_text.done", item_id="c", content_index=0, text="Hello"),
    )
    assert answer.text == "Hello"


def test_a_refusal_is_text() -> None:
    assert reply(event("refusal.delta", delta="I cannot."), END).text == "I cannot."
    assert reply(event("refusal.done", refusal="I cannot."), END).text == "I cannot."


def test_reasoning_comes_from_deltas_or_from_the_item() -> None:
    item = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]}
    assert reply(event("reasoning_summary_text.delta", summary_index=0, delta="Hm.")).reasoning == "Hm."
    assert reply(event("output_item.done", item=item)).reasoning == "Hm."
    both = reply(event("reasoning_text.delta", delta="Hm."), event("output_item.done", item=item))
    assert both.reasoning == "Hm."


CALL = {"type": "function_call", "call_id": "7", "name": "weather", "arguments": '{"city":"Oslo"}'}


@pytest.mark.parametrize(
    "chunks",
    [
        [
            event("output_item.added", item=CALL | {"arguments": ""}),
            event("function_call_arguments.delta", delta='{"city":'),
            event("function_call_arguments.delta", delta='"Oslo"}'),
            event("function_call_arguments.done", arguments='{"city":"Oslo"}'),
            event("output_item.done", item=CALL),
        ],
        [
            event("output_item.added", item=CALL | {"arguments": ""}),
            event("function_call_arguments.done", arguments='{"city":"Oslo"}'),
            event("output_item.done", item=CALL),
        ],
        [event("output_item.added", item=CALL), event("output_item.done", item=CALL)],
        [event("output_item.done", item=CALL)],
        [{"type": "response.completed", "response": {"status": "completed", "output": [CALL]}}],
    ],
)
def test_a_call_is_whole_and_there_once(chunks: Any) -> None:
    (tool_call,) = reply(*chunks).tool_calls
    assert (tool_call.id, tool_call.name, tool_call.arguments) == ("7", "weather", {"city": "Oslo"})


def test_the_picture_replaces_its_draft_and_a_draft_is_better_than_nothing() -> None:
    draft = event(
        "image_generation_call.partial_image", partial_image_b64=base64.b64encode(b"draft").decode()
    )
    result = base64.b64encode(b"whole").decode()
    whole = event(
        "output_item.done", item={"type": "image_generation_call", "output_format": "webp", "result": result}
    )
    assert reply(draft, whole).images == [Image("image/webp", b"whole")]
    assert reply(draft).images == [Image("image/png", b"draft")]


def test_sources_come_once_with_a_files_name_as_title() -> None:
    link = {"type": "url_citation", "title": "A", "url": "https://a"}
    file = {"type": "file_citation", "filename": "b.pdf", "file_id": "file-1"}
    message = {
        "type": "message",
        "content": [{"type": "output_text", "text": "Hi", "annotations": [link, file]}],
    }
    answer = reply(
        event("output_text.annotation.added", annotation=link),
        event("output_text.annotation.added", annotation=file),
        event("output_item.done", item=message),
    )
    assert answer.citations == [Citation("A", "https://a"), Citation("b.pdf", "")]


@pytest.mark.parametrize(
    ("response", "state", "reason"),
    [
        ({"status": "completed"}, "complete", "completed"),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}},
            "length",
            "max_output_tokens",
        ),
        (
            {"status": "incomplete", "incomplete_details": {"reason": "content_filter"}},
            "filtered",
            "content_filter",
        ),
        ({"status": "incomplete"}, "unfinished", "incomplete"),
        ({"status": "failed", "error": {"code": "server_error", "message": "Gone"}}, "error", "failed"),
        ({}, "complete", "completed"),
    ],
)
def test_the_status_of_the_response_is_how_it_ended(response: Any, state: str, reason: str) -> None:
    answer = reply({"type": "response.completed", "response": response})
    assert (answer.state, answer.finish_reason) == (state, reason)


def test_usage_is_kept_from_a_response_that_failed() -> None:
    usage = {"input_tokens": 3, "output_tokens": 4, "output_tokens_details": {"reasoning_tokens": 2}}
    answer = reply({"type": "response.failed", "response": {"error": {"message": "Gone"}, "usage": usage}})
    assert (answer.state, answer.error, answer.usage.output_tokens) == ("error", "Gone", 4)


@pytest.mark.parametrize(
    "chunk",
    [
        {"type": "error", "message": "Gone", "code": "x"},
        {"type": "error", "error": {"message": "Gone", "code": "x"}},
    ],
)
def test_an_error_event_is_read_flat_and_nested(chunk: Any) -> None:
    answer = reply(chunk, {"type": "response.failed", "response": {"error": {"message": "Later"}}})
    assert (answer.state, answer.error) == ("error", "Gone (x)")


def test_a_response_that_was_not_streamed_is_read_all_the_same() -> None:
    answer = reply(
        {"object": "response", "status": "completed", "output": [MESSAGE], "usage": {"input_tokens": 1}}
    )
    assert (answer.text, answer.state, answer.usage.input_tokens) == ("Hello", "complete", 1)
