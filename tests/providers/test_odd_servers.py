"""What servers say oddly has one right reading, in each of the three dialects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamnb.core.content import Text, ToolCallPart, ToolResultPart, Turn
from streamnb.core.reply import Reply
from streamnb.core.tool_calls import ToolCall, with_unique_ids
from streamnb.providers.base import Endpoint, Request
from streamnb.providers.gemini import GeminiAdapter
from streamnb.providers.gemini_request import request_kwargs as gemini_body
from streamnb.providers.openai_chat import ChatAdapter
from streamnb.providers.openai_chat_request import request_kwargs as chat_body
from streamnb.providers.openai_responses import ResponsesAdapter
from streamnb.providers.openai_responses_request import request_kwargs as responses_body
from tests.providers.reading import reply_from_chunks


def chat(*choices: Any, **more: Any) -> Reply:
    """Read lone choices of chat completions as one answer."""
    return reply_from_chunks(ChatAdapter(), *({"choices": [choice], **more} for choice in choices))


def piece(text: str, index: Any = 0, mark: str | None = None) -> dict[str, Any]:
    return {"index": index, "delta": {"content": text}, "finish_reason": mark}


def candidate(text: str, index: Any = 0, mark: str | None = None) -> dict[str, Any]:
    end = {"finishReason": mark} if mark else {}
    return {"candidates": [{"index": index, "content": {"parts": [{"text": text}]}, **end}]}


def call(name: str, arguments: str, **more: Any) -> dict[str, Any]:
    return {
        "index": 0,
        "delta": {"tool_calls": [{"function": {"name": name, "arguments": arguments}, **more}]},
    }


STOP = {"index": 0, "delta": {}, "finish_reason": "stop"}
CALLS = {"index": 0, "delta": {}, "finish_reason": "tool_calls"}

# -- numbers of choices ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "numbers",
    [
        *([0, 1, 2, 3, 4, 5], [1] * 6, [-1] * 6, ["0"] * 6, ["1"] * 6, [None] * 6),
        *([7, 8, 9, 10, 11, 12], [0, 1, 1, 1, 1, 1], [0] * 6),
    ],
)
def test_a_lone_choice_is_the_answer_whatever_its_number(numbers: list[Any]) -> None:
    marks = [None] * 5 + ["stop"]
    pieces = list(zip("abcdef", numbers, marks, strict=True))
    for reply in (
        chat(*(piece(*one) for one in pieces)),
        reply_from_chunks(
            GeminiAdapter(), *(candidate(text, n, mark and "STOP") for text, n, mark in pieces)
        ),
    ):
        assert (reply.text, reply.state) == ("abcdef", "complete")


@pytest.mark.parametrize("numbers", [[0, 1, 0, 1, 0, 1], [0, 1, 2, 0, 1, 2], [0, 0, 1, 1, 0, 1]])
def test_of_several_answers_in_turn_number_0_is_the_answer(numbers: list[int]) -> None:
    expected = "".join(text for text, number in zip("abcdef", numbers, strict=True) if number == 0)
    pieces = list(zip("abcdef", numbers, strict=True))
    assert chat(*(piece(*one) for one in pieces), STOP).text == expected
    assert reply_from_chunks(GeminiAdapter(), *(candidate(*one) for one in pieces)).text == expected


def test_of_several_answers_in_one_chunk_number_0_is_the_answer() -> None:
    both = [{"choices": [piece(f"b{n}", 1), piece(f"a{n}", 0)]} for n in range(3)]
    assert reply_from_chunks(ChatAdapter(), *both).text == "a0a1a2"


def test_answers_one_after_the_other_are_not_joined() -> None:
    reply = chat(
        piece("a"), piece("b"), piece("", 0, "stop"), piece("x", 1), piece("y", 1), piece("", 1, "stop")
    )
    assert (reply.text, reply.state) == ("ab", "complete")


# -- said once ------------------------------------------------------------------------------
MESSAGE = {"role": "assistant", "content": "Hello", "reasoning_content": "Hm."}
TOOL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


def test_a_whole_message_after_its_deltas_is_said_once_and_its_calls_once() -> None:
    reply = chat(
        {"index": 0, "delta": {"reasoning_content": "Hm."}},
        piece("Hel"),
        piece("lo"),
        {"index": 0, "delta": {"tool_calls": [{"index": 0, **TOOL}]}},
        {"index": 0, "message": {**MESSAGE, "tool_calls": [TOOL]}, "finish_reason": "tool_calls"},
    )
    assert (reply.text, reply.reasoning) == ("Hello", "Hm.")
    assert [(one.name, one.arguments) for one in reply.tool_calls] == [("f", {"a": 1})]


def test_a_whole_message_beside_an_empty_delta_is_the_answer() -> None:
    reply = chat(
        {"index": 0, "delta": {}, "message": {**MESSAGE, "tool_calls": [TOOL]}, "finish_reason": "stop"}
    )
    assert (reply.text, reply.reasoning, len(reply.tool_calls)) == ("Hello", "Hm.", 1)


def two_texts_and_two_calls(places: Any, *, repeats_item: bool = True) -> list[dict[str, Any]]:
    """A response of two texts and two calls, each event changed by ``places``."""
    texts = [("msg_1", 0, "One."), ("msg_2", 1, "Two.")]
    calls = [("fc_1", 2, "call_1", '{"a": 1}'), ("fc_2", 3, "call_2", '{"a": 2}')]
    events: list[dict[str, Any]] = []
    for id_, at, text in texts:
        where = {"item_id": id_, "output_index": at, "content_index": 0}
        item = {"type": "message", "id": id_, "content": [{"type": "output_text", "text": text}]}
        events += [
            {"type": "response.output_text.delta", "delta": half, **where} for half in (text[:2], text[2:])
        ]
        events.append({"type": "response.output_text.done", "text": text, **where})
        events.append({"type": "response.output_item.done", "item": item, "output_index": at})
    for id_, at, call_id, arguments in calls:
        where = {"item_id": id_, "output_index": at}
        item = {"type": "function_call", "id": id_, "call_id": call_id, "name": "f"}
        whole = {**item, "arguments": arguments}
        events.append(
            {"type": "response.output_item.added", "item": {**item, "arguments": ""}, "output_index": at}
        )
        events += [
            {"type": "response.function_call_arguments.delta", "delta": half, **where}
            for half in (arguments[:3], arguments[3:])
        ]
        events.append({"type": "response.function_call_arguments.done", "arguments": arguments, **where})
        events.append({"type": "response.output_item.done", "item": whole, "output_index": at})
    end = {"type": "response.completed", "response": {"status": "completed", "output": []}}
    return [places(event) for event in events] + [end]


def without(*names: str) -> Any:
    def change(event: dict[str, Any]) -> dict[str, Any]:
        event = {key: value for key, value in event.items() if key not in names}
        if "item" in event:
            event["item"] = {key: value for key, value in event["item"].items() if key not in names}
        return event

    return change


def all_the_same(**values: Any) -> Any:
    def change(event: dict[str, Any]) -> dict[str, Any]:
        event = {key: values.get(key, value) for key, value in event.items()}
        if "item" in event and "item_id" in values:
            event["item"] = {**event["item"], "id": values["item_id"]}
        return event

    return change


@pytest.mark.parametrize(
    "places",
    [
        without(),
        without("content_index"),
        without("output_index"),
        without("item_id", "id"),
        without("content_index", "output_index", "item_id", "id"),
        without("output_index", "item_id", "id", "call_id"),
        all_the_same(output_index=0),
        all_the_same(output_index=0, item_id="x", content_index=0),
        all_the_same(item_id="x"),
    ],
)
def test_responses_say_each_text_once_and_each_call_once_however_they_number_them(places: Any) -> None:
    reply = reply_from_chunks(ResponsesAdapter(), *two_texts_and_two_calls(places))
    assert reply.text == "One.Two."
    assert [(one.name, one.arguments) for one in reply.tool_calls] == [("f", {"a": 1}), ("f", {"a": 2})]


def test_two_wholes_that_say_the_same_in_two_places_are_both_said() -> None:
    parts = [
        {"type": "response.output_text.done", "output_index": 0, "content_index": n, "text": "Yes. "}
        for n in range(2)
    ]
    assert reply_from_chunks(ResponsesAdapter(), *parts).text == "Yes. Yes. "


# -- calls ----------------------------------------------------------------------------------


@pytest.mark.parametrize("id_", [{}, {"id": ""}, {"id": None}])
@pytest.mark.parametrize("index", [{}, {"index": 0}])
def test_parallel_calls_without_ids_all_numbered_0_are_two(id_: Any, index: Any) -> None:
    reply = chat(call("f", '{"a": 1}', **index, **id_), call("f", '{"a": 2}', **index, **id_), CALLS)
    assert [one.arguments for one in reply.tool_calls] == [{"a": 1}, {"a": 2}]


def test_parallel_calls_in_pieces_all_numbered_0_are_two() -> None:
    pieces = [("f", ""), ("", '{"a"'), ("", ": 1}"), ("f", ""), ("", '{"a"'), ("", ": 2}")]
    reply = chat(*(call(name, arguments, index=0) for name, arguments in pieces), CALLS)
    assert [one.arguments for one in reply.tool_calls] == [{"a": 1}, {"a": 2}]


def test_another_name_begins_another_call_also_where_the_first_has_no_arguments() -> None:
    reply = chat(call("f", "", index=0), call("g", "", index=0), CALLS)
    assert [(one.name, one.arguments) for one in reply.tool_calls] == [("f", {}), ("g", {})]


def test_a_name_that_is_said_with_every_piece_begins_no_call() -> None:
    pieces = ['{"a"', ": 1}", ""]
    reply = chat(*(call("f", arguments, index=0) for arguments in pieces), CALLS)
    assert [one.arguments for one in reply.tool_calls] == [{"a": 1}]


def test_a_call_that_is_said_once_more_as_a_whole_is_one() -> None:
    pieces = ['{"a": ', "1}", '{"a": 1}']
    reply = chat(*(call("f", arguments, index=0, id="c1") for arguments in pieces), CALLS)
    assert [one.arguments for one in reply.tool_calls] == [{"a": 1}]


def test_numbers_that_count_the_pieces_of_a_call_are_one_call() -> None:
    pieces = [("f", "c1", ""), (None, None, '{"a"'), (None, None, ": 1}")]
    reply = chat(*(call(n or "", a, index=i, id=id_) for i, (n, id_, a) in enumerate(pieces)), CALLS)
    assert [one.arguments for one in reply.tool_calls] == [{"a": 1}]


def test_two_calls_of_one_function_get_two_ids() -> None:
    calls = [ToolCall("f", {"a": 1}), ToolCall("f", {"a": 1}), ToolCall("f", {}, "x"), ToolCall("g", {}, "x")]
    ids = [one.id for one in with_unique_ids(calls, ["taken"])]
    assert len({*ids}) == 4
    assert ids[2] == "x"
    assert ids == [one.id for one in with_unique_ids(calls, ["taken"])]
    assert {*ids[:2]}.isdisjoint(one.id for one in with_unique_ids(calls, ids))


# -- usage ----------------------------------------------------------------------------------


def test_zeros_after_real_counts_and_counts_with_a_point_are_the_real_ones() -> None:
    counts = [
        {"prompt_tokens": 7.0, "completion_tokens": 3.0, "total_tokens": 10.0},
        {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    ]
    chunks = [{"choices": [], "usage": usage} for usage in counts]
    responses = [
        {"type": "response.completed", "response": {"status": "completed", "usage": usage}}
        for usage in ({"input_tokens": 7.0, "output_tokens": 3.0, "total_tokens": 10.0}, {"input_tokens": 0})
    ]
    names = {"prompt_tokens": "promptTokenCount", "completion_tokens": "candidatesTokenCount"}
    names |= {"total_tokens": "totalTokenCount"}
    gemini = [{"usageMetadata": {names[key]: value for key, value in usage.items()}} for usage in counts]
    for adapter, chunks_ in (
        (ChatAdapter(), chunks),
        (ResponsesAdapter(), responses),
        (GeminiAdapter(), gemini),
    ):
        usage = reply_from_chunks(adapter, *chunks_).usage
        assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (7, 3, 10)
        assert all(type(value) is int for value in (usage.input_tokens, usage.output_tokens))


# -- faults inside a 200 --------------------------------------------------------------------
ERRORS: list[Any] = [
    {"code": 1301, "message": "no money left"},
    {"code": "quota", "msg": "no money left"},
    {"base_resp": {"status_code": 1008, "status_msg": "no money left"}},
    {"errors": [{"message": "no money left"}]},
    {"errors": ["no money left"]},
    {"x_groq": {"error": "no money left"}},
    {"error": "no money left"},
    {"message": "no money left"},
    {"success": False, "message": "no money left"},
    {"detail": "no money left"},
    {"status": 402, "error_msg": "no money left"},
]


@pytest.mark.parametrize("error", ERRORS, ids=[str(list(error)) for error in ERRORS])
@pytest.mark.parametrize("kind", [ChatAdapter, ResponsesAdapter, GeminiAdapter])
def test_the_providers_words_about_a_fault_reach_the_person(kind: Any, error: Any) -> None:
    reply = reply_from_chunks(kind(), error)
    assert reply.state == "error"
    assert "no money left" in str(reply.error)


@pytest.mark.parametrize(
    "chunk",
    [
        {"base_resp": {"status_code": 0, "status_msg": ""}, "choices": [piece("Hi", 0, "stop")]},
        {"code": 0, "message": "ok", "choices": [piece("Hi", 0, "stop")]},
        {"code": 200, "message": "success", "choices": [piece("Hi", 0, "stop")]},
        {"errors": [], "error": None, "x_groq": {"id": "r"}, "choices": [piece("Hi", 0, "stop")]},
    ],
)
def test_what_only_looks_like_a_fault_is_none(chunk: Any) -> None:
    reply = reply_from_chunks(ChatAdapter(), chunk)
    assert (reply.text, reply.state) == ("Hi", "complete")


# -- thoughts -------------------------------------------------------------------------------
def as_chunks(kind: Any, pieces: list[str]) -> list[Any]:
    if kind is ChatAdapter:
        return [{"choices": [piece(text)]} for text in pieces]
    if kind is GeminiAdapter:
        return [candidate(text) for text in pieces]
    return [{"type": "response.output_text.delta", "delta": text} for text in pieces]


@pytest.mark.parametrize("kind", [ChatAdapter, ResponsesAdapter, GeminiAdapter])
@pytest.mark.parametrize(
    "pieces",
    [
        ["First ", "this.", "</think>", "Yes."],
        ["First this.</thi", "nk>Yes", "."],
        ["First this.</think>Yes."],
    ],
)
def test_what_stands_before_a_closing_tag_that_was_never_opened_is_reasoning(
    kind: Any, pieces: list[str]
) -> None:
    reply = reply_from_chunks(kind(), *as_chunks(kind, pieces))
    assert (reply.text, reply.reasoning) == ("Yes.", "First this.")


@pytest.mark.parametrize(
    "text",
    [
        "Write `</think>` at the end.",
        "```xml\n<a>\n</think>\n```\nso.",
        'The "</think>" tag.',
        "1 < 2 </thinking>",
    ],
)
@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_tag_that_the_answer_is_about_stays_text(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    reply = reply_from_chunks(ChatAdapter(), *as_chunks(ChatAdapter, pieces))
    assert (reply.text, reply.reasoning) == (text, "")


# -- what comes back in the next round ------------------------------------------------------
ENDPOINT = Endpoint("openai", "http://127.0.0.1:1/v1", "a-key")


def next_request(reply: Reply) -> Request:
    """Return the request that tells the results of a reply's calls."""
    calls = with_unique_ids(reply.tool_calls, [])
    parts = [ToolCallPart(one.id or "", one.name, json.dumps(one.arguments), one.signature) for one in calls]
    results = [ToolResultPart(one.id or "", one.name, "5") for one in calls]
    turns = (Turn("user", (Text("Hi"),)), Turn("assistant", tuple(parts)), Turn("tool", tuple(results)))
    return Request("m", turns)


