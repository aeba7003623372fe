"""The server of the lessons: the SDKs' own calls work with it, and it keeps what it was asked."""

from __future__ import annotations

import http.client
import json
import socket
import struct
from collections.abc import Iterator

import pytest
from google import genai
from openai import NotFoundError, OpenAI

from streamnb import StreamError, stream
from streamnb.lesson_server import LessonServer
from streamnb.providers.demo import answer_for
from streamnb.storage.xray import build_xray

HAIKU = "".join(entry.answer_text for entry in build_xray(answer_for("haiku", "")).entries)


@pytest.fixture
def server() -> Iterator[LessonServer]:
    with LessonServer(speed=0) as running:
        yield running


@pytest.mark.parametrize("model", ["openai:demo:haiku", "gemini:demo-haiku"])
@pytest.mark.parametrize("sync", [False, True])
def test_a_stream_comes_through_with_its_end_and_its_usage(
    server: LessonServer, model: str, sync: bool
) -> None:
    url = server.url if model.startswith("gemini") else server.openai_url
    reply = stream("Hello", model=model, base_url=url, sync=sync, display=False)
    assert (reply.text, reply.state) == (HAIKU, "complete")
    assert reply.usage.output_tokens == 44
    assert len(server.requests) == 1


def test_the_sdks_read_a_whole_answer_too(server: LessonServer) -> None:
    with OpenAI(base_url=server.openai_url, api_key="none") as client:
        completion = client.chat.completions.create(
            model="demo", messages=[{"role": "user", "content": "a haiku"}]
        )
    assert completion.choices[0].message.content == HAIKU
    gemini = genai.Client(api_key="none", http_options={"base_url": server.url})
    assert gemini.models.generate_content(model="demo", contents="a haiku").text == HAIKU
    gemini.close()


def test_a_path_that_it_does_not_know_is_not_found(server: LessonServer) -> None:
    client = OpenAI(base_url=server.openai_url, api_key="none", max_retries=0)
    with client, pytest.raises(NotFoundError):
        client.responses.create(model="demo", input="Hello")


@pytest.mark.parametrize("model", ["openai:demo:refused", "gemini:demo-refused"])
def test_a_refusal_has_its_real_status(server: LessonServer, model: str) -> None:
    url = server.url if model.startswith("gemini") else server.openai_url
    with pytest.raises(StreamError, match="HTTP 429") as refused:
        stream("Hello", model=model, base_url=url, retries=0, display=False)
    assert "a recorded refusal" in str(refused.value.reply.error)


def status_of(server: LessonServer, body: bytes, **headers: str) -> int:
    """Send a request as no SDK would; return the status of the answer."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=5)
    connection.putrequest("POST", "/v1/chat/completions", skip_host="host" in headers)
    for name, value in ({"content-length": str(len(body))} | headers).items():
        connection.putheader(name.replace("_", "-"), value)
    connection.endheaders(body)
    try:
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"no json", {}),
        (b"[1, 2]", {}),
        (b'"text"', {}),
        (b"\xff\xfe", {}),
        (b"[" * 200_000, {}),
        (b"{}", {"content-length": "-1"}),
        (b"{}", {"content-length": "two"}),
        (b"{}", {"content-length": "1"}),
        (b"{}", {"content-length": "99999999999"}),
    ],
)
def test_an_odd_request_is_a_bad_request_and_the_next_is_answered(
    server: LessonServer, body: bytes, headers: dict[str, str]
) -> None:
    assert status_of(server, body, **headers) == 400
    assert server.requests == []
    assert status_of(server, b"{}") == 200


@pytest.mark.parametrize(
    "body",
    [
        {"messages": 3},
        {"messages": [3]},
        {"messages": [{"content": 3}]},
        {"messages": [{"content": [3, {"text": None}]}]},
        {"messages": []},
        {"model": ["a"]},
    ],
)
def test_an_odd_prompt_gets_an_answer_all_the_same(server: LessonServer, body: dict[str, object]) -> None:
    assert status_of(server, json.dumps(body).encode()) == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:80"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1.evil.example"},
    ],
)
def test_a_page_of_another_origin_is_refused(server: LessonServer, headers: dict[str, str]) -> None:
    assert status_of(server, b"{}", **headers) == 403
    assert server.requests == []
    assert status_of(server, b"{}", origin=server.url) == 200


@pytest.mark.parametrize(
    "lines",
    [
        "Host: {host}\r\nContent-Length: 1_0\r\n",
        "Host: {host}\r\nContent-Length: +2\r\n",
        "Host: {host}\r\nTransfer-Encoding: chunked\r\nContent-Length: 0\r\n",
        "Host: {host}\r\nHost: evil.example\r\nContent-Length: 2\r\n",
        "Host: {host}\r\nOrigin: http://{host}\r\nOrigin: http://evil.example\r\nContent-Length: 2\r\n",
    ],
)
def test_a_request_that_says_two_things_is_refused(server: LessonServer, lines: str) -> None:
    host = server.url.removeprefix("http://")
    with socket.create_connection(("127.0.0.1", int(host.partition(":")[2]))) as connection:
        head = f"POST /v1/chat/completions HTTP/1.1\r\n{lines.format(host=host)}\r\n"
        connection.sendall(head.encode() + b"{}        ")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).split()[1] in (b"400", b"403")
    assert server.requests == []


def test_who_leaves_in_the_midst_of_a_request_leaves_no_traceback(
    server: LessonServer, capsys: pytest.CaptureFixture[str]
) -> None:
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    for start in (b"POST /v1", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n"):
        with socket.create_connection(address) as connection:
            connection.sendall(start)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert stream("Hello", model="openai:demo:haiku", base_url=server.openai_url, display=False) == HAIKU
    server.stop()
    assert capsys.readouterr().err == ""
