"""Figures as text for a person: seconds, US dollars, tokens per second."""

from __future__ import annotations

import math

__all__ = ["format_money", "format_rate", "format_seconds"]


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


def format_rate(per_second: float) -> str:
    """Return a rate, with a digit behind the point where it is small."""
    return f"{per_second:,.0f}" if per_second >= 9.95 else f"{per_second:.1f}"
