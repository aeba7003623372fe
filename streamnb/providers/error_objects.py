"""Error objects in providers' JSON: whether a chunk is or holds one, and what it says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ..core.text import sanitize_line
from .fault_messages import ERROR_CODE_ALONE, UNKNOWN_ERROR

__all__ = [
    "error_text_with_code",
    "error_text_without_code",
    "find_error_object",
    "parse_lenient",
    "possible_error",
]

MAX_DEPTH = 4  # objects around objects that are opened
MIN_ERROR_STATUS = 400

_HAS_FAILURE_WORD = re.compile(r"(?i)error|exception|fail|throttl|denied|^[45]\d\d$").search
_ERROR_KEY_SUFFIXES = ("error", "exception", "fault", "error_msg", "errormessage", "error_message", "__type")

_MESSAGE_KEYS = (
    *("message", "error", "detail", "msg", "errors", "error_description"),
    *("error_message", "error_msg", "errormessage", "status_msg", "base_resp", "reason"),
    *("fault", "faultstring", "exception", "err", "title"),
)
_CODE_KEYS = (
    "code",
    "status",
    "type",
    "error_code",
    "errorcode",
    "status_code",
    "statuscode",
    "__type",
    "error",
)
_ERROR_HOLDERS = frozenset({"error", "errors", "x_groq", "base_resp"})
_SUCCESS_CODES = (0, 200, "0", "200", "ok", "OK", "success", "Success", "ping", None, "")

parse_lenient = json.JSONDecoder(strict=False).decode  # raw control characters in a text are harmless here


def error_text_with_code(error: Any) -> str:
    """Return the provider's own words about ``error``, with its code; never empty.

    >>> error_text_with_code({"error": {"message": "Too many requests", "code": "rate_limited"}})
    'Too many requests (rate_limited)'
    """
    message, code = _message_and_code(error, MAX_DEPTH)
    message, code = sanitize_line(message), sanitize_line(code, 40)
    if not message:
        return ERROR_CODE_ALONE.format(code=code) if code else UNKNOWN_ERROR
    return sanitize_line(f"{message} ({code})") if code and code not in message else message


def find_error_object(chunk: Mapping[str, Any], *, bare: bool) -> Any:
    """Return the error that a chunk of a stream is or holds, in whatever shape; nothing true for none.

    ``bare`` says that the chunk has nothing of an answer in it, so that a code or a name makes it one.

    >>> find_error_object({"base_resp": {"status_code": 1004, "status_msg": "no such key"}}, bare=False)
    {'status_code': 1004, 'status_msg': 'no such key'}
    """
    if not bare and _ERROR_HOLDERS.isdisjoint(chunk):
        return None
    groq, minimax = chunk.get("x_groq"), chunk.get("base_resp")
    if error := chunk.get("error") or chunk.get("errors") or (isinstance(groq, dict) and groq.get("error")):
        is_good = isinstance(error, dict) and "code" in error and error["code"] in (0, 200, "0", "200")
        has_more = type(error) in (bool, int) or (type(error) is str and type(chunk.get("message")) is str)
        return None if is_good else chunk if has_more else error
    if isinstance(minimax, dict) and minimax.get("status_code") not in _SUCCESS_CODES:
        return minimax
    if not bare:
        return None
    chunk = _lowercase_keys(chunk)
    codes = [chunk.get(key) for key in (*_CODE_KEYS, "object")]
    if False in (chunk.get("success"), chunk.get("ok")) or any(map(_means_failure, codes)):
        return chunk
    error_fields = [
        value
        for name, value in chunk.items()
        if name.endswith(_ERROR_KEY_SUFFIXES) and name not in _CODE_KEYS
    ]
    return next((value if isinstance(value, dict) else chunk for value in error_fields if value), None)


def possible_error(chunk: Mapping[str, Any]) -> Any:
    """Return what a chunk without anything of an answer says, which is an error if no answer follows.

    Some servers say an error as a message alone; others say so what they are doing.

    >>> possible_error({"type": "notice", "message": "busy"}), possible_error({"code": 0, "message": "ok"})
    ({'type': 'notice', 'message': 'busy'}, None)
    """
    code = next((chunk[key] for key in _CODE_KEYS if key in chunk), None)
    is_good = code is not None and type(code) in (int, str) and code in _SUCCESS_CODES
    return chunk if _message_and_code(chunk, MAX_DEPTH)[0] and not is_good else None


def _means_failure(code: Any) -> bool:
    """Whether a code, a status or a type by itself says that something went wrong."""
    if isinstance(code, str):
        return bool(_HAS_FAILURE_WORD(code))
    return type(code) is int and code >= MIN_ERROR_STATUS


def error_text_without_code(error: Any) -> str:
    """Return the provider's own words alone, whole; empty where there are none.

    >>> error_text_without_code({"detail": [{"msg": "field required", "type": "missing"}]})
    'field required'
    """
    return _message_and_code(error, MAX_DEPTH)[0]


def _message_and_code(error: Any, depth: int) -> tuple[str, str]:
    if isinstance(error, str):
        return _message_in_json_text(error, depth) or (error, "")
    if isinstance(error, list) and error and depth:
        return _message_and_code(error[0], depth - 1)
    if not isinstance(error, dict) or not depth:
        return "", ""
    error = _lowercase_keys(error)
    code = next((str(error[key]) for key in _CODE_KEYS if _is_error_code(error.get(key))), "")
    for key in _MESSAGE_KEYS:
        message, inner_code = _message_and_code(error.get(key), depth - 1)
        if message:
            return message, inner_code or code
        code = inner_code or code
    return "", code


def _message_in_json_text(text: str, depth: int) -> tuple[str, str] | None:
    """Return what an error says that a gateway passed on as a text of JSON; ``None`` for other texts."""
    if not (depth and text.lstrip().startswith(("{", "["))):
        return None
    try:
        inner = _message_and_code(parse_lenient(text.strip()), depth - 1)
    except (ValueError, RecursionError):
        return None
    return inner if inner[0] else None


def _lowercase_keys(value: Mapping[Any, Any]) -> dict[str, Any]:
    """Return an object with its names in small letters: some gateways say Message."""
    return {str(key).lower(): entry for key, entry in value.items()}


def _is_error_code(value: Any) -> bool:
    return (isinstance(value, str) and value not in ("", "error")) or type(value) is int
