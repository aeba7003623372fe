"""``--effort`` and ``--search`` on the wire, in each dialect, and where there is no such thing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamnb.core.content import Text, Turn
from streamnb.core.errors import UsageError
from streamnb.providers import gemini_request, openai_chat_request
from streamnb.providers.base import Endpoint, Request, ToolSpec
from streamnb.request.options import Options
from streamnb.streaming.planner import make_plan
from tests.providers.asking import PROVIDERS, SdkClient, endpoint
from tests.providers.loopback import Loopback

TOOL = ToolSpec("weather", "Tells the weather.", {"type": "object", "properties": {}})


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


def body(server: Loopback, dialect: str, request: Request) -> dict[str, object]:
    """Send ``request`` and return the JSON that the server saw."""
    client = SdkClient(PROVIDERS[dialect], endpoint(server, dialect), asynchronous=False)
    try:
        client.ask(request)
    finally:
        client.close()
    return dict(server.requests[-1].json)


def user(model: str = "some-model", **more: object) -> Request:
    return Request(model, (Turn("user", (Text("Hello"),)),), **more)  # type: ignore[arg-type]


def test_chat_has_the_effort_under_its_own_name(server: Loopback) -> None:
    assert body(server, "chat", user(effort="low"))["reasoning_effort"] == "low"
    assert "reasoning_effort" not in body(server, "chat", user())


def test_responses_have_effort_and_search(server: Loopback) -> None:
    sent = body(server, "responses", user(effort="none", search=True, tools=(TOOL,)))
    assert sent["reasoning"] == {"effort": "none"}
    assert [tool["type"] for tool in sent["tools"]] == ["function", "web_search"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("effort", "budget"), [("none", 0), ("minimal", 1024), ("low", 1024), ("medium", 8192), ("high", 24576)]
)
def test_gemini_2_has_a_budget(server: Loopback, effort: str, budget: int) -> None:
    sent = body(server, "gemini", user("gemini-2.5-flash", effort=effort))
    assert sent["generationConfig"]["thinkingConfig"] == {"thinking_budget": budget}  # type: ignore[index]


def test_gemini_3_has_a_level_and_both_search(server: Loopback) -> None:
    sent = body(server, "gemini", user("gemini-3-pro", effort="high", search=True))
    assert sent["generationConfig"]["thinkingConfig"] == {"thinking_level": "HIGH"}  # type: ignore[index]
    assert sent["tools"] == [{"googleSearch": {}}]


@pytest.mark.parametrize("model", ["gemini-3-pro", "gemini-2.5-pro"])
def test_a_gemini_that_always_thinks_cannot_be_told_not_to(model: str) -> None:
    with pytest.raises(UsageError, match="always thinks; take minimal or low"):
        gemini_request.request_kwargs(user(model, effort="none"))


def test_a_person_s_own_option_wins_over_the_word(server: Loopback) -> None:
    request = user(effort="low", options={"reasoning_effort": "xhigh"})
    assert body(server, "chat", request)["reasoning_effort"] == "xhigh"


def chat(model: str, provider: str) -> dict[str, object]:
    return openai_chat_request.request_kwargs(
        user(model, search=True, options={"seed": 7}), Endpoint(provider)
    )


def test_chat_searches_where_its_server_can() -> None:
    assert chat("gpt-4o-search-preview", "openai")["web_search_options"] == {}
    assert chat("any/model", "openrouter")["extra_body"] == {"plugins": [{"id": "web"}], "seed": 7}


@pytest.mark.parametrize("provider", ["openai", "azure", "mistral", "ollama"])
def test_chat_without_a_search_is_one_line(provider: str) -> None:
    with pytest.raises(UsageError) as refused:
        chat("some-model", provider)
    assert str(refused.value).startswith(f"--search: {provider}:some-model has no web search of its own; ask")
    assert len(str(refused.value)) <= 200


@pytest.mark.parametrize("given", [{"effort": "low"}, {"search": True}])
def test_the_demo_neither_thinks_nor_searches(given: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="the demo model neither thinks nor searches"):
        make_plan("hello", Options(models=("demo",), **given))  # type: ignore[arg-type]
