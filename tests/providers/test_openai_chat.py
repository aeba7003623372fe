"""Chat completions: the many places where servers put what they say."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb.core.events import Citation, Image, ReasoningDelta, TextDelta
from streamnb.core.reply import Reply
from streamnb.providers.openai_chat import ChatAdapter
from tests.providers.reading import reply_from_chunks


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields}]}


def reply(*chunks: Any) -> Reply:
    return reply_from_chunks(ChatAdapter(), *chunks)


@pytest.mark.parametrize(
    "fields",
    [
        {"reasoning_content": "Hm."},
        {"reasoning": "Hm."},
        {"reasoning_content": "Hm.", "reasoning": "Hm."},  # both names for one thought
        {"reasoning_content": "", "reasoning": "Hm."},
        {"reasoning": "Hm.", "reasoning_details": [{"type": "reasoning.text", "text": "Hm."}]},
        {
            "reasoning_details": [
                {"type": "reasoning.summary", "summary": "Hm."},
                {"type": "reasoning.encrypted"},
            ]
        },
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]},
        {"content": [{"type": "thinking", "thinking": "Hm."}]},
        {"content": "<think>Hm.</think>"},
        {"content": "\n<think>Hm."},
    ],
)
def test_reasoning_is_found_wherever_a_server_puts_it(fields: dict[str, Any]) -> None:
    answer = reply(delta(**fields))
    assert (answer.reasoning, answer.text) == ("Hm.", "")


def test_tags_of_thought_may_be_cut_anywhere() -> None:
    text = " <think>a </thin b</think>\n\nc <think>d</think>"
    for first in range(len(text)):
        for second in range(first, len(text)):
            pieces = text[:first], text[first:second], text[second:]
            answer = reply(*(delta(content=piece) for piece in pieces))
            assert (answer.reasoning, answer.text) == ("a </thin b", "\n\nc <think>d</think>")


def test_a_tag_later_in_the_text_is_text() -> None:
    assert reply(delta(content="In R1, <think> opens.")).text == "In R1, <think> opens."


@pytest.mark.parametrize("text", ["<", "<thi", "  <th", "<thinking>", "\n\n", "<think"])
def test_what_only_looks_like_a_tag_is_text(text: str) -> None:
    assert reply(*(delta(content=letter) for letter in text)).text == text


def test_endless_space_is_handed_on_and_not_held_for_a_tag() -> None:
    adapter = ChatAdapter()
    events = [event for _ in range(200) for event in adapter.feed(delta(content="\n"))]
    assert sum(isinstance(event, TextDelta) for event in events) > 90
    assert len(reply_from_chunks(ChatAdapter(), *[delta(content="\n")] * 200)) == 200


def test_a_refusal_is_text_and_its_mark_counts() -> None:
    end = {"choices": [{"index": 0, "delta": {"refusal": " cannot."}, "finish_reason": "stop"}]}
    answer = reply(delta(refusal="I"), end)
    assert (answer.text, answer.state) == ("I cannot.", "complete")


def test_the_words_of_a_spoken_answer_are_its_text() -> None:
    assert reply(delta(audio={"id": "a", "transcript": "Hello"})).text == "Hello"


def call(index: int | None, id_: str | None, name: str | None, arguments: Any) -> dict[str, Any]:
    piece: dict[str, Any] = {"function": {"name": name, "arguments": arguments}}
    return piece | ({} if index is None else {"index": index}) | ({} if id_ is None else {"id": id_})


WEATHER = ("1", "weather", {"city": "Oslo"})
TIME = ("2", "time", {"zone": "CET"})


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        # As OpenAI sends them.
        (
            [call(0, "1", "weather", ""), call(0, None, None, '{"city":'), call(0, None, None, '"Oslo"}')],
            [WEATHER],
        ),
        (
            [call(0, "1", "weather", '{"city":"Oslo"}'), call(1, "2", "time", '{"zone":"CET"}')],
            [WEATHER, TIME],
        ),
        # Id and name on each piece; empty ones; neither number nor id.
        ([call(0, "1", "weather", '{"city":'), call(0, "1", "weather", '"Oslo"}')], [WEATHER]),
        ([call(0, "1", "weather", '{"city":'), call(0, "", "", '"Oslo"}')], [WEATHER]),
        ([call(None, "1", "weather", '{"city":'), call(None, "1", "weather", '"Oslo"}')], [WEATHER]),
        ([call(None, "1", "weather", '{"city":'), call(None, None, None, '"Oslo"}')], [WEATHER]),
        (
            [call(None, "1", "weather", '{"city":"Oslo"}'), call(None, "2", "time", '{"zone":"CET"}')],
            [WEATHER, TIME],
        ),
        # Every call has the number 0.
        (
            [call(0, "1", "weather", '{"city":"Oslo"}'), call(0, "2", "time", '{"zone":"CET"}')],
            [WEATHER, TIME],
        ),
        # Two calls of one function, without numbers and ids.
        (
            [call(None, None, "weather", '{"city":"Oslo"}'), call(None, None, "weather", '{"city":"Rome"}')],
            [(None, "weather", {"city": "Oslo"}), (None, "weather", {"city": "Rome"})],
        ),
        # Arguments as an object, or none at all.
        ([call(0, "1", "weather", {"city": "Oslo"})], [WEATHER]),
        ([call(0, "3", "today", None)], [("3", "today", {})]),
        ([call(0, "3", "today", "")], [("3", "today", {})]),
        # Interleaved.
        (
            [
                call(0, "1", "weather", '{"city":'),
                call(1, "2", "time", '{"zone":'),
                call(0, None, None, '"Oslo"}'),
                call(1, None, None, '"CET"}'),
            ],
            [WEATHER, TIME],
        ),
    ],
)
@pytest.mark.parametrize("together", [False, True])
def test_tool_calls_are_put_together_from_every_shape(pieces: Any, expected: Any, together: bool) -> None:
    chunks = [delta(tool_calls=pieces)] if together else [delta(tool_calls=[piece]) for piece in pieces]
    calls = reply(*chunks).tool_calls
    assert [(call.id, call.name, call.arguments) for call in calls] == expected


def test_the_old_form_of_a_call_is_a_call() -> None:
    pieces = [{"name": "weather", "arguments": '{"city":'}, {"arguments": '"Oslo"}'}]
    (tool_call,) = reply(*(delta(function_call=piece) for piece in pieces)).tool_calls
    assert (tool_call.name, tool_call.arguments) == ("weather", {"city": "Oslo"})


def test_pictures_come_decoded_and_once() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/gif;base64,R0lG"}}
    answer = reply(delta(images=[picture]), delta(images=[picture]), delta(content=[picture]))
    assert answer.images == [Image("image/gif", b"GIF")]


@pytest.mark.parametrize(
    "url", ["data:image/gif;base64,???", "data:text/html;base64,R0lG", "https://a/b.gif", "data:", 5]
)
def test_what_is_no_picture_is_left_out(url: Any) -> None:
    assert reply(delta(images=[{"image_url": {"url": url}}, {"image_url": url}])).images == []


def test_sources_are_found_in_all_three_places_and_once() -> None:
    note = {"type": "url_citation", "url_citation": {"url": "https://a", "title": "A"}}
    answer = reply(
        delta(annotations=[note]),
        {"citations": ["https://a", "https://b"], "choices": []},
        {"search_results": [{"title": "C", "url": "https://c"}], "citations": ["https://b", "https://c"]},
    )
    assert answer.citations == [
        Citation("A", "https://a"),
        Citation("", "https://b"),
        Citation("C", "https://c"),
    ]


@pytest.mark.parametrize(
    ("chunk", "message"),
    [
        ({"object": "error", "message": "Gone", "code": 404}, "Gone (404)"),
        (
            {"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}},
            "Busy (overloaded_error)",
        ),
        ({"detail": "Not Found"}, "Not Found"),
        ({"detail": [{"msg": "field required"}]}, "field required"),
        ({"choices": [{"index": 0, "delta": {}, "error": {"message": "Gone", "code": 502}}]}, "Gone (502)"),
    ],
)
def test_errors_are_found_in_every_form(chunk: Any, message: str) -> None:
    answer = reply(delta(content="Hi"), chunk)
    assert (answer.text, answer.state, answer.error) == ("Hi", "error", message)


def test_an_end_that_is_called_error_stays_one_and_takes_the_words_that_follow() -> None:
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}]}
    stop = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    assert reply(end, stop).state == "error"
    assert reply(end, {"error": {"message": "Gone"}}).error == "Gone"


@pytest.mark.parametrize("word", ["stop", "tool_calls", "function_call", "end_turn", "eos", "stop_sequence"])
def test_words_for_a_whole_answer(word: str) -> None:
    assert reply({"choices": [{"index": 0, "delta": {}, "finish_reason": word}]}).state == "complete"


def test_an_answer_that_was_not_streamed_is_read_all_the_same() -> None:
    whole = {
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
    }
    answer = reply(whole)
    assert (answer.text, answer.state, answer.usage.total_tokens) == ("Hi", "complete", 3)


def test_a_message_beside_a_delta_is_not_said_twice() -> None:
    both = {"choices": [{"index": 0, "delta": {"content": "Hi"}, "message": {"content": "Hi"}}]}
    assert reply(both).text == "Hi"


@pytest.mark.parametrize(
    "chunk",
    [
        {"usage": {"prompt_tokens": 1, "completion_tokens": 2}},
        {"choices": [{"index": 0, "delta": {}, "usage": {"prompt_tokens": 1, "completion_tokens": 2}}]},
        {"choices": [], "x_groq": {"usage": {"prompt_tokens": 1, "completion_tokens": 2}}},
    ],
)
def test_usage_is_found_in_all_three_places(chunk: Any) -> None:
    usage = reply(chunk).usage
    assert (usage.input_tokens, usage.output_tokens) == (1, 2)


@pytest.mark.parametrize(("total", "output"), [(354, 342), (14, 2), (None, 2), (99, 2)])
def test_reasoning_is_added_to_the_output_only_where_the_total_says_so(
    total: int | None, output: int
) -> None:
    details = {"reasoning_tokens": 340}
    counts = {
        "prompt_tokens": 12,
        "completion_tokens": 2,
        "total_tokens": total,
        "completion_tokens_details": details,
    }
    usage = reply({"usage": counts}).usage
    assert (usage.output_tokens, usage.reasoning_tokens, usage.total_tokens) == (output, 340, total)


def test_thought_comes_before_the_text_of_the_same_chunk() -> None:
    events = ChatAdapter().feed(delta(content="Yes", reasoning="Hm."))
    assert events == [ReasoningDelta("Hm."), TextDelta("Yes")]
