"""Colab's secrets are keys: read where nothing else has one, and nowhere else."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from streamnb.core.errors import UsageError
from streamnb.providers.registry import resolve_model
from streamnb.request.environment import key_from_named_variable


class Secrets(ModuleType):
    """``google.colab.userdata`` with secrets of its own; what is asked for is kept."""

    def __init__(self, **secrets: str) -> None:
        super().__init__("google.colab.userdata")
        self.secrets, self.requests = secrets, list[str]()

    def get(self, name: str) -> str:
        self.requests.append(name)
        if name not in self.secrets:
            raise LookupError(f"Secret {name} does not exist.")
        return self.secrets[name]


@pytest.fixture
def colab(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    secrets = Secrets(GEMINI_API_KEY="colab-0123456789")
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.userdata", secrets)
    return secrets


def key_of(spec: str, **environ: str) -> str | None:
    return resolve_model(spec, base_url=None, api_key=None, environ=environ).endpoint.key


def test_a_secret_is_the_key_where_the_environment_has_none(colab: Secrets) -> None:
    assert key_of("gemini:m") == "colab-0123456789"
    assert key_from_named_variable("GEMINI_API_KEY", {}) == "colab-0123456789"


def test_nobody_is_asked_for_a_key_that_is_there_or_not_needed(colab: Secrets) -> None:
    assert key_of("gemini:m", GEMINI_API_KEY="given-0123456789") == "given-0123456789"
    resolve_model("demo", base_url=None, api_key=None, environ={})
    resolve_model("gemini:m", base_url="http://127.0.0.1:1", api_key=None, environ={})
    assert key_of("ollama:m") is None
    key_from_named_variable("OTHER_KEY", {}, needed=False)
    assert colab.requests == []


def test_without_such_a_secret_the_line_is_the_usual_one(colab: Secrets) -> None:
    with pytest.raises(UsageError, match="openai needs a key: set OPENAI_API_KEY"):
        key_of("openai:m")
    assert colab.requests == ["OPENAI_API_KEY"]


def test_elsewhere_nothing_of_colab_is_imported() -> None:
    with pytest.raises(UsageError, match="needs a key"):
        key_of("openai:m")
    assert "google.colab" not in sys.modules
