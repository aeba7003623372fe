"""Readers that the adapters share: citations, token counts and pictures in providers' JSON.

Sources come once each: providers repeat the whole list on every chunk.  A count is taken only where
it can be one: words, negative numbers and ``true`` come from broken proxies and count as not
reported.  Nothing is estimated or added up over chunks.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import Any

from ..core.events import Citation, Image, Usage

__all__ = [
    "CitationCollector",
    "dict_or_empty",
    "images_from_base64",
    "images_from_data_url",
    "latest_usage",
    "list_or_empty",
    "text_or_none",
    "texts_in",
    "usage_from_gemini",
    "usage_from_openai",
]

_EMPTY_DICT: dict[str, Any] = {}
_TEXT_FIELDS = ("text", "content", "thinking", "reasoning", "summary", "value", "refusal")  # of a part
MAX_TOKEN_COUNT = 10**12  # tokens; beyond it a number is no count
_DIGITS = re.compile(r"(?a)\s*\d{1,15}(?:\.0*)?\s*").fullmatch
MAX_DEPTH = 4  # parts in parts that are opened


class CitationCollector:
    """Turns what providers say about a source into ``Citation``, in order, without repeats."""

    def __init__(self) -> None:
        self._keys: set[str] = set()

    def feed(self, *entries: Any) -> list[Citation]:
        """Return the new ones among ``entries``: addresses, or objects with a title and an address."""
        new: list[Citation] = []
        for entry in entries:
            title, url = _title_and_url(entry)
            if (url or title) and (url or title) not in self._keys:
                self._keys.add(url or title)
                new.append(Citation(title, url))
        return new


def _title_and_url(entry: Any) -> tuple[str, str]:
    if isinstance(entry, str):
        return "", entry
    if not isinstance(entry, dict):
        return "", ""
    values = [entry.get(key) for key in ("title", "url", "uri")]
    title, url, uri = (value if isinstance(value, str) else "" for value in values)
    return title, url or uri


def usage_from_openai(counts: Any) -> Usage | None:
    """Read the usage object of chat completions or of Responses; ``None`` if it says nothing.

    Output includes reasoning at OpenAI and nearly everywhere else.  xAI counts it outside, which
    shows in the total: prompt + completion + reasoning.
    """
    counts = _texts_to_counts(counts)
    if not isinstance(counts, dict):
        return None
    # The last names are Bedrock's, and those of gateways in JavaScript.
    input_tokens = _count_or_none(counts, "prompt_tokens", "input_tokens", "inputTokens", "promptTokens")
    output_tokens = _count_or_none(
        counts, "completion_tokens", "output_tokens", "outputTokens", "completionTokens"
    )
    total = _count_or_none(counts, "total_tokens", "totalTokens")
    reasoning = _detail_count(
        counts, "completion_tokens_details", "output_tokens_details", key="reasoning_tokens"
    )
    cached = _detail_count(counts, "prompt_tokens_details", "input_tokens_details", key="cached_tokens")
    if reasoning is None:
        reasoning = _count_or_none(counts, "reasoning_tokens")  # Perplexity
    if cached is None:
        cached = _count_or_none(counts, "cached_tokens", "prompt_cache_hit_tokens")  # Moonshot, DeepSeek
    if cached is None:  # Claude behind a gateway, some of which always say 0
        cached = _count_or_none(counts, "cache_read_input_tokens") or None
    if (
        reasoning
        and input_tokens is not None
        and output_tokens is not None
        and total == input_tokens + output_tokens + reasoning
    ):
        output_tokens += reasoning
    return _usage_or_none(Usage(input_tokens, output_tokens, reasoning, cached, total))


def usage_from_gemini(counts: Any) -> Usage | None:
    """Read a ``usageMetadata``; ``None`` if it says nothing.

    Gemini counts thoughts outside the candidates, and leaves out a count that is 0: an answer of
    thoughts alone has no candidates count, an answer without thoughts no count of them.
    """
    counts = _texts_to_counts(counts)
    if not isinstance(counts, dict):
        return None
    candidates = _count_or_none(counts, "candidatesTokenCount", "candidates_token_count")
    thoughts = _count_or_none(counts, "thoughtsTokenCount", "thoughts_token_count")
    output_tokens = None if candidates is None and thoughts is None else (candidates or 0) + (thoughts or 0)
    return _usage_or_none(
        Usage(
            input_tokens=_count_or_none(counts, "promptTokenCount", "prompt_token_count"),
            output_tokens=output_tokens,
            reasoning_tokens=thoughts,
            cached_tokens=_count_or_none(counts, "cachedContentTokenCount", "cached_content_token_count"),
            total_tokens=_count_or_none(counts, "totalTokenCount", "total_token_count"),
        )
    )


def latest_usage(before: Usage | None, usage: Usage | None) -> Usage | None:
    """Return the last usage that was reported; a zero or nothing after a real count is a gap in the report.

    >>> latest_usage(Usage(7, 20), Usage(0, 0))
    Usage(input_tokens=7, output_tokens=20, reasoning_tokens=None, cached_tokens=None, total_tokens=None)
    """
    if before is None or usage is None:
        return usage or before
    if not any(value for value in (usage.input_tokens, usage.output_tokens, usage.total_tokens)):
        return before
    names = ["input_tokens", "output_tokens"]
    gaps = [name for name in names if not getattr(usage, name) and getattr(before, name)]
    usage = replace(usage, **{name: getattr(before, name) for name in gaps})
    if (usage.input_tokens, usage.output_tokens) != (before.input_tokens, before.output_tokens):
        return usage  # a total and parts of other counts would not fit these
    names = [
        name
        for name in ("total_tokens", "reasoning_tokens", "cached_tokens")
        if gaps or not getattr(usage, name)
    ]
    return replace(usage, **{name: getattr(before, name) for name in names if getattr(before, name)})


def _usage_or_none(usage: Usage) -> Usage | None:
    """Leave out a usage without any number, so that it does not replace an earlier one."""
    return None if usage == Usage() else usage


def _count_or_none(counts: dict[str, Any], *names: str) -> int | None:
    for name in names:
        value = counts.get(name)
        if type(value) is float and value.is_integer():  # 3.0, from languages that know one kind of number
            value = int(value)
        if type(value) is int and 0 <= value < MAX_TOKEN_COUNT:
            return value
    return None


def _texts_to_counts(counts: Any, depth: int = 1) -> Any:
    """Return counts with numbers for texts of digits, as protocol buffers write large numbers.

    A report that has a negative number is not believed as far as that.
    """
    if (
        type(counts) is not dict
        or depth < 0
        or any(type(value) is int and value < 0 for value in counts.values())
    ):
        return counts
    return {
        name: float(value) if type(value) is str and _DIGITS(value) else _texts_to_counts(value, depth - 1)
        for name, value in counts.items()
    }


def _detail_count(counts: dict[str, Any], *names: str, key: str) -> int | None:
    for name in names:
        details = counts.get(name)
        if isinstance(details, dict) and (value := _count_or_none(details, key)) is not None:
            return value
    return None


def images_from_base64(mime_type: Any, text: Any) -> list[Image]:
    """Return the picture, or nothing where ``text`` is no base64 or the type is no picture's."""
    if not (isinstance(mime_type, str) and isinstance(text, str) and text):
        return []
    mime_type = mime_type.lower()
    if not mime_type.startswith("image/"):
        return []
    try:
        # Lenient: the two letters of addresses count, what is no letter of base64 is passed over.
        data = base64.b64decode(text, altchars=b"-_" if "-" in text or "_" in text else None)
    except (binascii.Error, ValueError):
        return []
    return [Image(mime_type, data)] if data else []


