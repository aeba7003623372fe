"""Faults and oddities in the HTTP around the bytes: types that are not true, heads, chunks, other shapes."""

from __future__ import annotations

from ..answers import TEXT
from ..wires import encode
from ..words import Answer, Request
from .scenario import TOKENS, AnyWire, Make, Scenario, early, every, half, harmless, midway, rest

__all__ = ["SCENARIOS"]

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"


def _good(wire: AnyWire) -> bytes:
    return b"".join((*half(wire), *rest(wire)))


def _typed(content_type: str, **headers: str) -> Make:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda wire, _request: Answer((_good(wire),), headers=named, content_type=content_type)


def _lines_of_json(wire: AnyWire, _request: Request) -> Answer:
    lines = [line for line in _good(wire).splitlines() if line.startswith(b"data: {")]
    return Answer(tuple(line[6:] + b"\n" for line in lines), content_type="application/x-ndjson")


def _whole(content_type: str) -> Make:
    """One JSON body, as servers send it that do not know of streaming."""
    return lambda wire, _request: Answer((encode(wire.whole(TEXT, TOKENS)),), content_type=content_type)


def _early_hints(wire: AnyWire, _request: Request) -> Answer:
    length = b"content-length: %d\r\n\r\n" % len(_good(type(wire)()))
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n"
    return Answer((hints + HEAD + length + _good(wire),), framing="raw", end="fin")


def _chunk_extensions(wire: AnyWire, _request: Request) -> Answer:
    data = _good(wire)
    framed = b"%x;name=value\r\n%b\r\n0\r\nx-trailer: 1\r\n\r\n" % (len(data), data)
    return Answer((CHUNKED + framed,), framing="raw", end="fin")


def _bad_chunk(wire: AnyWire, _request: Request) -> Answer:
    data = b"".join(half(wire))
    return Answer((CHUNKED + b"%x\r\n%b\r\nzz\r\n" % (len(data), data),), framing="raw", end="fin")


def _endless_head(_wire: AnyWire, _request: Request) -> Answer:
    return Answer(every(0, b"x-header: value\r\n" * 100, [HEAD]), framing="raw", end="fin")


def _error_on_its_own(_wire: AnyWire, _request: Request) -> Answer:
    return Answer((b'{"error": {"message": "the engine is on fire"}}',))


def _redirect_to(where: str | None) -> Make:
    headers = {"location": where} if where else {}
    return lambda _wire, _request: Answer((), 307, headers, framing="length")


SCENARIOS: tuple[Scenario, ...] = (
    harmless("text-plain", "an event stream that is called text/plain", _typed("text/plain")),
    harmless("called-json", "an event stream that is called JSON", _typed("application/json")),
    harmless("type-in-capitals", "Text/Event-Stream", _typed("Text/Event-Stream; Charset=UTF-8")),
    harmless("brotli-untrue", "says br, sends none", _typed("text/event-stream", content_encoding="br")),
    harmless("lines-of-json", "JSON lines instead of events", _lines_of_json),
    harmless("whole-json", "one JSON body instead of a stream", _whole("application/json")),
    harmless("whole-json-as-stream", "one JSON body, called a stream", _whole("text/event-stream")),
    harmless("early-hints", "103 before the answer", _early_hints),
    harmless("chunk-extensions", "chunk extensions and a trailer", _chunk_extensions),
    midway("bad-chunk", "a chunk size that is no number", _bad_chunk, "lost"),
    early("endless-head", "headers without end", _endless_head, "lost", requests=None, within=6),
    early("error-on-its-own", "a JSON error, called a stream", _error_on_its_own, "error", says="on fire"),
    early("redirect-nowhere", "307 without a location", _redirect_to(None), "error", says="307"),
    early("redirect-to-file", "307 to a file", _redirect_to("file:///etc/passwd"), "error"),
)
