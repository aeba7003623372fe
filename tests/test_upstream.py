"""The test provider itself: it has to be right before it can show that anything else is."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from google import genai
from google.genai import types

from tests.upstream import TEXT, Answer, Dialect, ModelAnswer, Request, Upstream, answer_request, error_answer
from tests.upstream.faults import SCENARIOS


def ask(server: Upstream, path: str = "/v1/chat/completions", **body: Any) -> bytes:
    """Send one request on a plain socket; return everything until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(request(path, **body))
        return b"".join(iter(lambda: connection.recv(65536), b""))


def request(path: str = "/v1/chat/completions", **body: Any) -> bytes:
    data = json.dumps({"stream": True} | body).encode()
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Key: K\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data
    )


def chat(server: Upstream, stop_at: int | None = None) -> str:
    client = openai.OpenAI(base_url=server.openai_url, api_key="k", max_retries=0)
    with client, client.chat.completions.create(model="m", messages=[], stream=True) as stream:
        texts = []
        for number, chunk in enumerate(stream):
            texts += [choice.delta.content or "" for choice in chunk.choices]
            if number == stop_at:
                break
    return "".join(texts)


def responses(server: Upstream) -> str:
    client = openai.OpenAI(base_url=server.openai_url, api_key="k", max_retries=0)
    with client, client.responses.create(model="m", input="?", stream=True) as stream:
        return "".join(event.delta for event in stream if event.type == "response.output_text.delta")


def gemini(server: Upstream) -> str:
    client = genai.Client(api_key="k", http_options=types.HttpOptions(base_url=server.gemini_url))
    with client:
        chunks = client.models.generate_content_stream(model="m", contents="?")
        return "".join(chunk.text or "" for chunk in chunks)


ASK: dict[Dialect, Callable[[Upstream], str]] = {"chat": chat, "responses": responses, "gemini": gemini}


@pytest.fixture
def server() -> Iterator[Upstream]:
    with Upstream() as running:
        yield running


@pytest.mark.parametrize("dialect", ASK)
def test_the_real_sdk_reads_the_whole_text(dialect: Dialect, server: Upstream) -> None:
    assert ASK[dialect](server) == TEXT
    assert [request.dialect for request in server.requests] == [dialect]


@pytest.mark.parametrize("dialect", ASK)
def test_an_error_status_is_one_for_the_real_sdk(dialect: Dialect) -> None:
    with (
        Upstream(status=404, text="no such model") as server,
        pytest.raises(Exception, match="no such model"),
    ):
        ASK[dialect](server)


def test_one_client_uses_one_connection_for_many_answers(server: Upstream) -> None:
    client = openai.OpenAI(base_url=server.openai_url, api_key="k")
    with client:
        for _ in range(3):
            whole = client.chat.completions.create(model="m", messages=[])
            assert whole.choices[0].message.content == TEXT
        assert (server.connections, server.open, len(server.requests)) == (1, 1, 3)
    assert server.wait_until(lambda seen: not seen.open, 1)
    assert server.left == 0, "who leaves between answers leaves nothing unread"


def test_a_request_is_kept_as_it_came(server: Upstream) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
        connection.sendall(request(model="m"))
        connection.recv(10)
    (received,) = server.requests
    assert (received.method, received.path, received.dialect) == ("POST", "/v1/chat/completions", "chat")
    assert received.headers["x-key"] == "K"
    assert received.json == {"stream": True, "model": "m"}
    assert time.monotonic() - received.at < 5


def test_the_pace_is_kept_although_the_server_works_between_sends() -> None:
    with Upstream(delay=0.02, chunk=10) as server:
        chat(server)
        first, last = server.sent[1], server.sent[10]
    assert last - first == pytest.approx(9 * 0.02, abs=0.03)


def test_leaving_in_mid_answer_is_seen_at_once() -> None:
    with Upstream(delay=0.05) as server:
        chat(server, stop_at=3)
        closed = time.monotonic()
        assert server.wait_until_client_left(1)
        assert server.closed_at is not None
        assert server.closed_at - closed < 0.2
        assert len(server.sent) < 10


def test_usage_is_sent_only_to_those_who_ask_chat_for_it() -> None:
    last = Answer(framing="close")
    with Upstream(
        lambda request: Answer(answer_request(request, ModelAnswer()).body, framing=last.framing)
    ) as server:
        assert b"completion_tokens" not in ask(server)
        assert b'"completion_tokens":25' in ask(server, stream_options={"include_usage": True})
        assert b'"candidatesTokenCount":25' in ask(server, "/v1beta/models/m:streamGenerateContent")


