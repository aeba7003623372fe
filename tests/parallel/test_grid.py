"""``streamnb.grid`` and ``map`` over models: what is asked, what is refused, and how answers are scored."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

import streamnb
from streamnb import Replies, Reply, UsageError
from streamnb.streaming.session import current_session
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request, error_answer


def prompt_parts(request: Request) -> tuple[str, str]:
    return str(request.json["messages"][-1]["content"]), str(request.json["model"])


def answer(request: Request) -> Answer:
    return answer_request(request, ModelAnswer(deltas=["/".join(prompt_parts(request))]))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(answer) as server:
        yield server


def grid(server: Upstream, template: Any, **more: Any) -> Replies:
    return streamnb.grid(
        template, base_url=server.openai_url, **{"model": "openai:m", "display": False, **more}
    )


def test_every_combination_is_asked_of_every_model_in_order(upstream: Upstream) -> None:
    replies = grid(
        upstream, "{n} on {topic}", n=[5, 9], topic=["rain", "snow"], model=["openai:a", "openai:b"]
    )
    assert list(replies) == [
        f"{n} on {topic}/{model}" for n in (5, 9) for topic in ("rain", "snow") for model in ("a", "b")
    ]
    assert replies[3].row is not None
    assert replies[3].row.values == {"n": 5, "topic": "snow"}
    assert len(upstream.requests) == 8


def test_map_asks_each_prompt_of_each_model(upstream: Upstream) -> None:
    replies = streamnb.map(
        ["p", "q"], model=["openai:a", "openai:b*2"], base_url=upstream.openai_url, display=False
    )
    assert isinstance(replies, Replies)
    assert list(replies) == ["p/a", "p/b", "p/b", "q/a", "q/b", "q/b"]


def test_several_templates_and_braces_that_are_no_place(upstream: Upstream) -> None:
    replies = grid(upstream, ['{"a": {n}}', "{{n}} {n}"], n=[1])
    assert sorted(prompt_parts(request)[0] for request in upstream.requests) == ['{"a": 1}', "{n} 1"]
    assert len(replies) == 2


def test_one_value_stands_for_all_and_a_keyword_of_stream_is_one(upstream: Upstream) -> None:
    grid(upstream, "{a} {b}", a="x", b=[1, 2], system="be brief", temperature=0.5)
    assert all(request.json["messages"][0]["content"] == "be brief" for request in upstream.requests)
    assert sorted(prompt_parts(request)[0] for request in upstream.requests) == ["x 1", "x 2"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"template": "{a} {b}", "a": [1]}, r"\{b\}, which has no values: b=\[…\]"),
        ({"template": "{a}", "a": [1, "x"]}, "a= holds values of unequal kinds"),
        ({"template": "{a}", "a": [[1], [2]]}, "a= holds values of unequal kinds"),
        ({"template": "{a}", "a": {"x": 1}}, "a= is a dict"),
        ({"template": "{a}", "a": []}, "a= is empty"),
        ({"template": "{a}", "a": [1], "tone": ["kind"]}, r"tone= is not in the template: write \{tone\}"),
        ({"template": "{a}", "a": [1], "systm": "x"}, r"systm= .* did you mean system=\?"),
        ({"template": "{a}{b}", "a": range(101), "b": range(100)}, "more than 10,000 requests: limit="),
        ({"template": "{a}", "a": [1, 2], "limit": 1}, "more than 1 requests: limit=2"),
        ({"template": "{a}", "a": [1], "limit": 0}, "limit=0 is not"),
        ({"template": "{a}", "a": [1], "score": 3}, "score= is a function of a reply"),
        ({"template": "{a}", "a": [1], "concurrency": 65}, "from 1 to 64"),
        ({"template": 3}, "a template is a text"),
        ({"template": "{a}", "a": [1], "model": []}, "a name or a list of names"),
        ({"template": "{a}", "a": [1], "model": "demo:nope"}, "demo:nope"),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_nothing_is_sent(
    upstream: Upstream, arguments: dict[str, Any], line: str
) -> None:
    with pytest.raises(UsageError, match=line) as refused:
        grid(upstream, **arguments)
    assert "\n" not in str(refused.value)
    assert upstream.requests == []


def test_an_async_score_is_refused(upstream: Upstream) -> None:
    async def score(reply: Any) -> int:
        return 1

    with pytest.raises(UsageError, match="async"):
        grid(upstream, "{a}", a=[1], score=score)


def test_prompts_without_an_end_are_refused() -> None:
    with pytest.raises(UsageError, match="10,000"):
        streamnb.map(iter(lambda: "again", None), model="demo", display=False)


def test_a_score_is_a_column_and_one_that_raises_is_that_reply_s_error(upstream: Upstream) -> None:
    def score(reply: Any) -> Any:
        return {"length": len(reply), "is_two": "2" in reply} if "3" not in reply else 1 / 0

    replies = grid(upstream, "{a}", a=[1, 2, 3], score=score)
    records = replies.records()
    assert [record["is_two"] for record in records] == [False, True, None]
    assert "ZeroDivisionError" in records[2]["error"]
    assert replies[2].state == "complete"
    assert list(replies.errors) == [replies[2]]


def test_a_score_that_is_no_number_is_that_reply_s_error(upstream: Upstream) -> None:
    (reply,) = grid(upstream, "{a}", a=[1], score=lambda reply: [1])
    assert reply.row is not None
    assert "a list" in str(reply.row.score_error)


def test_a_failed_reply_is_not_scored() -> None:
    scored = []
    with Upstream(lambda request: error_answer("chat", 400, "no")) as server:
        grid(server, "{a}", a=[1], score=scored.append)
    assert scored == []


def test_agrid_and_amap_do_the_same_on_a_running_loop(upstream: Upstream) -> None:
    async def both() -> tuple[Any, Any]:
        url = upstream.openai_url
        return await asyncio.gather(
            streamnb.agrid("{a}", a=[1, 2], model="openai:m", base_url=url, display=False),
            streamnb.amap(["p"], model="openai:m", base_url=url, display=False),
        )

    grid_, map_ = asyncio.run(both())
    assert list(grid_) == ["1/m", "2/m"]
    assert list(map_) == ["p/m"]


def test_a_cancelled_table_keeps_what_came() -> None:
    def slow(request: Request) -> Answer:
        delay = 0.1 if "2" in prompt_parts(request)[0] else 0.0
        return answer_request(request, ModelAnswer(deltas=["x"] * 50, delay=delay))

    async def some(server: Upstream) -> Any:
        ended = asyncio.Event()

        def score(_reply: Reply) -> int:
            ended.set()
            return 1

        task = asyncio.ensure_future(
            streamnb.agrid(
                "{a}", a=[1, 2], model="openai:m", base_url=server.openai_url, display=False, score=score
            )
        )
        await asyncio.wait_for(ended.wait(), 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        return caught.value.replies  # type: ignore[attr-defined]

    with Upstream(slow) as server:
        replies = asyncio.run(some(server))
    assert [reply.state for reply in replies] == ["complete", "interrupted"]


def test_resume_refuses_answers_to_other_prompts(upstream: Upstream) -> None:
    replies = grid(upstream, "{a}", a=[1, 2])
    with pytest.raises(UsageError, match="answer 0 is openai:m's to '1'"):
        grid(upstream, "{a}", a=[3, 4], resume=replies)
    assert grid(upstream, "{a}", a=[1, 2], resume=replies)[0] is replies[0]
    assert len(upstream.requests) == 2


def test_a_pause_of_one_provider_does_not_hold_the_other() -> None:
    times: dict[str, list[float]] = {"a": [], "b": []}

    def limited(request: Request) -> Answer:
        name = prompt_parts(request)[1]
        times[name].append(time.monotonic())
        if name == "a" and len(times["a"]) == 1:
            return error_answer("chat", 429, "slow down", {"Retry-After": "1"})
        return answer(request)

    with Upstream(limited) as server:
        replies = grid(server, "{n}", n=[1, 2, 3, 4], model=["openai:a", "groq:b"], concurrency=2)
    assert {reply.state for reply in replies} == {"complete"}
    refused = times["a"][0]
    assert max(times["b"]) < refused + 0.9
    assert not [at for at in times["a"] if 0.3 < at - refused < 0.95]


def test_a_request_that_failed_by_itself_is_not_sent_again_while_its_provider_asks_to_wait() -> None:
    times: list[tuple[float, str]] = []

    def limited(request: Request) -> Answer:
        name = prompt_parts(request)[0]
        times.append((time.monotonic(), name))
        if [seen for _, seen in times].count(name) == 1 and name in ("1", "2"):
            return (
                error_answer("chat", 429, "slow down", {"Retry-After": "2"})
                if name == "1"
                else error_answer("chat", 500, "oops")
            )
        return answer(request)

    with Upstream(limited) as server:
        replies = grid(server, "{n}", n=[1, 2, 3], concurrency=2)
    assert {reply.state for reply in replies} == {"complete"}
    refused = times[0][0]
    assert not [at for at, _ in times if 0.3 < at - refused < 1.9]


def test_a_budget_that_is_reached_on_the_way_stops_what_is_not_sent_yet(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    spending = current_session().spending
    monkeypatch.setattr(spending, "budget", spending.dollars + 0.5)

    def spend(reply: Any) -> int:
        spending.add_answer("openai:m", reply.usage, 0.3)
        return 1

    replies = grid(upstream, "{a}", a=list(range(6)), concurrency=1, score=spend)
    assert [reply.state for reply in replies] == ["complete", "complete", *["error"] * 4]
    assert "budget" in str(replies[2].error)
    assert len(upstream.requests) == 2
