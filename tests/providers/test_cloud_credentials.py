"""What Azure and Vertex AI lack is said in one line before anything is sent, and what changes is noticed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.oauth2.credentials import Credentials

from streamnb import stream
from streamnb.core.content import Text, Turn
from streamnb.core.errors import UsageError
from streamnb.core.redaction import ENVIRON
from streamnb.providers.base import Request
from streamnb.providers.registry import PROVIDERS, resolve_model
from streamnb.streaming.dry_run import build_http_request
from tests.upstream import Upstream
from tests.upstream.stream_helpers import SYNC_AND_ASYNC

OF_GOOGLE = ("GOOGLE_VERTEX_BASE_URL", *PROVIDERS["vertex"].sdk_variables)
KEY_FILE = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "t"}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine on which Google's library finds nothing, and asks nobody."""
    for name in OF_GOOGLE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.fixture
def credentials(tmp_path: Path) -> str:
    """The path of a file with credentials that belong to no project."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(KEY_FILE))
    return str(path)


def refused(spec: str) -> str:
    with pytest.raises(UsageError) as caught:
        stream("hello", model=spec, display=False)
    message = str(caught.value)
    assert len(message) <= 200
    assert "\n" not in message
    return message


def test_vertex_without_credentials_says_what_to_type() -> None:
    message = refused("vertex:gemini-3-flash")
    assert "gcloud auth application-default login" in message
    assert "GOOGLE_APPLICATION_CREDENTIALS" in message


def test_a_project_alone_lets_nobody_into_vertex(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    monkeypatch.setenv("GOOGLE_API_KEY", "a-key-that-the-project-outranks")
    assert "finds no credentials" in refused("vertex:gemini-3-flash")


@pytest.mark.parametrize("content", [None, "no JSON"])
def test_a_file_without_credentials_is_named(
    content: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "empty.json"
    if content is not None:
        path.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    assert "which holds no credentials" in refused("vertex:gemini-3-flash")


def test_credentials_without_a_project_ask_for_one(monkeypatch: pytest.MonkeyPatch, credentials: str) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", credentials)
    assert 'os.environ["GOOGLE_CLOUD_PROJECT"]' in refused("vertex:gemini-3-flash")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    assert resolve_model("vertex:m", base_url=None, api_key=None, environ=ENVIRON).endpoint.is_trusted


@pytest.mark.parametrize("variable", ["GOOGLE_API_KEY", "GOOGLE_VERTEX_BASE_URL"])
def test_a_key_or_a_gateway_is_enough_for_vertex(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert resolve_model("vertex:m", base_url=None, api_key=None, environ=ENVIRON).endpoint.is_trusted


def test_a_setting_that_was_mended_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with Upstream() as server:
        monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", server.url)
        monkeypatch.setenv("AZURE_OPENAI_AD_TOKEN", "azures-token")
        for version in ("2020-01-01", "2024-10-21"):
            monkeypatch.setenv("OPENAI_API_VERSION", version)
            assert stream("hello", model="azure:d", display=False)
        versions = [request.path.rpartition("=")[2] for request in server.requests]
    assert versions == ["2020-01-01", "2024-10-21"]


def test_tokens_and_custom_headers_are_secrets_and_settings_are_not() -> None:
    environ = {
        "OPENAI_API_KEY": "the-key",
        "OPENAI_CUSTOM_HEADERS": "X-Team: team-token\nX-Other: other-token",
        "OPENAI_ORG_ID": "org-1",
    }
    endpoint = resolve_model("openai:m", base_url=None, api_key=None, environ=environ).endpoint
    assert endpoint.secrets == ("the-key", "team-token", "other-token")
    assert "token" not in repr((endpoint, endpoint.secrets))


@SYNC_AND_ASYNC
def test_vertex_signs_with_the_credentials_and_asks_in_the_project(
    monkeypatch: pytest.MonkeyPatch, sync: bool
) -> None:
    signed = Credentials(token="a-token-of-googles")
    monkeypatch.setattr("google.auth.default", lambda **_: (signed, "project-of-the-file"))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west4")
    monkeypatch.setenv("OPENAI_API_KEY", "CANARY")
    model = resolve_model("vertex:gemini-3-flash", base_url=None, api_key=None, environ=ENVIRON)
    sent = build_http_request(model, Request(model.name, (Turn("user", (Text("hello"),)),)), sync=sync)
    resource = "projects/my-project/locations/europe-west4/publishers/google/models/gemini-3-flash"
    assert sent.url.host == "europe-west4-aiplatform.googleapis.com"
    assert sent.url.path.endswith(f"{resource}:streamGenerateContent")
    assert sent.headers["authorization"] == "Bearer a-token-of-googles"
    assert "CANARY" not in str(dict(sent.headers))
