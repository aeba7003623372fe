"""A ``.env`` of whatever folder the kernel runs in: what of it is used, and which key follows it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from streamnb.core.errors import UsageError
from streamnb.request import environment
from streamnb.request.environment import load_nearest_dotenv
from streamnb.request.options import Options
from streamnb.streaming.planner import make_plan

EVIL = "https://evil.example/v1"
NAMES = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE", "STREAMNB_MODEL")

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a ``.env`` and step into its folder; afterwards everything is as it was."""

    def write(text: str) -> Path:
        (tmp_path / ".env").write_text(text)
        monkeypatch.chdir(tmp_path)
        return tmp_path

    for name in NAMES:
        monkeypatch.setenv(name, "")  # so that it is put back, whoever sets it
        monkeypatch.delenv(name)
    monkeypatch.setattr(environment, "dotenv_variables", {})
    return write


def ask(**options: object) -> tuple[str | None, str | None]:
    """Plan a request; return the address and the key that it would go with."""
    plan = make_plan("hi", Options(models=("openai:m",), **options))  # type: ignore[arg-type]
    assert plan.model
    return plan.model.endpoint.base_url, plan.model.endpoint.key


def test_an_address_of_the_file_gets_no_key_that_is_not_of_the_file(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    write(f"OPENAI_BASE_URL={EVIL}\n")
    load_nearest_dotenv()
    with pytest.raises(UsageError) as caught:
        ask()
    assert EVIL in str(caught.value)
    assert "OPENAI_BASE_URL" in str(caught.value)
    assert "--base-url" in str(caught.value)
    assert "sk-mine" not in str(caught.value)


def test_nor_one_that_is_set_later(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(f"OPENAI_BASE_URL={EVIL}\n")
    load_nearest_dotenv()
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    with pytest.raises(UsageError, match="the key does not"):
        ask()


def test_an_address_and_a_key_of_one_file_go_together(write: Write) -> None:
    write(f"OPENAI_BASE_URL={EVIL}\nOPENAI_API_KEY=sk-theirs-0123456789\n")
    load_nearest_dotenv()
    assert ask() == ("https://evil.example/v1", "sk-theirs-0123456789")


def test_an_address_that_is_typed_is_the_persons_word(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    write(f"OPENAI_BASE_URL={EVIL}\n")
    load_nearest_dotenv()
    assert ask(base_url=EVIL, api_key="sk-mine-0123456789") == (EVIL, "sk-mine-0123456789")


def test_an_address_that_was_there_before_is_the_persons_own(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "https://mine.example/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    write(f"OPENAI_BASE_URL={EVIL}\n")
    load_nearest_dotenv()
    assert os.environ["OPENAI_BASE_URL"] == "https://mine.example/v1"
    assert ask() == ("https://mine.example/v1", "sk-mine-0123456789")


@pytest.mark.parametrize(
    "line",
    ["HTTPS_PROXY=http://evil.example:8080", "https_proxy=http://evil.example", "SSL_CERT_FILE=evil.pem"],
)
def test_a_proxy_or_a_certificate_of_the_file_gets_no_key_either(
    line: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    write(f"{line}\n")
    load_nearest_dotenv()
    with pytest.raises(UsageError, match="evil"):
        ask()


def test_a_key_is_not_written_into_an_address(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    write("OPENAI_BASE_URL=https://evil.example/${OPENAI_API_KEY}\nSTREAMNB_MODEL=demo\n")
    load_nearest_dotenv()
    assert "OPENAI_BASE_URL" not in os.environ
    assert os.environ["STREAMNB_MODEL"] == "demo"


@pytest.mark.parametrize(
    "text",
    [
        "OPENAI_BASE_URL=https://evil.example/${OPENAI_API_KEY}\nOPENAI_API_KEY=of-the-file\n",
        "A=${OPENAI_API_KEY}\nOPENAI_BASE_URL=https://evil.example/${A}\nOPENAI_API_KEY=of-the-file\n",
        "A=${OPENAI_API_KEY}\nOPENAI_BASE_URL=https://evil.example/${A}\nA=x\n",
        "OPENAI_BASE_URL='https://evil.example/${B:-${OPENAI_API_KEY}}'\n",
        "OPENAI_BASE_URL=https://evil.example/${DATABASE_URL}\n",
    ],
)
def test_nothing_of_the_persons_own_is_written_into_an_address_by_any_way(
    text: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-mine-0123456789")
    monkeypatch.setenv("DATABASE_URL", "postgres://me:hunter2@host/db")
    monkeypatch.setenv("A", "")
    monkeypatch.delenv("A")
    write(text)
    load_nearest_dotenv()
    address = os.environ.get("OPENAI_BASE_URL", "")
    assert "sk-mine" not in address
    assert "hunter2" not in address
    if address:
        with pytest.raises(UsageError, match="the key does not"):
            ask()


def test_values_of_the_file_go_into_one_another(write: Write) -> None:
    write("HOST_NAME=box\nOPENAI_BASE_URL=http://${HOST_NAME}:${PORT:-8000}/v1\n")
    assert load_nearest_dotenv() is None
    assert os.environ["OPENAI_BASE_URL"] == "http://box:8000/v1"
    del os.environ["HOST_NAME"]


@pytest.mark.parametrize(
    ("line", "model"),
    [
        ("OPENAI_BASE_URL=HTTPS://EVIL.example/v1", "openai:m"),
        ("OPENAI_BASE_URL='\"https://evil.example/v1\"'", "openai:m"),
        ("OPENAI_BASE_URL=https://evil.example/v1/chat/completions", "openai-responses:m"),
        ("OPENAI_BASE_URL=https://evil.example/v1#x", "openai:m"),
        ("OLLAMA_HOST=evil.example", "ollama:m"),
    ],
)
def test_an_address_is_the_files_in_whatever_way_it_is_written(
    line: str, model: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "OLLAMA_API_KEY"):
        monkeypatch.setenv(name, "sk-mine-0123456789")
    monkeypatch.setenv("OLLAMA_HOST", "")
    monkeypatch.delenv("OLLAMA_HOST")
    write(f"{line}\n")
    load_nearest_dotenv()
    with pytest.raises(UsageError, match="the key does not"):
        make_plan("hi", Options(models=(model,)))


def test_an_address_of_one_file_gets_no_key_of_another(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write("OPENAI_API_KEY=sk-mine-0123456789\n")
    load_nearest_dotenv()
    (folder / "theirs").mkdir()
    (folder / "theirs" / ".env").write_text(f"OPENAI_BASE_URL={EVIL}\n")
    monkeypatch.chdir(folder / "theirs")
    load_nearest_dotenv()
    with pytest.raises(UsageError, match="the key does not"):
        ask()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "LD_PRELOAD",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "BASH_ENV",
            "GIT_SSH_COMMAND",
            "SSLKEYLOGFILE",
            "BROWSER",
        ),
        *("XDG_DATA_HOME", "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES", "GOOGLE_APPLICATION_CREDENTIALS"),
    ],
)
def test_a_variable_that_chooses_programs_or_files_is_not_for_the_file_to_say(
    name: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "")
    monkeypatch.delenv(name)
    folder = write(f"{name}=mine.json\nSTREAMNB_MODEL=demo\n")
    (folder / "mine.json").write_text(json.dumps({"type": "external_account"}))
    used = load_nearest_dotenv()
    assert name not in os.environ
    assert os.environ["STREAMNB_MODEL"] == "demo"
    assert used is not None
    assert used.startswith(f"{name}: not taken from ")


def test_names_that_only_begin_alike_are_set(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("GITHUB_TOKEN", "GITLAB_TOKEN", "LDAP_URL", "UVICORN_PORT", "PYTHONANYWHERE_API_TOKEN")
    for name in names:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    write("".join(f"{name}=mine\n" for name in names))
    assert load_nearest_dotenv() is None
    assert [os.environ[name] for name in names] == ["mine"] * len(names)


def test_a_location_is_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "evil.example/")
    with pytest.raises(UsageError, match="no location"):
        make_plan("hi", Options(models=("vertex:m",)))


def test_a_file_of_a_parent_folder_is_named_and_one_of_this_folder_is_not(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write("STREAMNB_MODEL=demo\n")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    used = load_nearest_dotenv()
    assert used is not None
    assert str(folder / ".env") in used
    assert "STREAMNB_MODEL" in used
    monkeypatch.delenv("STREAMNB_MODEL")
    monkeypatch.chdir(folder)
    assert load_nearest_dotenv() is None


def test_a_file_that_is_no_text_is_one_line(write: Write) -> None:
    folder = write("")
    (folder / ".env").write_bytes(b"\xff\xfe\x00A=1")
    used = load_nearest_dotenv()
    assert used is not None
    assert "\n" not in used
