"""Faults before the first content: addresses, statuses, waits, redirects."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from time import time
from typing import Literal

from ..answers import refuse
from ..wires import event
from ..words import Answer, Request
from .scenario import TIMEOUT, AnyWire, Make, Scenario, early, every, harmless, whole

__all__ = ["SCENARIOS"]

HTML = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title><script>alert(1)</script></head>"
    b"<body><center><h1>502 Bad Gateway</h1></center><hr>nginx</body></html>"
)
ON_FIRE = b'{"error": {"message": "the engine is on fire", "code": 500}}'
ECHOED_KEY = (
    "Incorrect API key provided: sk-canary0123456789abcdef0123456789. Find it at https://example.org."
)


def status(code: int, message: str = "the reason the server gave", **headers: str) -> Make:
    """Answer with an error status, in the dialect's own words."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _wire, request: refuse(request.dialect or "chat", code, message, named)


def body(data: bytes, content_type: str, code: int = 200) -> Make:
    """Answer with these bytes."""
    return lambda _wire, _request: Answer((data,), code, {}, content_type, "length")


def _retry_at(_wire: AnyWire, request: Request) -> Answer:
    return refuse(
        request.dialect or "chat", 429, "slow down", {"Retry-After": formatdate(time() + 2, usegmt=True)}
    )


def hung_up(end: Literal["fin", "reset"], said: bytes = b"") -> Make:
    """End the connection where a status line was due."""
    return lambda _wire, _request: Answer((said,) if said else (), framing="raw", end=end)


def nothing(_wire: AnyWire, _request: Request) -> Answer:
    """Answer 200 and end in order."""
    return Answer()


def _refused(code: int) -> Scenario:
    return early(f"status-{code}", f"answers {code}", status(code), "error", says="server gave")


def _busy(code: int) -> Scenario:
    return _failing(f"status-{code}", f"answers {code}", status(code), "error", says="server gave")


def _failing(name: str, does: str, make: Make, state: str, says: str = "") -> Scenario:
    about = {"says": says, "requests": 3, "retryable": True, "within": 6}
    return early(name, does + ", each time", make, state, **about)


def _mended(name: str, does: str, first: Make) -> Scenario:
    good = harmless(name, does + ", then a good answer", whole, requests=2, notice=True, within=3)
    return replace(good, makes=(first, whole))


def _unwanted(code: int, message: str) -> Scenario:
    name, does = f"{code}-stream-options", f"{code} naming stream_options"
    return replace(_mended(name, does, status(code, message)), dialects=("chat",))


def _redirected(name: str, host: str) -> Scenario:
    about = harmless(name, f"307 to {host}, which answers well", whole, requests=2)
    return replace(about, makes=(_redirect(host), whole))


def _redirect(host: str) -> Make:
    def make(_wire: AnyWire, request: Request) -> Answer:
        port = request.headers["host"].rpartition(":")[2]
        where = f"http://{host}:{port}{request.path}"
        return Answer((b"{}",), 307, {"location": where}, "application/json", "length")

    return make


def _late(before: float, pause: float) -> Make:
    def make(wire: AnyWire, _request: Request) -> Answer:
        body = whole(wire).body
        return Answer((pause, *body), before=before)

    return make


def _blocked(_wire: AnyWire, _request: Request) -> Answer:
    usage = {"promptTokenCount": 7, "totalTokenCount": 7}
    return Answer((event({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage}),))


def _opening_then(end: Literal["ok", "reset", "hang"]) -> Make:
    return lambda wire, _request: Answer(tuple(wire.opening()), end=end)


def _created(wire: AnyWire, request: Request) -> Answer:
    return replace(whole(wire, request), status=201)


def _for_ever(piece: bytes) -> Make:
    return lambda wire, _request: Answer(every(0.03, piece, wire.opening()))


def _empty_deltas(wire: AnyWire, _request: Request) -> Answer:
    return Answer(every(0.03, wire.delta("")))


