"""Faults in what the chunks say: errors inside a 200, odd JSON, usage, choices, repeats."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..answers import TEXT
from ..wires import Chat, Gemini, Responses, event
from ..words import Answer, Dialect, Request
from .scenario import (
    HALF,
    PIECES,
    TOKENS,
    AnyWire,
    Make,
    Scenario,
    early,
    ended,
    half,
    harmless,
    midway,
    rest,
)

__all__ = ["SCENARIOS"]

CHAT: tuple[Dialect, ...] = ("chat",)
SAID = "the engine is on fire"


def _between(*events: bytes) -> Make:
    """Events between the two halves of a good answer."""
    return lambda wire, _request: Answer((*half(wire), *events, *rest(wire)))


def _halting(*events: bytes) -> Make:
    """Half of the text, these events, an end in order."""
    return lambda wire, _request: Answer((*half(wire), *events))


# -- errors inside a 200 --------------------------------------------------------------------
def _error_beside(wire: AnyWire, _request: Request) -> Answer:
    error = {"error": {"message": SAID, "code": 502}}
    if isinstance(wire, Chat):
        chunk = wire.chunk([wire.choice({"content": ""}, "error")]) | error
        return Answer((*half(wire), event(chunk), *wire.done()))
    assert isinstance(wire, Gemini)
    return Answer((*half(wire), event(wire.chunk([{"text": ""}]) | error), *ended(wire)))


def _failed(wire: AnyWire, _request: Request) -> Answer:
    assert isinstance(wire, Responses)
    error = {"code": "server_error", "message": SAID}
    return Answer((*half(wire), wire.say("response.failed", response=wire.response("failed", error=error))))


def _error_first(_wire: AnyWire, _request: Request) -> Answer:
    return Answer((event({"error": {"message": SAID, "code": 503}}),))


def _error(name: str, does: str, chunk: Any, **more: Any) -> Scenario:
    kind = more.pop("kind", None)
    return midway(name, does, _halting(event(chunk, name=kind)), "error", says="on fire", **more)


ERRORS = (
    _error(
        "error-nested", "an error chunk", {"error": {"message": SAID, "type": "server_error", "code": 503}}
    ),
    _error(
        "error-string-code", "an error whose code is text", {"error": {"message": SAID, "code": "overload"}}
    ),
    _error("error-text", "an error that is a text", {"error": SAID}),
    _error(
        "error-event", "event: error, nested", {"type": "error", "error": {"message": SAID}}, kind="error"
    ),
    _error(
        "error-event-flat",
        "event: error, flat",
        {"type": "error", "code": "x", "message": SAID},
        kind="error",
    ),
    _error("error-event-bare", "event: error, no type", {"message": SAID}, kind="error"),
    midway(
        "error-beside",
        "an error beside choices",
        _error_beside,
        "error",
        says="on fire",
        dialects=("chat", "gemini"),
    ),
    midway("response-failed", "response.failed", _failed, "error", says="on fire", dialects=("responses",)),
    early("error-first", "an error chunk first", _error_first, "error", says="on fire"),
)


# -- what cannot be read --------------------------------------------------------------------
def _surrogates(wire: AnyWire, _request: Request) -> Answer:
    high, low = (wire.delta("HERE").replace(b"HERE", half) for half in (b"\\ud83d", b"\\ude00"))
    return Answer((*half(wire), high, low, *rest(wire)))


def _lone_surrogate(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*half(wire), wire.delta("HERE").replace(b"HERE", b"\\ud83d"), *rest(wire)))


def _repeated(wire: AnyWire, _request: Request) -> Answer:
    events = half(wire)
    return Answer((*events, events[-1], *rest(wire)))


def _error_null(wire: AnyWire, _request: Request) -> Answer:
    events = (*half(wire), *rest(wire))
    return Answer(tuple(one.replace(b"data: {", b'data: {"error":null,') for one in events))


JSON = (
    harmless("error-null", "error: null in each chunk", _error_null),
    Scenario("deep-json", "200,000 brackets", (_between(b"data: " + b"[" * 200_000 + b"\n\n"),), "error"),
    Scenario("bad-json", "one line of broken JSON", (_between(b'data: {"choices": [{\n\n'),), "error"),
    harmless("not-an-object", "data: 42, null, [], a text", _between(*map(event, (42, None, [], "hm")))),
    harmless("empty-object", "data: {}", _between(event({}))),
    harmless("empty-data", "data: with nothing", _between(b"data:\n\n", b"data\n\n")),
    harmless("unknown-event", "an event nobody knows", _between(event({"type": "x.y", "k": 1}, name="x.y"))),
    harmless("surrogates", "an emoji cut in two", _surrogates, f"{HALF}\U0001f600{TEXT[50:]}"),
    harmless("lone-surrogate", "half an emoji", _lone_surrogate, f"{HALF}\ufffd{TEXT[50:]}"),
    harmless("repeated", "a chunk twice", _repeated, HALF + PIECES[9] + TEXT[50:]),
)


# -- odd choices ----------------------------------------------------------------------------
def _two_choices(wire: AnyWire, _request: Request) -> Answer:
    def other(text: str) -> bytes:
        if isinstance(wire, Chat):
            return event(wire.chunk([wire.choice({"content": text}, index=1)]))
        assert isinstance(wire, Gemini)
        chunk = wire.chunk([{"text": text}])
        chunk["candidates"][0]["index"] = 1
        return event(chunk)

    both = [one for piece in PIECES for one in (wire.delta(piece), other("other"))]
    return Answer((*wire.opening(), *both, *ended(wire)))


def _odd_chunks(wire: AnyWire, _request: Request) -> Answer:
    assert isinstance(wire, Chat)
    head = wire.chunk([])
    odd = [{**head, "choices": None}, head, {"id": "", "object": "", "prompt_filter_results": []}]
    odd += [wire.chunk([wire.choice({"content": None})]), wire.chunk([{"index": 0, "delta": None}])]
    return Answer((*map(event, odd), *half(wire), *map(event, odd), *rest(wire)))


def _odd_candidates(wire: AnyWire, _request: Request) -> Answer:
    assert isinstance(wire, Gemini)
    odd: list[dict[str, Any]] = [{"candidates": []}, {"candidates": None}, {"candidates": [{}]}]
    odd += [{"candidates": [{"content": {}}]}, {"candidates": [{"content": {"parts": None}}]}]
    return Answer((*map(event, odd), *half(wire), *map(event, odd), *rest(wire)))


def _text_after_finish(wire: AnyWire, _request: Request) -> Answer:
    assert not isinstance(wire, Responses)
    deltas = [wire.delta(piece) for piece in PIECES[10:]]
    return Answer((*half(wire), *wire.finish("stop", TOKENS), *deltas, *wire.done()))


def _after_done(wire: AnyWire, _request: Request) -> Answer:
    assert isinstance(wire, Chat)
    return Answer((*half(wire), *rest(wire), wire.delta("not this"), b"data: [DONE]\n\n"))


CHOICES = (
    harmless("two-choices", "two candidates in turn", _two_choices, dialects=("chat", "gemini")),
    harmless("odd-choices", "choices missing, null, empty", _odd_chunks, dialects=CHAT),
    harmless("odd-candidates", "candidates missing, null, empty", _odd_candidates, dialects=("gemini",)),
    harmless(
        "text-after-finish", "text after the finish mark", _text_after_finish, dialects=("chat", "gemini")
    ),
    harmless("after-done", "a chunk after [DONE]", _after_done, dialects=CHAT),
)


# -- usage ----------------------------------------------------------------------------------
def _usage_event(wire: AnyWire, usage: dict[str, Any]) -> bytes:
    if isinstance(wire, Chat):
        return event(wire.chunk([], usage=usage))
    assert isinstance(wire, Gemini)
    return event({"usageMetadata": usage})


def _usages(*outputs: Any) -> Make:
    """A good answer whose usage comes once for each of ``outputs``, after the finish mark."""

    def make(wire: AnyWire, _request: Request) -> Answer:
        name = "completion_tokens" if isinstance(wire, Chat) else "candidatesTokenCount"
        deltas = [wire.delta(piece) for piece in PIECES]
        usages = [_usage_event(wire, {name: output}) for output in outputs]
        return Answer((*wire.opening(), *deltas, *wire.finish("stop", None), *usages, *wire.done()))

    return make


def _no_usage(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*half(wire), *map(wire.delta, PIECES[10:]), *wire.finish("stop", None), *wire.done()))


def _usage(name: str, does: str, outputs: tuple[Any, ...], says: int | None) -> Scenario:
    return harmless(name, does, _usages(*outputs), output_tokens=says, dialects=("chat", "gemini"))


USAGE = (
    harmless("usage-missing", "no usage", _no_usage, output_tokens=None),
    _usage("usage-twice", "usage twice, the last one less", (30, 20), 20),
    _usage("usage-negative", "negative usage", (-5,), None),
    _usage("usage-text", "a text for a number", ("many",), None),
    _usage("usage-good-then-bad", "a number, then a text", (20, "many"), 20),
)


# -- odd servers ----------------------------------------------------------------------------
def _numbered(number: Callable[[int], Any]) -> Make:
    """The text, each piece numbered in its own way, the last with the finish mark."""

    def make(wire: AnyWire, _request: Request) -> Answer:
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
            events.append(event(chunk))
        return Answer((*events, *wire.done()))

    return make


def _whole_again(wire: AnyWire, _request: Request) -> Answer:
    assert isinstance(wire, Chat)
    message = {"role": "assistant", "content": TEXT}
    end = {"index": 0, "message": message, "finish_reason": "stop"}
    return Answer((*half(wire), *map(wire.delta, PIECES[10:]), event(wire.chunk([end])), *wire.done()))


def _without_places(wire: AnyWire, _request: Request) -> Answer:
    places = rb'"(?:output_index|content_index|item_id)":(?:\d+|"[^"]*"),?'
    return Answer(tuple(re.sub(places, b"", one) for one in (*half(wire), *rest(wire))))


def _typed(content_type: str) -> Make:
    return lambda wire, _request: Answer((*half(wire), *rest(wire)), content_type=content_type)


def _thinking(wire: AnyWire, _request: Request) -> Answer:
    thoughts = [wire.delta(text) for text in ("I think ", "so.\n", "</think>")]
    return Answer((*wire.opening(), *thoughts, *map(wire.delta, PIECES), *ended(wire)))


def _plain_words(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*half(wire), f"upstream failed: {SAID}\n\n".encode()))


NUMBERS = ("chat", "gemini")
ODD = (
    harmless("index-counts", "choices numbered 0, 1, 2 …", _numbered(lambda at: at), dialects=NUMBERS),
    harmless("index-1", "the only choice is number 1", _numbered(lambda _: 1), dialects=NUMBERS),
    harmless("index-minus-1", "the only choice is number -1", _numbered(lambda _: -1), dialects=NUMBERS),
    harmless("index-text", 'the only choice is number "0"', _numbered(lambda _: "0"), dialects=NUMBERS),
    harmless("message-again", "the whole message after its deltas", _whole_again, dialects=CHAT),
    harmless("no-places", "no output_index and the like", _without_places, dialects=("responses",)),
    harmless("type-html", "an event stream as text/html", _typed("text/html; charset=utf-8")),
    harmless("type-none", "an event stream without a type", _typed("")),
    harmless("type-json", "an event stream as application/json", _typed("application/json")),
    Scenario("bare-think", "</think> that was never opened", (_thinking,), "complete", None),
    midway("plain-words", "a sentence where an event was due", _plain_words, "unfinished", says="on fire"),
    _error("error-code-message", "code and message alone", {"code": 1301, "message": SAID}),
    _error("error-base-resp", "base_resp", {"base_resp": {"status_code": 1008, "status_msg": SAID}}),
    _error("error-list", "errors: a list", {"errors": [{"message": SAID}]}),
    _error("error-x-groq", "x_groq.error", {"x_groq": {"error": SAID}}),
)

SCENARIOS = (*ERRORS, *JSON, *CHOICES, *USAGE, *ODD)