def test_reasoning_content_and_extra_content_come_back_through_chat_completions() -> None:
    extra = {"google": {"thought_signature": "c2ln"}}
    reply = chat(
        {"index": 0, "delta": {"reasoning_content": "I look "}},
        {"index": 0, "delta": {"reasoning_content": "it up."}},
        call("f", '{"a": 1}', index=0, id="c1", extra_content=extra),
        call("g", "{}", index=1, id="c2"),
        CALLS,
    )
    message = chat_body(next_request(reply), ENDPOINT)["messages"][1]
    assert message["reasoning_content"] == "I look it up."
    assert [one.get("extra_content") for one in message["tool_calls"]] == [extra, None]
    part = gemini_body(next_request(reply))["contents"][1].parts[0]  # the same conversation, asked elsewhere
    assert part.thought_signature == b"sig"


def test_reasoning_that_no_call_follows_is_not_sent_back() -> None:
    reply = chat({"index": 0, "delta": {"reasoning_content": "Hm."}}, piece("Hi"), STOP)
    assert reply.tool_calls == []


def test_reasoning_details_come_back_with_their_signature() -> None:
    details = [
        {"type": "reasoning.text", "index": 0, "text": "I look"},
        {"type": "reasoning.text", "index": 0, "text": " it up.", "signature": "s"},
        {"type": "reasoning.encrypted", "index": 1, "data": "x"},
    ]
    reply = chat(
        *({"index": 0, "delta": {"reasoning_details": [one]}} for one in details),
        call("f", "{}", id="c"),
        CALLS,
    )
    message = chat_body(next_request(reply), ENDPOINT)["messages"][1]
    whole = {"type": "reasoning.text", "index": 0, "text": "I look it up.", "signature": "s"}
    assert message["reasoning_details"] == [whole, details[2]]