WHERE = (
    early("refused", "nobody listens", whole, "lost", where="refused", requests=0, retryable=True, within=6),
    early("unknown-host", "no such host", whole, "lost", where="unknown-host", requests=0, within=8),
    early(
        "tls-untrusted",
        "a self-signed certificate",
        whole,
        "lost",
        where="tls",
        requests=0,
        says="certificate",
    ),
    early(
        "tls-plain-port",
        "plain HTTP where TLS is spoken",
        whole,
        "lost",
        where="tls-plain",
        requests=0,
        within=6,
    ),
    early("tls-silent", "no TLS hello", whole, "timed-out", where="tls-silent", requests=0, timeout=TIMEOUT),
    early("silent", "never a byte", whole, "timed-out", where="silent", requests=0, timeout=TIMEOUT),
)

STATUSES = (
    *map(_refused, (400, 401, 403, 404, 413, 422)),
    *map(_busy, (408, 409, 429, 500, 502, 503, 504, 529)),
    early("status-401-key", "401, the key in its words", status(401, ECHOED_KEY), "error"),
    _failing("status-502-html", "502 with an HTML page", body(HTML, "text/html", 502), "error", says="502"),
    _failing("status-500-empty", "500 without a body", body(b"", "text/plain", 500), "error", says="500"),
    early("retry-after-130", "429, Retry-After: 130", status(429, retry_after="130"), "error", says="130"),
    _mended("retry-after-1", "429, Retry-After: 1", status(429, retry_after="1")),
    replace(_mended("retry-after-date", "429, Retry-After with a date", _retry_at), slow=True, within=4),
    _mended("503-then-fine", "503", status(503)),
    _mended("reset-then-fine", "reset before the status line", hung_up("reset")),
    _unwanted(400, "Unknown field: stream_options"),
    _unwanted(422, "extra fields not permitted: stream_options.include_usage"),
)

ANSWERS = (
    _failing("reset-before-headers", "reset before the status line", hung_up("reset"), "lost"),
    _failing("closed-before-headers", "closed before the status line", hung_up("fin"), "lost"),
    _failing("no-http", "another protocol", hung_up("fin", b"220 mail ESMTP\r\n"), "lost"),
    early(
        "200-json-error", "200 with a JSON error", body(ON_FIRE, "application/json"), "error", says="on fire"
    ),
    early(
        "200-plain-text",
        "200 with a sentence",
        body(b"the engine is on fire", "text/plain"),
        "error",
        says="on fire",
    ),
    early("200-html-as-json", "200 with a page said to be JSON", body(HTML, "application/json"), "error"),
    early("200-html", "200 with an HTML page", body(HTML, "text/html"), "error"),
    early("200-empty", "200, an event stream without an event", nothing, "unfinished"),
    early("200-no-body", "200, Content-Length: 0", body(b"", "application/json"), "unfinished"),
    early("opening-then-end", "an end in order before any text", _opening_then("ok"), "unfinished"),
    early(
        "opening-then-reset", "reset before any text", _opening_then("reset"), "lost", requests=None, within=6
    ),
    harmless("status-201", "201 with a stream", _created),
    harmless("slow-headers", "0.2 s before the status line", _late(0.2, 0)),
    harmless("slow-first-byte", "0.2 s before the first event", _late(0, 0.2)),
    early("stall-first", "nothing after the headers", _opening_then("hang"), "timed-out", timeout=TIMEOUT),
    early("comments-first", "comments for ever", _for_ever(b": ping\n\n"), "timed-out", timeout=TIMEOUT),
    early("blanks-first", "blank lines for ever", _for_ever(b"\n"), "timed-out", timeout=TIMEOUT),
    early("empty-deltas-first", "empty deltas for ever", _empty_deltas, "timed-out", timeout=TIMEOUT),
    _redirected("redirect-same-host", "127.0.0.1"),
    _redirected("redirect-other-host", "localhost"),
    early("redirect-loop", "307 to itself", _redirect("127.0.0.1"), "error", requests=None, within=6),
    early("blocked-prompt", "a block reason, no candidate", _blocked, "filtered", dialects=("gemini",)),
)

SCENARIOS = (*WHERE, *STATUSES, *ANSWERS)
