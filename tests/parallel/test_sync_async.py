"""One prompt on both surfaces: both are really used, one after the other, and compared."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from streamnb import cli
from tests.kernels import Kernel, kernel
from tests.upstream import TEXT, Answer, Request, Upstream, answer_request
from tests.upstream.answers import ModelAnswer


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    def answer(request: Request) -> Answer:
        assert server.busy <= 1  # one after the other
        return answer_request(request, ModelAnswer(delay=0.005))

    with Upstream(answer) as server:
        yield server


@pytest.fixture(scope="module")
def shell() -> Iterator[Kernel]:
    with kernel("%load_ext streamnb") as running:
        yield running


def surfaces(upstream: Upstream) -> list[str]:
    """Return of each request which surface of the SDK says that it sent it."""
    headers = [
        {name.lower(): value for name, value in request.headers.items()} for request in upstream.requests
    ]
    return [header["x-stainless-async"] for header in headers]


def test_the_command_line_compares_both_surfaces(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open(os.devnull) as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        arguments = [
            "compare",
            "Why is",
            "the sky blue?",
            "-m",
            "openai:m",
            "--base-url",
            upstream.openai_url,
        ]
        assert cli.main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out.count(TEXT) == 2
    for figure in ("first token", "tokens/s", "gap, median", "gap, p95", "gap, longest", "jitter", "elapsed"):
        assert figure in captured.out
    assert surfaces(upstream) == ["async:asyncio", "false"]
    assert {str(request.json["messages"][-1]["content"]) for request in upstream.requests} == {
        "Why is the sky blue?"
    }


def test_the_line_magic_shows_both_and_keeps_both(shell: Kernel, upstream: Upstream) -> None:
    shell.run(f"at = {upstream.openai_url!r}; colour = 'blue'")
    ran = shell.run('%stream compare "Why is the sky {{ colour }}?" -m openai:m --base-url {{ at }} -o both')
    assert ran.ok, ran
    assert shell.value("{name: reply.text for name, reply in both.items()}") == {
        "asynchronous": TEXT, "synchronous": TEXT,
    }  # fmt: skip
    assert upstream.requests[-1].json["messages"][-1]["content"] == "Why is the sky blue?"
    (output,) = ran.outputs
    assert output["data"]["text/html"].count('class="snb-pace"') == 2
    assert "jitter" in output["data"]["text/plain"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("compare -m demo", "compare needs a prompt"),
        ("compare hi -m demo -m demo:haiku", "one model"),
        ("compare hi -m demo --record x.stream", "--record"),
        ("compare hi -m demo:nope", "demo:nope"),
        ("compare hi --temprature={{ 1 + 1 }}", "Did you mean --temperature"),
    ],
)
def test_what_cannot_be_compared_is_one_line(shell: Kernel, line: str, message: str) -> None:
    ran = shell.run(f"%stream {line}")
    assert not ran.ok
    assert message in (ran.stderr or ran.traceback)
    assert len([text for text in (ran.stderr or ran.traceback).splitlines() if text.strip()]) == 1
