"""Translation of a ``Request`` into the keyword arguments of the SDK's chat completions call."""

from __future__ import annotations

import base64
import mimetypes
from typing import Any
from urllib.parse import urlsplit

from ..core.content import Blob, Link, Part, ProviderPart, Text, ToolCallPart, ToolResultPart, Turn, Upload
from ..core.errors import UsageError
from ..core.text import sanitize_line
from . import openai_client
from .base import Endpoint, Request, mark_custom_headers
from .tool_call_deltas import ROUND_TRIP_CALL_FIELDS, arguments_as_json_object, fields_from_signature

__all__ = [
    "data_url",
    "merge_options",
    "mime_type_of",
    "provider_value_to_json",
    "request_kwargs",
    "too_large_error",
]

# What the SDK's calls take beside the body of the request.
_SDK_REQUEST_OPTIONS = ("extra_body", "extra_headers", "extra_query", "timeout")
# What a server wants back with the message that a call stands in.
_ROUND_TRIP_MESSAGE_FIELDS = ("reasoning_content", "reasoning_details", "thinking_blocks")
_AUDIO_FORMATS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}


def request_kwargs(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Return the arguments of ``chat.completions.create``, without ``stream``.

    Raises
    ------
    UsageError
        A part has a kind that chat completions cannot take.
    """
    arguments: dict[str, Any] = {"model": request.model, "messages": _messages_to_json(request)}
    if request.temperature is not None:
        arguments["temperature"] = request.temperature
    if request.max_tokens is not None:
        arguments[_max_tokens_name(endpoint)] = request.max_tokens
    if request.effort is not None:
        arguments["reasoning_effort"] = request.effort
    if request.search:
        arguments |= _web_search_parameters(request, endpoint)
    if "stream_options" not in request.dropped_params:
        arguments["stream_options"] = {"include_usage": True}
    if request.tools:
        arguments["tools"] = [
            {
                "type": "function",
                "function": {"name": t.name, "description": t.description, "parameters": dict(t.parameters)},
            }
            for t in request.tools
        ]
    if request.schema is not None:
        schema = {"name": request.schema_name, "schema": dict(request.schema)}
        arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
    if {"max_tokens", "max_completion_tokens"} & request.options.keys():
        arguments.pop(_max_tokens_name(endpoint), None)
    return merge_options(arguments, request, endpoint)


def merge_options(arguments: dict[str, Any], request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Return ``arguments`` with the person's options over it.

    An option that the SDK knows and one that only the server knows are the same in the JSON that
    is sent, so all of them go in as the SDK's ``extra_body``, which has the last word.

    Parameters
    ----------
    arguments
        Those of the call so far.
    request
        Its ``options`` win over them.
    endpoint
        Which headers and parameters belong to it.

    Returns
    -------
    dict[str, Any]
        Keyword arguments for the SDK's call.
    """
    options = dict(request.options)
    beside = {name: options.pop(name) for name in _SDK_REQUEST_OPTIONS if name in options}
    if extra := {**arguments.pop("extra_body", {}), **(beside.get("extra_body") or {}), **options}:
        beside["extra_body"] = extra
    kwargs = {name: value for name, value in arguments.items() if name not in options}
    kwargs |= {
        name: arguments[name] for name in ("model", "messages", "input") if name in arguments
    }  # the SDK insists
    own = dict(beside.pop("extra_headers", None) or {})
    is_signed = any(name.lower() == "authorization" for name in own)
    headers = ({} if is_signed else openai_client.headers_without_key(endpoint)) | mark_custom_headers(own)
    return kwargs | beside | ({"extra_headers": headers} if headers else {})


def _web_search_parameters(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Return what makes this endpoint search the web; most that speak chat completions cannot."""
    if endpoint.provider == "openrouter":
        return {"extra_body": {"plugins": [{"id": "web"}]}}
    if endpoint.provider in ("openai", "azure") and "search" in request.model:
        return {"web_search_options": {}}
    instead = (
        f"openai-responses:{sanitize_line(request.model, 40)} or a gemini: model"
        if endpoint.provider == "openai"
        else ("an openai-responses:, gemini: or openrouter: model")
    )
    model = sanitize_line(f"{endpoint.provider}:{request.model}", 60)
    raise UsageError(f"--search: {model} has no web search of its own; ask {instead}")


def _max_tokens_name(endpoint: Endpoint) -> str:
    host = urlsplit(endpoint.base_url or openai_client.DEFAULT_BASE_URL).hostname
    own = host == urlsplit(openai_client.DEFAULT_BASE_URL).hostname
    return "max_completion_tokens" if own or endpoint.provider == "azure" else "max_tokens"


def _messages_to_json(request: Request) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []
    if request.system is not None:
        messages.append({"role": "system", "content": request.system})
    for turn in request.turns:
        messages += _turn_to_messages(turn)
    return messages


def _turn_to_messages(turn: Turn) -> list[dict[str, Any]]:
    if turn.role == "tool":
        answers = [part for part in turn.parts if isinstance(part, ToolResultPart)]
        return [{"role": "tool", "tool_call_id": part.id, "content": part.content} for part in answers]
    if turn.role == "assistant":
        return [_assistant_turn_to_message(turn)]
    if len(turn.parts) == 1 and isinstance(turn.parts[0], Text):  # servers that know no parts know this
        return [{"role": "user", "content": turn.parts[0].text}]
    return [{"role": "user", "content": [_part_to_json(part) for part in turn.parts]}]


def _assistant_turn_to_message(turn: Turn) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant"}
    text = "".join(part.text for part in turn.parts if isinstance(part, Text))
    calls = [part for part in turn.parts if isinstance(part, ToolCallPart)]
    if text or not calls:
        message["content"] = text
    for call in calls:
        function = {"name": call.name, "arguments": arguments_as_json_object(call.arguments)}
        fields = fields_from_signature(call.signature)
        beside = {name: fields[name] for name in ROUND_TRIP_CALL_FIELDS if name in fields}
        entry = {"id": call.id, "type": "function", "function": function, **beside}
        message.setdefault("tool_calls", []).append(entry)
        message |= {name: fields[name] for name in _ROUND_TRIP_MESSAGE_FIELDS if name in fields}
    return message


def _part_to_json(part: Part) -> dict[str, Any]:
    match part:
        case Text(text):
            return {"type": "text", "text": text}
        case Blob(mime_type, data) if mime_type.startswith("image/"):
            return {"type": "image_url", "image_url": {"url": data_url(part)}}
        case Blob(mime_type, data) if mime_type in _AUDIO_FORMATS:
            audio = {"data": base64.b64encode(data).decode(), "format": _AUDIO_FORMATS[mime_type]}
            return {"type": "input_audio", "input_audio": audio}
        case Blob("application/pdf", _, name):
            return {"type": "file", "file": {"filename": name or "file.pdf", "file_data": data_url(part)}}
        case Blob(mime_type, data) if mime_type.startswith("text/"):
            return {"type": "text", "text": data.decode("utf-8", "replace")}
        case Link(url):
            if url.startswith("https:") and mime_type_of(part).startswith("image/"):
                return {"type": "image_url", "image_url": {"url": url}}
            what = sanitize_line(f"{url} ({mime_type_of(part)})", 80)
            raise UsageError(f"chat completions take https: addresses of images, not {what}; attach the file")
        case ProviderPart(value):
            return provider_value_to_json(value, lambda id_: {"type": "file", "file": {"file_id": id_}})
        case Upload():
            raise too_large_error(part)
        case _:
            kind = sanitize_line(part.mime_type if isinstance(part, Blob) else type(part).__name__, 60)
            raise UsageError(f"chat completions take no {kind}; attach text, an image or a PDF")


def data_url(blob: Blob) -> str:
    """Return the bytes as an address that holds them."""
    return f"data:{blob.mime_type};base64,{base64.b64encode(blob.data).decode()}"


def too_large_error(part: Upload) -> UsageError:
    """Return the refusal of what does not fit into a request."""
    return UsageError(
        f"{sanitize_line(str(part), 60)}: a request takes 20 MB; make it smaller, attach what openai's "
        "files.create(file=…) returns, or ask a gemini: model, to which it is uploaded"
    )


def mime_type_of(link: Link) -> str:
    """Return the type of what is behind an address; one that does not say is taken for an image's."""
    return link.mime_type or mimetypes.guess_type(urlsplit(link.url).path)[0] or "image/*"


def provider_value_to_json(value: object, by_id: Any) -> dict[str, Any]:
    """Return openai's own value as a part: a part's dictionary, or ``by_id`` of an uploaded file.

    Raises
    ------
    UsageError
        It is not openai's own.
    """
    if isinstance(value, dict):
        return value
    if type(value).__module__.partition(".")[0] == "openai":
        if getattr(value, "object", None) == "file" and hasattr(value, "id"):
            return dict(by_id(value.id))
        if hasattr(value, "model_dump"):
            return dict(value.model_dump(exclude_none=True))
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    raise UsageError(
        f"{sanitize_line(kind, 80)} is no value of openai's; attach text, an image, bytes or a path"
    )
