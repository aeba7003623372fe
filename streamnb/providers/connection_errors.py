"""Map exceptions of the network, TLS and httpx2 to a ``Fault`` with a message of ``fault_messages``."""

from __future__ import annotations

import os
import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from ..core.errors import UsageError
from ..core.redaction import mask
from ..core.text import sanitize_line
from ..core.wire_events import Fault
from . import fault_messages
from .urls import host_of

__all__ = ["client_build_error", "connection_fault", "exception_chain", "proxy_for"]

# What the library says of bytes that are no answer of HTTP: TLS, another service, another status.
_NOT_HTTP_PHRASES = ("illegal status line", "illegal request line", "status_code", "_SWITCH_UPGRADE")

# "[Errno 104] Connection reset by peer", "illegal chunk header: bytearray(b'zz')", "closed (incomplete read)"
_ERROR_TEXT_NOISE = re.compile(r"^\[[^\]]*\]\s*|( \(|: bytearray).*$|\.$", re.DOTALL)


def connection_fault(chain: tuple[BaseException, ...], url: str, host: str) -> Fault | None:
    """Return the fault of a connection that failed, ``None`` where the exceptions tell of none.

    Parameters
    ----------
    chain
        An exception and what it came from, outermost first.
    url, host
        Where the request was going, and how that is called in the sentence.

    Returns
    -------
    Fault | None
        State, one line, and whether trying again may help; ``None`` for exceptions of another kind.
    """
    for error in chain:
        if isinstance(error, httpx2.TransportError | httpx2.InvalidURL | httpx2.TooManyRedirects):
            target = _request_url(error) or url
            if fault := _redirect_fault(error, target, url, host):
                return fault
            if (target_host := host_of(target)) and host_of(url) not in ("", target_host):
                host = fault_messages.REDIRECTING_HOST.format(target_host=target_host, host=host)
            return _transport_fault(error, target, host, chain)
    return None


def _request_url(error: Exception) -> str:
    """Return the address that was being called, after redirects; empty where the error does not say."""
    try:
        return str(error.request.url)  # type: ignore[attr-defined]
    except (AttributeError, RuntimeError):
        return ""


def _redirect_fault(error: Exception, target: str, url: str, host: str) -> Fault | None:
    """Return the fault of a redirect to what cannot be called; ``None`` for any other."""
    if "location header" in str(error):
        return Fault("error", fault_messages.REDIRECT_TO_NO_ADDRESS.format(host=host))
    if isinstance(error, httpx2.UnsupportedProtocol) and urlsplit(target).scheme != urlsplit(url).scheme:
        message = fault_messages.REDIRECT_TO_OTHER_SCHEME.format(host=host, target=sanitize_line(target, 60))
        return Fault("error", sanitize_line(message))
    return None