def test_claudes_signed_thoughts_come_back_through_a_gateway() -> None:
    pieces = [
        {"thinking": "I look", "signature": None},
        {"thinking": " it up."},
        {"thinking": "", "signature": "s"},
    ]
    reply = chat(
        *({"index": 0, "delta": {"thinking_blocks": [{"type": "thinking", **piece}]}} for piece in pieces),
        call("f", "{}", id="c"),
        CALLS,
    )
    message = chat_body(next_request(reply), ENDPOINT)["messages"][1]
    whole = {"type": "thinking", "thinking": "I look it up.", "signature": "s"}
    assert (reply.reasoning, message["thinking_blocks"]) == ("I look it up.", [whole])


@pytest.mark.parametrize("signature", ["_-9zaWc", "/+9zaWc="])
@pytest.mark.parametrize(
    "names", [("functionCall", "thoughtSignature"), ("function_call", "thought_signature")]
)
def test_the_signature_of_a_call_comes_back_by_either_name_and_alphabet(
    names: tuple[str, str], signature: str
) -> None:
    part = {names[0]: {"name": "f", "args": {}}, names[1]: signature}
    reply = reply_from_chunks(
        GeminiAdapter(), {"candidates": [{"content": {"parts": [part]}, "finishReason": "STOP"}]}
    )
    sent = gemini_body(next_request(reply))["contents"][1].parts[0]
    assert sent.thought_signature == b"\xff\xefsig"


