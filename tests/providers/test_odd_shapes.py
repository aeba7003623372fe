"""A field in another place, case, type or encoding costs nothing of an answer: what it says is read."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from streamnb.core.events import Usage
from streamnb.providers.body import BodyReader
from streamnb.providers.gemini import GeminiAdapter
from streamnb.providers.openai_chat import ChatAdapter
from streamnb.providers.openai_responses import ResponsesAdapter
from tests.providers.reading import reply_from_chunks

Json = dict[str, Any]
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
DONE = {"type": "response.completed", "response": {"status": "completed", "output": []}}


def choice(delta: Any, mark: Any = None, **more: Any) -> Json:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": mark, **more}]}


def parts(*entries: Any, mark: str | None = None) -> Json:
    return {"candidates": [{"content": {"parts": list(entries)}, "finishReason": mark}]}


# -- text and reasoning ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("<think>", "</think>"),
        ("<thought>", "</thought>"),
        ("[THINK]", "[/THINK]"),
        ("<seed:think>", "</seed:think>"),
        ("◁think▷", "◁/think▷"),
    ],
)
@pytest.mark.parametrize("size", [1, 4, 100])
def test_reasoning_between_the_marks_of_any_model_is_reasoning(begin: str, end: str, size: int) -> None:
    text = f"\n{begin}Hm. <b>{end}Hi {begin}"
    deltas = [choice({"content": text[at : at + size]}) for at in range(0, len(text), size)]
    reply = reply_from_chunks(ChatAdapter(), *deltas, STOP)
    assert (reply.reasoning, reply.text) == ("Hm. <b>", f"Hi {begin}")


@pytest.mark.parametrize(
    "delta",
    [
        *({name: "Hm."} for name in ("reasoning", "reasoning_content", "reasoning_text", "thinking")),
        *({"reasoning": {name: "Hm."}} for name in ("text", "content", "summary")),
        {"reasoning": [{"type": "text", "text": "Hm."}]},
        {"reasoning_content": [{"type": "text", "text": "H"}, "m."]},
        {"content": [{"type": "reasoning", "text": "Hm."}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]},
    ],
)
def test_reasoning_is_read_as_a_text_a_part_or_a_list(delta: Json) -> None:
    reply = reply_from_chunks(ChatAdapter(), choice(delta), choice({"content": "Hi"}), STOP)
    assert (reply.text, reply.reasoning, reply.state) == ("Hi", "Hm.", "complete")


@pytest.mark.parametrize(
    "chunk",
    [
        choice("Hi"),
        choice({}, text="Hi"),
        choice({"content": [{"type": "text", "text": {"value": "Hi", "annotations": []}}]}),
        choice({"content": [{"type": "output_text", "text": "H"}, {"type": "text", "text": "i"}]}),
        choice({"content": [{"type": "refusal", "refusal": "Hi"}]}),
        {"choices": {"index": 0, "delta": {"content": "Hi"}}},
    ],
)
def test_a_text_of_chat_completions_is_read_wherever_it_stands(chunk: Json) -> None:
    assert reply_from_chunks(ChatAdapter(), {"choices": None}, chunk, STOP).text == "Hi"


@pytest.mark.parametrize(
    "event",
    [
        {"type": "response.output_text.delta", "delta": {"text": "Hi"}},
        {"type": "response.content_part.done", "part": {"type": "output_text", "text": "Hi"}},
        {"type": "response.audio.transcript.delta", "delta": "Hi"},
        {"type": "response.reasoning.delta", "delta": "Hm."},
    ],
)
def test_a_text_of_responses_is_read_wherever_it_stands(event: Json) -> None:
    reply = reply_from_chunks(ResponsesAdapter(), event, DONE)
    assert (reply.text or reply.reasoning) in ("Hi", "Hm.")


@pytest.mark.parametrize("kind", ["message", "function_call"])
def test_what_a_response_says_only_at_its_end_is_read_whatever_came_before(kind: str) -> None:
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    item = call if kind != "message" else {"type": kind, "content": [{"type": "output_text", "text": "Hi"}]}
    end = {"type": "response.completed", "response": {"status": "completed", "output": [item]}}
    reply = reply_from_chunks(
        ResponsesAdapter(), {"type": "response.reasoning_text.delta", "delta": "Hm."}, end
    )
    assert (reply.text, len(reply.tool_calls)) == (("Hi", 0) if kind == "message" else ("", 1))


@pytest.mark.parametrize(
    ("part", "text", "reasoning", "images"),
    [
        ("Hi", "Hi", "", 0),
        ({"thought": "Hm."}, "", "Hm.", 0),
        ({"inline_data": {"mime_type": "IMAGE/PNG", "data": "aGVq"}}, "", "", 1),
        ({"functionCall": None, "inlineData": {"mimeType": "image/png", "data": "_-aa"}}, "", "", 1),
        ({"text": "Hi", "newKind": {"text": "?"}}, "Hi", "", 0),
        ({"newKind": {"text": "?"}}, "", "", 0),
    ],
)
def test_a_part_of_gemini_is_read_by_either_of_its_names(
    part: Any, text: str, reasoning: str, images: int
) -> None:
    reply = reply_from_chunks(GeminiAdapter(), parts(part), parts(mark="STOP"))
    assert (reply.text, reply.reasoning, len(reply.images)) == (text, reasoning, images)


@pytest.mark.parametrize("text", ["", "Hi"])
def test_a_call_beside_a_text_in_one_part_of_gemini_is_a_call(text: str) -> None:
    reply = reply_from_chunks(
        GeminiAdapter(), parts({"text": text, "functionCall": {"name": "f", "args": {"a": 1}}})
    )
    assert (reply.text, [call.arguments for call in reply.tool_calls]) == (text, [{"a": 1}])


def test_a_blocked_prompt_is_filtered_by_either_of_its_names() -> None:
    assert (
        reply_from_chunks(GeminiAdapter(), {"prompt_feedback": {"block_reason": "OTHER"}}).state == "filtered"
    )


# -- calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names", [["get_", "weather"], ["g", "et_", "weather"], ["get_", "get_weather"], ["get_weather", ""]]
)
def test_a_name_of_a_call_that_comes_bit_by_bit_is_one_name(names: list[str]) -> None:
    pieces = [{"index": 0, "function": {"name": name, "arguments": ""}} for name in names]
    pieces[0]["id"] = "c1"
    pieces += [{"index": 0, "function": {"arguments": half}} for half in ('{"a"', ": 1}")]
    reply = reply_from_chunks(ChatAdapter(), *(choice({"tool_calls": [piece]}) for piece in pieces))
    assert [(c.name, c.arguments, c.id) for c in reply.tool_calls] == [("get_weather", {"a": 1}, "c1")]


@pytest.mark.parametrize(
    "piece",
    [
        {"id": "c", "name": "f", "arguments": '{"a": 1}'},
        {"id": "c", "type": "tool_use", "name": "f", "input": {"a": 1}},
        {"id": "c", "function": "f", "arguments": {"a": 1}},
        {"id": "c", "function": {"name": " f\n", "parameters": {"a": 1}}},
    ],
)
def test_a_call_without_its_inner_object_or_with_other_names_in_it_is_a_call(piece: Json) -> None:
    reply = reply_from_chunks(ChatAdapter(), choice({"tool_calls": [piece]}, "tool_calls"))
    assert [(c.name, c.arguments, c.id) for c in reply.tool_calls] == [("f", {"a": 1}, "c")]


def test_a_call_by_both_its_names_in_one_delta_is_one() -> None:
    function = {"name": "f", "arguments": "{}"}
    delta = {"function_call": function, "tool_calls": [{"index": 0, "id": "c", "function": function}]}
    assert [c.id for c in reply_from_chunks(ChatAdapter(), choice(delta, "tool_calls")).tool_calls] == ["c"]


def test_two_functions_under_one_id_and_number_are_two_calls() -> None:
    pieces = [
        {"index": 0, "id": "c", "function": {"name": name, "arguments": arguments}}
        for name, arguments in (("f", ""), (None, '{"a": 1}'), ("g", ""), (None, '{"b": 2}'))
    ]
    reply = reply_from_chunks(ChatAdapter(), *(choice({"tool_calls": [piece]}) for piece in pieces))
    assert [(c.name, c.arguments) for c in reply.tool_calls] == [("f", {"a": 1}), ("g", {"b": 2})]


def test_a_call_of_gemini_with_an_id_that_comes_once_more_is_one() -> None:
    call = {"functionCall": {"name": "f", "args": {"a": 1}, "id": "c"}}
    assert len(reply_from_chunks(GeminiAdapter(), parts(call), parts(call, mark="STOP")).tool_calls) == 1


# -- the end --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "state"),
    [
        *((choice({}, word), "complete") for word in ("STOP", " Stop ", "FinishReason.STOP", "eos")),
        (choice({}, {"type": "stop"}), "complete"),
        (choice({}, finishReason="stop"), "complete"),
        (choice({"finish_reason": "stop"}), "complete"),
        ({"choices": [], "finish_reason": "stop"}, "complete"),
        (choice({}, "content-filter"), "filtered"),
        (choice({}, "guardrail_intervened"), "filtered"),
        (choice({}, "TOOL_CALL"), "complete"),
        (choice({}, "model_context_window_exceeded"), "length"),
        (choice({}, "PROHIBITED_CONTENT"), "filtered"),
        (choice({}, "ERROR"), "error"),
        *((choice({}, word), "unfinished") for word in ("", "null", "None", "unspecified", None)),
    ],
)
def test_a_finish_mark_counts_in_any_case_and_place_and_none_is_none(end: Json, state: str) -> None:
    assert reply_from_chunks(ChatAdapter(), choice({"content": "Hi"}), end).state == state


@pytest.mark.parametrize("word", ["", None, "FINISH_REASON_UNSPECIFIED"])
def test_a_word_for_no_end_yet_ends_nothing(word: Any) -> None:
    chat, gemini = ChatAdapter(), GeminiAdapter()
    chat.feed(choice({"content": "Hi"}, word))
    gemini.feed(parts({"text": "Hi"}, mark=word))
    assert (chat.finished, gemini.finished) == (False, False)


# -- usage ----------------------------------------------------------------------------------


def counts(**numbers: Any) -> Json:
    return {"choices": [], "usage": numbers}


@pytest.mark.parametrize(
    ("reports", "usage"),
    [
        ([counts(prompt_tokens=5, completion_tokens=1), counts(completion_tokens=2)], Usage(5, 2)),
        (
            [counts(prompt_tokens=5, completion_tokens=1, total_tokens=6), counts(completion_tokens=2)],
            Usage(5, 2),
        ),
        (
            [counts(prompt_tokens=5, completion_tokens=1, total_tokens=6), counts(prompt_tokens=5)],
            Usage(5, 1, None, None, 6),
        ),
        ([counts(prompt_tokens=5, completion_tokens=9, reasoning_tokens=4)], Usage(5, 9, 4)),
        ([counts(prompt_tokens=5, completion_tokens=9, cached_tokens=4)], Usage(5, 9, None, 4)),
        ([counts(prompt_tokens=5, completion_tokens=9, prompt_cache_hit_tokens=4)], Usage(5, 9, None, 4)),
        ([counts(input_tokens=5, output_tokens=9, cache_read_input_tokens=4)], Usage(5, 9, None, 4)),
        (
            [counts(prompt_tokens="5", completion_tokens=" 9.0", total_tokens="14")],
            Usage(5, 9, None, None, 14),
        ),
        ([counts(prompt_tokens="five", completion_tokens="-9", total_tokens="1e3")], Usage()),
        ([counts(inputTokens=5, outputTokens=9, totalTokens=14)], Usage(5, 9, None, None, 14)),
        ([counts(promptTokens=5, completionTokens=9)], Usage(5, 9)),
        (
            [
                counts(prompt_tokens=5, completion_tokens=9, total_tokens=14),
                counts(prompt_tokens=5, completion_tokens=0, total_tokens=5),
            ],
            Usage(5, 9, None, None, 14),
        ),
    ],
)
def test_usage_is_read_from_every_report_that_has_a_part_of_it(reports: list[Json], usage: Usage) -> None:
    assert reply_from_chunks(ChatAdapter(), *reports, STOP).usage == usage


# -- faults ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"Message": "no credit"},
        {"Error": {"Message": "no credit"}},
        {"error": True, "message": "no credit"},
        {"error": {"message": {"message": "no credit"}}},
        {"fault": {"faultstring": "no credit", "detail": {"errorcode": "x"}}},
        {"statusCode": 401, "message": "no credit"},
        {"__type": "ThrottlingException", "message": "no credit"},
        {"errorMessage": "no credit", "errorType": "Quota"},
        {"type": "about:blank", "title": "no credit", "status": 503},
        {"exception": "no credit"},
        {"id": "as-1", "error_code": 336003, "error_msg": "no credit"},
        {"id": "c1", "message": "no credit"},
        {"throttlingException": {"message": "no credit"}},
        {"ok": False, "message": "no credit"},
        {"status": 500, "error": "Internal Server Error", "message": "no credit"},
        {"type": "notice", "message": "no credit"},
    ],
)
@pytest.mark.parametrize("adapter", [ChatAdapter, GeminiAdapter])
def test_a_fault_of_a_gateway_inside_a_200_is_told_in_its_own_words(adapter: Any, fault: Json) -> None:
    reply = reply_from_chunks(adapter(), fault)
    assert reply.state == "error"
    assert "no credit" in str(reply.error)


SIDE_OBJECTS = [
    {"type": "notice", "message": "busy today"},
    {"status": "processing", "message": "thinking"},
    {"title": "A chat about credit"},
    {"message": "connected"},
    {"type": "trace", "code": "T1", "reason": "routing"},
    {"type": "rate_limits.updated", "message": "12 left"},
    {"type": "progress", "code": 10, "detail": "loading"},
    {"error": {}, "message": "fine"},
    {"error": False, "message": "fine"},
    {"error": None, "status": "succeeded", "message": "done"},
]


@pytest.mark.parametrize("beside", SIDE_OBJECTS)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_what_a_server_says_beside_a_whole_answer_is_no_fault(beside: Json, index: int) -> None:
    text = {"type": "response.output_text.delta", "delta": "Hi"}
    answers: list[tuple[Any, list[Json]]] = [
        (ChatAdapter, [choice({"content": "Hi"}), STOP]),
        (GeminiAdapter, [parts({"text": "Hi"}), parts(mark="STOP")]),
        (ResponsesAdapter, [text, DONE]),
    ]
    for adapter, chunks in answers:
        chunks.insert(index, beside)
        reply = reply_from_chunks(adapter(), *chunks)
        assert (reply.text, reply.state, reply.error) == ("Hi", "complete", None)


@pytest.mark.parametrize("adapter", [ChatAdapter, GeminiAdapter, ResponsesAdapter])
def test_what_a_server_says_in_the_place_of_an_end_is_its_fault(adapter: Any) -> None:
    reply = reply_from_chunks(adapter(), {"message": "no credit", "type": "notice"})
    assert (reply.state, reply.error) == ("error", "no credit (notice)")


def test_a_fault_in_a_field_of_its_own_between_the_events_is_told() -> None:
    reader = BodyReader(200, {}, 1_000_000)
    data = b'data: {"text": "Hi"}\n\nerror: {"code": 500, "message": "no credit"}\n\n'
    assert [*reader.feed(data), *reader.close()][1] == {"error": {"code": 500, "message": "no credit"}}


def test_a_fault_in_words_behind_a_mark_is_told_in_these_words() -> None:
    reader = BodyReader(200, {}, 1_000_000)
    reader.feed(b'data: {"text": "Hi"}\n\ndata: [ERROR] no credit\n\n')
    assert "no credit" in str(reader.unreadable_message)


# -- bytes ----------------------------------------------------------------------------------
TEXT = "Grüße, 日本"


def body(data: bytes, size: int, **headers: str) -> tuple[str, bytes]:
    """Read a body in pieces; return its text and its page."""
    reader = BodyReader(200, headers, 1_000_000)
    chunks = [chunk for at in range(0, len(data), size) for chunk in reader.feed(data[at : at + size])]
    return "".join(chunk["text"] for chunk in [*chunks, *reader.close()]), reader.error_body


def events(*texts: str, frame: str = "data: ") -> str:
    return "".join(f"{frame}{json.dumps({'text': text}, ensure_ascii=False)}\n\n" for text in texts)


@pytest.mark.parametrize("size", [1, 3, 10_000])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_body_is_read_in_the_encoding_that_its_bytes_show(encoding: str, size: int) -> None:
    assert body(events(TEXT[:4], TEXT[4:]).encode(encoding), size)[0] == TEXT


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        *(("latin-1", "iso-8859-1"), ("gbk", '"GBK"'), ("shift_jis", "shift_jis"), ("utf-8", "iso-8859-1")),
        *(("utf-8", "nonsense"), ("utf-8", "base64"), ("utf-8", "us-ascii"), ("utf-8", "utf-16")),
    ],
)
def test_an_encoding_that_the_head_names_counts_where_the_bytes_are_no_utf_8(
    written: str, declared: str
) -> None:
    text = TEXT if written == "utf-8" else {"latin-1": "Grüße", "gbk": "你好", "shift_jis": "日本"}[written]
    kind = {"content-type": f"text/event-stream; charset={declared}"}
    assert body(events(text).encode(written), 7, **kind)[0] == text
    page = f"<p>{text}</p>".encode(written)
    assert body(page, 7, **kind)[1].decode() == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "frame", ["data:", "data:\t", "DATA: ", "  data: ", "data : ", "data: data: ", "\ufeffdata: ", "\0data: "]
)
def test_a_frame_that_is_written_oddly_is_a_frame(frame: str) -> None:
    assert body(events("Hi", frame=frame).encode(), 5)[0] == "Hi"


def test_a_mark_of_an_end_of_text_behind_a_line_spoils_none() -> None:
    reader = BodyReader(200, {}, 1_000_000)
    chunks = reader.feed(b'data: {"text": "Hi"}\0\n\ndata: [DONE]\0\n\n')
    assert ([chunk["text"] for chunk in chunks], reader.is_done, reader.unreadable_message) == (
        ["Hi"],
        True,
        None,
    )


def test_bytes_that_are_no_text_are_not_shown_as_a_sentence() -> None:
    reader = BodyReader(200, {}, 1_000_000)
    assert [*reader.feed(gzip.compress(b"data: {}\n\n")), *reader.close()] == []
    assert "bytes that are no text" in str(reader.unreadable_message)


def test_an_event_that_was_written_as_json_twice_is_read() -> None:
    assert body(b"data: " + json.dumps(json.dumps({"text": "Hi"})).encode() + b"\n\n", 5)[0] == "Hi"


@pytest.mark.parametrize("sign", ["ping", "[KEEPALIVE]", ": keep-alive", "[START]", "connected", "DONE"])
def test_a_sign_of_life_between_events_spoils_no_answer(sign: str) -> None:
    reader = BodyReader(200, {}, 1_000_000)
    chunks = reader.feed(f"{events('Hi')}data: {sign}\n\n{events(' you')}".encode())
    assert [chunk["text"] for chunk in chunks] == ["Hi", " you"]
    assert reader.unreadable_message is None


@pytest.mark.parametrize("message", ["[ERROR]", "[server shut down]", "failed"])
def test_words_that_may_say_more_than_that_a_server_lives_are_told(message: str) -> None:
    reader = BodyReader(200, {}, 1_000_000)
    reader.feed(f"{events('Hi')}data: {message}\n\n".encode())
    assert reader.unreadable_message is not None


def test_a_body_that_is_nothing_but_a_json_text_is_the_servers_sentence() -> None:
    reader = BodyReader(200, {"content-type": "application/json"}, 1_000_000)
    assert [*reader.feed(b'"rate limit exceeded"'), *reader.close()] == []
    assert reader.plain_message == "rate limit exceeded"
