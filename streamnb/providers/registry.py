"""The table of providers: a model's name gives provider, address and key; only this module hands out keys.

A key goes only to the address that it belongs to.  An address that the person gives (``--base-url``)
gets the key that the person gives with it and no other; the address of a row, and the one that the
row's variable names, get the row's key.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import cast

from ..core.errors import UsageError
from ..core.redaction import Secret
from ..core.text import sanitize_line
from . import cloud_credentials
from .base import Adapter, Dialect, Endpoint, Model, Provider
from .cloud_credentials import AZURE_VARIABLES, VERTEX_VARIABLES
from .colab_secrets import colab_key
from .urls import normalize_base_url, ollama_base_url

__all__ = [
    "DIALECTS",
    "PROVIDERS",
    "ProviderSpec",
    "adapter_factory",
    "model_prefixes",
    "resolve_model",
    "sdk_modules",
]


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What a provider's name stands for.

    Attributes
    ----------
    dialect
        The language it speaks.
    base_url
        Its address; ``None`` where the SDK, or only the environment, knows it.
    key_variables
        Variables that may hold its key; the first that is set counts.
    address_variable
        The variable that may name another address for the same key.
    needs_key
        Whether its own address refuses everybody without a key.
    sdk_variables
        Variables that its SDK reads by itself, besides those.
    """

    dialect: Dialect
    base_url: str | None = None
    key_variables: tuple[str, ...] = ()
    address_variable: str | None = None
    needs_key: bool = True
    sdk_variables: tuple[str, ...] = ()


def _chat_service_spec(base_url: str, *keys: str, address_variable: str | None = None) -> ProviderSpec:
    """Return the row of a service that speaks chat completions."""
    return ProviderSpec("chat", base_url, keys, address_variable)


def _local_server_spec(port: int, *keys: str, address_variable: str | None = None) -> ProviderSpec:
    """Return the row of a server on this machine, which mostly wants no key."""
    return ProviderSpec("chat", f"http://localhost:{port}/v1", keys, address_variable, needs_key=False)


