"""``%stream models``: the providers and their keys, and what one of them offers."""

from __future__ import annotations

import os
import threading
from typing import Any

from ...core.errors import UsageError
from ...core.redaction import ENVIRON
from ...core.text import sanitize_line
from ...providers.base import ProviderEndpoint
from ...providers.demo import answer_names as demo_names
from ...providers.registry import PROVIDERS, ProviderSpec, resolve_model
from ...request.environment import refuse_outside_key_for_dotenv_address
from ...streaming.clients import header_filter
from ..state import MagicState

__all__ = ["ask_for_model_names", "run"]

LIST_TIMEOUT_S = 10.0
# What the SDKs raise over a list that is none.
_MALFORMED_LIST_ERRORS = (AttributeError, IndexError, KeyError, RecursionError, TypeError, ValueError)


def run(magics: MagicState, args: list[str]) -> None:
    """Print the providers, or the models that one of them offers; Tab completes those from then on.

    Raises
    ------
    UsageError
        There is no such provider, or it did not list its models.
    """
    if not args:
        _print_providers()
        return
    provider = args[0].rstrip(":")
    if provider not in PROVIDERS:
        first = ", ".join(list(PROVIDERS)[:6])
        raise UsageError(f"there is no provider {provider!r}; %stream models lists all: {first}, …")
    if provider == "demo":
        names = demo_names()
    elif provider == "azure":
        raise UsageError(
            "azure lists models, not your deployments of them: type azure: and the name "
            "of a deployment, which your resource's page in the Azure portal shows"
        )
    else:
        names = magics.model_names[provider] = ask_for_model_names(provider)
    for name in sorted(names):
        print(f"{provider}:{name}")
    if not names:
        print(f"{provider} lists no models")


def ask_for_model_names(provider: str) -> list[str]:
    """Return the names of the models that a provider's endpoint lists within ten seconds.

    Raises
    ------
    UsageError
        There is no key, or the endpoint refused or did not answer in time.
    """
    model = resolve_model(f"{provider}:any", base_url=None, api_key=None, environ=ENVIRON)
    refuse_outside_key_for_dotenv_address(model.endpoint)
    answers: list[list[str]] = []
    failed: list[Exception] = []
    clients: list[Any] = []

    def ask() -> None:
        try:
            answers.append(_request_model_names(model, clients))
        except Exception as error:  # whatever its SDK raises is one line of ours
            failed.append(error)

    work = threading.Thread(target=ask, name="streamnb models", daemon=True)
    work.start()
    work.join(LIST_TIMEOUT_S)
    if failed:
        reason = _error_message(failed[0], model.endpoint.base_url or "")
        raise UsageError(sanitize_line(f"{provider}: {reason}")) from None
    if not answers:
        for client in clients:  # an endless list is read no further
            client.abort()
        raise UsageError(
            f"{provider} did not list its models within {LIST_TIMEOUT_S:g} s; a name can still be typed"
        )
    return [line for name in answers[0] if (line := sanitize_line(name))]


def _request_model_names(model: ProviderEndpoint, clients: list[Any]) -> list[str]:
    """Ask an endpoint for the names of its models; raises whatever its SDK raises."""
    from ...providers import http_client

    with http_client.Client(header_filter(model.endpoint), url=model.endpoint.base_url) as http:
        clients.append(http)
        client = model.provider.build_client(model.endpoint, http, asynchronous=False)
        return model.provider.list_models(client, model.endpoint)


def _error_message(error: Any, url: str) -> str:
    """Return what an SDK's exception says, by the status of the answer if there was one."""
    from ...providers.base import Request
    from ...providers.error_messages import fault_from_exception, fault_from_response

    status = getattr(error, "status_code", None) or getattr(error, "code", None)
    if isinstance(status, int):
        response = getattr(error, "response", None)
        page = getattr(response, "content", b"") or b""
        return fault_from_response(status, page, Request("the list of models", ())).message
    if isinstance(error, _MALFORMED_LIST_ERRORS) and not isinstance(error, UsageError | UnicodeError):
        return "what it sent is no list of models; look at the base URL"
    return fault_from_exception(error, url).message


def _print_providers() -> None:
    for provider, row in PROVIDERS.items():
        print(f"{provider + ':':<18} {_describe_key(provider, row)}")
    print("demo answers:     ", *(f"demo:{name}" for name in demo_names()))
    print("%stream models PROVIDER lists what an endpoint offers")


def _describe_key(provider: str, row: ProviderSpec) -> str:
    """Say what opens a provider's own address, and whether it is there."""
    if provider == "vertex":
        return "Google's credentials, of gcloud or a key file"
    if key := next((name for name in row.key_variables if os.environ.get(name)), None):
        return f"key in {key}"
    return f"no {' or '.join(row.key_variables)}" if row.needs_key else "no key needed"
