"""What went wrong below the answer, in words for a person.

Exceptions of httpx2, of the SDKs and of the socket layer come in here and leave as a
``Fault``; nothing above this file knows their classes.  What a provider says itself, in an
answer, is ``faults``' business.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2

from ..core.errors import UsageError
from ..core.text import sanitize_line
from ..core.wire_events import Fault

__all__ = ["fault_from_exception"]

_HALF = (
    "the request holds half a character, which cannot be sent: look at the tools, the schema and the options"
)
_TRUSTED = "; SSL_CERT_FILE names a file of those to trust"
# "[Errno 104] Connection reset by peer", "illegal chunk header: bytearray(b'zz')", "closed (incomplete read)"
_BESIDE_THE_REASON = re.compile(r"^\[[^\]]*\]\s*|( \(|: bytearray).*$|\.$", re.DOTALL)


def fault_from_exception(error: BaseException, url: str = "") -> Fault:
    """Return the fault that ``error`` means; ``url`` is where the request was going."""
    at = urlsplit(url).netloc or "the server"
    chain = tuple(_causes(error))
    for cause in chain:
        if isinstance(cause, UsageError):
            return Fault("error", sanitize_line(str(cause)))
        if isinstance(cause, UnicodeEncodeError):
            return Fault("error", _HALF)
    for cause in chain:
        if isinstance(cause, httpx2.TransportError | httpx2.InvalidURL | httpx2.TooManyRedirects):
            return _of_transport(cause, at, chain)
    return Fault("error", sanitize_line(f"{type(error).__name__}: {error}".rstrip(": ")))


def _of_transport(error: Exception, at: str, chain: tuple[BaseException, ...]) -> Fault:
    match error:
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return Fault(
                "error", sanitize_line(f"{at} is no address that can be called: http://… or https://…")
            )
        case httpx2.TooManyRedirects():
            return Fault("error", f"{at} redirects without end; check the base URL")
        case httpx2.ProxyError():
            return Fault("lost", sanitize_line(f"the proxy on the way to {at} refused: {error}"))
        case httpx2.ConnectTimeout():
            return Fault(
                "timed-out", f"{at} does not take the connection (is the address right?)", retry=True
            )
        case httpx2.ConnectError():
            return _of_connecting(at, chain)
        case _:
            return Fault("lost", f"the connection to {at} broke ({_reason(chain)})", retry=True)


def _of_connecting(at: str, chain: tuple[BaseException, ...]) -> Fault:
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = cause.verify_message or "certificate not trusted"
            return Fault(
                "lost", sanitize_line(f"the certificate of {at} is not trusted: {why}", 140) + _TRUSTED
            )
        if isinstance(cause, ssl.SSLError):
            return Fault("lost", f"{at} does not speak TLS; try http:// instead of https://")
        if isinstance(cause, socket.gaierror):
            passing = cause.errno == socket.EAI_AGAIN
            return Fault(
                "lost",
                f"no host of the name {at} was found: check the address and the network",
                retry=passing,
            )
        if isinstance(cause, ConnectionRefusedError):
            return Fault("lost", f"{at} refused the connection (is the server running?)", retry=True)
    return Fault("lost", f"no connection to {at} ({_reason(chain)})", retry=True)


def _reason(chain: tuple[BaseException, ...]) -> str:
    words = str(chain[-1]) or type(chain[-1]).__name__
    return sanitize_line(_BESIDE_THE_REASON.sub("", words), 80)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what it came from, outermost first."""
    seen: set[int] = set()
    step: BaseException | None = error
    while step is not None and id(step) not in seen:
        seen.add(id(step))
        yield step
        step = step.__cause__ or step.__context__
