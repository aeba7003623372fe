"""Construction of the openai SDK's clients, so that each secret goes only to its own address.

The SDK reads organisation, project and custom headers from the environment and sends them to
whatever address it is given.  Here they are taken out again for every address that is neither
OpenAI's own nor the one that ``OPENAI_BASE_URL`` names.
"""

from __future__ import annotations

import os
from typing import Any

from ..core.errors import UsageError
from ..core.text import sanitize_line
from .base import PLACEHOLDER_KEY, Endpoint
from .compat import import_whole_httpx
from .urls import split_off_query

__all__ = ["DEFAULT_BASE_URL", "build_client", "headers_without_key", "list_models"]

DEFAULT_BASE_URL = "https://api.openai.com/v1"
_TOO_OLD = (
    "openai {} is older than what works here: pip install --upgrade openai, "
    "in a notebook %pip install --upgrade openai"
)


def build_client(endpoint: Endpoint, http: Any, *, asynchronous: bool) -> Any:
    """Return an ``OpenAI``, ``AsyncOpenAI``, or Azure client over ``http``.

    Parameters
    ----------
    endpoint
        Address, key and provider.
    http
        Our httpx2 client.
    asynchronous
        Whether it is the SDK's asynchronous client.

    Returns
    -------
    Any
        The client, which opens no connection yet.

    Raises
    ------
    UsageError
        The SDK is too old, or does not accept what the environment says.
    """
    import openai

    import_whole_httpx()
    azure = endpoint.provider == "azure"
    if query := split_off_query(endpoint.base_url or "")[1]:
        http.base_query = query
    options = {"http_client": http, "max_retries": 0} | (
        _azure_options(endpoint) if azure else _openai_options(endpoint)
    )
    ours = endpoint.is_trusted and not azure
    try:
        if not ours:
            options["default_headers"] = _custom_header_overrides(endpoint, azure=azure)
        kind = getattr(openai, ("Async" if asynchronous else "") + ("AzureOpenAI" if azure else "OpenAI"))
        client = kind(**options)
    except (TypeError, AttributeError) as reason:  # arguments, or an http client, that it does not know
        raise UsageError(_TOO_OLD.format(openai.__version__)) from reason
    except (ValueError, openai.OpenAIError) as reason:
        raise UsageError(sanitize_line(f"{endpoint.provider}: {reason}")) from reason
    if not ours:
        client.organization = client.project = None
    return client


def headers_without_key(endpoint: Endpoint) -> dict[str, Any]:
    """Return the headers that a call must be given so that no key is sent where none belongs."""
    if endpoint.key is not None or endpoint.provider == "azure":
        return {}
    import openai

    return {"Authorization": openai.Omit()}


def list_models(client: Any, endpoint: Endpoint) -> list[str]:
    """Return the models that an endpoint offers, page after page."""
    models = client.models.list(extra_headers=headers_without_key(endpoint))
    return [model.id for model in models if isinstance(model.id, str)]


def _openai_options(endpoint: Endpoint) -> dict[str, Any]:
    # Both are always given: left out, the SDK would look for them in the environment.
    address, _ = split_off_query(endpoint.base_url or DEFAULT_BASE_URL)
    return {"base_url": address, "api_key": endpoint.key or PLACEHOLDER_KEY}


def _azure_options(endpoint: Endpoint) -> dict[str, Any]:
    options: dict[str, Any] = {"azure_endpoint": split_off_query(endpoint.base_url or "")[0]}
    if endpoint.key or not endpoint.is_trusted:  # else the SDK finds its token in AZURE_OPENAI_AD_TOKEN
        options["api_key"] = endpoint.key or PLACEHOLDER_KEY
    return options


def _custom_header_overrides(endpoint: Endpoint, *, azure: bool) -> dict[str, Any]:
    """Return default headers that undo each line of ``OPENAI_CUSTOM_HEADERS``, read as the SDK does."""
    import openai

    lines = os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n")
    headers: dict[str, Any] = {line.partition(":")[0].strip(): openai.Omit() for line in lines if ":" in line}
    for name in list(headers):
        if name.lower() == ("api-key" if azure else "authorization") and endpoint.key:
            headers[name] = endpoint.key if azure else f"Bearer {endpoint.key}"
    return headers
