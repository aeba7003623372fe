"""Answers of one kind that may be of any length: what live Markdown costs is measured on them.

``bench_markdown`` times them, ``test_work`` counts.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["ANSWER", "FRAME", "KINDS", "growing", "pieces"]

FRAME = 28  # characters of a frame: 7 chunks of 4
ANSWER = Path(__file__).parent / "fixtures" / "live" / "answer.md"
_WORDS = "words and **bold** and more `words` in a [paragraph](https://example.org) that goes on"

KINDS = {
    "answer": ("", ANSWER.read_text("utf-8")),
    "paragraph": ("", f"{_WORDS}\n"),
    "paragraph without blanks": ("", "这是一个没有空格的长段落，里面有**加粗**的字和`代码`，一直写下去。"),
    "list": ("", f"- item with {_WORDS}\n"),
    "list, nested": ("", f"- {_WORDS}\n  - {_WORDS}\n    - {_WORDS}\n"),
    "fence": ("```python\n", "def f(x, y):\n    return x < y and x & 3  # a comment\n\n"),
    "fence in an item": ("- step\n\n  ```python\n", "  x = f(y)  # a comment\n"),
    "table": ("| a | b | c |\n|---|---|---|\n", "| cell one | cell **two** | cell `three` |\n"),
    "quote": ("", f"> {_WORDS}\n"),
    "list with footnotes": ("[^1]: a note\n\n", "- a point with some words and a note[^1]\n"),
    "emphasis over a block": ("**", "words that go on and on in a row, and more of them "),
    "heading": ("# ", "words that go on and on in a row, and **more** of them "),
    "formulas": ("", "The value $x^2 + y_1$ is $\\frac{a}{b}$.\n\n$$\n\\int_0^1 f(x) dx\n$$\n\n"),
    "[": ("", "["),
    "![": ("", "!["),
    "quotes": ("", ">"),
}
"""Name -> head and what is repeated behind it; the first is what the others are compared with."""


def growing(name: str, characters: int) -> str:
    """Return an answer of a kind with so many characters."""
    head, unit = KINDS[name]
    return (head + unit * (characters // len(unit) + 1))[:characters]


def pieces(text: str) -> list[str]:
    """Return a text as frames bring it."""
    return [text[start : start + FRAME] for start in range(0, len(text), FRAME)]
