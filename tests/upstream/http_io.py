"""Reading and writing of HTTP/1.1 on a socket, TLS, and a self-signed certificate."""

from __future__ import annotations

import json
import ssl
import subprocess
import time
from collections.abc import Iterator
from http.client import responses
from pathlib import Path
from typing import Any

from .messages import Answer, Request

__all__ = ["make_self_signed_certificate", "read_request", "response_head", "server_tls_context"]


def read_request(reader: Any, connection: int) -> Request | None:
    """Read one request; ``None`` at the end of the connection."""
    line = reader.readline(65536)
    if not line:
        return None
    at = time.monotonic()
    method, path, version = line.decode("latin-1").split()
    if not version.startswith("HTTP/"):
        raise ValueError(line)
    headers: dict[str, str] = {}
    for header in iter(lambda: reader.readline(65536).strip(), b""):
        name, _colon, value = header.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    raw = b"".join(_body(reader, headers))
    try:
        parsed = json.loads(raw) if raw else None
    except ValueError:
        parsed = None
    return Request(method, path, headers, raw, parsed, at, connection)


def _body(reader: Any, headers: dict[str, str]) -> Iterator[bytes]:
    if headers.get("transfer-encoding") != "chunked":
        yield reader.read(int(headers.get("content-length", "0")))
        return
    while size := int(reader.readline(), 16):
        yield reader.read(size)
        reader.readline()
    reader.readline()


def response_head(answer: Answer, length: int) -> bytes:
    version = "1.0" if answer.framing == "close" else "1.1"
    phrase = responses.get(answer.status, "Unheard Of")
    headers = {"content-type": answer.content_type, **answer.headers}
    if answer.framing == "chunked":
        headers["transfer-encoding"] = "chunked"
    elif answer.framing == "length":
        headers["content-length"] = str(length)
    lines = [f"HTTP/{version} {answer.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def server_tls_context(certificate: Path) -> ssl.SSLContext:
    """A server's context with this certificate and its key."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def make_self_signed_certificate(folder: Path) -> Path:
    """Make a certificate for 127.0.0.1 that nobody trusts, with the ``openssl`` command."""
    made = folder / "self-signed.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-batch"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(made), "-out", str(folder / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)
    made.write_bytes(made.read_bytes() + (folder / "certificate.pem").read_bytes())
    return made
