"""Canaries: what we use of other libraries beside their public interfaces is still there."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from streamnb.providers.compat import (
    TLS_END_EVENTS,
    TLS_START_EVENT,
    stream_of_new_connection,
    suppress_key_warning,
)
from tests.support import missing
from tests.upstream import ModelAnswer, Upstream, answer_request
from tests.upstream.http_io import make_self_signed_certificate


def test_google_genai_warns_of_two_keys_and_the_filter_knows_the_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from google import genai

    monkeypatch.setenv("GOOGLE_API_KEY", "one-key-123456789")
    monkeypatch.setenv("GEMINI_API_KEY", "other-key-123456789")
    with caplog.at_level(logging.WARNING), suppress_key_warning():
        genai.Client()
    assert "Both" not in caplog.text
    with caplog.at_level(logging.WARNING):
        genai.Client()
    assert "Both GOOGLE_API_KEY and GEMINI_API_KEY" in caplog.text


def test_the_transport_hands_over_the_socket_of_a_connection_that_it_makes() -> None:
    streams: list[Any] = []
    with Upstream() as server, httpx2.Client() as client:
        note = {"trace": lambda event, info: streams.append(stream_of_new_connection(event, info))}
        client.get(server.url, extensions=note)
    (stream,) = filter(None, streams)
    assert isinstance(stream.get_extra_info("socket"), socket.socket)


def test_the_asynchronous_transport_hands_over_a_stream_that_can_be_closed() -> None:
    streams: list[Any] = []

    async def note(event: str, info: Any) -> None:
        if stream := stream_of_new_connection(event, info):
            streams.append(stream)

    async def ask(url: str) -> None:
        async with httpx2.AsyncClient() as client:
            await client.get(url, extensions={"trace": note})

    with Upstream() as server:
        asyncio.run(ask(server.url))
    assert [asyncio.iscoroutinefunction(stream.aclose) for stream in streams] == [True]


def test_the_transport_tells_when_a_tls_handshake_begins_and_ends(tmp_path: Path) -> None:
    try:
        certificate = make_self_signed_certificate(tmp_path)
    except FileNotFoundError:
        missing("no openssl command to make a certificate with")
    events: list[str] = []
    with Upstream(port_mode="tls", certificate=certificate) as server, httpx2.Client() as client:
        note = {"trace": lambda event, _info: events.append(event)}
        with pytest.raises(httpx2.ConnectError):
            client.get(server.url.replace("http://", "https://"), extensions=note)
    assert TLS_START_EVENT in events
    assert TLS_END_EVENTS & {*events}


SLOW_HTTPX = """
import builtins, time
builtins.is_half_there.set()
time.sleep(3)
for name in ("Auth", "Client", "AsyncClient", "URL", "Response", "Timeout", "Limits", "TimeoutException",
             "RequestError", "HTTPStatusError", "StreamConsumed", "RequestNotRead"):
    globals()[name] = type(name, (Exception,), {})
"""

WHILE_ANOTHER_THREAD_IMPORTS = """
import builtins, importlib, sys, threading
import streamnb
streamnb.stream("hi", model="demo:haiku", speed=0, display=False)  # all of ours is imported
import openai  # does so without httpx
sys.path.insert(0, sys.argv[2])
builtins.is_half_there = threading.Event()
threading.Thread(target=importlib.import_module, args=("httpx",), daemon=True).start()
builtins.is_half_there.wait()
reply = streamnb.stream("hi", model="openai:any", base_url=sys.argv[1], display=False)
print(reply.state)
"""


@pytest.mark.slow
def test_openai_never_sees_half_of_httpx(tmp_path: Path) -> None:
    """Where another thread imports it: the warm-up, or google-genai in the next column."""
    (tmp_path / "httpx.py").write_text(SLOW_HTTPX)
    with Upstream(lambda request: answer_request(request, ModelAnswer())) as server:
        program = [sys.executable, "-c", WHILE_ANOTHER_THREAD_IMPORTS, server.openai_url, str(tmp_path)]
        ran = subprocess.run(program, capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "complete", ran.stderr