def exception_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and what it came from, outermost first."""
    ids: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in ids:
        ids.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _transport_fault(error: Exception, url: str, host: str, chain: tuple[BaseException, ...]) -> Fault:
    proxy = proxy_for(url)
    match error:
        case httpx2.LocalProtocolError():  # h11 quotes the header, key and all
            return Fault("error", fault_messages.BAD_HEADER)
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            return Fault("error", sanitize_line(fault_messages.NO_URL.format(host=host)))
        case httpx2.TooManyRedirects():
            return Fault("error", fault_messages.ENDLESS_REDIRECTS.format(host=host))
        case httpx2.ProxyError():
            proxy_name = f"the proxy {proxy}" if proxy else "the proxy"
            cause = sanitize_line(str(error), 60)
            message = fault_messages.PROXY_REFUSED.format(proxy=proxy_name, host=host, cause=cause)
            return Fault("lost", sanitize_line(message + fault_messages.PROXY_ADVICE))
        case httpx2.ConnectTimeout():
            template = fault_messages.PROXY_CONNECT_TIMEOUT if proxy else fault_messages.CONNECT_TIMEOUT
            return Fault("timed-out", sanitize_line(template.format(proxy=proxy, host=host)), retry=True)
        case httpx2.RemoteProtocolError() if any(phrase in str(error) for phrase in _NOT_HTTP_PHRASES):
            return Fault("lost", sanitize_line(fault_messages.NOT_HTTP.format(host=host)), retry=True)
        case httpx2.ConnectError():
            return _connect_fault(host, proxy, chain)
        case _:
            cause = _root_cause_text(chain)
            return Fault("lost", fault_messages.BROKEN.format(host=host, cause=cause), retry=True)


def _connect_fault(host: str, proxy: _Proxy | None, chain: tuple[BaseException, ...]) -> Fault:
    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = error.verify_message or fault_messages.NOT_TRUSTED_FOR_UNKNOWN_REASON
            message = sanitize_line(fault_messages.NOT_TRUSTED.format(host=host, reason=reason), 100)
            return Fault("lost", sanitize_line(message + _certificate_advice()))
        if isinstance(error, ssl.SSLError):
            return Fault("lost", fault_messages.NO_TLS.format(host=host))
        if isinstance(error, socket.gaierror):
            template = fault_messages.PROXY_NOT_FOUND if proxy else fault_messages.HOST_NOT_FOUND
            message = template.format(proxy=proxy, host=host)
            return Fault("lost", sanitize_line(message), retry=error.errno == socket.EAI_AGAIN)
        if isinstance(error, ConnectionRefusedError):
            template = fault_messages.PROXY_REFUSED_CONNECTION if proxy else fault_messages.REFUSED_CONNECTION
            return Fault("lost", sanitize_line(template.format(proxy=proxy, host=host)), retry=True)
    if proxy:
        message = fault_messages.NO_CONNECTION_TO_PROXY.format(proxy=proxy)
        return Fault("lost", sanitize_line(message), retry=True)
    message = fault_messages.NO_CONNECTION.format(host=host, cause=_root_cause_text(chain))
    return Fault("lost", message, retry=True)


def _certificate_advice() -> str:
    file = os.environ.get("SSL_CERT_FILE")
    if file:
        return fault_messages.ISSUER_MISSING_ADVICE.format(file=sanitize_line(file, 40))
    return fault_messages.TRUST_FILE_ADVICE


@dataclass(frozen=True, slots=True)
class _Proxy:
    """A proxy that the environment names: by which variable, and where, without its password."""

    variable: str
    address: str

    def __str__(self) -> str:
        return f"{sanitize_line(self.address, 50)} ({self.variable})"


def proxy_for(url: str) -> _Proxy | None:
    """Return the proxy that requests to ``url`` go through, ``None`` for none."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return None
    proxies = urllib.request.getproxies_environment()
    if not host or urllib.request.proxy_bypass(host):
        return None
    name = next((name for name in (parts.scheme, "all") if proxies.get(name)), None)
    if name is None:
        return None
    variable, address = f"{name}_proxy", proxies[name]
    host = host_of(address) or host_of(f"http://{address.strip()}") or "?"  # it may have no scheme
    return _Proxy(variable if os.environ.get(variable) else variable.upper(), host)


def client_build_error(error: Exception) -> UsageError:
    """Return the line for what keeps a client from being built: the environment's proxy or certificates."""
    file = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or ""
    if isinstance(error, OSError):  # an SSLError is one, too
        name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        log = os.environ.get("SSLKEYLOGFILE")
        if log and not os.path.isdir(os.path.dirname(os.path.abspath(log))):
            return UsageError(fault_messages.KEY_LOG_NOT_WRITABLE.format(log=sanitize_line(log, 60)))
        is_missing = isinstance(error, FileNotFoundError)
        why = fault_messages.CERTIFICATES_MISSING if is_missing else fault_messages.CERTIFICATES_UNREADABLE
        file = sanitize_line(file, 60)
        return UsageError(fault_messages.BAD_CERTIFICATES.format(name=name, file=file, why=why))
    proxies = urllib.request.getproxies_environment()
    kinds = {name: address for name, address in proxies.items() if name != "no"}
    name, address = next(
        ((name, address) for name, address in kinds.items() if address.lower().startswith("socks")),
        next(iter(kinds.items()), ("all", "")),
    )
    variable = f"{name}_proxy" if os.environ.get(f"{name}_proxy") else f"{name}_proxy".upper()
    public = sanitize_line(mask(address, ()), 50)
    is_socks = isinstance(error, ImportError)
    template = fault_messages.SOCKS_PACKAGE_MISSING if is_socks else fault_messages.BAD_PROXY
    return UsageError(sanitize_line(template.format(variable=variable, proxy=public)))


def _root_cause_text(chain: tuple[BaseException, ...]) -> str:
    text = str(chain[-1]) or type(chain[-1]).__name__
    return sanitize_line(_ERROR_TEXT_NOISE.sub("", text), 80)
