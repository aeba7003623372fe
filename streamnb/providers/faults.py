"""What a provider's error object says -> one sentence for a person.

Errors inside an answer come in many shapes: an object with a message, an object around another,
a bare text, a code that is a number or a word.  All end here; which chunk is an error is for the
adapters to know.
"""

from __future__ import annotations

from typing import Any

from ..core.text import sanitize_line

__all__ = ["UNSAID", "error_text", "provider_text", "unknown_finish_reason"]

UNSAID = "The provider reported an error and did not say which."
_DEPTH = 4  # objects around objects that are opened


def error_text(error: Any) -> str:
    """Return the provider's own words about ``error``, with its code; never empty.

    >>> error_text({"error": {"message": "Too many requests", "code": "rate_limited"}})
    'Too many requests (rate_limited)'
    """
    message, code = _look(error, _DEPTH)
    message, code = sanitize_line(message), sanitize_line(code, 40)
    if not message:
        return f"The provider reported an error: {code}" if code else UNSAID
    return sanitize_line(f"{message} ({code})") if code and code not in message else message


def provider_text(error: Any) -> str:
    """Return the provider's own words alone, whole; empty where there are none.

    >>> provider_text({"detail": [{"msg": "field required", "type": "missing"}]})
    'field required'
    """
    return _look(error, _DEPTH)[0]


def unknown_finish_reason(word: str) -> str:
    """Return the sentence for an end that the provider named with a word we do not know."""
    return f"The provider ended the answer with {sanitize_line(word, 40)!r}, which may not be its whole."


def _look(error: Any, depth: int) -> tuple[str, str]:
    if isinstance(error, str):
        return error, ""
    if isinstance(error, list) and error and depth:
        return _look(error[0], depth - 1)
    if not isinstance(error, dict) or not depth:
        return "", ""
    code = next((str(error[key]) for key in ("code", "status", "type") if _is_word(error.get(key))), "")
    for key in ("message", "error", "detail", "msg", "errors", "error_description"):
        message, inner = _look(error.get(key), depth - 1)
        if message or inner:
            return message, inner or code
    return "", code


def _is_word(value: Any) -> bool:
    return (isinstance(value, str) and value not in ("", "error")) or type(value) is int
