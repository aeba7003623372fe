"""Translation of a ``Request`` into the keyword arguments of Gemini's SDK call."""

from __future__ import annotations

import base64
import json
import mimetypes
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from ..core.content import Blob, Link, Part, ProviderPart, Text, ToolCallPart, ToolResultPart, Upload
from ..core.errors import UsageError
from ..core.text import sanitize_line
from .base import EXTRA_QUERY_HEADER, Request, mark_custom_headers
from .tool_call_deltas import arguments_as_json_object, fields_from_signature

if TYPE_CHECKING:
    import pydantic

__all__ = ["request_kwargs"]

_THINKING_BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24576}  # tokens
_URLSAFE_TO_STANDARD_BASE64 = str.maketrans("-_", "+/")  # of base64, for those of addresses
_ROLES = {"user": "user", "assistant": "model", "tool": "user"}


def request_kwargs(request: Request) -> dict[str, Any]:
    """Return the arguments of ``models.generate_content_stream``.

    Raises
    ------
    UsageError
        A part is another provider's own value, or an option has a value that the SDK refuses.
    """
    import pydantic
    from google.genai import types

    try:
        contents = [
            types.Content(
                role=_ROLES[turn.role],
                parts=[types.Part.model_validate(_part_to_gemini(p)) for p in turn.parts],
            )
            for turn in request.turns
        ]
    except pydantic.ValidationError as reason:
        raise UsageError(
            sanitize_line(f"Gemini cannot take a part of the prompt: {_rejected_argument_message(reason)}")
        ) from None
    return {"model": request.model, "contents": contents, "config": _generation_config(request)}


def _generation_config(request: Request) -> Any:
    import pydantic
    from google.genai import types

    config: dict[str, Any] = {
        "system_instruction": request.system,
        "temperature": request.temperature,
        "max_output_tokens": request.max_tokens,
        # The functions of a notebook are called by us, after asking, or not at all.
        "automatic_function_calling": {"disable": True},
    }
    if request.tools:
        declarations = [
            {"name": t.name, "description": t.description, "parameters_json_schema": dict(t.parameters)}
            for t in request.tools
        ]
        config["tools"] = [{"function_declarations": declarations}]
    if request.search:
        config["tools"] = [*config.get("tools", ()), {"google_search": {}}]
    if request.effort is not None:
        config["thinking_config"] = _thinking_config(request.model, request.effort)
    if request.schema is not None:
        config |= {"response_mime_type": "application/json", "response_json_schema": dict(request.schema)}
    config = {name: value for name, value in config.items() if value is not None}
    field_names = {
        field.alias or name: name for name, field in types.GenerateContentConfig.model_fields.items()
    }
    unknown: dict[str, Any] = {}
    for name, value in request.options.items():
        if name in field_names or name in field_names.values():
            config[field_names.get(name, name)] = value
        else:
            unknown[name] = value  # the server may know what the SDK does not
    if http_options := _http_options(dict(config.get("http_options") or {}), unknown):
        config["http_options"] = http_options
    try:
        return types.GenerateContentConfig.model_validate(config)
    except pydantic.ValidationError as reason:
        raise UsageError(sanitize_line(f"--option {_rejected_argument_message(reason)}")) from None


def _http_options(options: dict[str, Any], unknown: dict[str, Any]) -> dict[str, Any]:
    """Return the person's own ``options``, with the headers, query and fields that the SDK does not know."""
    headers = {**(options.get("headers") or {}), **(unknown.pop("extra_headers", None) or {})}
    headers = mark_custom_headers(headers)
    if query := unknown.pop("extra_query", None):
        if not isinstance(query, Mapping):
            raise UsageError('--option extra_query takes a JSON object, for example {"a": "1"}')
        headers[EXTRA_QUERY_HEADER] = urlencode(query, doseq=True)
    if headers:
        options["headers"] = headers
    unknown |= unknown.pop("extra_body", None) or {}
    return options | {"extra_body": unknown} if unknown else options


def _thinking_config(model: str, effort: str) -> dict[str, Any]:
    """Return the budget of tokens that a word stands for, or the level, which Gemini 3 has instead.

    The budgets are those of Google's own endpoint for openai's ``reasoning_effort``
    (https://ai.google.dev/gemini-api/docs/openai#thinking).
    """
    has_budget = "gemini-2" in model
    if effort == "none" and (not has_budget or "2.5-pro" in model):
        raise UsageError(f"--effort none: {sanitize_line(model, 60)} always thinks; take minimal or low")
    return (
        {"thinking_budget": _THINKING_BUDGETS[effort]} if has_budget else {"thinking_level": effort.upper()}
    )


def _rejected_argument_message(reason: pydantic.ValidationError) -> str:
    """Return where the first thing is that the SDK does not take, what it is, and why."""
    first = reason.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where}: {repr(first['input'])[:60]} is not what Gemini takes here ({first['msg']})"


def _part_to_gemini(part: Part) -> Any:
    match part:
        case Text(text):
            return {"text": text}
        case Blob(mime_type, data):
            return {"inline_data": {"mime_type": mime_type, "data": data}}
        case Upload(mime_type):  # its address is known once it was sent; until then its name stands there
            return {"file_data": {"file_uri": f"({part.name}, uploaded first)", "mime_type": mime_type}}
        case Link(url, mime_type):
            kind = mime_type or mimetypes.guess_type(urlsplit(url).path)[0]
            return {"file_data": {"file_uri": url} | ({"mime_type": kind} if kind else {})}
        case ProviderPart(value):
            return _provider_part_to_gemini(value)
        case ToolCallPart(id_, name, arguments, signature):
            call = {"name": name, "args": json.loads(arguments_as_json_object(arguments))}
            call |= {"id": id_} if id_ else {}
            return {"function_call": call, **_thought_signature(signature)}
        case ToolResultPart(id_, name, content):
            answer = {"name": name, "response": {"result": content}} | ({"id": id_} if id_ else {})
            return {"function_response": answer}


def _provider_part_to_gemini(value: object) -> Any:
    """Return google-genai's own value as a part: a part, or an uploaded file by its address."""
    from google.genai import types

    if isinstance(value, types.File):
        return {"file_data": {"file_uri": value.uri, "mime_type": value.mime_type}}
    if isinstance(value, types.Part | dict):
        return value
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    raise UsageError(
        f"{sanitize_line(kind, 80)} is no value of google-genai's; attach text, an image, bytes or a path"
    )


def _thought_signature(signature: str | None) -> dict[str, bytes]:
    """Return the mark of a call; one that came through chat completions stands in what they return."""
    google = fields_from_signature(signature).get("extra_content")
    google = google.get("google") if isinstance(google, dict) else None
    if isinstance(google, dict):
        signature = str(google.get("thought_signature") or "")
    try:
        plain = (signature or "").translate(_URLSAFE_TO_STANDARD_BASE64)
        mark = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError:  # another provider's
        return {}
    return {"thought_signature": mark} if mark else {}
