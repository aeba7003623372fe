"""Faults and oddities in the HTTP around the bytes: types that are not true, heads, chunks, other shapes."""

from __future__ import annotations

from ..answers import TEXT
from ..messages import Answer, Request
from ..wire_formats import encode_json
from .scenario import (
    TOKEN_COUNTS,
    AnyWireFormat,
    MakeAnswer,
    Scenario,
    fails_early,
    fails_midway,
    first_half,
    harmless,
    repeat_forever,
    second_half,
)

__all__ = ["SCENARIOS"]

HEAD_START = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
CHUNKED_HEAD = HEAD_START + b"transfer-encoding: chunked\r\n\r\n"


def _good_body(wire: AnyWireFormat) -> bytes:
    return b"".join((*first_half(wire), *second_half(wire)))


def _with_content_type(content_type: str, **headers: str) -> MakeAnswer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda wire, _request: Answer((_good_body(wire),), headers=named, content_type=content_type)


def _lines_of_json(wire: AnyWireFormat, _request: Request) -> Answer:
    lines = [line for line in _good_body(wire).splitlines() if line.startswith(b"data: {")]
    return Answer(tuple(line[6:] + b"\n" for line in lines), content_type="application/x-ndjson")


def _json_body(content_type: str) -> MakeAnswer:
    """One JSON body, as servers send it that do not know of streaming."""
    return lambda wire, _request: Answer(
        (encode_json(wire.whole(TEXT, TOKEN_COUNTS)),), content_type=content_type
    )


def _early_hints(wire: AnyWireFormat, _request: Request) -> Answer:
    length = b"content-length: %d\r\n\r\n" % len(_good_body(type(wire)()))
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n"
    return Answer((hints + HEAD_START + length + _good_body(wire),), framing="raw", end="fin")


def _chunk_extensions(wire: AnyWireFormat, _request: Request) -> Answer:
    data = _good_body(wire)
    framed = b"%x;name=value\r\n%b\r\n0\r\nx-trailer: 1\r\n\r\n" % (len(data), data)
    return Answer((CHUNKED_HEAD + framed,), framing="raw", end="fin")


def _bad_chunk(wire: AnyWireFormat, _request: Request) -> Answer:
    data = b"".join(first_half(wire))
    return Answer((CHUNKED_HEAD + b"%x\r\n%b\r\nzz\r\n" % (len(data), data),), framing="raw", end="fin")


def _endless_head(_wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer(repeat_forever(0, b"x-header: value\r\n" * 100, [HEAD_START]), framing="raw", end="fin")


def _json_error_only(_wire: AnyWireFormat, _request: Request) -> Answer:
    return Answer((b'{"error": {"message": "the engine is on fire"}}',))


def _redirect_to(where: str | None) -> MakeAnswer:
    headers = {"location": where} if where else {}
    return lambda _wire, _request: Answer((), 307, headers, framing="length")


SCENARIOS: tuple[Scenario, ...] = (
    harmless("text-plain", "an event stream that is called text/plain", _with_content_type("text/plain")),
    harmless("called-json", "an event stream that is called JSON", _with_content_type("application/json")),
    harmless("type-in-capitals", "Text/Event-Stream", _with_content_type("Text/Event-Stream; Charset=UTF-8")),
    harmless(
        "brotli-untrue", "says br, sends none", _with_content_type("text/event-stream", content_encoding="br")
    ),
    harmless("lines-of-json", "JSON lines instead of events", _lines_of_json),
    harmless("whole-json", "one JSON body instead of a stream", _json_body("application/json")),
    harmless("whole-json-as-stream", "one JSON body, called a stream", _json_body("text/event-stream")),
    harmless("early-hints", "103 before the answer", _early_hints),
    harmless("chunk-extensions", "chunk extensions and a trailer", _chunk_extensions),
    fails_midway("bad-chunk", "a chunk size that is no number", _bad_chunk, "lost"),
    fails_early("endless-head", "headers without end", _endless_head, "lost", requests=None, within=6),
    fails_early(
        "error-on-its-own", "a JSON error, called a stream", _json_error_only, "error", says="on fire"
    ),
    fails_early("redirect-nowhere", "307 without a location", _redirect_to(None), "error", says="307"),
    fails_early("redirect-to-file", "307 to a file", _redirect_to("file:///etc/passwd"), "error"),
)
