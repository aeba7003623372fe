"""Map exceptions and HTTP refusals to a ``Fault`` with a message of ``fault_messages``.

Exceptions of httpx2, of the SDKs and of the socket layer come in here (those of the network are met
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
from . import fault_messages
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


# -- exceptions -----------------------------------------------------------------------------


def fault_from_exception(error: BaseException, url: str = "") -> Fault:
    """Return the fault that ``error`` means; ``url`` is where the request was going."""
    # httpx2 is there only once something was sent
    from .connection_errors import connection_fault, exception_chain

    host = host_of(url) or "the server"
    chain = tuple(exception_chain(error))
    for cause in chain:
        if isinstance(cause, UsageError):
            return Fault("error", sanitize_line(str(cause)))
        if isinstance(cause, UnicodeEncodeError):
            is_header = cause.encoding in ("ascii", "latin-1")
            return Fault("error", fault_messages.BAD_HEADER if is_header else fault_messages.LONE_SURROGATE)
    text = sanitize_line(f"{type(error).__name__}: {error}".rstrip(": "))
    return connection_fault(chain, url, host) or Fault("error", text)


# -- refusals -------------------------------------------------------------------------------


def is_success(status: int) -> bool:
    """Return whether a status says that what was asked for follows."""
    return 200 <= status < 300


def fault_from_response(status: int, error_body: bytes, request: Request) -> Fault:
    """Return the fault that a refusal is: state ``error`` and one sentence with its cause.

    Parameters
    ----------
    status
        The HTTP status of the answer.
    error_body
        Its body, as it came.
    request
        What was asked, so that an option of the person's can be named.

    Returns
    -------
    Fault
        The fault, which also says whether trying again may help.
    """
    message = sanitize_line(_error_body_text(error_body), 110)
    if is_success(status):
        template = fault_messages.ERROR_WITH_SUCCESS if message else fault_messages.NO_STREAM
        return Fault("error", sanitize_line(template.format(message=message)))
    advice = fault_messages.BY_STATUS.get(status) or _advice_for_status_class(status)
    if advice == fault_messages.REFUSED and not message:
        advice += fault_messages.CHECK_REQUEST_ADVICE
    advice = sanitize_line(advice.format(model=sanitize_line(request.model, 40)), 110)
    if option := _rejected_option(status, error_body, request):
        advice = fault_messages.REJECTED_OPTION.format(option=sanitize_line(option, 60))
    is_out_of_credit = status == 429 and b"insufficient_quota" in error_body
    if is_out_of_credit:  # waiting does not help
        advice = fault_messages.OUT_OF_CREDIT
    text = f"HTTP {status}: {advice}" + (f" ({message.rstrip('.')})" if message else "")
    retry = (status in RETRYABLE_STATUSES or status >= 500) and not is_out_of_credit
    return Fault("error", sanitize_line(text), retry=retry)


def rejected_parameters(status: int, error_body: bytes, parameters: Iterable[str]) -> frozenset[str]:
    """Return those of ``parameters`` that a 400 or 422 names: they can be left out.

    Parameters
    ----------
    status
        The HTTP status of the answer.
    error_body
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
    text = error_body.decode("utf-8", "replace")
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
        return fault_messages.SERVER_FAILED
    return fault_messages.BAD_REDIRECT if 300 <= status < 400 else fault_messages.REFUSED


def _rejected_option(status: int, error_body: bytes, request: Request) -> str | None:
    """Return the option of the person's that a 400 or 422 names, as it is typed; ``None`` for none."""
    if status not in (400, 422):
        return None
    text = _error_body_text(error_body)
    parameters = {"temperature": request.temperature} | dict.fromkeys(_MAX_TOKENS_NAMES, request.max_tokens)
    for name, value in parameters.items():
        if value is not None and name in text:
            return "--max-tokens" if name in _MAX_TOKENS_NAMES else f"--{name}"
    return next((f"--option {name}" for name in request.options if name in text), None)


def _error_body_text(error_body: bytes) -> str:
    """Return the server's own words in its error body; HTML and silence say nothing."""
    text = error_body.decode("utf-8", "replace").strip()
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
