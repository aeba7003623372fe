"""What an output without a widget is sent: how often it is updated, and how much that is, for twenty seconds.

Counted by a clock of its own, not timed, so that one run says it all.  Where STREAMNB_SHARED is set, the
answers are real ones of each kind; without it, those that live Markdown is measured on.
"""

from __future__ import annotations

import os
from typing import Any

from tests.markdown.growing import KINDS, growing
from tests.views.updates import Updates, evenly, play, real_answers

from .figures import Row, show

SECONDS = 20
ANSWERS = 5  # of each kind
ORDINARY_KINDS = ("answer", "paragraph", "list", "fence", "table", "quote", "formulas")


def answers() -> dict[str, list[str]]:
    """Return texts by kind."""
    if os.environ.get("STREAMNB_SHARED"):
        return real_answers(ANSWERS)
    return {kind: [growing(kind, 4_000)] for kind in KINDS if kind in ORDINARY_KINDS}


def rows_of(kind: str, played: list[Updates]) -> list[Row]:
    """Return the worst of some answers of a kind."""
    rates = [len(updates) for one in played for updates in one.per_second(SECONDS)]
    sizes = [sum(updates) for one in played for updates in one.per_second(SECONDS)]
    missing = max(0, 4 - min(rates))
    whole = max(one.in_all / one.whole for one in played)
    first = max(one.sent[0][0] for one in played)
    name = f"no widget, {kind}"
    return [
        Row("3", f"{name}: updates a second below 4", missing, 0, detail=f"{min(rates)} at least"),
        Row("3", f"{name}: all bytes / those left at the end", whole, 20),
        Row("3", f"{name}: first text after", first, 0.1, "s"),
        Row("3", f"{name}: KB in a second", max(sizes) / 1000, 250),
    ]


def main() -> list[dict[str, Any]]:
    """Play answers of each kind."""
    return show(
        [
            row
            for kind, texts in answers().items()
            for row in rows_of(kind, [play(evenly(text, SECONDS)) for text in texts])
        ]
    )


if __name__ == "__main__":
    main()
