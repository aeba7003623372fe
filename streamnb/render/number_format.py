"""Numbers as text for a person: seconds, US dollars, tokens per second."""

from __future__ import annotations

import math

from ..core.cost import is_demo

__all__ = ["NOT_KNOWN", "format_cost", "format_money", "format_rate", "format_seconds"]

NOT_KNOWN = "–"  # what a table shows for a figure that nobody reported


def format_seconds(span: float) -> str:
    """Return a span of time in the unit that suits it.

    >>> format_seconds(0.0123), format_seconds(0.42), format_seconds(12.34), format_seconds(125)
    ('12 ms', '0.42 s', '12.3 s', '2 min 5 s')
    """
    span = max(span, 0.0)
    if span < 0.0995:
        return f"{span * 1000:.0f} ms" if span >= 0.00095 else "under 1 ms"
    if span < 9.995:
        return f"{span:.2f} s"
    if span < 59.95:
        return f"{span:.1f} s"
    minutes, remaining = divmod(round(span), 60)
    return f"{minutes:,} min {remaining} s"


def format_money(dollars: float) -> str:
    """Return an amount above zero, two significant digits below one dollar.

    >>> format_money(0.00123), format_money(0.15), format_money(12.5)
    ('$0.0012', '$0.15', '$12.50')
    """
    digits = 2 if dollars >= 1 else 1 - math.floor(math.log10(dollars))
    return f"${dollars:,.{digits}f}"


def format_cost(model: str, dollars: float | None, unknown: str = NOT_KNOWN) -> str:
    """Return what an answer of a model cost, ``unknown`` where that is not known.

    >>> format_cost("openai:gpt-4.1", 0.00123), format_cost("openai:gpt-4.1", None)
    ('≈ $0.0012', '–')
    >>> format_cost("demo:tour", None)
    'nothing'
    """
    if dollars is not None and math.isfinite(dollars) and dollars > 0:
        return f"≈ {format_money(dollars)}"
    return "nothing" if is_demo(model) else unknown


def format_rate(per_second: float) -> str:
    """Return a rate, with a digit behind the point where it is small."""
    return f"{per_second:,.0f}" if per_second >= 9.95 else f"{per_second:.1f}"
