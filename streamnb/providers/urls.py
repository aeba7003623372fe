"""URLs: normalisation of those that a person types, their secrets, query and host."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit, urlunsplit

from ..core.errors import UsageError
from ..core.text import sanitize_line

__all__ = [
    "host_of",
    "mask_and_guess_url",
    "normalize_base_url",
    "ollama_base_url",
    "secrets_in_url",
    "split_off_query",
]

# What people copy along with the address: the path of one call.
_CALL_PATH = re.compile(r"/(?:chat/completions|completions|responses|models(?:/[^/]*)?(?::\w+)?)$")
_LOCAL_HOST = re.compile(r"^(?:localhost|127\.|0\.0\.0\.0|10\.|192\.168\.|\[)|:\d+(?:/|$)")
_USERINFO = re.compile(r"(?s)^(\s*[a-zA-Z]*:?//+)?.*@")
_QUERY = re.compile(r"(?s)\?.*")
_PUBLIC_PARAMETER = re.compile(r"(?i)version|^alt$")


def normalize_base_url(text: str, name: str = "--base-url") -> str:
    """Return an address without blanks, a slash at its end, or the path of one call.

    A query stays, and so do user and password: they go to that host and are shown nowhere.

    Parameters
    ----------
    text
        What was typed, or what a variable holds.
    name
        Where it was given, for the message.

    Returns
    -------
    str
        The address to which a path such as ``/chat/completions`` can be added.

    Raises
    ------
    UsageError
        It is no address of http or https; the message has one that is.

    >>> normalize_base_url(" http://localhost:1234/v1/chat/completions?api-version=1 ")
    'http://localhost:1234/v1?api-version=1'
    """
    text = text.strip().strip("\"'").strip()
    public, likely = mask_and_guess_url(text)
    if not re.match(r"(?i)https?://", text):
        raise UsageError(f"{name} {public} is no address that can be called; type {likely}")
    try:
        parts = urlsplit(text)
        is_complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete or re.search(r"[\s\x00-\x1f]", text):
        raise UsageError(f"{name} {public} is no address that can be called; type http://HOST:PORT/v1")
    path = parts.path.rstrip("/")
    return urlunsplit(parts._replace(path=_CALL_PATH.sub("", path).rstrip("/"), fragment=""))


def mask_and_guess_url(text: str) -> tuple[str, str]:
    """Return a text that is no URL with its secrets masked, and the URL that was probably meant.

    >>> mask_and_guess_url("me:secret@localhost:1234/v1")
    ('…@localhost:1234/v1', 'http://…@localhost:1234/v1')
    """
    # Of what is no address nobody knows where a password ends: all before the last @ may be one.
    public = sanitize_line(_QUERY.sub("?…", _USERINFO.sub(r"\1…@", text)), 80)
    host = public.partition("://")[2] if "://" in public else public.lstrip("/")
    scheme = "http" if _LOCAL_HOST.search(host.removeprefix("…@")) else "https"
    return public, sanitize_line(f"{scheme}://{host}", 80)


def split_off_query(base_url: str) -> tuple[str, dict[str, str]]:
    """Return an address without its query, and the query, which belongs after the path of each call."""
    parts = urlsplit(base_url)
    return urlunsplit(parts._replace(query="")), dict(parse_qsl(parts.query, keep_blank_values=True))


def host_of(url: str) -> str:
    """Return the host and port of an address, without user and password; empty where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def secrets_in_url(url: str) -> Iterator[str]:
    """Yield what an address holds that must not be shown: its password in each shape, values of its query."""
    try:
        parts: SplitResult = urlsplit(url)
        password = parts.password
    except ValueError:
        return
    if password:
        user = unquote(parts.username or "")
        yield password
        yield unquote(password)
        yield base64.b64encode(f"{user}:{unquote(password)}".encode()).decode()
    for name, value in parse_qsl(parts.query):
        if not _PUBLIC_PARAMETER.search(name):
            yield value


def ollama_base_url(host: str) -> str:
    """Return the address in Ollama's own variable, which may leave out scheme, host or port, and the path.

    >>> ollama_base_url("0.0.0.0"), ollama_base_url("https://box:443/")
    ('http://127.0.0.1:11434/v1', 'https://box:443/v1')
    """
    if not host:
        return ""
    scheme, _, location = host.rpartition("://")
    name, _, path = location.partition("/")
    name, colon, port = name.rpartition(":") if ":" in name else (name, "", "")
    name = "127.0.0.1" if name in ("", "0.0.0.0") else name
    port = port if colon else {"https": "443", "http": "80"}.get(scheme, "11434")
    return f"{scheme or 'http'}://{name}:{port}/{path.strip('/') or 'v1'}"
