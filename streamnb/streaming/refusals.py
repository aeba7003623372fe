"""What a server's refusal says, in words for a person, and what to do about it.

A refusal is an answer that is no event stream: a status other than success, or a page.  Read here
are its JSON error in the dialects that occur, ``Retry-After``, and whether it names a parameter.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ..core.text import sanitize_line
from ..core.wire_events import Fault
from ..providers import faults
from ..providers.base import Request
from ..providers.body import is_success

__all__ = ["fault_from_response", "rejected_parameters", "retry_after"]

_parse = json.JSONDecoder(strict=False).decode  # raw control characters inside a text are harmless here

RETRIED = frozenset((408, 409, 429))  # and every 5xx

_LENGTHS = ("max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_tokens")

_REFUSED = "the request was refused"
_UNEXPLAINED = ": check the model's name, the options and the base URL"
_ASTRAY = "the server redirects to nowhere: check the base URL"

_ADVICE = {
    400: _REFUSED,
    401: "the key was not accepted: check the key variable of this provider",
    402: "payment is required: check the account's balance",
    403: "this key may not use the model or the address: check both",
    404: "no such model or address: check the name {model!r} and the base URL",
    408: "the server timed out",
    409: "the server reports a conflict",
    413: "the prompt or its attachments are too large: shorten them",
    422: _REFUSED,
    429: "rate limit or quota reached",
    529: "the provider is overloaded",
}

_NO_STREAM = "the server sent a page and no stream: check the base URL, and whether the network wants a login"


def fault_from_response(status: int, page: bytes, request: Request) -> Fault:
    """Return the fault that a refusal is: state ``error`` and one sentence with its cause."""
    words = sanitize_line(_message(page), 110)
    if is_success(status):
        text = f"the server answered with an error: {words}" if words else _NO_STREAM
        return Fault("error", sanitize_line(text))
    advice = _ADVICE.get(status) or _advice(status)
    if advice == _REFUSED and not words:
        advice += _UNEXPLAINED
    advice = sanitize_line(advice.format(model=sanitize_line(request.model, 40)), 110)
    if option := rejected_option(status, page, request):
        advice = f"the server does not take {sanitize_line(option, 60)}: change it or leave it out"
    text = f"HTTP {status}: {advice}" + (f" ({words.rstrip('.')})" if words else "")
    return Fault("error", sanitize_line(text), retry=status in RETRIED or status >= 500)


def _advice(status: int) -> str:
    """Return what a status means of which only the hundreds are known."""
    if status >= 500:
        return "the server failed"
    return _ASTRAY if 300 <= status < 400 else _REFUSED


def rejected_option(status: int, page: bytes, request: Request) -> str | None:
    """Return the option of the person's that a 400 or 422 names, as it is typed; ``None`` for none."""
    if status not in (400, 422):
        return None
    words = _message(page)
    sent = {"temperature": request.temperature} | dict.fromkeys(_LENGTHS, request.max_tokens)
    for name, value in sent.items():
        if value is not None and name in words:
            return "--max-tokens" if name in _LENGTHS else f"--{name}"
    return next((f"--option {name}" for name in request.options if name in words), None)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, ``None`` where it asks nothing readable.

    A date counts from the answer's own ``Date``, so that a wrong clock here does no harm.
    """
    value = headers.get("retry-after", "").strip()
    with contextlib.suppress(ValueError):
        if math.isfinite(seconds := float(value)):
            return max(0.0, seconds)
    then = _date(value)
    if then is None:
        return None
    now = _date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (then - now).total_seconds())


def rejected_parameters(status: int, page: bytes, added: Iterable[str]) -> frozenset[str]:
    """Return those of ``added`` that a 400 or 422 names: they can be left out."""
    if status not in (400, 422):
        return frozenset()
    text = page.decode("utf-8", "replace")
    return frozenset(name for name in added if name in text)


def _message(page: bytes) -> str:
    """Find the server's own words in its error body; HTML and silence say nothing."""
    text = page.decode("utf-8", "replace").strip()
    try:
        value = _parse(text)
    except (ValueError, RecursionError):
        return "" if text[:1] == "<" else text
    return faults.provider_text(value)


def _date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
