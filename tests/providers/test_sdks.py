"""The real SDKs send; our transport and adapters read. Only the server is a stand-in."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from streamnb.core.errors import UsageError
from streamnb.core.reply_builder import ReplyBuilder
from tests.providers.asking import PROVIDERS, SdkClient, endpoint
from tests.providers.loopback import Loopback
from tests.providers.recordings import recorded
from tests.providers.test_recorded_streams import check


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("dialect", PROVIDERS)
def test_every_recorded_stream_comes_through_the_sdk_unharmed(
    server: Loopback, dialect: str, asynchronous: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    mine = [recording for recording in recorded() if recording.dialect == dialect]
    client = SdkClient(PROVIDERS[dialect], endpoint(server, dialect), asynchronous=asynchronous)
    wrong = []
    for recording in mine:
        server.body, server.status = recording.body, recording.status
        answer = client.ask()
        assert (answer.fault, answer.status) == (None, recording.status)
        if recording.status != 200:
            assert answer.page == recording.body
            continue
        draft = ReplyBuilder("test")
        for batch in answer.batches:
            draft.feed(batch, 0.0)
        try:
            check(recording, draft.build_reply(0.0))
        except AssertionError as difference:
            wrong.append(f"{recording.path.name}: {difference}")
    client.close()
    assert wrong == []
    assert len(server.requests) == len(mine)  # nothing was sent twice
    assert caplog.records == []


def test_the_asynchronous_surface_of_gemini_does_not_turn_to_aiohttp(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As where it is installed: the SDK asks this private flag of its own, which nothing public sets.
    monkeypatch.setattr("google.genai._api_client.has_aiohttp", True)
    monkeypatch.setitem(sys.modules, "aiohttp", None)  # and any use of it raises
    client = SdkClient(PROVIDERS["gemini"], endpoint(server, "gemini"), asynchronous=True)
    assert client.ask().fault is None
    client.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("dialect", PROVIDERS)
def test_an_sdk_that_is_too_old_is_one_line_with_the_command(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, dialect: str
) -> None:
    def refuse(**_: Any) -> None:
        raise TypeError("unexpected keyword argument 'httpx_client'")

    monkeypatch.setattr("openai.OpenAI", refuse)
    monkeypatch.setattr("google.genai.types.HttpOptions", refuse)
    with pytest.raises(UsageError, match=r"%pip install --upgrade (openai|google-genai)"):
        PROVIDERS[dialect].build_client(endpoint(server, dialect), None, asynchronous=False)
