"""Translation of a ``Request`` into the keyword arguments of the SDK's Responses call."""

from __future__ import annotations

from typing import Any

from ..core.content import Blob, Link, Part, ProviderPart, Text, ToolCallPart, ToolResultPart, Turn, Upload
from ..core.errors import UsageError
from ..core.text import sanitize_line
from .base import Endpoint, Request
from .openai_chat_request import (
    data_url,
    merge_options,
    mime_type_of,
    provider_value_to_json,
    too_large_error,
)
from .tool_call_deltas import arguments_as_json_object, fields_from_signature

__all__ = ["request_kwargs"]


def request_kwargs(request: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Return the arguments of ``responses.create``, without ``stream``.

    Raises
    ------
    UsageError
        A part has a kind that Responses cannot take.
    """
    arguments: dict[str, Any] = {
        "model": request.model,
        "input": [item for turn in request.turns for item in _turn_to_items(turn)],
    }
    if request.system is not None:
        arguments["instructions"] = request.system
    if request.temperature is not None:
        arguments["temperature"] = request.temperature
    if request.max_tokens is not None:
        arguments["max_output_tokens"] = request.max_tokens
    if request.effort is not None:
        arguments["reasoning"] = {"effort": request.effort}
    if request.tools:
        arguments["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
                "strict": False,  # strict schemas know no optional parameters
            }
            for tool in request.tools
        ]
    if request.search:
        arguments["tools"] = [*arguments.get("tools", ()), {"type": "web_search"}]
    if request.schema is not None:
        schema = {"type": "json_schema", "name": request.schema_name, "schema": dict(request.schema)}
        arguments["text"] = {"format": schema | {"strict": False}}
    return merge_options(arguments, request, endpoint)


def _turn_to_items(turn: Turn) -> list[dict[str, Any]]:
    """Return one message for a run of parts, and an item for each call and each call's answer."""
    items: list[dict[str, Any]] = []
    content: list[dict[str, Any]] = []
    for part in turn.parts:
        match part:
            case ToolCallPart(id_, name, arguments, signature):
                text = arguments_as_json_object(arguments)
                call = {"type": "function_call", "call_id": id_, "name": name, "arguments": text}
                items += [
                    *_message_items(turn, content),
                    *fields_from_signature(signature).get("reasoning", ()),
                    call,
                ]
                content = []
            case ToolResultPart(id_, _, answer):
                items.append({"type": "function_call_output", "call_id": id_, "output": answer})
            case Text(text):
                content.append(
                    {"type": "output_text" if turn.role == "assistant" else "input_text", "text": text}
                )
            case _:
                content.append(_part_to_json(part))
    return [*items, *_message_items(turn, content)]


def _message_items(turn: Turn, content: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"role": turn.role, "content": content}] if content else []


def _part_to_json(part: Part) -> dict[str, Any]:
    match part:
        case Blob(mime_type) if mime_type.startswith("image/"):
            return {"type": "input_image", "image_url": data_url(part)}
        case Blob("application/pdf", _, name):
            return {"type": "input_file", "filename": name or "file.pdf", "file_data": data_url(part)}
        case Blob(mime_type, data) if mime_type.startswith("text/"):
            return {"type": "input_text", "text": data.decode("utf-8", "replace")}
        case Link(url) if url.startswith("https:"):
            if mime_type_of(part).startswith("image/"):
                return {"type": "input_image", "image_url": url}
            return {"type": "input_file", "file_url": url}
        case Link(url):
            raise UsageError(
                f"Responses take https: addresses, not {sanitize_line(url, 80)}; attach the file"
            )
        case ProviderPart(value):
            return provider_value_to_json(value, lambda id_: {"type": "input_file", "file_id": id_})
        case Upload():
            raise too_large_error(part)
        case Blob(mime_type):
            raise UsageError(
                f"Responses take no {sanitize_line(mime_type, 60)}; attach text, an image or a PDF"
            )
        case _:
            raise UsageError(f"Responses take no {type(part).__name__} in this place")
