"""Map exceptions of the network, TLS and httpx2 to a ``Fault`` with a message for a person."""

from __future__ import annotations

import os
import re
import socket
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

import httpx2

from ..core.errors import UsageError
from ..core.redaction import mask
from ..core.text import sanitize_line
from ..core.wire_events import Fault
from .urls import host_of

__all__ = ["BAD_HEADER_MESSAGE", "client_build_error", "connection_fault", "exception_chain", "proxy_for"]

BAD_HEADER_MESSAGE = (
    "a header of the request holds what no header can: look at the key and at extra_headers, "
    "for a line break or a letter that is no ASCII"
)

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
                host = f"{target_host}, to which {host} redirects,"
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
        return Fault("error", f"{host} redirects to what is no address: check the base URL")
    if isinstance(error, httpx2.UnsupportedProtocol) and urlsplit(target).scheme != urlsplit(url).scheme:
        message = (
            f"{host} redirects to {sanitize_line(target, 60)}, which cannot be called: check the base URL"
        )
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
            return Fault("error", BAD_HEADER_MESSAGE)
        case httpx2.InvalidURL() | httpx2.UnsupportedProtocol():
            message = f"{host} is no address that can be called: http://… or https://…"
            return Fault("error", sanitize_line(message))
        case httpx2.TooManyRedirects():
            return Fault("error", f"{host} redirects without end; check the base URL")
        case httpx2.ProxyError():
            proxy_name = f"the proxy {proxy}" if proxy else "the proxy"
            message = f"{proxy_name} on the way to {host} refused: {sanitize_line(str(error), 60)}"
            return Fault("lost", sanitize_line(message + _Proxy.ADVICE))
        case httpx2.ConnectTimeout():
            if proxy:
                message = f"the proxy {proxy} does not take the connection{_Proxy.ADVICE}"
            else:
                message = f"{host} does not take the connection (is the address right?)"
            return Fault("timed-out", sanitize_line(message), retry=True)
        case httpx2.RemoteProtocolError() if any(phrase in str(error) for phrase in _NOT_HTTP_PHRASES):
            message = (
                f"{host} does not answer in HTTP: check the base URL (http:// or https://, and the port)"
            )
            return Fault("lost", sanitize_line(message), retry=True)
        case httpx2.ConnectError():
            return _connect_fault(host, proxy, chain)
        case _:
            return Fault("lost", f"the connection to {host} broke ({_root_cause_text(chain)})", retry=True)


def _connect_fault(host: str, proxy: _Proxy | None, chain: tuple[BaseException, ...]) -> Fault:
    for error in chain:
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = error.verify_message or "certificate not trusted"
            message = sanitize_line(f"the certificate of {host} is not trusted: {reason}", 100)
            return Fault("lost", sanitize_line(message + _certificate_advice()))
        if isinstance(error, ssl.SSLError):
            return Fault("lost", f"{host} does not speak TLS; try http:// instead of https://")
        if isinstance(error, socket.gaierror):
            message = f"no host of the name {host} was found: check the address and the network"
            if proxy:
                message = f"no proxy {proxy} was found{_Proxy.ADVICE}"
            return Fault("lost", sanitize_line(message), retry=error.errno == socket.EAI_AGAIN)
        if isinstance(error, ConnectionRefusedError):
            message = f"{host} refused the connection (is the server running?)"
            if proxy:
                message = f"the proxy {proxy} refused the connection{_Proxy.ADVICE}"
            return Fault("lost", sanitize_line(message), retry=True)
    if proxy:
        return Fault("lost", sanitize_line(f"no connection to the proxy {proxy}{_Proxy.ADVICE}"), retry=True)
    return Fault("lost", f"no connection to {host} ({_root_cause_text(chain)})", retry=True)


def _certificate_advice() -> str:
    file = os.environ.get("SSL_CERT_FILE")
    if file:
        return f"; SSL_CERT_FILE={sanitize_line(file, 40)} does not hold its issuer"
    return '; trust a file: import os; os.environ["SSL_CERT_FILE"] = "company.pem"'


@dataclass(frozen=True, slots=True)
class _Proxy:
    """A proxy that the environment names: by which variable, and where, without its password."""

    ADVICE: ClassVar[str] = ": start it, correct the variable, or name the host in NO_PROXY"
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
    variable = f"{name}_proxy"
    return _Proxy(variable if os.environ.get(variable) else variable.upper(), _proxy_host(proxies[name]))


def _proxy_host(address: str) -> str:
    """Return what a proxy is called in a sentence, also where its address has no scheme."""
    return host_of(address) or host_of(f"http://{address.strip()}") or "?"


def client_build_error(error: Exception) -> UsageError:
    """Return the line for what keeps a client from being built: the environment's proxy or certificates."""
    file = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or ""
    if isinstance(error, OSError):  # an SSLError is one, too
        name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        log = os.environ.get("SSLKEYLOGFILE")
        if log and not os.path.isdir(os.path.dirname(os.path.abspath(log))):
            return UsageError(f"SSLKEYLOGFILE={sanitize_line(log, 60)} cannot be written: name another file")
        why = "is not there" if isinstance(error, FileNotFoundError) else "holds no certificates"
        line = f"{name}={sanitize_line(file, 60)}: this file {why}"
        return UsageError(f'{line}; correct it: import os; os.environ["{name}"] = PATH')
    proxies = urllib.request.getproxies_environment()
    kinds = {name: address for name, address in proxies.items() if name != "no"}
    name, address = next(
        ((name, address) for name, address in kinds.items() if address.lower().startswith("socks")),
        next(iter(kinds.items()), ("all", "")),
    )
    variable = f"{name}_proxy" if os.environ.get(f"{name}_proxy") else f"{name}_proxy".upper()
    public = sanitize_line(mask(address, ()), 50)
    if isinstance(error, ImportError):
        advice = 'pip install "httpx2[socks]", or take an http:// proxy'
        return UsageError(sanitize_line(f"{variable}={public}: SOCKS proxies need a package more: {advice}"))
    advice = "a proxy is written http://HOST:PORT"
    return UsageError(sanitize_line(f"{variable}={public} is no proxy that can be used; {advice}"))


def _root_cause_text(chain: tuple[BaseException, ...]) -> str:
    text = str(chain[-1]) or type(chain[-1]).__name__
    return sanitize_line(_ERROR_TEXT_NOISE.sub("", text), 80)
