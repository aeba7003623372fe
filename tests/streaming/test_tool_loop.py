"""Tools in a conversation with a model: what is asked, run, refused, and sent back."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from streamnb import api
from streamnb.core.errors import StreamInterrupted, UsageError
from streamnb.core.events import Finished, Notice, TextDelta, ToolCallDelta, ToolResult
from streamnb.core.reply import Reply, ToolCall
from streamnb.render.snapshot import bundle
from streamnb.streaming.session import current_session
from streamnb.streaming.tool_loop import MAX_TOOL_ROUNDS
from streamnb.streaming.tools import tool
from streamnb.views.terminal import TerminalView
from streamnb.views.widget import WidgetView
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request
from tests.views.test_panels_in_the_widget import Channel, Silent

DIALECTS = {"openai": "openai_url", "openai-responses": "openai_url", "gemini": "gemini_url"}


@tool(approve=False)
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def ask(upstream: Upstream, provider: str = "openai", **keywords: Any) -> Reply:
    url = getattr(upstream, DIALECTS[provider])
    return api.stream("2 + 3?", model=f"{provider}:m", base_url=url, api_key="k", display=False, **keywords)


def asking(*calls: tuple[str, str]) -> Callable[[Request], Answer]:
    """Ask for these calls first, and say what came of them second."""

    def script(request: Request) -> Answer:
        if "one moment" in json.dumps(request.json):
            return answer_request(request, ModelAnswer(text="It is so."))
        return answer_request(request, ModelAnswer(text="one moment ", tool_calls=calls))

    return script


@pytest.mark.parametrize("provider", DIALECTS)
def test_a_call_is_run_and_its_result_goes_back_to_the_model(provider: str) -> None:
    with Upstream(asking(("add", '{"a": 2, "b": 3}'))) as upstream:
        reply = ask(upstream, provider, tools=[add])
        second = json.dumps(upstream.requests[1].json)
    assert reply == "one moment \n\nIt is so."
    assert [(call.name, call.arguments, call.result) for call in reply.tool_calls] == [
        ("add", {"a": 2, "b": 3}, 5)
    ]
    assert "2 + 3?" in second
    assert "add" in second
    assert "5" in second


KEY = "c4n4ry-k3y-0123456789"


@tool(approve=False)
def settings() -> dict[str, Any]:
    """Say how the program is set."""
    return {"host": "example.org", "key": KEY}


@tool(approve=False)
def failing() -> None:
    """Fail in a sentence that has a key in it."""
    raise ValueError(f"{KEY} was not accepted")


@pytest.mark.parametrize("variable", ["GROQ_API_KEY", None])
def test_a_key_that_a_tool_gives_is_neither_sent_nor_shown(
    variable: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyword = {} if variable else {"api_key": KEY}
    if variable:
        monkeypatch.setenv(variable, KEY)
    with Upstream(asking(("settings", "{}"), ("failing", "{}"))) as upstream:
        given = {"base_url": upstream.openai_url, "display": False, "tools": [settings, failing]} | keyword
        reply = api.stream("how?", model="openai:m", **given)
        second = json.dumps(upstream.requests[1].json)
    everything = second + repr(reply.tool_calls) + "".join(bundle(reply).data.values())
    assert KEY not in everything
    assert "example.org" in second
    assert "was not accepted" in second


def test_usage_of_all_rounds_is_added_up() -> None:
    with Upstream(asking(("add", '{"a": 2, "b": 3}'))) as upstream:
        reply = ask(upstream, tools=[add])
    assert reply.usage.input_tokens == 14


def test_parallel_calls_are_answered_in_their_order() -> None:
    calls = [("add", '{"a": 1, "b": 1}'), ("add", '{"a": 2, "b": 2}')]
    with Upstream(asking(*calls)) as upstream:
        reply = ask(upstream, tools=[add])
    assert [call.result for call in reply.tool_calls] == [2, 4]


def test_arguments_that_do_not_fit_go_back_to_the_model_uncalled() -> None:
    with Upstream(asking(("add", '{"a": "two"}'))) as upstream:
        reply = ask(upstream, tools=[add])
        second = json.dumps(upstream.requests[1].json)
    assert "do not fit" in str(reply.tool_calls[0].result)
    assert "do not fit" in second


def test_a_tool_that_was_not_named_is_not_called() -> None:
    called: list[str] = []

    def wipe() -> None:
        called.append("wipe")

    with Upstream(asking(("wipe", "{}"))) as upstream:
        ask(upstream, tools=[add])
    assert not called
    assert wipe.__name__ == "wipe"


@pytest.mark.parametrize(("approve", "result"), [(True, 5), (False, "the person said no"), (None, "nobody")])
def test_a_tool_that_asks_runs_only_if_somebody_agrees(approve: bool | None, result: object) -> None:
    def sums(a: int, b: int) -> int:
        return a + b

    with Upstream(asking(("sums", '{"a": 2, "b": 3}'))) as upstream:
        reply = ask(upstream, tools=[sums], approve=approve)
    given = reply.tool_calls[0].result
    assert given == result or str(result) in str(given)


def test_a_function_may_decide_on_each_call() -> None:
    seen: list[ToolCall] = []

    def sums(a: int, b: int) -> int:
        return a + b

    def decide(call: ToolCall) -> bool:
        seen.append(call)
        return True

    with Upstream(asking(("sums", '{"a": 2, "b": 3}'))) as upstream:
        reply = ask(upstream, tools=[sums], approve=decide)
    assert seen[0].arguments == {"a": 2, "b": 3}
    assert reply.tool_calls[0].result == 5


def test_a_model_that_asks_for_ever_is_stopped_after_ten_rounds() -> None:
    def script(request: Request) -> Answer:
        return answer_request(request, ModelAnswer(text="", tool_calls=[("add", '{"a": 1, "b": 1}')]))

    with Upstream(script) as upstream:
        reply = ask(upstream, tools=[add])
        assert len(upstream.requests) == MAX_TOOL_ROUNDS + 1
    assert reply.state == "complete"


def test_a_budget_that_is_reached_ends_the_rounds_and_keeps_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = current_session().spending

    def script(request: Request) -> Answer:
        monkeypatch.setattr(ledger, "budget", 0.0)  # reached once the first answer is there
        return answer_request(
            request, ModelAnswer(text="one moment ", tool_calls=[("add", '{"a": 1, "b": 1}')])
        )

    with Upstream(script) as upstream:
        reply = ask(upstream, tools=[add])
        assert len(upstream.requests) == 1
    assert reply == "one moment "
    assert reply.tool_calls[0].result is None


def test_the_events_have_one_end_and_all_the_text() -> None:
    with Upstream(asking(("add", '{"a": "x"}'))) as upstream:
        url, keys = upstream.openai_url, {"model": "openai:m", "api_key": "k"}
        events = list(api.stream_events("2 + 3?", base_url=url, tools=[add], **keys))  # type: ignore[arg-type]
    assert [type(event) for event in events].count(Finished) == 1
    assert isinstance(events[-1], Finished)
    assert any(isinstance(event, Notice) and "do not fit" in event.text for event in events)
    assert (
        "".join(event.text for event in events if isinstance(event, TextDelta)) == "one moment \n\nIt is so."
    )


def test_an_interrupt_while_a_tool_runs_keeps_the_text() -> None:
    @tool(approve=False)
    def stop_it() -> None:
        raise AssertionError("not reached: the approval stops the stream")

    def decide(call: ToolCall) -> bool:
        signal.raise_signal(signal.SIGINT)
        return False

    def asks() -> None: ...

    with Upstream(asking(("asks", "{}"))) as upstream, pytest.raises(StreamInterrupted) as caught:
        ask(upstream, tools=[asks, stop_it], approve=decide)
    assert caught.value.reply == "one moment "
    assert caught.value.reply.state == "interrupted"


def test_a_yes_that_comes_after_the_stop_runs_nothing_and_no_further_call_is_asked_about() -> None:
    events: list[str] = []
    answered = threading.Event()

    def decide(call: ToolCall) -> bool:
        events.append("asked")
        signal.raise_signal(signal.SIGINT)
        answered.wait(10)
        return True

    def runs() -> None:
        events.append("ran")

    calls = [("runs", "{}")] * 3
    with Upstream(asking(*calls)) as upstream, pytest.raises(StreamInterrupted):
        ask(upstream, tools=[runs], approve=decide)
    (work,) = [thread for thread in threading.enumerate() if thread.name == "streamnb tools"]
    answered.set()
    work.join(10)
    assert events == ["asked"]


class Person(BaseModel):
    name: str
    born: int


def test_an_answer_that_fits_its_schema_is_parsed() -> None:
    with Upstream(text='```json\n{"name": "Ada", "born": 1815}\n```') as upstream:
        reply = ask(upstream, schema=Person)
        body = json.dumps(upstream.requests[0].json)
    assert reply.parsed == Person(name="Ada", born=1815)
    assert '"born"' in body


def test_an_answer_that_does_not_fit_names_the_field_and_stays() -> None:
    with Upstream(text='{"name": "Ada"}') as upstream:
        reply = ask(upstream, schema=Person)
    assert reply.parsed is None
    assert reply == '{"name": "Ada"}'
    assert reply.state == "complete"
    assert "born" in str(reply.error)


def test_what_is_no_schema_is_refused_before_anything_is_sent() -> None:
    with Upstream() as upstream:
        with pytest.raises(UsageError, match="is no schema"):
            ask(upstream, schema=object())
        assert not upstream.requests


def never(city: str) -> str:
    """Must not be called."""
    raise AssertionError(f"called with {city}")


def no_answer(call: ToolCall) -> None:
    return None


async def says_no(call: ToolCall) -> bool:
    return False


def breaks(call: ToolCall) -> bool:
    raise RuntimeError("no display")


def interrupts(call: ToolCall) -> bool:
    raise KeyboardInterrupt


def leaves(call: ToolCall) -> bool:
    raise SystemExit(1)


def says_one(call: ToolCall) -> int:
    return 1


@pytest.mark.parametrize(
    ("approve", "why"),
    [
        (says_no, "the person said no"),
        (no_answer, "the person said no"),
        (breaks, "not called, approve failed with RuntimeError: no display"),
        (interrupts, "not called, approve failed with KeyboardInterrupt"),
        (leaves, "not called, approve failed with SystemExit: 1"),
        (says_one, "not called, approve gave an int and only True is a yes"),
        ("no", "the person said no"),
    ],
)
def test_only_true_lets_a_tool_run_and_the_stream_goes_on(approve: Any, why: str) -> None:
    with Upstream(asking(("never", '{"city": "Bern"}'))) as upstream:
        reply = ask(upstream, tools=[never], approve=approve)
    assert (reply.state, reply.tool_calls[0].result) == ("complete", why)


def test_an_asynchronous_approval_is_awaited() -> None:
    async def says_yes(call: ToolCall) -> bool:
        return call.arguments == {"a": 2, "b": 3}

    def plus(a: int, b: int) -> int:
        return a + b

    with Upstream(asking(("plus", '{"a": 2, "b": 3}'))) as upstream:
        assert ask(upstream, tools=[plus], approve=says_yes).tool_calls[0].result == 5


def test_what_was_approved_is_what_is_called() -> None:
    def swaps(call: ToolCall) -> bool:
        assert isinstance(call.arguments, dict)
        call.arguments["a"] = 100
        return True

    def plus(a: int, b: int) -> int:
        return a + b

    with Upstream(asking(("plus", '{"a": 2, "b": 3}'))) as upstream:
        assert ask(upstream, tools=[plus], approve=swaps).tool_calls[0].result == 5


def test_a_blank_line_parts_the_text_of_two_rounds_and_no_more_than_one() -> None:
    def script(request: Request) -> Answer:
        rounds = sum(turn["role"] == "tool" for turn in request.json["messages"])
        calls = (("add", '{"a": 2, "b": 3}'),) if rounds < 3 else ()
        text = ("", "First.", "Second.\n", "Third.")[rounds]
        return answer_request(request, ModelAnswer(text=text, tool_calls=calls))

    with Upstream(script) as upstream:
        options: Any = {"model": "openai:m", "base_url": upstream.openai_url, "api_key": "k", "tools": [add]}
        events = list(api.stream_events("2 + 3?", **options))
        last = upstream.requests[-1].json["messages"]
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    assert text == "First.\n\nSecond.\n\nThird."
    # What the model wrote goes back to it as it was.
    assert [turn.get("content") for turn in last if turn["role"] == "assistant"] == [
        None,
        "First.",
        "Second.\n",
    ]


def test_the_pace_does_not_count_the_seconds_of_a_tool() -> None:
    @tool(approve=False)
    def slow() -> str:
        time.sleep(0.6)
        return "it"

    def script(request: Request) -> Answer:
        if any(turn["role"] == "tool" for turn in request.json["messages"]):
            return answer_request(request, ModelAnswer(text="It is so, and so on and on.", delay=0.01))
        return answer_request(
            request, ModelAnswer(text="one moment ", tool_calls=(("slow", "{}"),), delay=0.01)
        )

    with Upstream(script) as upstream:
        reply = ask(upstream, tools=[slow])
    assert reply.timing.duration > 0.6
    assert reply.timing.tokens_per_second is not None
    assert reply.usage.output_tokens is not None
    assert reply.timing.tokens_per_second > 1.5 * reply.usage.output_tokens / reply.timing.duration


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("not me")


class Forgetful:
    """Says what it is once, and never again."""

    is_said = False

    def __repr__(self) -> str:
        if self.is_said:
            raise RuntimeError("gone")
        self.is_said = True
        return "here I was"


def circle() -> list[Any]:
    values: list[Any] = [1]
    values.append(values)
    return values


def nested(levels: int) -> list[Any]:
    values: list[Any] = []
    for _ in range(levels):
        values = [values]
    return values


ODD: dict[str, tuple[Any, str]] = {
    "tuple_keys": ({(1, 2): 3}, "{(1, 2): 3}"),
    "octets": (b"\xff\x00", r"b'\xff\x00'"),
    "not_a_number": ([float("nan"), float("inf")], "[NaN, Infinity]"),
    "a_set": ({1}, "{1}"),
    "a_circle": (circle(), "[1, [...]]"),
    "huge": (16**6_000, "0x1" + "0" * 6_000),
    "half_pairs": ({"a\ud83d": ["\ude00"]}, '{"a\ufffd": ["\ufffd"]}'),
    "a_file_name": ("\udcff.txt", "\ufffd.txt"),
    "escapes": ("\x1b]52;c;ZXZpbA==\x07\u202e<script>", "\x1b]52;c;ZXZpbA==\x07\u202e<script>"),
    "mixed_keys": ({1: "a", None: "b", (): "c"}, "{1: 'a', None: 'b', (): 'c'}"),
    "nothing": (None, "null"),
}
FAILING = {"unspeakable": Unspeakable(), "too_deep": nested(100_000), "digits": {(): 10**5_000}}


def giving(name: str, value: Any) -> Callable[[], Any]:
    def give() -> Any:
        return value

    give.__name__ = name
    return tool(approve=False)(give)


@pytest.mark.parametrize("provider", DIALECTS)
def test_whatever_a_tool_gives_is_sent_back_and_shown(
    provider: str, capsys: pytest.CaptureFixture[str]
) -> None:
    values = {name: value for name, (value, _) in ODD.items()} | FAILING | {"forgetful": Forgetful()}
    with Upstream(asking(*((name, "{}") for name in values))) as upstream:
        reply = ask(upstream, provider, tools=[giving(name, value) for name, value in values.items()])
        second = upstream.requests[1].json
    assert reply == "one moment \n\nIt is so."
    sent = json.dumps(second, ensure_ascii=False)
    for name, (_, text) in ODD.items():
        assert json.dumps(text, ensure_ascii=False)[1:-1] in sent, name
    assert "here I was" in sent
    assert sent.count("the call failed: ") == len(FAILING)
    for content in bundle(reply).data.values():
        content.encode()
    channel = Channel()
    view = WidgetView("openai:m", channel=channel, output=Silent())
    view.open(lambda: None)
    view.show([ToolCallDelta(n, None, name, "{}") for n, name in enumerate(values)])
    view.show([ToolResult(n, call.name, call.result) for n, call in enumerate(reply.tool_calls)])
    view.close(reply)
    page = json.dumps(channel.messages, ensure_ascii=False)
    page.encode()
    assert "a Forgetful that cannot be shown" in page
    terminal = TerminalView(sys.stdout)
    terminal.show([ToolResult(n, call.name, call.result) for n, call in enumerate(reply.tool_calls)])
    terminal.close(reply)
    assert "tuple_keys gave {(1, 2): 3}" in capsys.readouterr().out


@pytest.mark.parametrize("provider", DIALECTS)
@pytest.mark.parametrize("name", ["functions.add", "default_api.add", "add<|channel|>commentary"])
def test_a_name_with_what_models_put_around_it_means_the_function(provider: str, name: str) -> None:
    with Upstream(asking((name, '{"a": 2, "b": 3}'))) as upstream:
        reply = ask(upstream, provider, tools=[add])
        second = json.dumps(upstream.requests[1].json)
    assert [(call.name, call.result) for call in reply.tool_calls] == [("add", 5)]
    assert name not in second


def test_a_name_that_no_server_takes_goes_back_as_one_that_all_take() -> None:
    with Upstream(asking(("what is\nthis?", "{}"))) as upstream:
        ask(upstream, tools=[add])
        messages = upstream.requests[1].json["messages"]
    assert messages[1]["tool_calls"][0]["function"]["name"] == "what_is_this_"
