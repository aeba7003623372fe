"""Gemini: thoughts, calls in bits, sources, pictures, blocked prompts, and its words for an end."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from streamnb.core.events import Citation, Image, ToolCallDelta
from streamnb.core.reply import Reply
from streamnb.providers.gemini import GeminiAdapter
from tests.providers.reading import reply_from_chunks


def parts(*contents: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"parts": list(contents)}, **more}]}


def reply(*chunks: Any) -> Reply:
    return reply_from_chunks(GeminiAdapter(), *chunks)


def test_thoughts_are_reasoning() -> None:
    answer = reply(
        parts({"text": "Hm.", "thought": True}), parts({"text": "Yes"}, {"text": "", "thoughtSignature": "x"})
    )
    assert (answer.reasoning, answer.text) == ("Hm.", "Yes")


def test_a_whole_call_keeps_its_signature_and_id() -> None:
    call = {
        "functionCall": {"id": "7", "name": "weather", "args": {"city": "Oslo"}},
        "thoughtSignature": "c2ln",
    }
    (tool_call,) = reply(parts(call)).tool_calls
    assert (tool_call.id, tool_call.name, tool_call.arguments, tool_call.signature) == (
        "7",
        "weather",
        {"city": "Oslo"},
        "c2ln",
    )


def bits(*values: dict[str, Any], name: str | None = None, more: bool = True) -> dict[str, Any]:
    call: dict[str, Any] = {"partialArgs": list(values)} if values else {}
    return parts(
        {"functionCall": call | ({"name": name} if name else {}) | ({"willContinue": True} if more else {})}
    )


def test_arguments_that_come_in_bits_are_put_in_their_places() -> None:
    (tool_call,) = reply(
        bits(name="book"),
        bits({"jsonPath": "$.city", "stringValue": "Os", "willContinue": True}),
        bits({"jsonPath": "$.city", "stringValue": "lo"}),
        bits({"jsonPath": "$.nights", "numberValue": 2}, {"jsonPath": "$.late", "boolValue": False}),
        bits(
            {"jsonPath": "$.guests[0].name", "stringValue": "A"},
            {"jsonPath": "$.guests[1]['name']", "stringValue": "B"},
        ),
        bits({"jsonPath": "$.note", "nullValue": "NULL_VALUE"}),
        bits(more=False),
    ).tool_calls
    assert tool_call.arguments == {
        "city": "Oslo",
        "nights": 2,
        "late": False,
        "guests": [{"name": "A"}, {"name": "B"}],
        "note": None,
    }


def test_a_call_in_bits_says_its_name_at_once() -> None:
    assert GeminiAdapter().feed(bits(name="book")) == [ToolCallDelta(0, None, "book", "")]


def test_a_call_that_breaks_off_keeps_what_came() -> None:
    answer = reply(bits(name="book"), bits({"jsonPath": "$.city", "stringValue": "Os"}))
    assert answer.tool_calls[0].arguments == {"city": "Os"}
    assert answer.state == "unfinished"


def test_calls_in_bits_follow_one_another() -> None:
    answer = reply(
        bits(name="a"), bits({"jsonPath": "$.x", "stringValue": "1"}), bits(name="b"), bits(more=False)
    )
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [("a", {"x": "1"}), ("b", {})]


@pytest.mark.parametrize("path", ["", "$", "city", "$[0]", "$.a[99999999999].b", None, 5])
def test_a_place_that_cannot_be_is_left_out(path: Any) -> None:
    (tool_call,) = reply(
        bits(name="book"), bits({"jsonPath": path, "stringValue": "x"}), bits(more=False)
    ).tool_calls
    assert tool_call.arguments in ({}, {"a": []})


def test_pictures_are_decoded_and_drafts_of_them_are_not_shown() -> None:
    data = base64.b64encode(b"GIF").decode()
    draft = {
        "inlineData": {"mimeType": "image/gif", "data": base64.b64encode(b"draft").decode()},
        "thought": True,
    }
    answer = reply(parts(draft, {"inlineData": {"mimeType": "image/gif", "data": data}}))
    assert answer.images == [Image("image/gif", b"GIF")]


def test_sources_are_found_in_every_place_and_once() -> None:
    grounding = {
        "groundingChunks": [
            {"web": {"uri": "https://a", "title": "A"}},
            {"retrievedContext": {"text": "A long document about b."}},
        ]
    }
    cited = {"citationSources": [{"uri": "https://a"}, {"uri": "https://c"}]}
    fetched = {"urlMetadata": [{"retrievedUrl": "https://d"}]}
    chunk = parts(groundingMetadata=grounding, citationMetadata=cited, urlContextMetadata=fetched)
    assert reply(chunk, chunk).citations == [
        Citation("A", "https://a"),
        Citation("A long document about b.", ""),
        Citation("", "https://c"),
        Citation("", "https://d"),
    ]


def test_a_blocked_prompt_is_filtered_and_says_why() -> None:
    answer = reply({"promptFeedback": {"blockReason": "SAFETY"}})
    assert (answer.state, answer.finish_reason) == ("filtered", "SAFETY")
    assert answer.error == "The prompt was blocked (SAFETY): reword it."


def test_feedback_without_a_block_is_nothing() -> None:
    chunk = parts({"text": "Hi"}, finishReason="STOP") | {"promptFeedback": {"safetyRatings": []}}
    assert reply(chunk).state == "complete"


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("STOP", "complete"),
        ("MAX_TOKENS", "length"),
        ("SAFETY", "filtered"),
        ("RECITATION", "filtered"),
        ("LANGUAGE", "filtered"),
        ("BLOCKLIST", "filtered"),
        ("PROHIBITED_CONTENT", "filtered"),
        ("SPII", "filtered"),
        ("IMAGE_SAFETY", "filtered"),
        ("MALFORMED_FUNCTION_CALL", "error"),
        ("UNEXPECTED_TOOL_CALL", "error"),
        ("OTHER", "unfinished"),
        ("FINISH_REASON_UNSPECIFIED", "unfinished"),
    ],
)
def test_each_word_for_an_end_has_its_state(word: str, state: str) -> None:
    answer = reply(parts({"text": "Hi"}, finishReason=word))
    assert (answer.text, answer.state, answer.finish_reason) == ("Hi", state, word)
    assert (answer.error is None) == (state in ("complete", "length", "filtered"))


def test_the_providers_sentence_about_the_end_is_kept() -> None:
    answer = reply(parts(finishReason="SAFETY", finishMessage="Withheld."))
    assert (answer.state, answer.error) == ("filtered", "Withheld.")


def test_error_and_then_stop_is_an_error() -> None:
    answer = reply(parts({"text": "Hi"}, finishReason="ERROR"), parts(finishReason="STOP"))
    assert (answer.text, answer.state) == ("Hi", "error")


@pytest.mark.parametrize(
    ("counts", "output"),
    [
        ({"candidatesTokenCount": 5, "thoughtsTokenCount": 7}, 12),
        ({"thoughtsTokenCount": 7}, 7),
        ({"candidatesTokenCount": 5}, 5),
        ({"promptTokenCount": 5}, None),
        ({"candidatesTokenCount": "5", "thoughtsTokenCount": -7, "promptTokenCount": 1}, None),
        ({"candidatesTokenCount": "5", "thoughtsTokenCount": "7"}, 12),
    ],
)
def test_output_includes_thoughts(counts: dict[str, Any], output: int | None) -> None:
    assert reply({"usageMetadata": counts}).usage.output_tokens == output
