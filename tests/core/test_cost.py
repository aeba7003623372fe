"""A price is the provider's list price, or unknown."""

from __future__ import annotations

import subprocess
import sys

import genai_prices
import pytest

from streamnb.core.cost import price
from streamnb.core.events import Usage

USAGE = Usage(input_tokens=1000, output_tokens=100)


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("openai:gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("openai-responses:gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("gpt-4.1-mini", "openai", "gpt-4.1-mini"),
        ("gemini:gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("gemini-2.5-flash", "google", "gemini-2.5-flash"),
        ("mistral:mistral-small-latest", "mistral", "mistral-small-latest"),
    ],
)
def test_the_price_is_the_lists_own(model: str, provider: str, name: str) -> None:
    listed = genai_prices.calc_price(
        genai_prices.Usage(input_tokens=1000, output_tokens=100), name, provider_id=provider
    )
    cost = price(model, USAGE)
    assert cost is not None
    assert cost.dollars == pytest.approx(float(listed.total_price))


def test_cached_tokens_are_cheaper() -> None:
    plain, cached = price("gpt-4.1-mini", USAGE), price("gpt-4.1-mini", Usage(1000, 100, None, 800))
    assert plain is not None
    assert cached is not None
    assert cached.dollars < plain.dollars


@pytest.mark.parametrize(
    "model",
    [
        "openai:no-such-model",
        "demo:haiku",
        "demo",
        "ollama:gpt-4.1-mini",
        "lmstudio:gpt-4.1-mini",
        "vllm:gpt-4.1-mini",
        "azure:gpt-4.1-mini",
        "llama3.2:3b",
        "",
    ],
)
def test_what_is_on_no_list_has_no_price(model: str) -> None:
    assert price(model, USAGE) is None


def test_a_model_at_an_address_of_ones_own_has_no_price() -> None:
    assert price("openai:gpt-4.1-mini", USAGE, base_url="http://127.0.0.1:8000/v1") is None


def test_the_providers_own_address_may_be_written_out() -> None:
    spelled = price("openai:gpt-4.1-mini", USAGE, base_url="https://api.openai.com/v1")
    assert spelled == price("openai:gpt-4.1-mini", USAGE)


@pytest.mark.parametrize(
    "usage", [Usage(), Usage(input_tokens=5), Usage(output_tokens=5), Usage(-3, 5), Usage(5, 5, None, 9)]
)
def test_usage_that_is_missing_or_cannot_be_has_no_price(usage: Usage) -> None:
    assert price("gpt-4.1-mini", usage) is None


def test_a_price_of_nothing_is_unknown() -> None:
    assert price("gpt-4.1-mini", Usage(0, 0)) is None


def test_the_detail_names_the_list_and_its_age() -> None:
    cost = price("gpt-4.1-mini", USAGE)
    assert cost is not None
    assert f"genai-prices {genai_prices.__version__}" in cost.detail
    assert "newest price in it: 20" in cost.detail


def test_the_price_list_is_not_read_before_it_is_needed() -> None:
    code = "import streamnb.core.cost, sys; sys.exit('genai_prices' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
