"""Faults in how a stream ends: too early, too late, in silence, never."""

from __future__ import annotations

from typing import Literal

from ..words import Answer, Request
from .scenario import (
    PIECES,
    TIMEOUT,
    TOKENS,
    AnyWire,
    Make,
    Scenario,
    begun,
    ended,
    every,
    half,
    harmless,
    midway,
    rest,
)

__all__ = ["SCENARIOS"]

End = Literal["ok", "fin", "reset", "hang"]


def _half_then(end: End, *more: bytes) -> Make:
    return lambda wire, _request: Answer((*half(wire), *more), end=end)


def _half_event(end: End) -> Make:
    def make(wire: AnyWire, _request: Request) -> Answer:
        return Answer((*half(wire), wire.delta(PIECES[10])[:30]), end=end)

    return make


def _half_for_ever(piece: bytes) -> Make:
    return lambda wire, _request: Answer(every(0.03, piece, half(wire)))


def _empty_deltas(wire: AnyWire, _request: Request) -> Answer:
    return Answer(every(0.03, wire.delta(""), half(wire)))


def _short(wire: AnyWire, _request: Request) -> Answer:
    sent = half(wire)
    return Answer(tuple(sent), framing="length", declared=len(b"".join(sent)) + 1000, end="fin")


def _http10(good: bool) -> Make:
    def make(wire: AnyWire, _request: Request) -> Answer:
        return Answer((*half(wire), *(rest(wire) if good else ())), framing="close")

    return make


def _no_finish(wire: AnyWire, _request: Request) -> Answer:
    return Answer(tuple(begun(wire, 20)))


def _last_delta_open(wire: AnyWire, _request: Request) -> Answer:
    *events, last = begun(wire, 20)
    return Answer((*events, last.rstrip(b"\r\n")))


def _last_event_open(wire: AnyWire, _request: Request) -> Answer:
    *events, last = [*begun(wire, 20), *wire.finish("stop", TOKENS)]
    return Answer((*events, last.rstrip(b"\r\n")))


def _done_only(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*begun(wire, 20), b"data: [DONE]\n\n"))


def _no_done(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*begun(wire, 20), *wire.finish("stop", TOKENS)))


def _finish_then(end: End) -> Make:
    def make(wire: AnyWire, _request: Request) -> Answer:
        return Answer((*begun(wire, 20), *wire.finish("stop", TOKENS)), end=end)

    return make


def _done_then_open(wire: AnyWire, _request: Request) -> Answer:
    return Answer((*begun(wire, 20), *ended(wire)), end="hang")


def _finish_then_comments(wire: AnyWire, _request: Request) -> Answer:
    return Answer(every(0.03, b": ping\n\n", [*begun(wire, 20), *wire.finish("stop", TOKENS)]))


def _finish_then_empty(wire: AnyWire, _request: Request) -> Answer:
    return Answer(every(0.03, wire.delta(""), [*begun(wire, 20), *wire.finish("stop", TOKENS)]))


def _marked(mark: str) -> Make:
    return lambda wire, _request: Answer((*half(wire), *wire.finish(mark, TOKENS), *wire.done()))


def _pause(seconds: float) -> Make:
    return lambda wire, _request: Answer((*half(wire), seconds, *rest(wire)))


def _pings_between(wire: AnyWire, _request: Request) -> Answer:
    body: list[bytes | float] = list(wire.opening())
    for piece in PIECES:
        body += [b": ping\n\n", 0.03, wire.delta(piece)]
    return Answer((*body, *ended(wire)))


EARLY = (
    midway("reset", "reset in mid-stream", _half_then("reset"), "lost"),
    midway("no-last-chunk", "closed without the last HTTP chunk", _half_then("fin"), "lost"),
    midway("short-length", "fewer bytes than Content-Length says", _short, "lost"),
    midway("http10-cut", "HTTP/1.0, closed half way", _http10(False), "unfinished"),
    midway("half-in-order", "an end in order half way", _half_then("ok"), "unfinished"),
    midway("half-event", "an end in order in mid-event", _half_event("ok"), "unfinished"),
    midway("half-event-reset", "reset in mid-event", _half_event("reset"), "lost"),
    Scenario("no-finish", "the whole text, no finish mark", (_no_finish,), "unfinished"),
    Scenario("last-delta-open", "the last delta without its blank line", (_last_delta_open,), "unfinished"),
    Scenario("done-only", "[DONE] without a finish mark", (_done_only,), "unfinished"),
    harmless("last-event-open", "the finish mark without its blank line", _last_event_open),
    harmless("no-done", "the finish mark without [DONE]", _no_done),
    harmless("http10", "HTTP/1.0, the end of the connection is the end", _http10(True)),
)

LATE = (
    harmless("finish-hang", "the finish mark, the socket stays open", _finish_then("hang"), within=2),
    harmless("finish-reset", "the finish mark, then a reset", _finish_then("reset")),
    harmless("finish-no-last-chunk", "the finish mark, then closed", _finish_then("fin")),
    harmless("done-hang", "[DONE], the socket stays open", _done_then_open, within=2),
    harmless("finish-empty", "the finish mark, then empty deltas for ever", _finish_then_empty, within=2),
    harmless("finish-comments", "the finish mark, then comments for ever", _finish_then_comments, within=2),
)

MARKED = (
    midway("finish-length", "stopped at the limit of tokens", _marked("length"), "length"),
    midway("finish-filter", "stopped by a filter", _marked("filter"), "filtered"),
    midway("finish-recitation", "RECITATION", _marked("RECITATION"), "filtered", dialects=("gemini",)),
)

SILENT = (
    midway("stall", "silence", _half_then("hang"), "timed-out", timeout=TIMEOUT),
    midway("stall-in-event", "silence in mid-event", _half_event("hang"), "timed-out", timeout=TIMEOUT),
    midway("comments", "comments for ever", _half_for_ever(b": ping\n\n"), "timed-out", timeout=TIMEOUT),
    midway("blanks", "blank lines for ever", _half_for_ever(b"\r\n"), "timed-out", timeout=TIMEOUT),
    midway("empty-deltas", "empty deltas for ever", _empty_deltas, "timed-out", timeout=TIMEOUT),
    harmless("pause", "a pause shorter than the time allowed", _pause(0.15), timeout=TIMEOUT),
    harmless("slow-pace", "longer in all than the time allowed", _pings_between, timeout=TIMEOUT),
)

SCENARIOS = (*EARLY, *LATE, *MARKED, *SILENT)
