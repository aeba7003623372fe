"""Faults in how a stream ends: too early, too late, in silence, never."""

from __future__ import annotations

from typing import Literal

from ..messages import Answer, Request
from .scenario import (
    PIECES,
    TIMEOUT_S,
    TOKEN_COUNTS,
    AnyWireFormat,
    MakeAnswer,
    Scenario,
    end_events,
    fails_midway,
    first_events,
    first_half,
    harmless,
    repeat_forever,
    second_half,
)

__all__ = ["SCENARIOS"]

ConnectionEnd = Literal["ok", "fin", "reset", "hang"]


def _half_then(end: ConnectionEnd, *more: bytes) -> MakeAnswer:
    return lambda wire, _request: Answer((*first_half(wire), *more), end=end)


def _half_event(end: ConnectionEnd) -> MakeAnswer:
    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        return Answer((*first_half(wire), wire.delta(PIECES[10])[:30]), end=end)

    return make


def _half_then_forever(piece: bytes) -> MakeAnswer:
    return lambda wire, _request: Answer(repeat_forever(0.03, piece, first_half(wire)))


def _empty_deltas(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(repeat_forever(0.03, wire.delta(""), first_half(wire)))


def _body_too_short(wire: AnyWireFormat, _request: Request) -> Answer:
    sent = first_half(wire)
    return Answer(tuple(sent), framing="length", declared=len(b"".join(sent)) + 1000, end="fin")


def _http10(good: bool) -> MakeAnswer:
    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        return Answer((*first_half(wire), *(second_half(wire) if good else ())), framing="close")

    return make


def _no_finish(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(tuple(first_events(wire, 20)))


def _last_delta_unterminated(wire: AnyWireFormat, _request: Request) -> Answer:
    *events, last = first_events(wire, 20)
    return Answer((*events, last.rstrip(b"\r\n")))


def _last_event_unterminated(wire: AnyWireFormat, _request: Request) -> Answer:
    *events, last = [*first_events(wire, 20), *wire.finish("stop", TOKEN_COUNTS)]
    return Answer((*events, last.rstrip(b"\r\n")))


def _done_only(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*first_events(wire, 20), b"data: [DONE]\n\n"))


def _no_done(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*first_events(wire, 20), *wire.finish("stop", TOKEN_COUNTS)))


def _finish_then(end: ConnectionEnd) -> MakeAnswer:
    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        return Answer((*first_events(wire, 20), *wire.finish("stop", TOKEN_COUNTS)), end=end)

    return make


def _done_then_hang(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((*first_events(wire, 20), *end_events(wire)), end="hang")


def _finish_then_comments(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(
        repeat_forever(0.03, b": ping\n\n", [*first_events(wire, 20), *wire.finish("stop", TOKEN_COUNTS)])
    )


def _finish_then_empty_deltas(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(
        repeat_forever(0.03, wire.delta(""), [*first_events(wire, 20), *wire.finish("stop", TOKEN_COUNTS)])
    )


def _half_then_finish(mark: str) -> MakeAnswer:
    return lambda wire, _request: Answer((*first_half(wire), *wire.finish(mark, TOKEN_COUNTS), *wire.done()))


def _pause(seconds: float) -> MakeAnswer:
    return lambda wire, _request: Answer((*first_half(wire), seconds, *second_half(wire)))


def _comments_between_deltas(wire: AnyWireFormat, _request: Request) -> Answer:
    body: list[bytes | float] = list(wire.opening())
    for piece in PIECES:
        body += [b": ping\n\n", 0.03, wire.delta(piece)]
    return Answer((*body, *end_events(wire)))


EARLY_ENDS = (
    fails_midway("reset", "reset in mid-stream", _half_then("reset"), "lost"),
    fails_midway("no-last-chunk", "closed without the last HTTP chunk", _half_then("fin"), "lost"),
    fails_midway("short-length", "fewer bytes than Content-Length says", _body_too_short, "lost"),
    fails_midway("http10-cut", "HTTP/1.0, closed half way", _http10(False), "unfinished"),
    fails_midway("half-in-order", "an end in order half way", _half_then("ok"), "unfinished"),
    fails_midway("half-event", "an end in order in mid-event", _half_event("ok"), "unfinished"),
    fails_midway("half-event-reset", "reset in mid-event", _half_event("reset"), "lost"),
    Scenario("no-finish", "the whole text, no finish mark", (_no_finish,), "unfinished"),
    Scenario(
        "last-delta-open", "the last delta without its blank line", (_last_delta_unterminated,), "unfinished"
    ),
    Scenario("done-only", "[DONE] without a finish mark", (_done_only,), "unfinished"),
    harmless("last-event-open", "the finish mark without its blank line", _last_event_unterminated),
    harmless("no-done", "the finish mark without [DONE]", _no_done),
    harmless("http10", "HTTP/1.0, the end of the connection is the end", _http10(True)),
)

LATE_ENDS = (
    harmless("finish-hang", "the finish mark, the socket stays open", _finish_then("hang"), within=2),
    harmless("finish-reset", "the finish mark, then a reset", _finish_then("reset")),
    harmless("finish-no-last-chunk", "the finish mark, then closed", _finish_then("fin")),
    harmless("done-hang", "[DONE], the socket stays open", _done_then_hang, within=2),
    harmless(
        "finish-empty", "the finish mark, then empty deltas for ever", _finish_then_empty_deltas, within=2
    ),
    harmless("finish-comments", "the finish mark, then comments for ever", _finish_then_comments, within=2),
)

FINISH_REASONS = (
    fails_midway("finish-length", "stopped at the limit of tokens", _half_then_finish("length"), "length"),
    fails_midway("finish-filter", "stopped by a filter", _half_then_finish("filter"), "filtered"),
    fails_midway(
        "finish-recitation", "RECITATION", _half_then_finish("RECITATION"), "filtered", dialects=("gemini",)
    ),
)

SILENCES = (
    fails_midway("stall", "silence", _half_then("hang"), "timed-out", timeout=TIMEOUT_S),
    fails_midway(
        "stall-in-event", "silence in mid-event", _half_event("hang"), "timed-out", timeout=TIMEOUT_S
    ),
    fails_midway(
        "comments", "comments for ever", _half_then_forever(b": ping\n\n"), "timed-out", timeout=TIMEOUT_S
    ),
    fails_midway(
        "blanks", "blank lines for ever", _half_then_forever(b"\r\n"), "timed-out", timeout=TIMEOUT_S
    ),
    fails_midway("empty-deltas", "empty deltas for ever", _empty_deltas, "timed-out", timeout=TIMEOUT_S),
    harmless("pause", "a pause shorter than the time allowed", _pause(0.15), timeout=TIMEOUT_S),
    harmless("slow-pace", "longer in all than the time allowed", _comments_between_deltas, timeout=TIMEOUT_S),
)

SCENARIOS = (*EARLY_ENDS, *LATE_ENDS, *FINISH_REASONS, *SILENCES)
