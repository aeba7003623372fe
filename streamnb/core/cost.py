"""The list price of an answer, as far as it is known.

The list is the one that ships with genai-prices; it is never fetched, so a figure is as old as
the installed package.  It is the list price of the provider's model of that name: discounts,
batches, searches and taxes are not in it.  An address that the list does not know has no price.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass

from .events import Usage

__all__ = ["PRICE_LIST_NAMES", "Price", "is_demo", "price"]

# Our provider -> the list's.  None: what the name says is the person's own (a deployment, a
# local model, an endpoint), so a model of the same name at another provider proves nothing.
PRICE_LIST_NAMES = {
    "openai": "openai",
    "openai-responses": "openai",
    "gemini": "google",
    "google": "google",
    "vertex": "google",
    "openrouter": "openrouter",
    "groq": "groq",
    "mistral": "mistral",
    "deepseek": "deepseek",
    "together": "together",
    "azure": None,
    "demo": None,
    "ollama": None,
    "lmstudio": None,
    "vllm": None,
    "llamacpp": None,
    "litellm": None,
    "anthropic": "anthropic",
    "xai": "x-ai",
    "cerebras": "cerebras",
    "fireworks": "fireworks",
    "perplexity": "perplexity",
    "deepinfra": None,
    "huggingface": None,  # priced by whom it routes to, which the answer does not say
    "github": None,
    "moonshot": "moonshotai",
    "qwen": None,
    "alibaba": None,
    "zai": "zai",
    "sambanova": None,
    "nebius": None,
    "ovhcloud": "ovhcloud",
    "vercel": None,
    "nvidia": None,
    "cohere": "cohere",
}


@dataclass(frozen=True, slots=True)
class Price:
    """A list price in US dollars, always above zero; ``detail`` says whose list, and how old."""

    dollars: float
    detail: str


def price(model: str, usage: Usage, base_url: str | None = None) -> Price | None:
    """Return the list price of an answer, ``None`` where it is unknown.

    Parameters
    ----------
    model
        As it is typed: ``provider:name``, or a bare name.
    usage
        As the provider reported it; without both input and output there is no price.
    base_url
        The address that was asked, ``None`` for the provider's own.  The list knows the
        addresses of its providers; a price is never looked up for any other.

    Returns
    -------
    Price or None
        In US dollars, above zero.
    """
    provider, name = _price_list_key(model)
    if usage.input_tokens is None or usage.output_tokens is None or not provider:
        return None
    import genai_prices  # 1.6 MB of prices, read only once an answer has ended

    tokens = {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens}
    if usage.cached_tokens:
        tokens["cache_read_tokens"] = usage.cached_tokens
    try:
        usage_for_list = genai_prices.Usage(**tokens)
        if base_url:
            listed = genai_prices.calc_price(usage_for_list, name, provider_api_url=base_url)
        else:
            listed = genai_prices.calc_price(usage_for_list, name, provider_id=provider)
    except (LookupError, ValueError):  # not on the list; figures that no bill could have
        return None
    if listed.total_price <= 0:  # a price of nothing is a gap in the list, or a free tier we cannot see
        return None
    detail = f"list price of {listed.provider.name} for {listed.model.id}, from {_price_list_version()}"
    return Price(float(listed.total_price), detail)


def is_demo(model: str) -> bool:
    """Say whether a model is the demo, which costs nothing."""
    return model.partition(":")[0] == "demo"


def _price_list_key(model: str) -> tuple[str | None, str]:
    head, colon, name = model.partition(":")
    if colon and head in PRICE_LIST_NAMES:
        return PRICE_LIST_NAMES[head], name
    return ("google" if model.startswith("gemini-") else "openai"), model


@functools.cache
def _price_list_version() -> str:
    """Return the list's version and the newest date from which one of its prices holds.

    The list does not say when it was made: no later than its newest price would be a guess,
    no earlier is certain.
    """
    import genai_prices
    from genai_prices import data_snapshot

    today = datetime.date.today()
    start_dates = [
        starts
        for provider in data_snapshot.get_snapshot().providers
        for model in provider.models
        if isinstance(model.prices, list)
        for entry in model.prices
        if (starts := getattr(entry.constraint, "start_date", None)) is not None and starts <= today
    ]
    newest = f" (newest price in it: {max(start_dates)})" if start_dates else ""
    return f"genai-prices {genai_prices.__version__}{newest}"