def test_signed_reasoning_items_come_back_before_their_call_in_responses() -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"}
    function = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "f", "arguments": "{}"}
    reply = reply_from_chunks(
        ResponsesAdapter(),
        {
            "type": "response.output_item.done",
            "output_index": 0,
            "item": {**reasoning, "status": "completed"},
        },
        {"type": "response.output_item.added", "output_index": 1, "item": {**function, "arguments": ""}},
        {"type": "response.output_item.done", "output_index": 1, "item": function},
    )
    items = responses_body(next_request(reply), ENDPOINT)["input"]
    assert items[1] == reasoning
    assert items[2] == {"type": "function_call", "call_id": "c1", "name": "f", "arguments": "{}"}


BROKEN = ['{"city": "Os', "not json", "[1]", '{"a": NaN}', "5", "[" * 5_000]


@pytest.mark.parametrize("arguments", BROKEN)
def test_broken_arguments_go_back_as_json_that_says_so(arguments: str) -> None:
    part = ToolCallPart("c1", "f", arguments)
    request = Request("m", (Turn("user", (Text("Hi"),)), Turn("assistant", (part,))))
    sent = [
        json.loads(chat_body(request, ENDPOINT)["messages"][1]["tool_calls"][0]["function"]["arguments"]),
        json.loads(responses_body(request, ENDPOINT)["input"][1]["arguments"]),
        gemini_body(request)["contents"][1].parts[0].function_call.args,
    ]
    for value in sent:
        assert value == {"error": "these arguments were no JSON object", "arguments": arguments}


@pytest.mark.parametrize(
    ("arguments", "sent"), [("null", {}), ('"{\\"a\\": 1}"', {"a": 1}), ('{"a": 1}{"a": 1}', {"a": 1})]
)
def test_arguments_that_were_understood_go_back_as_what_was_called(arguments: str, sent: Any) -> None:
    request = Request("m", (Turn("assistant", (ToolCallPart("c1", "f", arguments),)),))
    body = chat_body(request, ENDPOINT)["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(body) == sent
    assert gemini_body(request)["contents"][0].parts[0].function_call.args == sent


def test_half_a_character_in_arguments_is_replaced_on_both_ways() -> None:
    reply = chat(call("f", '{"a": "x\\ud83d"}', id="c"), CALLS)
    assert reply.tool_calls[0].arguments == {"a": "x\ufffd"}
    request = Request("m", (Turn("assistant", (ToolCallPart("c", "f", '{"a": "\\ud83d"}'),)),))
    sent = chat_body(request, ENDPOINT)["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(sent) == {"a": "\ufffd"}
