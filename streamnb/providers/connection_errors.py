"""What the network, the TLS layer and httpx2 raise -> the fault that it is, in words for a person."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator

import httpx2

from ..core.text import sanitize_line
from ..core.wire_events import Fault

__all__ = ["causes", "connection_fault"]

_CERTIFICATES = "; SSL_CERT_FILE names a file of those to trust"
# "[Errno 104] Connection reset by peer", "illegal chunk header: bytearray(b'zz')", "closed (incomplete read)"
_BESIDE_THE_REASON = re.compile(r"^\[[^\]]*\]\s*|( \(|: bytearray).*$|\.$", re.DOTALL)


def connection_fault(chain: tuple[BaseException, ...], host: str) -> Fault | None:
    """Return the fault of a connection that failed, ``None`` where the exceptions tell of none.

    Parameters
    ----------
    chain
        An exception and what it came from, outermost first.
    host
        Where the request was going, for the sentence.
    """
    for error in chain:
        if isinstance(error, httpx2.TransportError | httpx2.InvalidURL | httpx2.TooManyRedirects):
            return _transport_fault(error, host, chain)
    return None


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what it came from, outermost first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _transport_fault(error: Exception, host: str, chain: tuple[BaseException, ...]) -> Fault:
    match error:
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            message = f"{host} is no address that can be called: http://… or https://…"
            return Fault("error", sanitize_line(message))
        case httpx2.TooManyRedirects():
            return Fault("error", f"{host} redirects without end; check the base URL")
        case httpx2.ProxyError():
            return Fault("lost", sanitize_line(f"the proxy on the way to {host} refused: {error}"))
        case httpx2.ConnectTimeout():
            message = f"{host} does not take the connection (is the address right?)"
            return Fault("timed-out", message, retry=True)
        case httpx2.ConnectError():
            return _connect_fault(host, chain)
        case _:
            return Fault("lost", f"the connection to {host} broke ({_reason(chain)})", retry=True)


def _connect_fault(host: str, chain: tuple[BaseException, ...]) -> Fault:
    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = error.verify_message or "certificate not trusted"
            message = sanitize_line(f"the certificate of {host} is not trusted: {reason}", 140)
            return Fault("lost", message + _CERTIFICATES)
        if isinstance(error, ssl.SSLError):
            return Fault("lost", f"{host} does not speak TLS; try http:// instead of https://")
        if isinstance(error, socket.gaierror):
            message = f"no host of the name {host} was found: check the address and the network"
            return Fault("lost", message, retry=error.errno == socket.EAI_AGAIN)
        if isinstance(error, ConnectionRefusedError):
            return Fault("lost", f"{host} refused the connection (is the server running?)", retry=True)
    return Fault("lost", f"no connection to {host} ({_reason(chain)})", retry=True)


def _reason(chain: tuple[BaseException, ...]) -> str:
    text = str(chain[-1]) or type(chain[-1]).__name__
    return sanitize_line(_BESIDE_THE_REASON.sub("", text), 80)
