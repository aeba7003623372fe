"""The transport under the real SDKs: what it keeps, what it takes out, how it is stopped."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from google import genai
from google.genai import types

from streamnb import astream, stream
from streamnb.core.wire_events import Data, EndOfBody, RequestSent, ResponseHead, WireEvent
from streamnb.providers import http_capture, http_client

from ..upstream import Answer, Upstream

TEXT = "hello world " * 20
MESSAGES: Any = [{"role": "user", "content": "hi"}]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(text=TEXT, delay=0.002) as server:
        yield server


@pytest.fixture
def endless() -> Iterator[Upstream]:
    with Upstream(text=TEXT * 100, delay=0.01) as server:
        yield server


def client_of(upstream: Upstream) -> tuple[http_client.Client, Any]:
    http = http_client.Client(http_client.header_stripping_hook(bare=False, unwanted=frozenset()))
    sdk = openai.OpenAI(base_url=upstream.openai_url, api_key="k", http_client=http, max_retries=0)
    return http, lambda: sdk.chat.completions.create(model="m", messages=MESSAGES, stream=True)


def read(start: Any) -> list[WireEvent]:
    got: list[WireEvent] = []
    http_capture.read_response(start, got.append)
    return got


def body(messages: list[WireEvent]) -> bytes:
    return b"".join(message.data for message in messages if isinstance(message, Data))


def test_an_answer_comes_as_sent_head_blocks_and_end_in_order_of_time(upstream: Upstream) -> None:
    http, start = client_of(upstream)
    with http:
        got = read(start)
    assert [type(message) for message in (got[0], got[1], got[2], got[-1])] == [
        RequestSent,
        ResponseHead,
        Data,
        EndOfBody,
    ]
    assert [message.at for message in got] == sorted(message.at for message in got)
    assert b"hell" in body(got)


def test_a_second_answer_comes_over_the_same_connection(upstream: Upstream) -> None:
    http, start = client_of(upstream)
    with http:
        assert body(read(start))
        assert body(read(start))
    assert upstream.connections == 1


def test_no_sdk_object_is_made_of_the_answer(upstream: Upstream) -> None:
    http, start = client_of(upstream)
    with http:
        made: list[Any] = []
        read(lambda: made.append(start()))
        assert list(made[0]) == []


def test_an_error_answer_is_kept_with_its_body_and_raises_nothing(upstream: Upstream) -> None:
    refusing = Answer((b'{"error": {"message": "no"}}',), 401, {}, "application/json", "length")
    with Upstream([refusing]) as server:
        http, start = client_of(server)
        with http:
            got = read(start)
    assert isinstance(got[1], ResponseHead)
    assert got[1].status == 401
    assert b'"no"' in body(got)
    assert got[-1] == EndOfBody(got[-1].at)


def test_a_refused_connection_is_a_fault_in_words() -> None:
    with Upstream(port_mode="closed") as server:
        http, start = client_of(server)
        with http:
            (*_, last) = read(start)
    assert isinstance(last, EndOfBody)
    assert last.fault is not None
    assert "refused the connection" in last.fault.message
    assert last.fault.retry


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("http://127.0.0.1:1/x", "127.0.0.1:1, to which 127.0.0.1:{port} redirects, refused the connection"),
        ("ftp://elsewhere/x", "127.0.0.1:{port} redirects to ftp://elsewhere/x, which cannot be called"),
        ("javascript:alert(1)", "127.0.0.1:{port} redirects to what is no address"),
    ],
)
def test_a_redirect_that_fails_names_who_sent_us_and_where(location: str, message: str) -> None:
    with Upstream([Answer((), 307, {"location": location}, framing="length")]) as server:
        http, start = client_of(server)
        with http:
            (*_, last) = read(start)
        assert isinstance(last, EndOfBody)
        assert message.format(port=server.port) in str(last.fault)


@pytest.mark.parametrize(
    "answer", [b"\x15\x03\x01\x00\x02\x02\x46", b"HTTP/1.1 101 Up\r\nupgrade: x\r\n\r\n"]
)
def test_bytes_that_are_no_answer_of_http_are_said_to_be_that(answer: bytes) -> None:
    with Upstream([Answer((answer,), framing="raw", end="fin")]) as server:
        http, start = client_of(server)
        with http:
            (*_, last) = read(start)
        assert isinstance(last, EndOfBody)
        assert f"127.0.0.1:{server.port} does not answer in HTTP" in str(last.fault)


def test_hanging_up_wakes_a_blocked_read_and_the_server_sees_it(endless: Upstream) -> None:
    http, start = client_of(endless)
    got: list[WireEvent] = []
    reader = threading.Thread(target=http_capture.read_response, args=(start, got.append))
    reader.start()
    while not any(isinstance(message, Data) for message in got):
        time.sleep(0.01)
    http.abort()
    reader.join(1.0)
    assert not reader.is_alive()
    assert endless.wait_until_client_left(0.2)
    http.close()


def test_cancelling_an_asynchronous_reader_closes_its_connection(endless: Upstream) -> None:
    async def leave() -> None:
        async with http_client.AsyncClient(
            http_client.header_stripping_hook(bare=False, unwanted=frozenset())
        ) as http:
            options = types.HttpOptions(base_url=endless.gemini_url, httpx_async_client=http)
            sdk = genai.Client(api_key="k", http_options=options)
            got: list[WireEvent] = []

            async def start() -> None:
                async for _ in await sdk.aio.models.generate_content_stream(model="m", contents="hi"):
                    pytest.fail("the SDK made a chunk object")

            reader = asyncio.create_task(http_capture.aread_response(start, got.append))
            while not any(isinstance(message, Data) for message in got):
                await asyncio.sleep(0.01)
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            assert endless.wait_until_client_left(0.2)

    asyncio.run(leave())


def test_a_bare_address_gets_no_key_and_none_of_the_named_headers(upstream: Upstream) -> None:
    http = http_client.Client(
        http_client.header_stripping_hook(bare=True, unwanted=frozenset({"openai-project"}))
    )
    sdk = openai.OpenAI(
        base_url=upstream.openai_url, api_key="canary", project="canary", http_client=http, max_retries=0
    )
    with http:
        read(lambda: sdk.chat.completions.create(model="m", messages=MESSAGES, stream=True))
    assert "canary" not in str(upstream.requests[0].headers)


def _endless_body(count: list[int]) -> Iterator[bytes]:
    while True:
        count[0] += 1
        yield bytes(65_536)


@pytest.mark.parametrize("is_async", [False, True])
def test_a_redirect_with_a_body_that_never_ends_is_followed_and_its_body_is_not_read(
    is_async: bool, upstream: Upstream
) -> None:
    blocks = [0]
    headers = {"location": upstream.openai_url + "/chat/completions"}
    with Upstream(lambda _request: Answer(_endless_body(blocks), 307, headers)) as first:
        kwargs: Any = {"model": "openai:m", "base_url": first.openai_url, "display": False}
        reply = asyncio.run(astream("hi", **kwargs)) if is_async else stream("hi", **kwargs)
    assert reply == TEXT
    assert blocks[0] < 200  # what fits between the two, of the thousand blocks a second that come


def test_a_redirect_to_another_host_takes_no_key_along(upstream: Upstream) -> None:
    elsewhere = upstream.openai_url + "/chat/completions"
    moved = Answer((b"",), 307, {"location": elsewhere}, "text/plain", "length")
    with Upstream([moved]) as first:
        http = http_client.Client(http_client.header_stripping_hook(bare=False, unwanted=frozenset()))
        sdk = openai.OpenAI(
            base_url=first.openai_url,
            api_key="canary",
            organization="canary",
            http_client=http,
            max_retries=0,
        )
        with http:
            got = read(lambda: sdk.chat.completions.create(model="m", messages=MESSAGES, stream=True))
    assert b"hell" in body(got)
    assert "canary" in str(first.requests[0].headers)
    assert "canary" not in str(upstream.requests[0].headers)
