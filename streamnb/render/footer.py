"""The footer: the closing line of an answer with state, model, tokens, times and cost.

Two lines are made here, and nothing else: ``line`` for a notebook, ``terminal_line`` for the
command line.  Both are pure.  What is not known is said to be unknown; no figure is guessed,
and a cost is never shown as nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..core.cost import is_demo
from ..core.events import Usage
from ..core.reply import Reply
from ..core.text import CONVERSATION_PREFIX, SENT_AS_TYPED_PREFIX, sanitize_line
from ..core.timing import Timing
from .number_format import format_money, format_rate, format_seconds

__all__ = [
    "GapStatistics",
    "gap_statistics",
    "line",
    "placeholder_line",
    "terminal_line",
    "total_tokens",
]

SEPARATOR = " · "
CUT_BY_LIMIT = "a limit of tokens{} cut the answer; --max-tokens raises it"
DEMO_NOTE = "the demo model: a recorded answer, no model was asked"


class GapStatistics(NamedTuple):
    """How regular the gaps between chunks were, in seconds.

    Attributes
    ----------
    median, p95, longest
        The gap that half of them, 95 in 100, and all do not exceed.
    """

    median: float
    p95: float
    longest: float


def line(answer: Reply) -> str:
    """Return the footer of an answer: one line, as long as it has to be.

    State where it is not ``complete``, model, tokens, seconds, tokens per second, cost.
    """
    return SEPARATOR.join(
        [
            *_status_parts(answer),
            *(
                detail
                for detail in answer.details
                if detail.startswith((SENT_AS_TYPED_PREFIX, CONVERSATION_PREFIX))
            ),
            *_format_usage(answer.usage),
            *_format_times(answer.timing),
            *_format_token_rate(answer.timing),
            _format_cost(answer),
        ]
    )


def placeholder_line(model: str) -> str:
    """Return a line about as long as the footer that an answer will have, so that room can be kept for it."""
    usual = ("1,000 input tokens", "1,000 output tokens", "first token after 0.50 s", "10.0 s in all")
    items = [sanitize_line(model), DEMO_NOTE if is_demo(model) else "", *usual, "100 tokens/s", "≈ $0.0010"]
    return SEPARATOR.join(filter(None, items))


def terminal_line(answer: Reply) -> str:
    """Return the footer of the command line: total tokens, wall-clock time, rate and gaps."""
    timing, total = answer.timing, total_tokens(answer.usage)
    return SEPARATOR.join(
        [
            *_status_parts(answer),
            "total tokens not reported" if total is None else f"{total:,} total tokens",
            f"{format_seconds(timing.duration)} wall-clock",
            *_format_token_rate(timing),
            _format_gaps(timing.gaps),
            _format_cost(answer),
        ]
    )


def total_tokens(usage: Usage) -> int | None:
    """Return the total that was reported, else the sum of input and output, ``None`` where one is unknown."""
    if usage.total_tokens is None and usage.input_tokens is not None and usage.output_tokens is not None:
        return usage.input_tokens + usage.output_tokens
    return usage.total_tokens


def gap_statistics(gaps: Sequence[float]) -> GapStatistics | None:
    """Return median, 95th percentile and longest of ``gaps``; ``None`` where there are none.

    The percentile is the nearest rank: a gap that really happened.

    >>> gap_statistics([0.01, 0.02, 0.03, 0.4])
    GapStatistics(median=0.025, p95=0.4, longest=0.4)
    """
    if not gaps:
        return None
    from statistics import median  # here: it imports fractions and decimals, for which no text should wait

    sorted_gaps = sorted(gaps)
    rank = math.ceil(0.95 * len(sorted_gaps))
    return GapStatistics(median(sorted_gaps), sorted_gaps[rank - 1], sorted_gaps[-1])


def _status_parts(answer: Reply) -> Iterator[str]:
    if answer.state != "complete":
        # The provider's own word explains an end (max_tokens, SAFETY) that no error explains.
        why = sanitize_line(answer.error or "") or sanitize_line(answer.finish_reason or "")
        if answer.state == "length" and not answer.error:
            why = CUT_BY_LIMIT.format(f" ({why})" if why not in ("", "length") else "")
        yield f"{answer.state}: {why}" if why and why != answer.state else answer.state
    elif answer.error:  # it ended well, and does not fit its schema
        yield sanitize_line(answer.error)
    yield sanitize_line(answer.model) or "no model named"
    if origin := sanitize_line(answer.origin or "") or (DEMO_NOTE if is_demo(answer.model) else ""):
        yield origin


def _format_usage(usage: Usage) -> Iterator[str]:
    if usage.input_tokens is None and usage.output_tokens is None:
        yield "usage not reported"
        return
    yield _format_token_count("input", usage.input_tokens, "cached", usage.cached_tokens)
    yield _format_token_count("output", usage.output_tokens, "reasoning", usage.reasoning_tokens)


def _format_token_count(name: str, tokens: int | None, kind: str, part: int | None) -> str:
    if tokens is None:
        return f"{name} not reported"
    return f"{tokens:,} {name} tokens ({part:,} {kind})" if part else f"{tokens:,} {name} tokens"


def _format_times(timing: Timing) -> Iterator[str]:
    first = timing.time_to_first_token
    after = "" if first is None else f"first token after {format_seconds(first)}"
    yield after.replace("after under", "in under") or "nothing came"
    yield f"{format_seconds(timing.duration)} in all"


def _format_token_rate(timing: Timing) -> Iterator[str]:
    if (rate := timing.tokens_per_second) is not None:
        yield f"{format_rate(rate)} tokens/s"


def _format_gaps(gaps: Sequence[float]) -> str:
    if (statistics := gap_statistics(gaps)) is None:
        return "no gaps between chunks"
    median, p95, longest = map(format_seconds, (statistics.median, statistics.p95, statistics.longest))
    return f"gaps: median {median}, p95 {p95}, longest {longest}"


def _format_cost(answer: Reply) -> str:
    if is_demo(answer.model):
        return "costs nothing"
    if answer.cost is None or not math.isfinite(answer.cost) or answer.cost <= 0:
        return "cost unknown"
    amount = f"≈ {format_money(answer.cost)}"
    return f"{amount} when it was live" if answer.origin else amount
