"""Colours and styles of an answer that is drawn for a terminal, by HTML element and class."""

from __future__ import annotations

from functools import cache

from rich.style import Style

__all__ = ["ALERTS", "BLUE", "CODE_STYLES", "GREY", "HEADINGS", "STYLES", "TEAL", "parse_style"]

# Colours of middle lightness: they can be read on white and on black.  A terminal that has 16 only shows the
# nearest, which is one that can be read too.
RED, GREEN, BLUE, VIOLET, TEAL, ORANGE, GREY = (
    "#d0433b", "#1a8f2f", "#3d7fd6", "#b94fc4", "#16888f", "#b5701c", "#7a7a7a",
)  # fmt: skip
CODE_STYLES = {
    "snb-c": f"italic {GREY}",
    "snb-k": VIOLET,
    "snb-s": GREEN,
    "snb-e": TEAL,
    "snb-m": ORANGE,
    "snb-l": ORANGE,
    "snb-b": TEAL,
    "snb-f": BLUE,
    "snb-t": BLUE,
    "snb-d": VIOLET,
    "snb-a": TEAL,
    "snb-v": RED,
    "snb-gd": RED,
    "snb-gi": GREEN,
    "snb-gh": f"bold {BLUE}",
}
STYLES = {
    "em": "italic",
    "i": "italic",
    "strong": "bold",
    "b": "bold",
    "del": "strike",
    "s": "strike",
    "u": "underline",
    "ins": "underline",
    "mark": "reverse",
    "kbd": "bold",
    "small": "dim",
    "a": "underline",
}
ALERTS = {"note": BLUE, "tip": GREEN, "important": VIOLET, "warning": ORANGE, "caution": RED}
HEADINGS = {"h1": "bold underline", "h2": f"bold {BLUE}", "h3": "bold"}


@cache
def parse_style(definition: str) -> Style:
    """Return rich's style for a definition such as ``bold #3d7fd6``."""
    return Style.parse(definition)
