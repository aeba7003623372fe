"""Construction of the google-genai SDK's clients over our transport."""

from __future__ import annotations

import re
import warnings
from typing import Any

from ..core.errors import UsageError
from ..core.text import sanitize_line
from .base import PLACEHOLDER_KEY, Endpoint
from .compat import suppress_key_warning
from .urls import split_off_query

__all__ = ["build_client", "project_of_credentials"]

_TOO_OLD = (
    "google-genai {} is older than what works here: pip install --upgrade google-genai, "
    "in a notebook %pip install --upgrade google-genai"
)
_CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_VERSION_AT_END = re.compile(r"/(v\d\w*)/?$")


def build_client(endpoint: Endpoint, http: Any, *, asynchronous: bool) -> Any:
    """Return a ``genai.Client`` whose surface of that kind sends through ``http``.

    Parameters
    ----------
    endpoint
        Address, key and variables.
    http
        Our httpx2 client.
    asynchronous
        Whether ``http`` is asynchronous.

    Returns
    -------
    Any
        The client, which opens no connection yet.

    Raises
    ------
    UsageError
        The SDK is too old, or finds neither key nor credentials.
    """
    from google import genai
    from google.genai import types

    from . import http_client

    address: dict[str, Any] = {}
    if endpoint.base_url:
        # Compatible servers are often named with their API version, the SDK wants it apart.
        base_url, query = split_off_query(endpoint.base_url)
        if query:
            http.base_query = query
        version = _VERSION_AT_END.search(base_url)
        address["base_url"] = _VERSION_AT_END.sub("", base_url)
        if version:
            address["api_version"] = version[1]
    try:
        # Given a client of its own, the asynchronous surface does not turn to aiohttp.
        client_field = "httpx_async_client" if asynchronous else "httpx_client"
        # The SDK makes a client for the other surface, too, and would read all certificates again for it,
        # and fail at a proxy that nobody asks.
        unused = {"verify": http_client.ssl_context(), "trust_env": False}
        client_args = {"client_args" if asynchronous else "async_client_args": unused}
        beside: dict[str, Any] = {} if endpoint.provider == "vertex" else client_args
        options = types.HttpOptions(**address, **{client_field: http}, **beside)
    except (ValueError, TypeError) as reason:  # a field, or a kind of client, that it does not know
        raise UsageError(_TOO_OLD.format(genai.__version__)) from reason
    vertex = endpoint.provider == "vertex"
    own_credentials = vertex and endpoint.is_trusted  # the SDK's search: a project, a service account, a key
    key = endpoint.key or (None if own_credentials else PLACEHOLDER_KEY)
    try:
        with suppress_key_warning():
            return genai.Client(vertexai=vertex, api_key=key, http_options=options)
    except Exception as reason:  # ValueError, or one of google.auth's, when there is nothing to sign with
        raise UsageError(sanitize_line(f"{endpoint.provider}: {reason}")) from reason


def project_of_credentials() -> str | None:
    """Return the project that the credentials on this machine belong to, ``None`` if they name none.

    Raises
    ------
    LookupError
        There are no credentials that Google's library finds.
    """
    import google.auth
    from google.auth.exceptions import GoogleAuthError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice about whose quota counts, once for every request
            return google.auth.default(scopes=[_CLOUD_SCOPE])[1]
    except GoogleAuthError as reason:
        raise LookupError(str(reason)) from None