_QWEN = _chat_service_spec(
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY", "ALIBABA_API_KEY"
)
_PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_NETWORK_VARIABLES = (*_PROXY_VARIABLES, *map(str.lower, _PROXY_VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR")
_OPENAI_ADDRESS = "https://api.openai.com/v1"
_OPENAI_VARIABLES = ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS")
_GEMINI = ProviderSpec("gemini", None, ("GOOGLE_API_KEY", "GEMINI_API_KEY"), "GOOGLE_GEMINI_BASE_URL")
_OPENAI = ProviderSpec(
    "chat", _OPENAI_ADDRESS, ("OPENAI_API_KEY",), "OPENAI_BASE_URL", sdk_variables=_OPENAI_VARIABLES
)

PROVIDERS: Mapping[str, ProviderSpec] = {
    "openai": _OPENAI,
    "openai-responses": replace(_OPENAI, dialect="responses"),
    "gemini": _GEMINI,
    "google": _GEMINI,
    "azure": ProviderSpec(
        "chat", None, ("AZURE_OPENAI_API_KEY",), "AZURE_OPENAI_ENDPOINT", sdk_variables=AZURE_VARIABLES
    ),
    "vertex": ProviderSpec(
        "gemini", None, (), "GOOGLE_VERTEX_BASE_URL", needs_key=False, sdk_variables=VERTEX_VARIABLES
    ),
    "demo": ProviderSpec("chat", needs_key=False),
    "ollama": _local_server_spec(11434, "OLLAMA_API_KEY", address_variable="OLLAMA_BASE_URL"),
    "openrouter": _chat_service_spec("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "groq": _chat_service_spec("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "mistral": _chat_service_spec("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "deepseek": _chat_service_spec("https://api.deepseek.com/v1", "DEEPSEEK_API_KEY"),
    "together": _chat_service_spec("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    "lmstudio": _local_server_spec(1234, "LMSTUDIO_API_KEY"),
    "vllm": _local_server_spec(8000, "VLLM_API_KEY"),
    "llamacpp": _local_server_spec(8080, "LLAMA_API_KEY"),
    "litellm": _local_server_spec(4000, "LITELLM_API_KEY", "LITELLM_MASTER_KEY"),
    "anthropic": _chat_service_spec("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    "xai": _chat_service_spec("https://api.x.ai/v1", "XAI_API_KEY"),
    "cerebras": _chat_service_spec("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    "fireworks": _chat_service_spec("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    "perplexity": _chat_service_spec("https://api.perplexity.ai", "PERPLEXITY_API_KEY"),
    "deepinfra": _chat_service_spec("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
    "huggingface": _chat_service_spec("https://router.huggingface.co/v1", "HF_TOKEN"),
    "github": _chat_service_spec("https://models.github.ai/inference", "GITHUB_API_KEY", "GITHUB_TOKEN"),
    "moonshot": _chat_service_spec("https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", "MOONSHOTAI_API_KEY"),
    "qwen": _QWEN,
    "alibaba": _QWEN,
    "zai": _chat_service_spec("https://api.z.ai/api/paas/v4", "ZAI_API_KEY"),
    "sambanova": _chat_service_spec(
        "https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY", address_variable="SAMBANOVA_BASE_URL"
    ),
    "nebius": _chat_service_spec("https://api.studio.nebius.com/v1", "NEBIUS_API_KEY"),
    "ovhcloud": _chat_service_spec("https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", "OVHCLOUD_API_KEY"),
    "vercel": _chat_service_spec(
        "https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY"
    ),
    "nvidia": _chat_service_spec("https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
    "cohere": _chat_service_spec("https://api.cohere.ai/compatibility/v1", "CO_API_KEY", "COHERE_API_KEY"),
}
"""The providers. A new one that speaks a known language is one more line."""

DIALECTS: Mapping[Dialect, str] = {
    "chat": "openai_chat:OpenAIChat",
    "responses": "openai_responses:OpenAIResponses",
    "gemini": "gemini:Gemini",
}
"""The module of each dialect and the class in it, imported when a model that speaks it is first named."""

_SDKS: Mapping[Dialect, str] = {"chat": "openai", "responses": "openai", "gemini": "google.genai"}

# Models whose name is nearly a provider's, and no slip of the pen.
_PROVIDER_LOOKALIKES = ("mixtral", "qwen2", "qwen3", "llama")


def resolve_model(
    spec: str, *, base_url: str | None, api_key: str | None, environ: Mapping[str, str]
) -> Model:
    """Return the model that ``spec`` names, with the address and the key it may be asked with.

    Parameters
    ----------
    spec
        What was typed: ``provider:model``, or a bare name.
    base_url
        The address that the person gave; ``None`` takes the environment's or the provider's own.
    api_key
        The key that the person gave, which goes with ``base_url``; ``None`` looks in ``environ``.
    environ
        The variables of the process.

    Raises
    ------
    UsageError
        The name is empty or nearly a provider's, or the provider's own address needs a key.
    """
    provider, name = _split_spec(spec.strip())
    api_key = _clean_key(api_key)
    row = PROVIDERS[provider]
    if provider != "demo" and not name:
        raise UsageError(f"{provider}: is a provider without a model; type {provider}:MODEL")
    if provider == "demo":
        endpoint = Endpoint("demo")
    elif base_url is not None:
        endpoint = Endpoint(
            provider, normalize_base_url(base_url), api_key, client_variables=_client_variables((), environ)
        )
    else:
        endpoint = _default_endpoint(spec.strip(), provider, api_key, environ)
    if endpoint.key and not (endpoint.key.isascii() and endpoint.key.isprintable()):
        raise UsageError(f"the key for {provider} has a character that no key has: copy it once more")
    return Model(_load_provider(row.dialect), endpoint, name, spec, row.dialect)


def _clean_key(text: str | None) -> Secret | None:
    """Return a key without what is copied along with it: blanks, quotes, the word before it in a header."""
    text = (text or "").strip().strip("\"'").strip()
    scheme, blank, key = text.partition(" ")
    text = key.strip() if blank and scheme.lower() == "bearer" else text
    return Secret(text) if text else None


def model_prefixes() -> list[str]:
    """Return the beginnings of all model names: each provider with its colon."""
    return [f"{provider}:" for provider in PROVIDERS]


def sdk_modules(spec: str, environ: Mapping[str, str]) -> list[str]:
    """Return the modules of the SDKs that are likely to be needed, the one of model ``spec`` first.

    A key that is set will be used; where nothing tells, it is the SDK that most names need.
    """
    provider = spec.partition(":")[0]
    likely = provider if provider in PROVIDERS else "gemini" if spec.startswith("gemini-") else "openai"
    rows = [PROVIDERS[likely]] if likely != "demo" else []
    rows += [row for row in PROVIDERS.values() if any(environ.get(key) for key in row.key_variables)]
    return list(dict.fromkeys(_SDKS[row.dialect] for row in rows)) or [_SDKS["chat"]]


def adapter_factory(provider: str) -> Callable[[], Adapter]:
    """Return what makes the adapters for a provider's name, as a recording keeps it.

    Raises
    ------
    UsageError
        No provider of this version has the name.
    """
    if provider not in PROVIDERS:
        raise UsageError(f"{sanitize_line(provider, 40)!r} is no provider; there are {', '.join(PROVIDERS)}")
    return _load_provider(PROVIDERS[provider].dialect).make_adapter


@cache
def _load_provider(dialect: Dialect) -> Provider:
    module, _, name = DIALECTS[dialect].partition(":")
    return cast("Provider", getattr(import_module(f".{module}", __package__), name)())


def _split_spec(spec: str) -> tuple[str, str]:
    """Part provider and name. Only a known provider is one; any other colon belongs to the name."""
    before, colon, after = spec.partition(":")
    if colon and before in PROVIDERS:
        return before, after.strip()
    if not spec:
        raise UsageError(
            "the model's name is empty; type provider:model, for example openai:gpt-4.1-mini or demo"
        )
    if spec in PROVIDERS:
        return spec, ""
    if colon:
        _refuse_misspelt_provider(before, after)
    return ("gemini" if spec.startswith("gemini-") else "openai"), spec


def _refuse_misspelt_provider(before: str, after: str) -> None:
    lower = before.lower()
    near = [lower] if lower in PROVIDERS else difflib.get_close_matches(lower, PROVIDERS, 1, 0.8)
    if near and abs(len(near[0]) - len(before)) <= 1 and lower not in _PROVIDER_LOOKALIKES:
        provider = sanitize_line(before, 40)
        suggestion = sanitize_line(f"{near[0]}:{after}", 80)
        raise UsageError(
            f"{provider}: is no provider; did you mean {suggestion}? "
            f"(a model of that name: openai:{provider}:…)"
        )


def _default_endpoint(spec: str, provider: str, api_key: str | None, environ: Mapping[str, str]) -> Endpoint:
    """Return the endpoint where the person named none: the environment's, else the row's."""
    row = PROVIDERS[provider]
    variable = row.address_variable
    address_set = environ.get(variable, "").strip() if variable else ""
    if not address_set and provider == "ollama":
        variable, address_set = "OLLAMA_HOST", ollama_base_url(environ.get("OLLAMA_HOST", "").strip())
    address_set = normalize_base_url(address_set, row.address_variable or "") if address_set else ""
    address = address_set or row.base_url
    key = api_key or next((key for name in row.key_variables if (key := _clean_key(environ.get(name)))), None)
    if key is None and row.needs_key and address_set in ("", row.base_url):
        key = colab_key(row.key_variables)
    if provider == "azure":
        cloud_credentials.check_azure_settings(address, key, environ)
    elif provider == "vertex":
        cloud_credentials.check_vertex_settings(address, key, environ)
    elif key is None and row.needs_key and address_set in ("", row.base_url):
        unknown, colon, _ = spec.partition(":")
        if colon and unknown not in PROVIDERS:
            raise UsageError(
                f"{sanitize_line(unknown, 40)}: is no provider (openai:, gemini:, ollama: … are), so OpenAI "
                f"is asked, which needs a key: set {row.key_variables[-1]}, or name a provider"
            )
        raise UsageError(cloud_credentials.missing_key_message(provider, row.key_variables[-1]))
    # These two may use what their SDK finds in the environment besides the key.
    is_trusted = row.address_variable == "OPENAI_BASE_URL" or provider in ("azure", "vertex")
    client_variables = _client_variables(row.sdk_variables, environ)
    return Endpoint(provider, address, key, is_trusted, client_variables, variable if address_set else None)


def _client_variables(names: tuple[str, ...], environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the variables that a client reads while it is built, those of the network among them."""
    return tuple((name, Secret(environ[name])) for name in (*names, *_NETWORK_VARIABLES) if environ.get(name))
