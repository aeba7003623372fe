"""Every field of every recorded wire may hold anything: no exception, and nothing that a file cannot take."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from streamnb.core.events import Finished, Usage
from streamnb.core.reply_builder import ReplyBuilder
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead
from streamnb.providers.chunks import ChunkReader
from streamnb.streaming.exchange import Exchange
from streamnb.streaming.limits import Limits
from tests.providers.asking import HELLO
from tests.providers.recordings import Recorded
from tests.providers.test_recorded_streams import PROVIDERS, successful_recordings

KEY = "sk-canary-0123456789abcdef"
MARK = "\ud83d</script>\x1b[31m\u202e\x00" + KEY
TEXTS = {
    "surrogate": "a\ud83d",
    "low half": "\ude00",
    "mark": MARK,
    "long": "x" * 300_000,
    "empty": "",
}
OTHERS: dict[str, Any] = {
    "null": None,
    "number": 7,
    "negative": -1,
    "float": 1e308,
    "bool": True,
    "list": [[]],
    "object": {"": {}},
    "deep": json.loads("[" * 200 + "]" * 200),
    "texts": ["a\ud83d"],
    "big": 10**30,
}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every field: objects and lists as well as what is in them."""
    if path:
        yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from leaves(inner, (*path, key))


def changed(chunk: Any, path: tuple[Any, ...], value: Any) -> Any:
    chunk = copy.deepcopy(chunk)
    inner = chunk
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return chunk


def chunks_of(recording: Recorded) -> list[Any]:
    reader = ChunkReader()
    return [*reader.feed(recording.body), *reader.close()]


def fields() -> list[tuple[str, list[Any], int, tuple[Any, ...]]]:
    """Return each field once: the wire, the chunks, which of them, and where in it."""
    seen, fields_once = set(), []
    for recording in successful_recordings():
        chunks = chunks_of(recording)
        for number, chunk in enumerate(chunks):
            for path in leaves(chunk):
                kind = chunk.get("type") if recording.dialect == "responses" else None
                name = (recording.dialect, kind, *(key for key in path if isinstance(key, str)))
                if name not in seen:
                    seen.add(name)
                    around = chunks[max(0, number - 4) : number + 4]
                    fields_once.append((recording.dialect, around, min(number, 4), path))
    return fields_once


def check(dialect: str, chunks: list[Any], number: int, path: tuple[Any, ...], value: Any) -> None:
    """Send the chunks with one field changed; hold all that came of it against what files and pages take."""
    altered = [changed(chunk, path, value) if at == number else chunk for at, chunk in enumerate(chunks)]
    body = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in altered)
    exchange = Exchange(HELLO, PROVIDERS[dialect].make_adapter, Limits(retries=0), secrets=(KEY,))
    exchange.due_request(0.0)
    builder = ReplyBuilder("m")
    for message in (RequestSent(0.0), ResponseHead(0.0, 200, {}), Data(1.0, body), EndOfBody(2.0)):
        for batch in exchange.feed(message):
            builder.feed(batch.events, batch.at)
    reply = builder.build_reply(2.0)
    everything = repr(reply.__dict__) + str(reply)
    everything.encode()
    json.dumps([reply.tool_calls and str(reply.tool_calls), str(reply)], ensure_ascii=False).encode()
    bundle = reply._repr_mimebundle_()[0]
    for content in bundle.values():
        content.encode()
    assert KEY not in everything
    assert "</script>" not in bundle["text/html"]
    assert isinstance(builder.finished, Finished)
    assert len(reply.error or "") <= 200
    assert "shape that nobody knows" not in (reply.error or "")
    assert len(reply.finish_reason or "") <= 100
    usage = reply.usage
    assert isinstance(usage, Usage)
    assert all(type(count) is int for count in (usage.input_tokens, usage.output_tokens) if count is not None)


@pytest.mark.slow
def test_no_text_in_any_field_can_lose_the_answer_or_show_a_key() -> None:
    for field in fields():
        check(*field, MARK)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*TEXTS, *OTHERS])
def test_no_value_of_any_kind_in_any_field_can_lose_the_answer(name: str) -> None:
    for field in fields():
        check(*field, (TEXTS | OTHERS)[name])


@pytest.mark.parametrize("status", [200, 400, 429, 500])
@pytest.mark.parametrize(
    "page",
    [
        json.dumps({"error": {"message": MARK, "code": MARK}}).encode(),
        json.dumps([{"error": {"message": [MARK]}}]).encode(),
        json.dumps(MARK).encode(),
        MARK.encode("utf-8", "surrogatepass"),
        b"<html>" + MARK.encode("utf-8", "surrogatepass"),
        json.dumps({"detail": KEY, "msg": 5}).replace("s", "\\u0073").encode(),
        b'{"error": ' * 5_000,
        b"\xff\xfe" * 100_000,
    ],
)
def test_no_error_page_can_lose_the_answer_or_show_a_key(status: int, page: bytes) -> None:
    adapter = PROVIDERS["chat"].make_adapter
    exchange = Exchange(HELLO, adapter, Limits(retries=0), secrets=(KEY,))
    exchange.due_request(0.0)
    batches = []
    for message in (RequestSent(0.0), ResponseHead(0.0, status, {}), Data(1.0, page), EndOfBody(2.0)):
        batches += exchange.feed(message)
    last = batches[-1].events[-1]
    assert isinstance(last, Finished)
    assert last.error
    last.error.encode()
    assert len(last.error) <= 200
    assert KEY not in last.error
    assert "\x1b" not in last.error
