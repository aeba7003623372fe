"""Faults before the first content: addresses, statuses, waits, redirects."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from time import time
from typing import Literal

from ..answers import error_answer
from ..messages import Answer, Request
from ..wire_formats import sse_event
from .scenario import (
    TIMEOUT_S,
    AnyWireFormat,
    MakeAnswer,
    Scenario,
    fails_early,
    good_answer,
    harmless,
    repeat_forever,
)

__all__ = ["SCENARIOS"]

ERROR_PAGE = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title><script>alert(1)</script></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>"
)
JSON_ERROR = b'{"error": {"message": "the engine is on fire", "code": 500}}'
ECHOED_KEY = (
    "Incorrect API key provided: sk-canary0123456789abcdef0123456789. Find it at https://example.org."
)


def error_status(code: int, message: str = "the reason the server gave", **headers: str) -> MakeAnswer:
    """Answer with an error status, in the dialect's own words."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _wire, request: error_answer(request.dialect or "chat", code, message, named)


def body_of(data: bytes, content_type: str, code: int = 200) -> MakeAnswer:
    """Answer with these bytes."""
    return lambda _wire, _request: Answer((data,), code, {}, content_type, "length")


def _retry_at(_wire: AnyWireFormat, request: Request) -> Answer:
    return error_answer(
        request.dialect or "chat", 429, "slow down", {"Retry-After": formatdate(time() + 2, usegmt=True)}
    )


def hang_up(end: Literal["fin", "reset"], data: bytes = b"") -> MakeAnswer:
    """End the connection where a status line was due."""
    return lambda _wire, _request: Answer((data,) if data else (), framing="raw", end=end)


def empty_stream(_wire: AnyWireFormat, _request: Request) -> Answer:
    """Answer 200 and end in order."""
    return Answer()


def _final_status(code: int) -> Scenario:
    return fails_early(f"status-{code}", f"answers {code}", error_status(code), "error", says="server gave")


def _retried_status(code: int) -> Scenario:
    return _fails_always(f"status-{code}", f"answers {code}", error_status(code), "error", says="server gave")


def _fails_always(name: str, does: str, make: MakeAnswer, state: str, says: str = "") -> Scenario:
    about = {"says": says, "requests": 3, "retryable": True, "within": 6}
    return fails_early(name, does + ", each time", make, state, **about)


def _fails_once(name: str, does: str, first: MakeAnswer) -> Scenario:
    good = harmless(name, does + ", then a good answer", good_answer, requests=2, notice=True, within=3)
    return replace(good, makes=(first, good_answer))


def _rejects_stream_options(code: int, message: str) -> Scenario:
    name, does = f"{code}-stream-options", f"{code} naming stream_options"
    return replace(_fails_once(name, does, error_status(code, message)), dialects=("chat",))


def _redirect_scenario(name: str, host: str) -> Scenario:
    about = harmless(name, f"307 to {host}, which answers well", good_answer, requests=2)
    return replace(about, makes=(_redirect(host), good_answer))


def _redirect(host: str) -> MakeAnswer:
    def make(_wire: AnyWireFormat, request: Request) -> Answer:
        port = request.headers["host"].rpartition(":")[2]
        where = f"http://{host}:{port}{request.path}"
        return Answer((b"{}",), 307, {"location": where}, "application/json", "length")

    return make


def _with_pauses(before: float, pause: float) -> MakeAnswer:
    def make(wire: AnyWireFormat, _request: Request) -> Answer:
        return Answer((pause, *good_answer(wire).body), before=before)

    return make


def _blocked_prompt(_wire: AnyWireFormat, _request: Request) -> Answer:
    usage = {"promptTokenCount": 7, "totalTokenCount": 7}
    return Answer((sse_event({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage}),))


def _opening_then(end: Literal["ok", "reset", "hang"]) -> MakeAnswer:
    return lambda wire, _request: Answer(tuple(wire.opening()), end=end)


def _status_201(wire: AnyWireFormat, request: Request) -> Answer:
    return replace(good_answer(wire, request), status=201)


def _opening_then_forever(piece: bytes) -> MakeAnswer:
    return lambda wire, _request: Answer(repeat_forever(0.03, piece, wire.opening()))


