"""What goes over the wire: prompts, conversations, tools, schemas and options in each dialect."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import pytest

from streamnb.core.content import Blob, Link, ProviderPart, Text, ToolCallPart, ToolResultPart, Turn
from streamnb.core.errors import UsageError
from streamnb.providers.base import Endpoint, Request, ToolSpec
from tests.providers.asking import NAMES, PROVIDERS, SdkClient, endpoint
from tests.providers.loopback import Loopback, ReceivedRequest

PNG = b"\x89PNG\r\n\x1a\n"
WEATHER = ToolSpec(
    "weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}}
)
SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


def send_request(
    server: Loopback, dialect: str, request: Request, *, asynchronous: bool = False
) -> ReceivedRequest:
    """Send ``request`` and return what the server saw."""
    client = SdkClient(PROVIDERS[dialect], endpoint(server, dialect), asynchronous=asynchronous)
    try:
        answer = client.ask(request)
    finally:
        client.close()
    assert answer.fault is None
    return server.requests[-1]


def user(*parts: Any, **more: Any) -> Request:
    return Request("some-model", (Turn("user", parts),), **more)


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_chat_sends_a_plain_prompt_as_a_text_and_asks_for_usage(server: Loopback, asynchronous: bool) -> None:
    request = user(Text("Hello"), system="Be brief", temperature=0.5, max_tokens=9)
    sent = send_request(server, "chat", request, asynchronous=asynchronous)
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer a-key"
    assert sent.json == {
        "model": "some-model",
        "messages": [{"role": "system", "content": "Be brief"}, {"role": "user", "content": "Hello"}],
        "temperature": 0.5,
        "max_tokens": 9,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_what_the_server_refused_is_left_out(server: Loopback) -> None:
    request = user(Text("Hello"), dropped_params=frozenset({"stream_options"}))
    assert "stream_options" not in send_request(server, "chat", request).json
    assert frozenset({"stream_options"}) == PROVIDERS["chat"].optional_params


def test_chat_sends_parts_in_their_order(server: Loopback) -> None:
    parts = (
        Text("Compare "),
        Blob("image/png", PNG),
        Text(" and "),
        Link("https://example.org/cat.jpg"),
        Blob("application/pdf", b"%PDF", "paper.pdf"),
        Blob("audio/mpeg", b"ID3"),
        ProviderPart({"type": "file", "file": {"file_id": "file-1"}}),
    )
    (message,) = send_request(server, "chat", user(*parts)).json["messages"]
    assert message["content"] == [
        {"type": "text", "text": "Compare "},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64," + _base64(PNG)}},
        {"type": "text", "text": " and "},
        {"type": "image_url", "image_url": {"url": "https://example.org/cat.jpg"}},
        {
            "type": "file",
            "file": {"filename": "paper.pdf", "file_data": "data:application/pdf;base64," + _base64(b"%PDF")},
        },
        {"type": "input_audio", "input_audio": {"data": _base64(b"ID3"), "format": "mp3"}},
        {"type": "file", "file": {"file_id": "file-1"}},
    ]


CALLED = (
    Turn("user", (Text("Weather?"),)),
    Turn("assistant", (Text("Let me see."), ToolCallPart("call-1", "weather", '{"city": "Oslo"}', "c2ln"))),
    Turn("tool", (ToolResultPart("call-1", "weather", "rain"),)),
)


def test_chat_sends_a_conversation_with_tools(server: Loopback) -> None:
    sent = send_request(server, "chat", Request("m", CALLED, tools=(WEATHER,))).json
    function = {"name": "weather", "arguments": '{"city": "Oslo"}'}
    assert sent["messages"] == [
        {"role": "user", "content": "Weather?"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [{"id": "call-1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "call-1", "content": "rain"},
    ]
    described = {"name": "weather", "description": "Tells the weather.", "parameters": WEATHER.parameters}
    assert sent["tools"] == [{"type": "function", "function": described}]


def test_chat_asks_for_the_schema(server: Loopback) -> None:
    sent = send_request(server, "chat", user(Text("Age?"), schema=SCHEMA, schema_name="Person")).json
    wanted = {"name": "Person", "schema": SCHEMA}
    assert sent["response_format"] == {"type": "json_schema", "json_schema": wanted}


@pytest.mark.parametrize("dialect", ["chat", "responses"])
def test_options_have_the_last_word_whether_the_sdk_knows_them_or_not(server: Loopback, dialect: str) -> None:
    options = {"temperature": 1, "top_p": 0.5, "model": "other", "only_here": {"deep": [1]}}
    sent = send_request(server, dialect, user(Text("Hello"), temperature=0, options=options)).json
    assert {name: sent[name] for name in options} == options


def test_the_limit_of_tokens_has_the_name_that_the_server_knows(server: Loopback) -> None:
    chat, request = PROVIDERS["chat"], user(Text("Hello"), max_tokens=5)
    for provider, address, name in [
        ("openai", None, "max_completion_tokens"),
        ("openai", "https://api.openai.com/v1", "max_completion_tokens"),
        ("azure", "https://me.openai.azure.com", "max_completion_tokens"),
        ("openai", server.url, "max_tokens"),
        ("groq", "https://api.groq.com/openai/v1", "max_tokens"),
    ]:
        body = chat.request_kwargs(request, Endpoint(provider, address, "key"))
        assert [field for field in body if "tokens" in field] == [name]


def test_responses_sends_instructions_parts_tools_and_schema(server: Loopback) -> None:
    request = user(
        Text("Look"),
        Blob("image/png", PNG),
        Link("https://example.org/a.pdf", "application/pdf"),
        system="Be brief",
        max_tokens=7,
        tools=(WEATHER,),
        schema=SCHEMA,
    )
    sent = send_request(server, "responses", request)
    assert sent.path == "/v1/responses"
    assert sent.json["instructions"] == "Be brief"
    assert sent.json["max_output_tokens"] == 7
    assert sent.json["input"] == [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look"},
                {"type": "input_image", "image_url": "data:image/png;base64," + _base64(PNG)},
                {"type": "input_file", "file_url": "https://example.org/a.pdf"},
            ],
        }
    ]
    assert sent.json["tools"][0]["name"] == "weather"
    assert sent.json["text"]["format"]["schema"] == SCHEMA


def test_responses_sends_a_conversation_with_calls_as_items(server: Loopback) -> None:
    sent = send_request(server, "responses", Request("m", CALLED)).json
    assert sent["input"] == [
        {"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Let me see."}]},
        {"type": "function_call", "call_id": "call-1", "name": "weather", "arguments": '{"city": "Oslo"}'},
        {"type": "function_call_output", "call_id": "call-1", "output": "rain"},
    ]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_gemini_sends_parts_in_their_order(server: Loopback, asynchronous: bool) -> None:
    parts = (Text("Look"), Blob("image/png", PNG), Link("gs://bucket/film.mp4"))
    request = user(*parts, system="Be brief", temperature=0.5, max_tokens=9, schema=SCHEMA)
    sent = send_request(server, "gemini", request, asynchronous=asynchronous)
    assert sent.path.endswith("/models/some-model:streamGenerateContent?alt=sse")
    assert sent.headers["x-goog-api-key"] == "a-key"
    (content,) = _camel(sent.json)["contents"]
    assert content["role"] == "user"
    assert content["parts"] == [
        {"text": "Look"},
        {"inlineData": {"mimeType": "image/png", "data": _base64(PNG)}},
        {"fileData": {"mimeType": "video/mp4", "fileUri": "gs://bucket/film.mp4"}},
    ]
    assert sent.json["systemInstruction"]["parts"] == [{"text": "Be brief"}]
    settings = sent.json["generationConfig"]
    assert (settings["temperature"], settings["maxOutputTokens"]) == (0.5, 9)
    assert settings["responseMimeType"] == "application/json"
    assert settings["responseJsonSchema"] == SCHEMA


def test_gemini_sends_a_conversation_with_tools_and_their_signatures(server: Loopback) -> None:
    sent = send_request(server, "gemini", Request("m", CALLED, tools=(WEATHER,))).json
    sent = _camel(sent)
    _, model_turn, answered = sent["contents"]
    call = model_turn["parts"][1]
    assert model_turn["role"] == "model"
    assert call["thoughtSignature"] == "c2ln"
    assert call["functionCall"] == {"id": "call-1", "name": "weather", "args": {"city": "Oslo"}}
    assert answered["parts"][0]["functionResponse"]["response"] == {"result": "rain"}
    assert sent["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"] == WEATHER.parameters


def test_gemini_takes_options_that_its_sdk_knows_and_others(server: Loopback) -> None:
    options = {"top_k": 3, "thinkingConfig": {"thinkingBudget": 0}, "onlyHere": 1}
    sent = send_request(server, "gemini", user(Text("Hello"), options=options)).json
    sent = _camel(sent)
    assert sent["generationConfig"]["topK"] == 3
    assert sent["generationConfig"]["thinkingConfig"] == {"thinkingBudget": 0}
    assert sent["onlyHere"] == 1


def test_an_option_that_gemini_refuses_is_one_line_that_names_it() -> None:
    with pytest.raises(UsageError, match=r"--option top_k: .*'many'") as refused:
        PROVIDERS["gemini"].request_kwargs(user(Text("Hello"), options={"top_k": "many"}), Endpoint("gemini"))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) <= 200


@pytest.mark.parametrize(
    ("dialect", "part"),
    [
        ("chat", Blob("video/mp4", b"")),
        ("chat", Link("gs://bucket/a.png")),
        ("chat", Link("https://example.org/a.pdf", "application/pdf")),
        ("chat", Link("https://example.org/a.pdf")),
        ("chat", ProviderPart(object())),
        ("responses", Blob("audio/mpeg", b"")),
        ("responses", Link("gs://bucket/a.png")),
        ("responses", ProviderPart(object())),
        ("gemini", ProviderPart(object())),
    ],
)
def test_a_part_that_a_provider_cannot_take_is_one_line(dialect: str, part: Any) -> None:
    with pytest.raises(UsageError) as refused:
        PROVIDERS[dialect].request_kwargs(user(part), Endpoint(NAMES[dialect]))
    assert 0 < len(str(refused.value)) <= 200
    assert "\n" not in str(refused.value)


def test_a_version_at_the_end_of_a_gemini_address_is_the_api_version(server: Loopback) -> None:
    client = SdkClient(
        PROVIDERS["gemini"], Endpoint("gemini", server.url + "/v1beta", "k"), asynchronous=False
    )
    client.ask()
    client.close()
    assert server.requests[-1].path == "/v1beta/models/some-model:streamGenerateContent?alt=sse"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _camel(value: Any) -> Any:
    """Return ``value`` with its names in one spelling: the API reads two, and the SDK writes both."""
    if isinstance(value, list):
        return [_camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {re.sub(r"_(\w)", lambda m: m[1].upper(), name): _camel(item) for name, item in value.items()}


@pytest.mark.parametrize("dialect", ["chat", "responses", "gemini"])
@pytest.mark.parametrize("asynchronous", [False, True], ids=["sync", "async"])
def test_a_query_of_ones_own_goes_after_the_path_and_not_into_the_body(
    server: Loopback, dialect: str, asynchronous: bool
) -> None:
    options = {"extra_query": {"tenant": "blue & green"}}
    request = send_request(server, dialect, user(Text("hi"), options=options), asynchronous=asynchronous)
    assert "tenant=blue" in request.path
    assert "blue & green" not in str(request.body)
    assert not [name for name in request.headers if "streamnb" in name.lower()]
