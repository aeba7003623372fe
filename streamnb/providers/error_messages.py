"""Map exceptions and HTTP refusals to a ``Fault`` with a message for a person.

Exceptions of httpx2, of the SDKs and of the socket layer come in here (those of the network are worded
in ``connection_errors``), and answers that are no event stream: a status other than success, or a page.
Nothing above this file knows their classes and shapes.  The error objects in their JSON are read by
``error_objects``.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ..core.errors import UsageError
from ..core.text import sanitize_line
from ..core.wire_events import Fault
from .base import Request
from .error_objects import error_text_without_code, parse_lenient
from .urls import host_of

__all__ = [
    "fault_from_exception",
    "fault_from_response",
    "is_success",
    "rejected_parameters",
    "retry_after_s",
]

RETRYABLE_STATUSES = frozenset((408, 409, 429))  # and every 5xx

_MAX_TOKENS_NAMES = ("max_completion_tokens", "max_output_tokens", "maxOutputTokens", "max_tokens")
_LONE_SURROGATE_MESSAGE = (
    "the request holds half a character, which cannot be sent: look at the tools, the schema and the options"
)
_REFUSED_MESSAGE = "the request was refused"
_CHECK_REQUEST_ADVICE = ": check the model's name, the options and the base URL"
_BAD_REDIRECT_MESSAGE = "the server redirects to nowhere: check the base URL"
_NO_STREAM_MESSAGE = (
    "the server sent a page and no stream: check the base URL, and whether the network wants a login"
)
_ADVICE = {
    400: _REFUSED_MESSAGE,
    401: "the key was not accepted: check the key variable of this provider",
    402: "payment is required: check the account's balance",
    403: "this key may not use the model or the address: check both",
    404: "no such model or address: check the name {model!r} and the base URL (most end in /v1)",
    405: "the address takes no such request: check the base URL (most end in /v1)",
    407: "the proxy wants a login: put name and password into its variable, before the host",
    408: "the server timed out",
    409: "the server reports a conflict",
    413: "the prompt or its attachments are too large: shorten them",
    422: _REFUSED_MESSAGE,
    429: "rate limit or quota reached",
    511: "the network wants a login: open a page in the browser first",
    529: "the provider is overloaded",
}


# -- exceptions -----------------------------------------------------------------------------


def fault_from_exception(error: BaseException, url: str = "") -> Fault:
    """Return the fault that ``error`` means; ``url`` is where the request was going."""
    from .connection_errors import (  # httpx2 is there only once something was sent
        BAD_HEADER_MESSAGE,
        connection_fault,
        exception_chain,
    )

    host = host_of(url) or "the server"
    chain = tuple(exception_chain(error))
    for cause in chain:
        if isinstance(cause, UsageError):
            return Fault("error", sanitize_line(str(cause)))
        if isinstance(cause, UnicodeEncodeError):
            return Fault(
                "error",
                BAD_HEADER_MESSAGE if cause.encoding in ("ascii", "latin-1") else _LONE_SURROGATE_MESSAGE,
            )
    text = sanitize_line(f"{type(error).__name__}: {error}".rstrip(": "))
    return connection_fault(chain, url, host) or Fault("error", text)


# -- refusals -------------------------------------------------------------------------------


def is_success(status: int) -> bool:
    """Return whether a status says that what was asked for follows."""
    return 200 <= status < 300


def fault_from_response(status: int, page: bytes, request: Request) -> Fault:
    """Return the fault that a refusal is: state ``error`` and one sentence with its cause.

    Parameters
    ----------
    status
        The HTTP status of the answer.
    page
        Its body, as it came.
    request
        What was asked, so that an option of the person's can be named.

    Returns
    -------
    Fault
        The fault, which also says whether trying again may help.
    """
    message = sanitize_line(_error_body_text(page), 110)
    if is_success(status):
        text = f"the server answered with an error: {message}" if message else _NO_STREAM_MESSAGE
        return Fault("error", sanitize_line(text))
    advice = _ADVICE.get(status) or _advice_for_status_class(status)
    if advice == _REFUSED_MESSAGE and not message:
        advice += _CHECK_REQUEST_ADVICE
    advice = sanitize_line(advice.format(model=sanitize_line(request.model, 40)), 110)
    if option := _rejected_option(status, page, request):
        advice = f"the server does not take {sanitize_line(option, 60)}: change it or leave it out"
    is_out_of_credit = status == 429 and b"insufficient_quota" in page
    if is_out_of_credit:  # waiting does not help
        advice = "the account has no credit left: add some there, or use another key"
    text = f"HTTP {status}: {advice}" + (f" ({message.rstrip('.')})" if message else "")
    retry = (status in RETRYABLE_STATUSES or status >= 500) and not is_out_of_credit
    return Fault("error", sanitize_line(text), retry=retry)


def rejected_parameters(status: int, page: bytes, parameters: Iterable[str]) -> frozenset[str]:
    """Return those of ``parameters`` that a 400 or 422 names: they can be left out.

    Parameters
    ----------
    status
        The HTTP status of the answer.
    page
        Its body, as it came.
    parameters
        Parameters that we added to the request without being asked.

    Returns
    -------
    frozenset[str]
        Their names; empty where none is to blame.
    """
    if status not in (400, 422):
        return frozenset()
    text = page.decode("utf-8", "replace")
    return frozenset(name for name in parameters if name in text)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks for, ``None`` where it asks nothing readable.

    A date counts from the answer's own ``Date``, so that a wrong clock here does no harm.
    """
    value = headers.get("retry-after", "").strip()
    with contextlib.suppress(ValueError):
        if math.isfinite(seconds := float(value)):
            return max(0.0, seconds)
    then = _parse_http_date(value)
    if then is None:
        return None
    now = _parse_http_date(headers.get("date", "")) or datetime.now(UTC)
    return max(0.0, (then - now).total_seconds())


def _advice_for_status_class(status: int) -> str:
    """Return what a status means of which only the hundreds are known."""
    if status >= 500:
        return "the server failed"
    return _BAD_REDIRECT_MESSAGE if 300 <= status < 400 else _REFUSED_MESSAGE


def _rejected_option(status: int, page: bytes, request: Request) -> str | None:
    """Return the option of the person's that a 400 or 422 names, as it is typed; ``None`` for none."""
    if status not in (400, 422):
        return None
    text = _error_body_text(page)
    parameters = {"temperature": request.temperature} | dict.fromkeys(_MAX_TOKENS_NAMES, request.max_tokens)
    for name, value in parameters.items():
        if value is not None and name in text:
            return "--max-tokens" if name in _MAX_TOKENS_NAMES else f"--{name}"
    return next((f"--option {name}" for name in request.options if name in text), None)


def _error_body_text(page: bytes) -> str:
    """Return the server's own words in its error body; HTML and silence say nothing."""
    text = page.decode("utf-8", "replace").strip()
    try:
        value = parse_lenient(text)
    except (ValueError, RecursionError):
        line = next((line for line in text.splitlines() if line.startswith("data:")), "")
        with contextlib.suppress(ValueError, RecursionError):  # a fault that came as an event
            return error_text_without_code(parse_lenient(line.removeprefix("data:").strip()))
        return "" if text[:1] == "<" else text
    return error_text_without_code(value)


def _parse_http_date(value: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
