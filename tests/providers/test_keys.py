"""Secrets of the environment go where they belong, through the real SDKs, and nowhere else."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Iterator

import pytest

from streamnb.api import stream
from streamnb.providers import registry
from tests.providers.asking import HELLO, SdkClient
from tests.providers.loopback import Loopback, ReceivedRequest
from tests.upstream import Upstream
from tests.upstream.stream_helpers import stream_keywords

CANARIES = {
    "OPENAI_API_KEY": "sk-CANARY-KEY",
    "OPENAI_ADMIN_KEY": "CANARY-ADMIN",
    "OPENAI_ORG_ID": "CANARY-ORG",
    "OPENAI_PROJECT_ID": "CANARY-PROJECT",
    "OPENAI_CUSTOM_HEADERS": "X-Team: CANARY-HEADER\n x-other : CANARY-OTHER",
}
PRESETS = [
    name for name in registry.PROVIDERS if name not in ("demo", "openai", "openai-responses", "vertex")
]


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture(autouse=True)
def canaries(monkeypatch: pytest.MonkeyPatch) -> None:
    for row in registry.PROVIDERS.values():
        for name in (*row.key_variables, row.address_variable):
            if name:
                monkeypatch.delenv(name, raising=False)
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)


def ask(
    server: Loopback, spec: str, *, sync: bool = True, own: bool = False, **given: str | None
) -> ReceivedRequest:
    """Ask; ``own``: as at the row's own address, which the loopback stands in for."""
    places = {"base_url": None, "api_key": None} | given
    model = registry.resolve_model(spec, environ=os.environ, **places)
    if own:
        endpoint = dataclasses.replace(model.endpoint, base_url=server.url + "/v1")
        model = dataclasses.replace(model, endpoint=endpoint)
    client = SdkClient(model.provider, model.endpoint, asynchronous=not sync)
    try:
        answer = client.ask(dataclasses.replace(HELLO, model=model.name))
    finally:
        client.close()
    assert answer.fault is None
    return server.requests[-1]


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
@pytest.mark.parametrize("provider", [name for name in registry.PROVIDERS if name != "demo"])
@pytest.mark.parametrize("key", [None, "given-key"])
def test_an_address_that_was_given_gets_the_key_that_was_given(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, provider: str, key: str | None, sync: bool
) -> None:
    for number, name in enumerate(name for row in registry.PROVIDERS.values() for name in row.key_variables):
        monkeypatch.setenv(name, f"CANARY-{number}")
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "CANARY-TOKEN")
    sent = ask(server, f"{provider}:m", base_url=server.url, api_key=key, sync=sync)
    assert not sent.says("CANARY")
    assert sent.says("given-key") == (key is not None)
    if key is None:
        assert not {"authorization", "x-goog-api-key", "api-key"} & sent.headers.keys()


@pytest.mark.parametrize("provider", [name for name in registry.PROVIDERS if name != "demo"])
def test_an_sdk_does_not_look_for_a_key_by_itself(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    for name in {name for row in registry.PROVIDERS.values() for name in row.key_variables}:
        monkeypatch.setenv(name, "CANARY")
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    model = registry.resolve_model(f"{provider}:m", base_url=server.url, api_key=None, environ=os.environ)
    client = SdkClient(model.provider, model.endpoint, asynchronous=False, guarded=False)
    client.ask()
    client.close()
    assert not server.requests[-1].says("CANARY")


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
@pytest.mark.parametrize("provider", PRESETS)
def test_a_presets_address_gets_the_presets_key_and_nothing_of_openais(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, provider: str, sync: bool
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://me.openai.azure.com")
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    monkeypatch.setenv(registry.PROVIDERS[provider].key_variables[0], "presets-key")
    sent = ask(server, f"{provider}:m", own=True, sync=sync)
    assert not sent.says("CANARY")
    assert sent.says("presets-key")


@pytest.mark.parametrize("provider", ["openai", "openai-responses"])
def test_the_address_that_the_environment_names_gets_what_the_environment_says(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    sent = ask(server, f"{provider}:m")
    assert sent.headers["authorization"] == "Bearer sk-CANARY-KEY"
    assert sent.headers["openai-organization"] == "CANARY-ORG"
    assert sent.headers["openai-project"] == "CANARY-PROJECT"
    assert (sent.headers["x-team"], sent.headers["x-other"]) == ("CANARY-HEADER", "CANARY-OTHER")


def test_an_own_endpoint_without_a_key_gets_no_key_at_all(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    assert "authorization" not in ask(server, "some-model").headers


def test_azure_sends_key_version_and_deployment_as_its_sdk_does(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url)
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azures-key")
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    sent = ask(server, "azure:my-deployment")
    assert sent.path == "/openai/deployments/my-deployment/chat/completions?api-version=2024-10-21"
    assert sent.headers["api-key"] == "azures-key"
    assert not sent.says("CANARY")


def test_azure_sends_the_token_that_its_sdk_finds(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url)
    monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "azures-token")
    monkeypatch.setenv("OPENAI_API_VERSION", "2024-10-21")
    sent = ask(server, "azure:my-deployment")
    assert sent.headers["authorization"] == "Bearer azures-token"
    assert not sent.says("CANARY")


def test_vertex_asks_the_address_and_with_the_key_that_its_sdk_finds(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_VERTEX_BASE_URL", server.url)
    monkeypatch.setenv("GOOGLE_API_KEY", "vertex-key")
    sent = ask(server, "vertex:gemini-3-flash")
    assert sent.path.startswith("/v1beta1/publishers/google/models/gemini-3-flash:streamGenerateContent")
    assert sent.headers["x-goog-api-key"] == "vertex-key"
    assert not sent.says("CANARY")


def test_two_google_keys_are_no_reason_to_write_into_the_cell(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    monkeypatch.setenv("GOOGLE_API_KEY", "first")
    monkeypatch.setenv("GEMINI_API_KEY", "second")
    caplog.set_level(logging.WARNING)
    assert ask(server, "gemini:m").headers["x-goog-api-key"] == "first"
    assert caplog.records == []


def test_no_key_is_logged_at_any_level(
    server: Loopback, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    monkeypatch.setenv("GOOGLE_API_KEY", "AIza-CANARY")
    caplog.set_level(logging.DEBUG)
    for spec in ("openai:m", "openai-responses:m", "gemini:m"):
        ask(server, spec)
    assert caplog.records
    assert "CANARY" not in caplog.text


@pytest.mark.parametrize("length", [500, 5_000])
def test_a_key_as_long_as_a_signed_token_is_sent_and_masked(length: int) -> None:
    key = "".join(f"{number:04x}" for number in range(length // 4))
    with Upstream(text=f"Your key is {key}.") as server:
        reply = stream("hi", **stream_keywords(server, "chat"), api_key=key, display=False)
        assert server.requests[0].headers["authorization"] == f"Bearer {key}"
    assert reply.state == "complete"
    assert key[:40] not in reply.text


@pytest.mark.parametrize(
    "typed", ['"sk-abc-123"', "'sk-abc-123' ", "Bearer sk-abc-123", '"bearer  sk-abc-123"']
)
def test_what_is_copied_along_with_a_key_is_left_out(typed: str) -> None:
    model = registry.resolve_model("openai:m", base_url="http://127.0.0.1:1/v1", api_key=typed, environ={})
    assert model.endpoint.key == "sk-abc-123"
    model = registry.resolve_model("groq:m", base_url=None, api_key=None, environ={"GROQ_API_KEY": typed})
    assert model.endpoint.key == "sk-abc-123"
