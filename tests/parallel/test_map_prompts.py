"""``streamnb.map``: order, rows that fail, stopping and going on, and what a provider is asked for."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

import streamnb
from streamnb import Reply, StreamInterrupted
from streamnb.core.errors import UsageError
from streamnb.views.progress import ProgressSnapshot
from tests.kernels import kernel
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request, error_answer
from tests.upstream.stream_helpers import has_sent_pieces


def prompt_of(request: Request) -> str:
    return str(request.json["messages"][-1]["content"])


def answer(request: Request) -> Answer:
    """Say the prompt again, with what it asks for before that."""
    prompt = prompt_of(request)
    if prompt == "broken":
        return error_answer("chat", 400, "this one not")
    slow = prompt.startswith("slow")
    return answer_request(request, ModelAnswer(deltas=[f"<{prompt}>", "."] * 10, delay=0.05 if slow else 0.0))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(answer) as server:
        yield server


def ask(server: Upstream, prompts: Any, **more: Any) -> Any:
    return streamnb.map(prompts, model="openai:m", base_url=server.openai_url, **{"display": False, **more})


def test_answers_come_in_the_order_of_the_prompts(upstream: Upstream) -> None:
    prompts = [f"slow {n}" if n % 3 == 0 else str(n) for n in range(12)]
    replies = ask(upstream, prompts, concurrency=4)
    assert [reply.text[: len(prompt) + 2] for reply, prompt in zip(replies, prompts, strict=True)] == [
        f"<{prompt}>" for prompt in prompts
    ]
    assert {reply.state for reply in replies} == {"complete"}


@pytest.mark.slow
@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_are_asked_at_a_time_than_wanted(concurrency: int) -> None:
    most = 0

    def watching(request: Request) -> Answer:
        nonlocal most
        most = max(most, server.busy)
        return answer(request)

    with Upstream(watching) as server:
        ask(server, [f"slow {n}" for n in range(6)], concurrency=concurrency)
    assert most <= concurrency


def test_one_that_fails_loses_no_other(upstream: Upstream) -> None:
    replies = ask(upstream, ["one", "broken", "", float("nan"), "two"])
    assert [reply.state for reply in replies] == ["complete", "error", "error", "error", "complete"]
    assert "this one not" in str(replies[1].error)
    assert "empty" in str(replies[2].error)
    assert len(upstream.requests) == 3


def test_where_none_can_be_asked_it_is_one_line_and_nothing_is_sent(upstream: Upstream) -> None:
    with pytest.raises(UsageError, match="demo:nope"):
        streamnb.map(["a", "b"], model="demo:nope", display=False)
    with pytest.raises(UsageError, match="a list of prompts"):
        ask(upstream, "one text")
    with pytest.raises(UsageError, match="from 1 to 64"):
        ask(upstream, ["a"], concurrency=0)
    assert upstream.requests == []


def test_nothing_asked_is_nothing_answered(upstream: Upstream) -> None:
    assert ask(upstream, []) == []


def test_a_column_keeps_its_index(upstream: Upstream) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"q": ["one", "two"]}, index=["x", "y"])
    replies = ask(upstream, frame["q"])
    assert list(replies.index) == ["x", "y"]
    assert replies["y"].startswith("<two>")
    assert isinstance(replies["y"], Reply)
    with pytest.raises(UsageError, match="a column"):
        ask(upstream, frame)


def test_an_interrupt_has_all_replies_and_resume_asks_only_for_the_missing_ones(upstream: Upstream) -> None:
    prompts = ["one", "two", "slow three", "slow four", "five"]

    def press() -> None:
        upstream.wait_until(lambda seen: any("slow" in prompt_of(request) for request in seen.requests), 5)
        upstream.wait_until(has_sent_pieces(len(upstream.sent) + 2), 5)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(StreamInterrupted) as caught:
        ask(upstream, prompts, concurrency=1)
    halfway = caught.value.replies  # type: ignore[attr-defined]
    assert [reply.state for reply in halfway] == ["complete", "complete", *["interrupted"] * 3]
    assert halfway[2].startswith("<slow three>")
    upstream.requests.clear()
    replies = ask(upstream, prompts, resume=halfway)
    assert sorted(prompt_of(request) for request in upstream.requests) == ["five", "slow four", "slow three"]
    assert [reply.state for reply in replies] == ["complete"] * 5
    assert replies[0] is halfway[0]


def test_what_is_kept_counts_as_answered_from_the_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: list[ProgressSnapshot] = []

    class Watching:
        def show(self, count: ProgressSnapshot) -> None:
            counts.append(count)

        def close(self, count: ProgressSnapshot) -> None:
            counts.append(count)

    monkeypatch.setattr("streamnb.parallel.map_prompts.progress_for", lambda display: Watching())
    streamnb.map(["a", "b", ""], model="demo:haiku", speed=0, resume=[Reply("kept")])
    assert (counts[0].total, counts[0].answered, counts[0].failed) == (3, 2, 1)
    assert (counts[-1].total, counts[-1].answered, counts[-1].failed) == (3, 3, 1)


def test_resume_with_more_answers_than_prompts_is_refused(upstream: Upstream) -> None:
    with pytest.raises(UsageError, match="same prompts"):
        ask(upstream, ["a"], resume=[Reply("x"), Reply("y")])


def test_a_provider_that_asks_for_a_pause_gets_it_from_all() -> None:
    times: list[float] = []

    def limited(request: Request) -> Answer:
        times.append(time.monotonic())
        if len(times) == 1:
            return error_answer("chat", 429, "slow down", {"Retry-After": "1"})
        return answer(request)

    with Upstream(limited) as server:
        replies = ask(server, ["one", "two", "three"], concurrency=1)
    assert [reply.state for reply in replies] == ["complete"] * 3
    assert times[1] - times[0] >= 0.9


def test_no_new_prompt_is_sent_while_the_provider_asks_to_wait() -> None:
    times: list[tuple[float, str]] = []

    def limited(request: Request) -> Answer:
        times.append((time.monotonic(), prompt_of(request)))
        if len(times) == 1:
            return error_answer("chat", 429, "slow down", {"Retry-After": "1"})
        return answer_request(request, ModelAnswer(delay=0.02))

    with Upstream(limited) as server:
        ask(server, ["one", "two", "three", "four"], concurrency=2)
    refused = times[0][0]
    assert [name for at, name in times if 0.2 < at - refused < 0.9] == []


@pytest.mark.slow
def test_progress_is_one_output_that_is_updated_a_few_times_a_second() -> None:
    with kernel("import streamnb") as running:
        ran = running.run(
            "replies = streamnb.map(['a'] * 6, model='demo:haiku', concurrency=3); print(len(replies))"
        )
        assert ran.ok, ran
        assert ran.stdout == "6\n"
        (output,) = ran.outputs
        assert output["data"]["text/plain"].startswith("6 of 6")
        assert 'class="snb-progress"' in output["data"]["text/html"]


@pytest.mark.parametrize(
    ("count", "line"),
    [
        (ProgressSnapshot(3, 1, elapsed_s=0.5), "1 of 3 · 0.50 s"),
        (ProgressSnapshot(3, 2, 1, 7.2, 61), "2 of 3 · 1 failed · asked to wait 7 s · 1 min 1 s"),
    ],
)
def test_the_count_is_one_line(count: ProgressSnapshot, line: str) -> None:
    assert count.to_line() == line
