"""What a provider's own tools did is told, whole and once, and is never a call for us to make."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from streamnb.core.events import StepDelta
from streamnb.core.reply import Reply
from streamnb.providers import gemini, openai_chat, openai_responses
from streamnb.providers.base import Adapter
from tests.providers.reading import reply_from_chunks
from tests.providers.recordings import recorded
from tests.providers.test_recorded_streams import reply_to

ADAPTERS: dict[str, Callable[[], Adapter]] = {
    "chat": openai_chat.ChatAdapter,
    "responses": openai_responses.ResponsesAdapter,
    "gemini": gemini.GeminiAdapter,
}


def steps(reply: Reply) -> list[tuple[str, Any, Any]]:
    return [(step.name, step.arguments, step.result) for step in reply.steps]


def gemini_reply(*parts: dict[str, Any]) -> Reply:
    return reply_from_chunks(
        gemini.GeminiAdapter(), *({"candidates": [{"content": {"parts": [part]}}]} for part in parts)
    )


def item(kind: str, at: int = 0, **more: Any) -> list[dict[str, Any]]:
    """An item of Responses as it is announced, and as it is in the end."""
    begun = {"type": kind} | {name: value for name, value in more.items() if name in ("name", "server_label")}
    return [
        {"type": "response.output_item.added", "output_index": at, "item": begun},
        {"type": "response.output_item.done", "output_index": at, "item": begun | more},
    ]


def test_code_that_gemini_ran_is_a_step_with_what_it_printed() -> None:
    reply = gemini_reply(
        {"executableCode": {"language": "PYTHON", "code": "print(1)\n"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1\n"}},
        {"text": "One."},
        {"executableCode": {"code": "1/0"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "ZeroDivisionError"}},
    )
    assert steps(reply) == [
        ("code_execution", "print(1)\n", "1\n"),
        ("code_execution", "1/0", "OUTCOME_FAILED\nZeroDivisionError"),
    ]
    assert (reply.text, reply.tool_calls) == ("One.", [])


def test_results_of_geminis_tools_find_their_step_by_its_id() -> None:
    reply = gemini_reply(
        {"toolCall": {"id": "a", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["x"]}}},
        {"toolCall": {"id": "b", "toolType": "URL_CONTEXT", "args": {}}},
        {"toolResponse": {"id": "a", "response": {"found": 1}}},
    )
    expected = [("google_search_web", {"queries": ["x"]}, '{"found": 1}'), ("url_context", {}, None)]
    assert steps(reply) == expected


def test_a_result_without_its_code_is_kept() -> None:
    reply = gemini_reply({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}})
    assert steps(reply) == [("code_execution", {}, "1")]


@pytest.mark.parametrize(
    ("kind", "fields", "step"),
    [
        ("web_search_call", {"action": {"query": "x"}}, ("web_search", {"query": "x"}, None)),
        ("web_search_call", {"name": "web_search", "arguments": "{}"}, ("web_search", {}, None)),
        (
            "file_search_call",
            {"queries": ["x"], "results": [{"text": "y"}]},
            ("file_search", '["x"]', '[{"text": "y"}]'),
        ),
        (
            "code_interpreter_call",
            {"code": "1+1", "outputs": [{"type": "logs", "logs": "2"}]},
            ("code_interpreter", "1+1", "2"),
        ),
        (
            "mcp_call",
            {"server_label": "wiki", "name": "ask", "arguments": '{"q": 1}', "output": "yes"},
            ("wiki.ask", {"q": 1}, "yes"),
        ),
        (
            "mcp_call",
            {"server_label": "wiki", "name": "ask", "error": "down", "status": "failed"},
            ("wiki.ask", {}, "failed: down"),
        ),
        (
            "mcp_list_tools",
            {"server_label": "wiki", "tools": [{"name": "ask", "input_schema": {}}]},
            ("mcp_list_tools: wiki", {}, "ask"),
        ),
        ("some_new_call", {}, ("some_new", {}, None)),
    ],
)
def test_every_kind_of_item_of_responses_is_a_step(
    kind: str, fields: dict[str, Any], step: tuple[str, Any, Any]
) -> None:
    reply = reply_from_chunks(openai_responses.ResponsesAdapter(), *item(kind, **fields))
    assert steps(reply) == [step]
    assert (reply.text, reply.tool_calls) == ("", [])
    whole = {"type": "response.completed", "response": {"status": "completed", "output": []}}
    whole["response"]["output"] = [{"type": kind, **fields}]  # type: ignore[index]
    assert steps(reply_from_chunks(openai_responses.ResponsesAdapter(), whole)) == [step]


def test_code_that_came_in_pieces_is_not_told_twice() -> None:
    begun, ended = item("code_interpreter_call", at=2, code="1+1", outputs=[{"logs": "2"}])
    pieces = [
        {"type": "response.code_interpreter_call_code.delta", "output_index": 2, "delta": piece}
        for piece in ("1", "+1")
    ]
    adapter = openai_responses.ResponsesAdapter()
    events = [adapter.feed(chunk) for chunk in (begun, *pieces, ended)]
    assert events == [
        [StepDelta(0, "code_interpreter")],
        [StepDelta(0, None, "1")],
        [StepDelta(0, None, "+1")],
        [StepDelta(0, None, "", "2")],
    ]


def test_tools_that_groq_executed_are_steps() -> None:
    call = {"index": 0, "type": "search", "arguments": '{"query": "x"}'}
    chunks = [
        {"choices": [{"delta": {"executed_tools": [entry]}}]}
        for entry in (call, call | {"output": "found"}, call | {"output": "found"})
    ]
    assert steps(reply_from_chunks(openai_chat.ChatAdapter(), *chunks)) == [
        ("search", {"query": "x"}, "found")
    ]


@pytest.mark.parametrize("dialect", ADAPTERS)
@pytest.mark.parametrize("junk", [None, 5, "text", [], [5], {"id": [], "name": {}, "code": 7, "args": "x"}])
def test_a_step_of_no_known_shape_harms_nothing(dialect: str, junk: Any) -> None:
    chunks: list[dict[str, Any]] = {
        "chat": [{"choices": [{"delta": {"executed_tools": junk}}]}],
        "responses": [
            {"type": "response.output_item.added", "item": {"type": "x_call", "code": junk}},
            {"type": "response.output_item.done", "item": {"type": "x_call", "code": junk}},
        ],
        "gemini": [
            {"candidates": [{"content": {"parts": [{name: junk}]}}]}
            for name in ("executableCode", "codeExecutionResult", "toolCall", "toolResponse")
        ],
    }[dialect]
    reply = reply_from_chunks(ADAPTERS[dialect](), *chunks)
    assert (reply.text, reply.state) == ("", "unfinished")
    json.dumps([step.name for step in reply.steps])


def test_the_recorded_streams_show_their_steps() -> None:
    names_by_recording = {
        recording.name: [step.name for step in reply_to(recording).steps]
        for recording in recorded()
        if recording.status == 200
    }
    assert {name: names for name, names in names_by_recording.items() if names} == {
        "builtin-tools-long-grounding": ["google_search_web"],
        "code-in-text": ["code_execution"],
        "file-search-code": ["code_execution"],
        "vertex-success-code-execution": ["code_execution"],
        "groq-compound-executed-tools": ["search"],
        "annotations-links": ["web_search", "web_search"],
        "mcp-server": ["mcp_list_tools: deepwiki", "deepwiki.ask_question"],
        "web-search-utf8": ["web_search"],
        "xai-web-search": ["web_search"],
    }
