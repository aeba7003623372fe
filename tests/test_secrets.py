"""A key goes where it belongs and nowhere else: not to another host, not into words or files."""

from __future__ import annotations

import copy
import gzip
import json
import logging
import os
import pickle
import traceback
from pathlib import Path
from typing import Any

import pytest

import streamnb
from streamnb.api import stream, stream_events
from streamnb.core.errors import StreamError, UsageError
from streamnb.core.redaction import ENVIRON, Secret
from streamnb.render import footer, snapshot
from streamnb.request.options import Options
from streamnb.streaming.session import current_session
from tests.upstream import Answer, Dialect, Request, Upstream, answer_request, error_answer
from tests.upstream.answers import ModelAnswer
from tests.upstream.stream_helpers import EACH_DIALECT, MODELS, SYNC_AND_ASYNC, base_url_for

CANARY = "sk-canary-0f9e8d7c6b5a4938"
OTHER = "canary-value-11223344"


def carried(request: Request) -> str:
    """All that a request carried besides its prompt."""
    return f"{request.path} {dict(request.headers)}"


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that an SDK would send along, with a canary in it."""
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY", "AZURE_OPENAI_API_KEY", "GROQ_API_KEY"):
        monkeypatch.setenv(name, CANARY)
    monkeypatch.setenv("OPENAI_ORG_ID", OTHER)
    monkeypatch.setenv("OPENAI_PROJECT_ID", OTHER)
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", f"X-Custom: {OTHER}")


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_another_address_gets_no_secret_of_the_environment(
    dialect: Dialect, sync: bool, secrets: None
) -> None:
    with Upstream() as server:
        stream(
            "why?", model=MODELS[dialect], base_url=base_url_for(server, dialect), sync=sync, display=False
        )
        (request,) = server.requests
    assert CANARY not in carried(request)
    assert OTHER not in carried(request)


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_the_key_that_was_given_reaches_the_address_it_was_given_for(
    dialect: Dialect, sync: bool, secrets: None
) -> None:
    given = "given-key-123456"
    with Upstream() as server:
        url = base_url_for(server, dialect)
        stream("why?", model=MODELS[dialect], base_url=url, api_key=given, sync=sync, display=False)
        (request,) = server.requests
    assert given in carried(request)
    assert CANARY not in carried(request)
    assert OTHER not in carried(request)


@SYNC_AND_ASYNC
def test_the_address_that_the_environment_names_gets_all_that_belongs_to_it(
    sync: bool, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.openai_url)
        stream("why?", model="openai:m", sync=sync, display=False)
        (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {CANARY}"
    assert request.headers["openai-organization"] == OTHER
    assert request.headers["openai-project"] == OTHER
    assert request.headers["x-custom"] == OTHER


@SYNC_AND_ASYNC
def test_geminis_address_in_the_environment_gets_geminis_key(
    sync: bool, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream() as server:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.gemini_url)
        stream("why?", model="gemini:m", sync=sync, display=False)
        (request,) = server.requests
    assert request.headers["x-goog-api-key"] == CANARY
    assert OTHER not in carried(request)


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_redirect_to_another_host_takes_no_secret_along(
    dialect: Dialect, sync: bool, secrets: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Upstream() as other:
        where = other.url.replace("127.0.0.1", "localhost")

        def elsewhere(request: Request) -> Answer:
            return Answer((), 307, {"location": where + request.path}, framing="length")

        with Upstream(elsewhere) as server:
            name = "GOOGLE_GEMINI_BASE_URL" if dialect == "gemini" else "OPENAI_BASE_URL"
            monkeypatch.setenv(name, base_url_for(server, dialect))
            reply = stream("why?", model=MODELS[dialect], sync=sync, display=False)
            assert CANARY in carried(server.requests[0])
        (request,) = other.requests
    assert reply.state == "complete"
    assert CANARY not in carried(request)
    assert OTHER not in carried(request)


def _echo(request: Request) -> Answer:
    """Refuse as OpenAI does, with the key in the words."""
    return error_answer(
        request.dialect or "chat", 401, f"Incorrect API key provided: {CANARY}. Look at https://x.org."
    )


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_key_that_a_server_echoes_is_in_no_words_of_ours(dialect: Dialect, sync: bool) -> None:
    with Upstream(_echo) as server:
        url = base_url_for(server, dialect)
        with pytest.raises(StreamError) as caught:
            stream("why?", model=MODELS[dialect], base_url=url, api_key=CANARY, sync=sync, display=False)
    error = caught.value
    assert CANARY not in "".join(traceback.format_exception(error))
    assert_nowhere(error, error.reply)


def _frames_of_ours(error: BaseException) -> str:
    """What a traceback that shows variables shows of our own frames."""
    trace = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = str(Path(streamnb.__file__).parent) + os.sep  # a checkout may be called streamnb, too
    frames = [frame for frame in trace.stack if frame.filename.startswith(ours)]
    assert frames, "none of our frames is in the traceback"
    return "".join(str(frame.locals) for frame in frames)


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_traceback_that_shows_variables_shows_no_key(dialect: Dialect, sync: bool) -> None:
    with Upstream(_echo) as server:
        url = base_url_for(server, dialect)
        with pytest.raises(StreamError) as caught:
            stream("why?", model=MODELS[dialect], base_url=url, api_key=CANARY, sync=sync, display=False)
    assert CANARY not in _frames_of_ours(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "nobody:m"},
        {"model": "openai:m", "attach": [object()]},
        {"model": "openai:m", "prompt": ""},
        {"model": "openai:m", "base_url": "no address"},
        {"model": "openai:m", "temprature": 1},
        {},
    ],
)
def test_a_refused_call_shows_no_key_either(wrong: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", OTHER)
    keywords: dict[str, Any] = {"prompt": "why?", "api_key": CANARY, "display": False} | wrong
    with pytest.raises((UsageError, StreamError, TypeError)) as caught:
        stream(**keywords)
    assert CANARY not in _frames_of_ours(caught.value)
    assert OTHER not in _frames_of_ours(caught.value)


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_the_log_at_debug_holds_no_key(
    dialect: Dialect, sync: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), Upstream() as server:
        url = base_url_for(server, dialect)
        list(stream_events("why?", model=MODELS[dialect], base_url=url, api_key=CANARY, sync=sync))
    assert caplog.text, "the SDKs do log at DEBUG, so there was something to find"
    assert CANARY not in caplog.text


@EACH_DIALECT
def test_a_recording_holds_no_key(dialect: Dialect, tmp_path: Path, secrets: None) -> None:
    recording = tmp_path / "kept.jsonl"
    with Upstream(lambda request: answer_request(request, ModelAnswer(headers={"x-echo": CANARY}))) as server:
        url = base_url_for(server, dialect)
        stream("why?", model=MODELS[dialect], base_url=url, api_key=CANARY, record=recording, display=False)
    assert recording.stat().st_size > 100
    assert CANARY not in recording.read_text("utf-8")
    assert OTHER not in recording.read_text("utf-8")


def test_options_do_not_show_the_key() -> None:
    options = Options(models=("openai:m",), api_key=CANARY)
    assert CANARY not in repr(options)
    assert CANARY not in repr(copy.replace(options) if hasattr(copy, "replace") else options)


def assert_nowhere(*values: Any) -> None:
    """Assert that the key is in no form in which a value can be written."""
    for value in values:
        assert CANARY not in repr(value)
        assert CANARY not in str(value)
        assert CANARY.encode() not in pickle.dumps(value)
        if hasattr(value, "_repr_mimebundle_"):
            assert CANARY not in str(value._repr_mimebundle_())


def test_a_secret_is_the_text_that_it_is_but_does_not_show_it() -> None:
    secret = Secret(CANARY)
    assert (secret == CANARY, f"Bearer {secret}") == (True, f"Bearer {CANARY}")
    assert CANARY not in repr({"key": secret})


def test_the_environment_can_be_read_but_not_shown(secrets: None) -> None:
    assert ENVIRON["OPENAI_API_KEY"] == CANARY
    assert ENVIRON.get("NO_SUCH_VARIABLE") is None
    assert CANARY not in repr(ENVIRON)
    assert CANARY not in repr(dict(ENVIRON))


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_an_answer_that_repeats_every_secret_shows_and_keeps_none(encoding: str, tmp_path: Path) -> None:
    secrets = {"key": CANARY, "header": OTHER, "query": "canary-query-13579", "password": "canary-pass-24680"}
    everything = " ".join(secrets.values())

    def chunk(delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return f"data: {json.dumps({'choices': [choice]})}\n\n".encode()

    call = {"index": 0, "id": CANARY, "function": {"name": OTHER, "arguments": json.dumps({"a": everything})}}
    body = b"".join(
        [
            *(chunk({"content": everything[start : start + 3]}) for start in range(0, len(everything), 3)),
            chunk({"reasoning_content": everything}),
            chunk({"tool_calls": [call | {"type": "function"}]}),
            chunk({}, CANARY),
        ]
    )
    headers = {"content-encoding": encoding} if encoding else {}
    answer = Answer([gzip.compress(body) if encoding else body], headers=headers)
    log = current_session().traffic_log
    log.keep = True
    try:
        with Upstream([answer]) as server:
            reply = stream(
                "why?",
                model="openai:m",
                base_url=server.openai_url.replace("//", f"//me:{secrets['password']}@"),
                api_key=CANARY,
                options={"extra_headers": {"x-mine": OTHER}, "extra_query": {"q": secrets["query"]}},
                record=tmp_path / "kept.jsonl",
                display=False,
            )
    finally:
        log.keep = False
    bundle = snapshot.bundle(reply)
    sinks = {
        "reply": f"{reply.text} {reply.reasoning} {reply.tool_calls} {reply.finish_reason} {reply.error}",
        "output": json.dumps([bundle.data, bundle.metadata]),
        "recording": (tmp_path / "kept.jsonl").read_text(),
        "log": repr(log.find_stream(reply)),
        "footer": footer.line(reply),
    }
    leaks = [(sink, name) for sink, text in sinks.items() for name, value in secrets.items() if value in text]
    assert leaks == []
    assert "*" * 20 in reply.text
