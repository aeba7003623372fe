"""A model's name comes to a provider, an address and a key, or to one line that says what to type."""

from __future__ import annotations

import pytest

from streamnb.core import cost
from streamnb.core.errors import UsageError
from streamnb.providers.registry import PROVIDERS, Model, adapter_factory, model_prefixes, resolve_model

KEYS = {name: f"key of {name}" for row in PROVIDERS.values() for name in row.key_variables}
AZURE = {"AZURE_OPENAI_ENDPOINT": "https://me.openai.azure.com", "OPENAI_API_VERSION": "2024-10-21"}


def named(
    spec: str, environ: dict[str, str] | None = None, base_url: str | None = None, api_key: str | None = None
) -> Model:
    return resolve_model(
        spec, base_url=base_url, api_key=api_key, environ=KEYS | AZURE if environ is None else environ
    )


@pytest.mark.parametrize(
    ("spec", "provider", "name"),
    [
        ("openai:gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("openai-responses:gpt-5", "openai-responses", "gpt-5"),
        ("gemini:gemini-3-flash", "gemini", "gemini-3-flash"),
        ("google:gemini-3-flash", "google", "gemini-3-flash"),
        ("ollama:llama3.2:3b", "ollama", "llama3.2:3b"),
        ("openrouter:openai/gpt-oss-20b:free", "openrouter", "openai/gpt-oss-20b:free"),
        ("demo", "demo", ""),
        ("demo:haiku", "demo", "haiku"),
        # No provider stands before the colon, so all of it is the name.
        ("llama3.2:3b", "openai", "llama3.2:3b"),
        ("openai/gpt-oss-20b", "openai", "openai/gpt-oss-20b"),
        ("mixtral:8x7b", "openai", "mixtral:8x7b"),
        ("qwen3:8b", "openai", "qwen3:8b"),
        ("deepseek-r1:7b", "openai", "deepseek-r1:7b"),
        ("ft:gpt-4o:me::id", "openai", "ft:gpt-4o:me::id"),
        ("gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("gemini-3-flash", "gemini", "gemini-3-flash"),
    ],
)
def test_the_provider_is_what_stands_before_the_first_colon_if_it_is_known(
    spec: str, provider: str, name: str
) -> None:
    model = named(spec)
    assert (model.endpoint.provider, model.name, model.spec) == (provider, name, spec)


def test_every_row_is_resolved_to_a_provider_with_an_adapter() -> None:
    for provider in PROVIDERS:
        model = named(f"{provider}:some-model")
        assert model.endpoint.provider == provider
        assert model.provider.make_adapter().finished is False
        assert adapter_factory(provider)().finished is False
    assert model_prefixes() == [f"{provider}:" for provider in PROVIDERS]


SERVICES = {
    "anthropic": ("https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    "xai": ("https://api.x.ai/v1", "XAI_API_KEY"),
    "cerebras": ("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    "fireworks": ("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    "perplexity": ("https://api.perplexity.ai", "PERPLEXITY_API_KEY"),
    "deepinfra": ("https://api.deepinfra.com/v1/openai", "DEEPINFRA_API_KEY"),
    "huggingface": ("https://router.huggingface.co/v1", "HF_TOKEN"),
    "github": ("https://models.github.ai/inference", "GITHUB_API_KEY", "GITHUB_TOKEN"),
    "moonshot": ("https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", "MOONSHOTAI_API_KEY"),
    "qwen": (
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
        "DASHSCOPE_API_KEY",
        "ALIBABA_API_KEY",
    ),
    "zai": ("https://api.z.ai/api/paas/v4", "ZAI_API_KEY"),
    "sambanova": ("https://api.sambanova.ai/v1", "SAMBANOVA_API_KEY"),
    "nebius": ("https://api.studio.nebius.com/v1", "NEBIUS_API_KEY"),
    "ovhcloud": ("https://oai.endpoints.kepler.ai.cloud.ovh.net/v1", "OVHCLOUD_API_KEY"),
    "vercel": ("https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY", "VERCEL_AI_GATEWAY_API_KEY"),
    "nvidia": ("https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
    "cohere": ("https://api.cohere.ai/compatibility/v1", "CO_API_KEY", "COHERE_API_KEY"),
    "llamacpp": ("http://localhost:8080/v1", "LLAMA_API_KEY"),
    "litellm": ("http://localhost:4000/v1", "LITELLM_API_KEY", "LITELLM_MASTER_KEY"),
}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_its_address_and_the_first_of_its_keys_that_is_set(service: str) -> None:
    address, *keys = SERVICES[service]
    for number, key in enumerate(keys):
        environ = {name: f"key-in-{name}" for name in keys[number:]}
        endpoint = named(f"{service}:m", environ).endpoint
        assert (endpoint.base_url, endpoint.key) == (address, f"key-in-{key}")


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "http://localhost:11434/v1"),
        ({"OLLAMA_HOST": "0.0.0.0"}, "http://127.0.0.1:11434/v1"),
        ({"OLLAMA_HOST": "box:1234"}, "http://box:1234/v1"),
        ({"OLLAMA_HOST": "https://box"}, "https://box:443/v1"),
        ({"OLLAMA_HOST": ":1234"}, "http://127.0.0.1:1234/v1"),
        ({"OLLAMA_HOST": "http://box:1234/ollama/v1/"}, "http://box:1234/ollama/v1"),
        ({"OLLAMA_HOST": "box", "OLLAMA_BASE_URL": "http://there/v1"}, "http://there/v1"),
    ],
)
def test_ollamas_own_variables_name_its_address(environ: dict[str, str], address: str) -> None:
    assert named("ollama:m", environ).endpoint.base_url == address


def test_every_provider_has_a_line_in_the_price_list() -> None:
    assert set(cost.PRICE_LIST_NAMES) == set(PROVIDERS)


def test_the_environment_names_the_address_of_openai_and_of_gemini() -> None:
    environ = {"OPENAI_BASE_URL": "http://here/v1/", "GOOGLE_GEMINI_BASE_URL": "http://there"}
    assert named("some-model", environ).endpoint.base_url == "http://here/v1"
    assert named("openai-responses:m", environ).endpoint.base_url == "http://here/v1"
    assert named("gemini-3-flash", environ).endpoint.base_url == "http://there"
    assert named("groq:m", environ | KEYS).endpoint.base_url == "https://api.groq.com/openai/v1"


@pytest.mark.parametrize("provider", [name for name in PROVIDERS if name != "demo"])
def test_a_key_goes_to_its_own_address_and_to_no_other(provider: str) -> None:
    own = named(f"{provider}:m")
    assert (
        own.endpoint.key in (KEYS[name] for name in PROVIDERS[provider].key_variables)
        or not PROVIDERS[provider].key_variables
    )
    elsewhere = named(f"{provider}:m", base_url="http://elsewhere")
    assert (elsewhere.endpoint.key, elsewhere.endpoint.is_trusted) == (None, False)
    given = named(f"{provider}:m", base_url="http://elsewhere", api_key="given")
    assert (given.endpoint.key, given.endpoint.is_trusted) == ("given", False)


def test_only_openai_is_trusted_with_what_the_environment_says_of_openai() -> None:
    environ = KEYS | AZURE | {"GOOGLE_API_KEY": "key of Vertex"}
    trusted = {name for name in PROVIDERS if named(f"{name}:m", environ).endpoint.is_trusted}
    # The last two with their SDK's credentials; the client takes the rest out again.
    assert trusted == {"openai", "openai-responses", "azure", "vertex"}


@pytest.mark.parametrize("provider", [name for name, row in PROVIDERS.items() if row.needs_key])
def test_a_missing_key_is_a_line_to_type(provider: str) -> None:
    with pytest.raises(UsageError, match=r"getpass\.getpass\(\)") as refused:
        named(f"{provider}:m", AZURE)
    assert PROVIDERS[provider].key_variables[-1] in str(refused.value)
    assert len(str(refused.value)) <= 200


def test_an_endpoint_of_ones_own_needs_no_key() -> None:
    assert named("openai:m", {"OPENAI_BASE_URL": "http://localhost:1"}).endpoint.key is None
    assert named("gemini:m", {"GOOGLE_GEMINI_BASE_URL": "http://localhost:1"}).endpoint.key is None
    assert named("m", {}, base_url="http://localhost:1").endpoint.key is None
    assert named("ollama:m", {}).endpoint.base_url == "http://localhost:11434/v1"


def test_a_key_that_is_given_wins_over_the_environments() -> None:
    assert named("openai:m", api_key="given").endpoint.key == "given"


@pytest.mark.parametrize(
    "slip", ["opnai:gpt", "OpenAI:gpt", "gemnii:x", "olama:llama3", "azur:d", "openrouterr:x"]
)
def test_a_slip_in_a_providers_name_is_answered_with_the_right_one(slip: str) -> None:
    with pytest.raises(UsageError, match="did you mean"):
        named(slip)


def test_a_slip_says_the_whole_name_to_type() -> None:
    with pytest.raises(UsageError, match=r"did you mean openai:gpt-4\.1-mini\?"):
        named("opnai:gpt-4.1-mini")


@pytest.mark.parametrize("empty", ["", "  ", "openai:", "openai", "groq: "])
def test_an_empty_name_is_one_line(empty: str) -> None:
    with pytest.raises(UsageError, match="type"):
        named(empty)


@pytest.mark.parametrize("missing", AZURE)
def test_azure_says_which_variable_it_lacks(missing: str) -> None:
    environ = {name: value for name, value in (KEYS | AZURE).items() if name != missing}
    with pytest.raises(UsageError, match=missing):
        named("azure:d", environ)


def test_azure_is_content_with_a_token() -> None:
    environ = AZURE | {"AZURE_OPENAI_AD_TOKEN": "token"}
    assert named("azure:d", environ).endpoint == named("azure:d", environ).endpoint
    assert named("azure:d", environ).endpoint.key is None


def test_a_key_is_in_no_repr() -> None:
    assert "key of OPENAI_API_KEY" not in repr(named("openai:m"))


def test_a_recording_of_an_unknown_provider_is_one_line() -> None:
    with pytest.raises(UsageError, match="no provider"):
        adapter_factory("nobody")


def test_a_name_of_no_provider_says_so_where_openais_key_is_missing() -> None:
    with pytest.raises(UsageError) as caught:
        resolve_model("nosuch:model", base_url=None, api_key=None, environ={})
    message = str(caught.value)
    assert message.startswith("nosuch: is no provider")
    assert "OPENAI_API_KEY" in message
    assert len(message) <= 200
