"""Addresses, keys and proxies as people give them: sent where they belong, shown nowhere, or one line."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from streamnb.api import stream
from streamnb.core.errors import StreamError, UsageError
from streamnb.providers.base import Endpoint, option_secrets
from streamnb.providers.connection_errors import client_build_error
from streamnb.providers.urls import normalize_base_url
from tests.upstream import Dialect, Request, Upstream, error_answer
from tests.upstream.stream_helpers import EACH_DIALECT, MODELS, SYNC_AND_ASYNC, base_url_for

PASSWORD = "s3cretpass"
TOKEN = "own-token-0123456789"


def ask(server: Upstream, dialect: Dialect, sync: bool, change: Any = str, **options: Any) -> Request:
    """Ask once and return what the server saw."""
    url = change(base_url_for(server, dialect))
    stream("why?", model=MODELS[dialect], base_url=url, sync=sync, display=False, **options)
    (request,) = server.requests
    return request


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_user_and_password_of_an_address_are_sent_to_it(dialect: Dialect, sync: bool) -> None:
    with Upstream() as server:
        request = ask(server, dialect, sync, lambda url: url.replace("://", f"://me:{PASSWORD}@"))
    code = base64.b64encode(f"me:{PASSWORD}".encode()).decode()
    assert request.headers["authorization"] == f"Basic {code}"


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_a_query_in_an_address_stays_a_query_after_the_path(dialect: Dialect, sync: bool) -> None:
    with Upstream() as server:
        request = ask(server, dialect, sync, lambda url: f" {url}/?api-version=1&b=2 ")
    path, _, query = request.path.partition("?")
    assert path.endswith(("/v1/chat/completions", "/v1/responses", ":streamGenerateContent"))
    assert {"api-version=1", "b=2"} <= {*query.split("&")}


@EACH_DIALECT
@SYNC_AND_ASYNC
def test_an_authorization_of_the_persons_own_is_sent(dialect: Dialect, sync: bool) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with Upstream() as server:
        request = ask(server, dialect, sync, options={"extra_headers": headers})
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert not any("streamnb" in name for name in request.headers)


def _with_secrets(url: str) -> str:
    return url.replace("://", f"://me:{PASSWORD}@") + "?k=query-secret-77"


@EACH_DIALECT
def test_what_a_server_echoes_of_them_is_masked(dialect: Dialect) -> None:
    seen = []

    def echo(request: Request) -> Any:
        seen.append(request)
        headers = " ".join(request.headers.values())
        return error_answer(request.dialect or "chat", 401, f"{headers} {PASSWORD} {request.path}")

    headers = {"Authorization": f"Bearer {TOKEN}", "X-Token": "other-secret-99"}
    options = {"extra_headers": headers}
    with Upstream(echo) as server, pytest.raises(StreamError) as caught:
        ask(server, dialect, True, _with_secrets, options=options)
    assert seen
    for secret in (PASSWORD, TOKEN, "other-secret-99", "query-secret-77"):
        assert secret not in str(caught.value)
        assert secret not in repr(caught.value.reply.__dict__)


@pytest.mark.parametrize("value", ["line\nbreak-secret-0123", "ключ-secret-0123"])
@EACH_DIALECT
def test_a_header_that_cannot_be_written_is_no_broken_connection(dialect: Dialect, value: str) -> None:
    with Upstream() as server, pytest.raises(StreamError) as caught:
        ask(server, dialect, True, options={"extra_headers": {"X-Token": value}})
    assert "header" in str(caught.value)
    assert "broke" not in str(caught.value)
    assert "secret" not in str(caught.value)


@EACH_DIALECT
def test_a_key_with_blanks_around_it_is_sent_without_them(dialect: Dialect) -> None:
    with Upstream() as server:
        request = ask(server, dialect, True, api_key=" given-key-123456\n")
    name, scheme = ("x-goog-api-key", "") if dialect == "gemini" else ("authorization", "Bearer ")
    assert request.headers[name] == f"{scheme}given-key-123456"


@pytest.mark.parametrize(
    ("typed", "address_"),
    [
        ("http://localhost:1234/v1/", "http://localhost:1234/v1"),
        (" 'http://localhost:1234/v1' ", "http://localhost:1234/v1"),
        ("https://h/v1/chat/completions", "https://h/v1"),
        ("https://h/v1/chat/completions/?a=1#x", "https://h/v1?a=1"),
        ("https://h/v1beta/models/m:streamGenerateContent?alt=sse", "https://h/v1beta?alt=sse"),
        ("https://h/api/responses", "https://h/api"),
        ("https://h", "https://h"),
    ],
)
def test_what_people_copy_along_with_an_address_is_taken_off(typed: str, address_: str) -> None:
    assert normalize_base_url(typed) == address_


@pytest.mark.parametrize(
    ("typed", "proposal"),
    [
        ("localhost:1234/v1", "type http://localhost:1234/v1"),
        ("api.example.org/v1", "type https://api.example.org/v1"),
        (f"me:{PASSWORD}@host/v1", "type https://"),
        (f"me:a/{PASSWORD}@host/v1", "type https://"),
        (f"//me:{PASSWORD}@host/v1", "type https://"),
        (f"http://me:{PASSWORD}?@host/v1", "type http://HOST"),
        (f"http://me:{PASSWORD}/@host/v1", "type http://HOST"),
        (f"host/v1?key={PASSWORD}", "type https://host/v1"),
        ("ftp://host/v1", "type https://host/v1"),
        ("http://", "type http://HOST"),
        ("http://ho st/v1", "type http://HOST"),
        ("http://host:port/v1", "type http://HOST"),
    ],
)
def test_what_is_no_address_is_one_line_with_one_that_is(typed: str, proposal: str) -> None:
    with pytest.raises(UsageError, match="is no address") as caught:
        normalize_base_url(typed)
    assert proposal in str(caught.value)
    assert PASSWORD not in str(caught.value)


NETWORK = {
    "dead": (
        {"HTTP_PROXY": f"http://me:{PASSWORD}@127.0.0.1:9"},
        "the proxy 127.0.0.1:9 (HTTP_PROXY) refused",
    ),
    "lower": ({"http_proxy": "http://127.0.0.1:9"}, "the proxy 127.0.0.1:9 (http_proxy) refused"),
    "all": ({"ALL_PROXY": "http://127.0.0.1:9"}, "(ALL_PROXY)"),
    "unknown": (
        {"HTTP_PROXY": "http://no-such-proxy.invalid:1"},
        "no proxy no-such-proxy.invalid:1 (HTTP_PROXY)",
    ),
    "no scheme": ({"HTTP_PROXY": "127.0.0.1:9"}, "the proxy 127.0.0.1:9 (HTTP_PROXY) refused"),
    "socks": ({"ALL_PROXY": f"socks5://me:{PASSWORD}@127.0.0.1:9"}, 'pip install "httpx2[socks]"'),
    "scheme": ({"ALL_PROXY": "ftp://127.0.0.1:9"}, "ALL_PROXY=ftp://127.0.0.1:9 is no proxy"),
    "file": ({"SSL_CERT_FILE": "/nowhere/ca.pem"}, "SSL_CERT_FILE=/nowhere/ca.pem: this file is not there"),
}


@SYNC_AND_ASYNC
@pytest.mark.parametrize("name", NETWORK)
def test_a_proxy_or_a_file_of_certificates_that_fails_is_named(
    name: str, sync: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables, message = NETWORK[name]
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    with Upstream() as server, pytest.raises((StreamError, UsageError)) as caught:
        ask(server, "chat", sync, retries=0)
    assert message in str(caught.value)
    assert PASSWORD not in str(caught.value)
    assert len(str(caught.value)) <= 200


def test_a_log_of_keys_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/nowhere/x")
    monkeypatch.setenv("SSL_CERT_FILE", __file__)
    message = str(client_build_error(FileNotFoundError(2, "No such file or directory")))
    assert message == "SSLKEYLOGFILE=/nowhere/x cannot be written: name another file"


@SYNC_AND_ASYNC
def test_no_proxy_is_honoured(sync: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Upstream() as server:
        assert ask(server, "chat", sync).method == "POST"


@SYNC_AND_ASYNC
@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "socks4://127.0.0.1:9", "::::"])
@pytest.mark.parametrize("dialect", ["chat", "gemini"])
def test_a_proxy_that_cannot_be_used_does_not_matter_to_a_host_that_goes_past_it(
    dialect: Dialect, proxy: str, sync: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "example.org, 127.0.0.1")
    with Upstream() as server:
        assert ask(server, dialect, sync).method == "POST"


def test_the_secrets_of_an_address_and_of_options_are_known() -> None:
    endpoint = Endpoint("openai", f"http://me:{PASSWORD}@h/v1?key=abc123def&api-version=2024-10-21")
    assert {PASSWORD, "abc123def"} <= {*endpoint.secrets}
    assert "2024-10-21" not in endpoint.secrets
    options = {"extra_headers": {"Authorization": f"Bearer {TOKEN}", "X-Title": "my lesson, the title of it"}}
    assert set(option_secrets(options)) == {f"Bearer {TOKEN}", TOKEN}
