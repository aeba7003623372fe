"""Token counts as providers write them -> ``Usage``.

Every number is taken only where it can be one: texts, negative numbers and ``true`` come from
broken proxies and count as not reported.  Nothing is ever estimated or added up over chunks.
"""

from __future__ import annotations

from typing import Any

from ..core.events import Usage

__all__ = ["from_gemini", "from_openai"]


def from_openai(counts: Any) -> Usage | None:
    """Read the usage object of chat completions or of Responses; ``None`` if it says nothing.

    Output includes reasoning at OpenAI and nearly everywhere else.  xAI counts it outside, which
    shows in the total: prompt + completion + reasoning.
    """
    if not isinstance(counts, dict):
        return None
    read = _count(counts, "prompt_tokens", "input_tokens")
    written = _count(counts, "completion_tokens", "output_tokens")
    total = _count(counts, "total_tokens")
    reasoning = _detail(counts, "completion_tokens_details", "output_tokens_details", key="reasoning_tokens")
    cached = _detail(counts, "prompt_tokens_details", "input_tokens_details", key="cached_tokens")
    if reasoning and read is not None and written is not None and total == read + written + reasoning:
        written += reasoning
    return _said(Usage(read, written, reasoning, cached, total))


def from_gemini(counts: Any) -> Usage | None:
    """Read a ``usageMetadata``; ``None`` if it says nothing.

    Gemini counts thoughts outside the candidates, and leaves out a count that is 0: an answer of
    thoughts alone has no candidates count, an answer without thoughts no count of them.
    """
    if not isinstance(counts, dict):
        return None
    candidates = _count(counts, "candidatesTokenCount")
    thoughts = _count(counts, "thoughtsTokenCount")
    written = None if candidates is None and thoughts is None else (candidates or 0) + (thoughts or 0)
    return _said(
        Usage(
            input_tokens=_count(counts, "promptTokenCount"),
            output_tokens=written,
            reasoning_tokens=thoughts,
            cached_tokens=_count(counts, "cachedContentTokenCount"),
            total_tokens=_count(counts, "totalTokenCount"),
        )
    )


def _said(usage: Usage) -> Usage | None:
    """Leave out a usage without any number, so that it does not replace an earlier one."""
    return None if usage == Usage() else usage


def _count(counts: dict[str, Any], *names: str) -> int | None:
    for name in names:
        value = counts.get(name)
        if type(value) is int and value >= 0:
            return value
    return None


def _detail(counts: dict[str, Any], *places: str, key: str) -> int | None:
    for place in places:
        details = counts.get(place)
        if isinstance(details, dict) and (value := _count(details, key)) is not None:
            return value
    return None