def _empty_deltas(wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(repeat_forever(0.03, wire.delta("")))


ADDRESS_FAULTS = (
    fails_early(
        "refused",
        "nobody listens",
        good_answer,
        "lost",
        where="refused",
        requests=0,
        retryable=True,
        within=6,
    ),
    fails_early(
        "unknown-host", "no such host", good_answer, "lost", where="unknown-host", requests=0, within=8
    ),
    fails_early(
        "tls-untrusted",
        "a self-signed certificate",
        good_answer,
        "lost",
        where="tls",
        requests=0,
        says="certificate",
    ),
    fails_early(
        "tls-plain-port",
        "plain HTTP where TLS is spoken",
        good_answer,
        "lost",
        where="tls-plain",
        requests=0,
        within=6,
    ),
    fails_early(
        "tls-silent",
        "no TLS hello",
        good_answer,
        "timed-out",
        where="tls-silent",
        requests=0,
        timeout=TIMEOUT_S,
    ),
    fails_early(
        "silent", "never a byte", good_answer, "timed-out", where="silent", requests=0, timeout=TIMEOUT_S
    ),
)

STATUS_FAULTS = (
    *map(_final_status, (400, 401, 403, 404, 413, 422)),
    *map(_retried_status, (408, 409, 429, 500, 502, 503, 504, 529)),
    fails_early("status-401-key", "401, the key in its words", error_status(401, ECHOED_KEY), "error"),
    _fails_always(
        "status-502-html", "502 with an HTML page", body_of(ERROR_PAGE, "text/html", 502), "error", says="502"
    ),
    _fails_always(
        "status-500-empty", "500 without a body", body_of(b"", "text/plain", 500), "error", says="500"
    ),
    fails_early(
        "retry-after-130", "429, Retry-After: 130", error_status(429, retry_after="130"), "error", says="130"
    ),
    _fails_once("retry-after-1", "429, Retry-After: 1", error_status(429, retry_after="1")),
    replace(_fails_once("retry-after-date", "429, Retry-After with a date", _retry_at), slow=True, within=4),
    _fails_once("503-then-fine", "503", error_status(503)),
    _fails_once("reset-then-fine", "reset before the status line", hang_up("reset")),
    _rejects_stream_options(400, "Unknown field: stream_options"),
    _rejects_stream_options(422, "extra fields not permitted: stream_options.include_usage"),
)

FIRST_ANSWER_FAULTS = (
    _fails_always("reset-before-headers", "reset before the status line", hang_up("reset"), "lost"),
    _fails_always("closed-before-headers", "closed before the status line", hang_up("fin"), "lost"),
    _fails_always("no-http", "another protocol", hang_up("fin", b"220 mail ESMTP\r\n"), "lost"),
    fails_early(
        "200-json-error",
        "200 with a JSON error",
        body_of(JSON_ERROR, "application/json"),
        "error",
        says="on fire",
    ),
    fails_early(
        "200-plain-text",
        "200 with a sentence",
        body_of(b"the engine is on fire", "text/plain"),
        "error",
        says="on fire",
    ),
    fails_early(
        "200-html-as-json",
        "200 with a page said to be JSON",
        body_of(ERROR_PAGE, "application/json"),
        "error",
    ),
    fails_early("200-html", "200 with an HTML page", body_of(ERROR_PAGE, "text/html"), "error"),
    fails_early("200-empty", "200, an event stream without an event", empty_stream, "unfinished"),
    fails_early("200-no-body", "200, Content-Length: 0", body_of(b"", "application/json"), "unfinished"),
    fails_early("opening-then-end", "an end in order before any text", _opening_then("ok"), "unfinished"),
    fails_early(
        "opening-then-reset", "reset before any text", _opening_then("reset"), "lost", requests=None, within=6
    ),
    harmless("status-201", "201 with a stream", _status_201),
    harmless("slow-headers", "0.2 s before the status line", _with_pauses(0.2, 0)),
    harmless("slow-first-byte", "0.2 s before the first event", _with_pauses(0, 0.2)),
    fails_early(
        "stall-first", "nothing after the headers", _opening_then("hang"), "timed-out", timeout=TIMEOUT_S
    ),
    fails_early(
        "comments-first",
        "comments for ever",
        _opening_then_forever(b": ping\n\n"),
        "timed-out",
        timeout=TIMEOUT_S,
    ),
    fails_early(
        "blanks-first", "blank lines for ever", _opening_then_forever(b"\n"), "timed-out", timeout=TIMEOUT_S
    ),
    fails_early("empty-deltas-first", "empty deltas for ever", _empty_deltas, "timed-out", timeout=TIMEOUT_S),
    _redirect_scenario("redirect-same-host", "127.0.0.1"),
    _redirect_scenario("redirect-other-host", "localhost"),
    fails_early("redirect-loop", "307 to itself", _redirect("127.0.0.1"), "error", requests=None, within=6),
    fails_early(
        "blocked-prompt", "a block reason, no candidate", _blocked_prompt, "filtered", dialects=("gemini",)
    ),
)

SCENARIOS = (*ADDRESS_FAULTS, *STATUS_FAULTS, *FIRST_ANSWER_FAULTS)