def test_answers_are_given_one_after_the_other_and_the_last_again() -> None:
    busy = error_answer("chat", 503, "later")
    with Upstream([busy, Answer((b"x",), framing="close")]) as server:
        client = openai.OpenAI(base_url=server.openai_url, api_key="k", max_retries=0)
        with client, pytest.raises(openai.APIStatusError, match="later"):
            client.chat.completions.create(model="m", messages=[])
        assert [ask(server)[-1:], ask(server)[-1:]] == [b"x", b"x"]


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (Answer((b"ab", b"c"), end="fin"), b"2\r\nab\r\n1\r\nc\r\n"),
        (Answer((b"ab", b"c"), framing="length", declared=9, end="fin"), b"abc"),
        (Answer((b"ab", b"c"), framing="close"), b"abc"),
    ],
)
def test_a_framing_can_be_left_open(answer: Answer, body: bytes) -> None:
    with Upstream([answer]) as server:
        assert ask(server).partition(b"\r\n\r\n")[2] == body


def test_a_reset_is_a_reset() -> None:
    with Upstream([Answer((b"x",), end="reset")]) as server, pytest.raises(ConnectionResetError):
        ask(server)


def test_a_shut_door_refuses_and_a_silent_one_takes_connections() -> None:
    with Upstream(port_mode="closed") as server, pytest.raises(ConnectionRefusedError):
        ask(server)
    with (
        Upstream(port_mode="silent") as server,
        socket.create_connection(("127.0.0.1", server.port), 5) as connection,
    ):
        connection.sendall(request())
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)


def test_an_endless_body_ends_when_the_reader_goes() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"data: {}\n\n" * 100

    with Upstream([Answer(endless())]) as server:
        with socket.create_connection(("127.0.0.1", server.port), 5) as connection:
            connection.sendall(request())
            connection.recv(1000)
        assert server.wait_until_client_left(2)


def test_models_are_listed_for_both_sdks(server: Upstream) -> None:
    with openai.OpenAI(base_url=server.openai_url, api_key="k") as client:
        assert "test-model" in [model.id for model in client.models.list()]
    with genai.Client(api_key="k", http_options=types.HttpOptions(base_url=server.gemini_url)) as other:
        assert "models/test-model" in [model.name for model in other.models.list()]


def test_tool_calls_and_reasoning_reach_the_real_sdk() -> None:
    with Upstream(reasoning="let me see", tool_calls=[("weather", '{"city":"Paris"}')]) as server:
        client = openai.OpenAI(base_url=server.openai_url, api_key="k")
        with client, client.chat.completions.stream(model="m", messages=[]) as stream:
            calls = stream.get_final_completion().choices[0].message.tool_calls or ()
        assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Paris"}]
        with genai.Client(api_key="k", http_options=types.HttpOptions(base_url=server.gemini_url)) as other:
            chunks = list(other.models.generate_content_stream(model="m", contents="?"))
        parts = [part for chunk in chunks for part in chunk.candidates[0].content.parts]  # type: ignore[index,union-attr]
        assert "".join(part.text or "" for part in parts if part.thought) == "let me see"
        assert [part.function_call.args for part in parts if part.function_call] == [{"city": "Paris"}]


# -- the faults ------------------------------------------------------------------------------
def test_there_are_at_least_seventy_faults_and_each_says_what_it_does() -> None:
    assert len(SCENARIOS) >= 70
    assert all(scenario.does for scenario in SCENARIOS.values())
    assert len({scenario.does for scenario in SCENARIOS.values()}) >= 100, "they differ"


@pytest.mark.parametrize("name", [name for name, scenario in SCENARIOS.items() if scenario.where == "plain"])
def test_a_scenario_can_be_made_for_each_of_its_dialects(name: str) -> None:
    paths = {
        "chat": "/v1/chat/completions",
        "responses": "/v1/responses",
        "gemini": "/v1/models/m:streamGenerateContent",
    }
    for dialect in SCENARIOS[name].dialects:
        came = Request("POST", paths[dialect], {"host": "127.0.0.1:1"}, b"", {"stream": True}, 0.0, 1)
        answer = SCENARIOS[name].script()(came)
        pieces = [piece for piece, _ in zip(answer.body, range(50), strict=False)]
        assert all(isinstance(piece, bytes | float | int) for piece in pieces)


def test_an_untrusted_certificate_is_refused_by_the_sdk(tmp_path: Path) -> None:
    from tests.upstream.http_io import make_self_signed_certificate

    with (
        Upstream(port_mode="tls", certificate=make_self_signed_certificate(tmp_path)) as server,
        pytest.raises(openai.APIConnectionError),
    ):
        chat(server)
