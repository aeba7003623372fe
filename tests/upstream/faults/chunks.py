"""Faults in what the chunks say: errors inside a 200, odd JSON, usage, choices, repeats."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..answers import TEXT
from ..messages import Answer, Dialect, Request
from ..wire_formats import Chat, Gemini, Responses, sse_event
from .scenario import (
    HALF_TEXT,
    PIECES,
    TOKEN_COUNTS,
    AnyWireFormat,
    MakeAnswer,
    Scenario,
    end_events,
    fails_early,
    fails_midway,
    first_half,
    harmless,
    second_half,
)

__all__ = ["SCENARIOS"]

CHAT_ONLY: tuple[Dialect, ...] = ("chat",)
ERROR_TEXT = "the engine is on fire"


def _events_between_halves(*events: bytes) -> MakeAnswer:
    """Events between the two halves of a good answer."""
    return lambda wire, _request: Answer((*first_half(wire), *events, *second_half(wire)))


def _events_after_half(*events: bytes) -> MakeAnswer:
    """Half of the text, these events, an end in order."""
    return lambda wire, _request: Answer((*first_half(wire), *events))


# -- errors inside a 200 --------------------------------------------------------------------
def _error_beside(wire: AnyWireFormat, _request: Request) -> Answer:
    error = {"error": {"message": ERROR_TEXT, "code": 502}}
    if isinstance(wire, Chat):
        chunk = wire.chunk([wire.choice({"content": ""}, "error")]) | error
        return Answer((*first_half(wire), sse_event(chunk), *wire.done()))
    assert isinstance(wire, Gemini)
    return Answer((*first_half(wire), sse_event(wire.chunk([{"text": ""}]) | error), *end_events(wire)))


def _response_failed(wire: AnyWireFormat, _request: Request) -> Answer:
    assert isinstance(wire, Responses)
    error = {"code": "server_error", "message": ERROR_TEXT}
    return Answer(
        (
            *first_half(wire),
            wire.numbered_event("response.failed", response=wire.response("failed", error=error)),
        )
    )


def _error_first(_wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((sse_event({"error": {"message": ERROR_TEXT, "code": 503}}),))


def _error_scenario(name: str, does: str, chunk: Any, **more: Any) -> Scenario:
    kind = more.pop("kind", None)
    return fails_midway(
        name, does, _events_after_half(sse_event(chunk, name=kind)), "error", says="on fire", **more
    )


ERRORS = (
    _error_scenario(
        "error-nested",
        "an error chunk",
        {"error": {"message": ERROR_TEXT, "type": "server_error", "code": 503}},
    ),
    _error_scenario(
        "error-string-code",
        "an error whose code is text",
        {"error": {"message": ERROR_TEXT, "code": "overload"}},
    ),
    _error_scenario("error-text", "an error that is a text", {"error": ERROR_TEXT}),
    _error_scenario(
        "error-event",
        "event: error, nested",
        {"type": "error", "error": {"message": ERROR_TEXT}},
        kind="error",
    ),
    _error_scenario(
        "error-event-flat",
        "event: error, flat",
        {"type": "error", "code": "x", "message": ERROR_TEXT},
        kind="error",
    ),
    _error_scenario("error-event-bare", "event: error, no type", {"message": ERROR_TEXT}, kind="error"),
    fails_midway(
        "error-beside",
        "an error beside choices",
        _error_beside,
        "error",
        says="on fire",
        dialects=("chat", "gemini"),
    ),
    fails_midway(
        "response-failed",
        "response.failed",
        _response_failed,
        "error",
        says="on fire",
        dialects=("responses",),
    ),
    fails_early("error-first", "an error chunk first", _error_first, "error", says="on fire"),
)


# -- what cannot be read --------------------------------------------------------------------
def _surrogate_pair_cut(wire: AnyWireFormat, _request: Request) -> Answer:
    high, low = (wire.delta("HERE").replace(b"HERE", escape) for escape in (b"\\ud83d", b"\\ude00"))
    return Answer((*first_half(wire), high, low, *second_half(wire)))


def _lone_surrogate(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*first_half(wire), wire.delta("HERE").replace(b"HERE", b"\\ud83d"), *second_half(wire)))


def _repeated_chunk(wire: AnyWireFormat, _request: Request) -> Answer:
    events = first_half(wire)
    return Answer((*events, events[-1], *second_half(wire)))


def _error_null(wire: AnyWireFormat, _request: Request) -> Answer:
    events = (*first_half(wire), *second_half(wire))
    return Answer(tuple(one.replace(b"data: {", b'data: {"error":null,') for one in events))


ODD_JSON = (
    harmless("error-null", "error: null in each chunk", _error_null),
    Scenario(
        "deep-json",
        "200,000 brackets",
        (_events_between_halves(b"data: " + b"[" * 200_000 + b"\n\n"),),
        "error",
    ),
    Scenario(
        "bad-json", "one line of broken JSON", (_events_between_halves(b'data: {"choices": [{\n\n'),), "error"
    ),
    harmless(
        "not-an-object",
        "data: 42, null, [], a text",
        _events_between_halves(*map(sse_event, (42, None, [], "hm"))),
    ),
    harmless("empty-object", "data: {}", _events_between_halves(sse_event({}))),
    harmless("empty-data", "data: with nothing", _events_between_halves(b"data:\n\n", b"data\n\n")),
    harmless(
        "unknown-event",
        "an event nobody knows",
        _events_between_halves(sse_event({"type": "x.y", "k": 1}, name="x.y")),
    ),
    harmless("surrogates", "an emoji cut in two", _surrogate_pair_cut, f"{HALF_TEXT}\U0001f600{TEXT[50:]}"),
    harmless("lone-surrogate", "half an emoji", _lone_surrogate, f"{HALF_TEXT}\ufffd{TEXT[50:]}"),
    harmless("repeated", "a chunk twice", _repeated_chunk, HALF_TEXT + PIECES[9] + TEXT[50:]),
)


# -- odd choices ----------------------------------------------------------------------------
def _two_choices(wire: AnyWireFormat, _request: Request) -> Answer:
    def other(text: str) -> bytes:
        if isinstance(wire, Chat):
            return sse_event(wire.chunk([wire.choice({"content": text}, index=1)]))
        assert isinstance(wire, Gemini)
        chunk = wire.chunk([{"text": text}])
        chunk["candidates"][0]["index"] = 1
        return sse_event(chunk)

    both = [one for piece in PIECES for one in (wire.delta(piece), other("other"))]
    return Answer((*wire.opening(), *both, *end_events(wire)))


def _odd_chunks(wire: AnyWireFormat, _request: Request) -> Answer:
    assert isinstance(wire, Chat)
    head = wire.chunk([])
    odd = [{**head, "choices": None}, head, {"id": "", "object": "", "prompt_filter_results": []}]
    odd += [wire.chunk([wire.choice({"content": None})]), wire.chunk([{"index": 0, "delta": None}])]
    return Answer((*map(sse_event, odd), *first_half(wire), *map(sse_event, odd), *second_half(wire)))


def _odd_candidates(wire: AnyWireFormat, _request: Request) -> Answer:
    assert isinstance(wire, Gemini)
    odd: list[dict[str, Any]] = [{"candidates": []}, {"candidates": None}, {"candidates": [{}]}]
    odd += [{"candidates": [{"content": {}}]}, {"candidates": [{"content": {"parts": None}}]}]
    return Answer((*map(sse_event, odd), *first_half(wire), *map(sse_event, odd), *second_half(wire)))


def _text_after_finish(wire: AnyWireFormat, _request: Request) -> Answer:
    assert not isinstance(wire, Responses)
    deltas = [wire.delta(piece) for piece in PIECES[10:]]
    return Answer((*first_half(wire), *wire.finish("stop", TOKEN_COUNTS), *deltas, *wire.done()))


def _chunk_after_done(wire: AnyWireFormat, _request: Request) -> Answer:
    assert isinstance(wire, Chat)
    return Answer((*first_half(wire), *second_half(wire), wire.delta("not this"), b"data: [DONE]\n\n"))


ODD_CHOICES = (
    harmless("two-choices", "two candidates in turn", _two_choices, dialects=("chat", "gemini")),
    harmless("odd-choices", "choices missing, null, empty", _odd_chunks, dialects=CHAT_ONLY),
    harmless("odd-candidates", "candidates missing, null, empty", _odd_candidates, dialects=("gemini",)),
    harmless(
        "text-after-finish", "text after the finish mark", _text_after_finish, dialects=("chat", "gemini")
    ),
    harmless("after-done", "a chunk after [DONE]", _chunk_after_done, dialects=CHAT_ONLY),
)


# -- usage ----------------------------------------------------------------------------------
def _usage_event(wire: AnyWireFormat, usage: dict[str, Any]) -> bytes:
    if isinstance(wire, Chat):
        return sse_event(wire.chunk([], usage=usage))
    assert isinstance(wire, Gemini)
    return sse_event({"usageMetadata": usage})


def _answer_with_usages(*outputs: Any) -> MakeAnswer:
    """A good answer whose usage comes once for each of ``outputs``, after the finish mark."""

    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        name = "completion_tokens" if isinstance(wire, Chat) else "candidatesTokenCount"
        deltas = [wire.delta(piece) for piece in PIECES]
        usages = [_usage_event(wire, {name: output}) for output in outputs]
        return Answer((*wire.opening(), *deltas, *wire.finish("stop", None), *usages, *wire.done()))

    return make


def _no_usage(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(
        (*first_half(wire), *map(wire.delta, PIECES[10:]), *wire.finish("stop", None), *wire.done())
    )


def _usage_scenario(name: str, does: str, outputs: tuple[Any, ...], says: int | None) -> Scenario:
    return harmless(
        name, does, _answer_with_usages(*outputs), output_tokens=says, dialects=("chat", "gemini")
    )


ODD_USAGE = (
    harmless("usage-missing", "no usage", _no_usage, output_tokens=None),
    _usage_scenario("usage-twice", "usage twice, the last one less", (30, 20), 20),
    _usage_scenario("usage-negative", "negative usage", (-5,), None),
    _usage_scenario("usage-text", "a text for a number", ("many",), None),
    _usage_scenario("usage-good-then-bad", "a number, then a text", (20, "many"), 20),
)


# -- odd servers ----------------------------------------------------------------------------
def _with_choice_indices(number: Callable[[int], Any]) -> MakeAnswer:
    """The text, each piece numbered in its own way, the last with the finish mark."""

    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        events = []
        for at, piece in enumerate(PIECES):
            last = at + 1 == len(PIECES)
            if isinstance(wire, Chat):
                choice = wire.choice({"content": piece}, "stop" if last else None)
                chunk = wire.chunk([choice | {"index": number(at)}])
            else:
                assert isinstance(wire, Gemini)
                chunk = wire.chunk([{"text": piece}])
                chunk["candidates"][0] |= {"index": number(at)} | ({"finishReason": "STOP"} if last else {})
            events.append(sse_event(chunk))
        return Answer((*events, *wire.done()))

    return make


def _whole_message_at_end(wire: AnyWireFormat, _request: Request) -> Answer:
    assert isinstance(wire, Chat)
    message = {"role": "assistant", "content": TEXT}
    end = {"index": 0, "message": message, "finish_reason": "stop"}
    return Answer(
        (*first_half(wire), *map(wire.delta, PIECES[10:]), sse_event(wire.chunk([end])), *wire.done())
    )


def _without_indices(wire: AnyWireFormat, _request: Request) -> Answer:
    places = rb'"(?:output_index|content_index|item_id)":(?:\d+|"[^"]*"),?'
    return Answer(tuple(re.sub(places, b"", one) for one in (*first_half(wire), *second_half(wire))))


def _with_content_type(content_type: str) -> MakeAnswer:
    return lambda wire, _request: Answer((*first_half(wire), *second_half(wire)), content_type=content_type)


def _unopened_think_tag(wire: AnyWireFormat, _request: Request) -> Answer:
    thoughts = [wire.delta(text) for text in ("I think ", "so.\n", "</think>")]
    return Answer((*wire.opening(), *thoughts, *map(wire.delta, PIECES), *end_events(wire)))


def _plain_sentence(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*first_half(wire), f"upstream failed: {ERROR_TEXT}\n\n".encode()))


CHAT_AND_GEMINI = ("chat", "gemini")
ODD_SERVERS = (
    harmless(
        "index-counts",
        "choices numbered 0, 1, 2 …",
        _with_choice_indices(lambda at: at),
        dialects=CHAT_AND_GEMINI,
    ),
    harmless(
        "index-1", "the only choice is number 1", _with_choice_indices(lambda _: 1), dialects=CHAT_AND_GEMINI
    ),
    harmless(
        "index-minus-1",
        "the only choice is number -1",
        _with_choice_indices(lambda _: -1),
        dialects=CHAT_AND_GEMINI,
    ),
    harmless(
        "index-text",
        'the only choice is number "0"',
        _with_choice_indices(lambda _: "0"),
        dialects=CHAT_AND_GEMINI,
    ),
    harmless(
        "message-again", "the whole message after its deltas", _whole_message_at_end, dialects=CHAT_ONLY
    ),
    harmless("no-places", "no output_index and the like", _without_indices, dialects=("responses",)),
    harmless("type-html", "an event stream as text/html", _with_content_type("text/html; charset=utf-8")),
    harmless("type-none", "an event stream without a type", _with_content_type("")),
    harmless("type-json", "an event stream as application/json", _with_content_type("application/json")),
    Scenario("bare-think", "</think> that was never opened", (_unopened_think_tag,), "complete", None),
    fails_midway(
        "plain-words", "a sentence where an event was due", _plain_sentence, "unfinished", says="on fire"
    ),
    _error_scenario("error-code-message", "code and message alone", {"code": 1301, "message": ERROR_TEXT}),
    _error_scenario(
        "error-base-resp", "base_resp", {"base_resp": {"status_code": 1008, "status_msg": ERROR_TEXT}}
    ),
    _error_scenario("error-list", "errors: a list", {"errors": [{"message": ERROR_TEXT}]}),
    _error_scenario("error-x-groq", "x_groq.error", {"x_groq": {"error": ERROR_TEXT}}),
)

SCENARIOS = (*ERRORS, *ODD_JSON, *ODD_CHOICES, *ODD_USAGE, *ODD_SERVERS)