def images_from_data_url(url: Any) -> list[Image]:
    """Return the picture that a ``data:`` address holds.

    >>> images_from_data_url("data:image/gif;base64,R0lG")
    [Image(mime_type='image/gif', data=b'GIF')]
    """
    if not (isinstance(url, str) and url.startswith("data:")):
        return []
    head, _, text = url[len("data:") :].partition(",")
    mime_type, *parameters = head.split(";")
    return images_from_base64(mime_type, text) if "base64" in parameters else []


def texts_in(value: Any, depth: int = MAX_DEPTH) -> list[str]:
    """Return the texts of a field that is one, a part with one, or a list of such parts.

    >>> texts_in([{"type": "text", "text": {"value": "a"}}, ["b"]])
    ['a', 'b']
    """
    if type(value) is str:
        return [value] if value else []
    if type(value) is list and depth:
        return [text for entry in value for text in texts_in(entry, depth - 1)]
    if type(value) is dict and depth:
        return next((texts for key in _TEXT_FIELDS if (texts := texts_in(value.get(key), depth - 1))), [])
    return []


def dict_or_empty(value: Any) -> dict[str, Any]:
    """Return the object that ``value`` is, or one without fields, which nobody may change."""
    return value if type(value) is dict else _EMPTY_DICT


def list_or_empty(value: Any) -> list[Any]:
    """Return the list that ``value`` is, or an empty one."""
    return value if type(value) is list else []


def text_or_none(value: Any) -> str | None:
    """Return the text that ``value`` is; ``None`` for an empty one and for anything else."""
    return value if isinstance(value, str) and value else None
