"""Colours and styles of an answer that is drawn for a terminal, by HTML element and class."""

from __future__ import annotations

from functools import cache

from rich.style import Style

__all__ = ["ALERTS", "BLUE", "CODE_STYLES", "GREY", "HEADINGS", "STYLES", "TEAL", "style_of"]

# Colours of middle lightness: they can be read on white and on black.
RED, GREEN, BLUE, VIOLET, TEAL, ORANGE, GREY = (
    "#d0433b", "#2b8a4b", "#3d7fd6", "#a65fd0", "#16888f", "#b5701c", "#808080",
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
    "code": TEAL,
    "a": "underline",
}
ALERTS = {"note": BLUE, "tip": GREEN, "important": VIOLET, "warning": ORANGE, "caution": RED}
HEADINGS = {"h1": "bold underline", "h2": f"bold {BLUE}", "h3": "bold"}


@cache
def style_of(definition: str) -> Style:
    """Return the style of a definition such as ``bold #3d7fd6``."""
    return Style.parse(definition)
