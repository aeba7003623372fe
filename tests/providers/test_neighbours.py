"""Neighbours of the odd servers: a field in another shape, a word in other letters, a frame too many."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamnb.core.events import Usage
from streamnb.core.reply import Reply
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead, WireEvent
from tests.test_every_sink import reply_of, understood


def answer(dialect: str, *chunks: Any) -> Reply:
    """Return what comes of a stream of these chunks; bytes are sent as they are."""
    body = b"".join(
        chunk if isinstance(chunk, bytes) else f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks
    )
    messages: list[WireEvent] = [
        RequestSent(0.0),
        ResponseHead(0.0, 200, {}),
        Data(1.0, body),
        EndOfBody(2.0),
    ]
    return reply_of(list(understood(dialect, messages)))


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def end(reason: Any = "stop", **beside: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]} | beside


def candidate(*parts: Any, **fields: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(parts), "role": "model"}} | fields]}


def text(piece: Any) -> dict[str, Any]:
    position = {"item_id": "m", "output_index": 0, "content_index": 0}
    return {"type": "response.output_text.delta", "delta": piece} | position


DONE = {"type": "response.completed", "response": {"status": "completed"}}


@pytest.mark.parametrize(
    ("dialect", "last", "state"),
    [
        ("chat", end("STOP"), "complete"),
        ("chat", end("stop "), "complete"),
        ("chat", end("COMPLETE"), "complete"),
        ("chat", end("MAX_TOKENS"), "length"),
        ("chat", end("max_output_tokens"), "length"),
        ("chat", end("CONTENT_FILTER"), "filtered"),
        ("gemini", candidate(finishReason="stop"), "complete"),
        ("gemini", candidate(finishReason="FINISH_REASON_STOP"), "complete"),
        ("gemini", candidate(finish_reason="SAFETY"), "filtered"),
        (
            "responses",
            {"type": "response.incomplete", "response": {"incomplete_details": "max_output_tokens"}},
            "length",
        ),
    ],
)
def test_a_word_for_the_end_counts_in_other_letters_and_stays_the_providers_own(
    dialect: str, last: dict[str, Any], state: str
) -> None:
    first = {"chat": delta(content="hi"), "gemini": candidate({"text": "hi"}), "responses": text("hi")}
    reply = answer(dialect, first[dialect], last)
    assert (reply.text, reply.state) == ("hi", state)
    assert reply.finish_reason in json.dumps(last)


@pytest.mark.parametrize(
    ("dialect", "chunks", "expected"),
    [
        ("chat", [delta(content=5), delta(content=" b"), end()], "5 b"),
        ("chat", [delta(content={"type": "text", "text": "a"}), delta(content="b"), end()], "ab"),
        ("chat", [{"choices": [{"message": {"content": c}}]} for c in ("a", "ab", "abc")] + [end()], "abc"),
        ("chat", [delta(content="a"), end(), b"data: [done]\n\n"], "a"),
        ("chat", [b"data: data: " + json.dumps(delta(content="a")).encode() + b"\n\n", end()], "a"),
        ("chat", [b"data: " + json.dumps(delta(content="a")).encode() * 2 + b"\n\n", end()], "aa"),
        ("chat", [delta(content="a"), end(error={"code": 0, "message": "success"})], "a"),
        ("chat", [{"type": "ping", "message": "ping"}, delta(content="a"), end()], "a"),
        ("gemini", [candidate({"text": "a", "thought": "false"}, finishReason="STOP")], "a"),
        ("gemini", [{"response": candidate({"text": "a"}, finishReason="STOP")}], "a"),
        ("gemini", [{"candidates": {"content": {"parts": {"text": "a"}}, "finishReason": "STOP"}}], "a"),
        (
            "gemini",
            [
                {"promptFeedback": {"blockReason": "BLOCK_REASON_UNSPECIFIED"}},
                candidate({"text": "a"}, finishReason="STOP"),
            ],
            "a",
        ),
        (
            "responses",
            [
                b'event: response.output_text.delta\ndata: {"delta": "a", "item_id": "m"}\n\n',
                b'event: response.completed\ndata: {"response": {"status": "completed"}}\n\n',
            ],
            "a",
        ),
        *(
            ("chat", [delta(content=content), end()], "ab")
            for content in ({"content": "ab"}, [["a"], ["b"]], [{"type": "text", "content": "ab"}])
        ),
        ("chat", [{"choices": [{"delta": [{"content": "a"}, "b"]}]}, end()], "ab"),
        *(
            ("gemini", [{"candidates": [{"content": content}]}, candidate(finishReason="STOP")], "ab")
            for content in (
                {"text": "ab"},
                [{"parts": [{"text": "a"}]}, {"text": "b"}],
                {"parts": [[{"text": "a"}], {"text": ["b"]}]},
                {"parts": [{"text": "ab", "thought": []}]},
            )
        ),
        *(
            (
                "responses",
                [{"type": "response.completed", "response": {"status": "completed"} | response}],
                "ab",
            )
            for response in (
                {"output_text": "ab"},
                {"output": {"type": "message", "content": "ab"}},
                {"output": [{"role": "assistant", "content": ["a", {"text": "b"}]}]},
            )
        ),
        ("responses", [text(["a", {"content": "b"}]), DONE], "ab"),
    ],
)
def test_text_in_another_shape_is_text(dialect: str, chunks: list[Any], expected: str) -> None:
    reply = answer(dialect, *chunks)
    assert (reply.text, reply.reasoning, reply.state, reply.error) == (expected, "", "complete", None)


CUT = {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}}


@pytest.mark.parametrize(
    ("dialect", "marks", "state"),
    [
        ("chat", [end("length"), end("stop")], "length"),
        ("chat", [end("stop"), end("length")], "length"),
        ("chat", [end("content_filter"), end("stop")], "filtered"),
        ("chat", [end("length"), end("error")], "error"),
        ("gemini", [candidate(finishReason="MAX_TOKENS"), candidate(finishReason="STOP")], "length"),
        ("gemini", [candidate(finishReason="SAFETY"), candidate(finishReason="STOP")], "filtered"),
        (
            "gemini",
            [candidate(finishReason="STOP"), candidate(finishReason="FINISH_REASON_UNSPECIFIED")],
            "complete",
        ),
        ("gemini", [candidate(finishReason=1)], "complete"),
        ("gemini", [candidate(finishReason=2)], "length"),
        ("responses", [CUT, DONE], "length"),
        ("responses", [DONE, CUT], "length"),
    ],
)
def test_an_end_that_cut_the_answer_is_not_made_good_by_another(
    dialect: str, marks: list[Any], state: str
) -> None:
    first = {"chat": delta(content="hi"), "gemini": candidate({"text": "hi"}), "responses": text("hi")}
    reply = answer(dialect, first[dialect], *marks)
    assert (reply.text, reply.state) == ("hi", state)


@pytest.mark.parametrize(
    ("dialect", "fault"),
    [
        ("chat", {"choices": [{"delta": {"error": {"message": "no money left"}}}]}),
        ("chat", {"error": {"message": '{"error": {"message": "no money left"}}'}}),
        ("gemini", {"error": '[{"error": {"message": "no money left"}}]'}),
        ("responses", {"type": "response.failed", "error": {"message": "no money left"}}),
    ],
)
def test_a_fault_in_another_place_is_told_in_the_providers_words(dialect: str, fault: Any) -> None:
    reply = answer(dialect, fault)
    assert (reply.state, reply.error) == ("error", "no money left")


def test_a_list_of_chunks_that_breaks_off_keeps_what_came() -> None:
    whole = json.dumps([candidate({"text": "a"}), candidate({"text": "b"}, finishReason="STOP")], indent=1)
    for size, expected, state in ((len(whole) - 2, "ab", "complete"), (len(whole) - 40, "a", "unfinished")):
        reply = answer("gemini", whole[:size].encode())
        assert (reply.text, reply.state) == (expected, state)


def test_counts_are_read_under_the_protocols_own_names() -> None:
    counts = {"prompt_token_count": 7, "candidates_token_count": 3, "total_token_count": 10}
    assert answer("gemini", {"usage_metadata": counts}).usage == Usage(7, 3, None, None, 10)


def test_a_number_beyond_all_counts_is_none() -> None:
    usage = {"prompt_tokens": 10**40, "completion_tokens": 4}
    assert answer("chat", delta(content="a"), end(usage=usage)).usage == Usage(None, 4)


def call(index: Any, id_: Any, name: str | None, arguments: Any) -> dict[str, Any]:
    return {"index": index, "id": id_, "function": {"name": name, "arguments": arguments}}


@pytest.mark.parametrize("number", [float, str])
def test_pieces_of_two_calls_go_to_their_own_whatever_kind_their_number_is(number: Any) -> None:
    first, second = number(0), number(1)
    reply = answer(
        "chat",
        delta(tool_calls=[call(first, "a", "f", '{"a":'), call(second, "b", "g", '{"b":')]),
        delta(tool_calls=[call(first, None, None, "1}"), call(second, None, None, "2}")]),
        end("tool_calls"),
    )
    assert [(made.id, made.name, made.arguments) for made in reply.tool_calls] == [
        ("a", "f", {"a": 1}),
        ("b", "g", {"b": 2}),
    ]


@pytest.mark.parametrize(
    ("dialect", "chunks", "id_"),
    [
        ("chat", [delta(tool_calls=call(0, "a", "f", '{"a": 1}')), end("tool_calls")], "a"),
        ("chat", [delta(tool_calls=[call(0, 12, "f", '{"a": 1}')]), end("tool_calls")], "12"),
        (
            "gemini",
            [candidate({"function_call": {"name": "f", "args": {"a": 1}}}, finishReason="STOP")],
            None,
        ),
        (
            "responses",
            [
                {
                    "type": "response.output_item.added",
                    "output_index": 0,
                    "item": {"type": "function_call", "call_id": "c", "name": "f", "arguments": {"a": 1}},
                },
                DONE,
            ],
            "c",
        ),
    ],
)
def test_a_call_in_another_shape_is_a_call(dialect: str, chunks: list[Any], id_: str | None) -> None:
    (made,) = answer(dialect, *chunks).tool_calls
    assert (made.name, made.arguments, made.id) == ("f", {"a": 1}, id_)
