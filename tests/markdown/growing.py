"""Answers of one kind that may be of any length: what live Markdown costs is measured on them.

``bench_markdown`` times them, ``test_work_counter`` counts.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["ANSWER", "FRAME", "HOSTILE_KINDS", "KINDS", "STRANGE_KINDS", "growing", "pieces"]

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


STRANGE_KINDS = {
    "notes defined early": (
        "".join(f"[^{n}]: where {n} comes from\n" for n in range(12)) + "\n",
        f"A paragraph with a note[^{{}}] and {_WORDS}.\n\n",
    ),
    "notes in each item": ("", "- a point with words[^{}]\n\n  [^{}]: the note of this point\n\n"),
    "notes at the end": ("", "A claim with words[^{}] and more.\n\n\0[^{}]: where it comes from\n"),
    "formula without an end": ("text $x^2 ", "+ y_{1} \\alpha "),
    "formula over lines without an end": ("$$\n", "x^2 + y_{1} \\alpha \\\\\n"),
    "formula fence without an end": ("```math\n", "x^2 + y_{1} \\alpha \\\\\n"),
    "tag without an end": ("text <b>bold ", "words and more words "),
    "tags without an end": ("", "text <b>bold words "),
    "code without an end": ("text `code ", "words and more words "),
    "stars without an end": ("", "*a "),
    "long word": ("", "abcdefghij"),
    "Thai": ("", "\u0e19\u0e35\u0e48\u0e04\u0e37\u0e2d\u0e02\u0e49\u0e2d\u0e04\u0e27\u0e32\u0e21"),
    "joined emoji": ("", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"),
    "<": ("", "<"),
    "]": ("", "]"),
    "\\(": ("", "\\("),
    "head of a table": ("", "| x "),
    "lists of quotes of lists": ("", "- > - words in\n  >   more words\n  > - next\n"),
    "lists deeper than they nest": ("", "".join("  " * depth + f"- {_WORDS}\n" for depth in range(12))),
    "one letter, a level deeper each": ("", "".join("   " * depth + "1. a\n" for depth in range(30))),
    "alert of many lines": ("> [!NOTE]\n", f"> {_WORDS}\n"),
    "links in a row": ("", '[a](https://e.org/{} "title of {}") '),
    "pictures in a row": ("", "![alt {}](https://e.org/{}.png) "),
    "lines of colons": ("", ":\n"),
}
"""The same, of what a stranger may try; ``{}`` is the number of the unit, what is behind a NUL comes last."""


HOSTILE_KINDS = {
    "*": ("", "*"),
    "~": ("", "~"),
    "=": ("", "="),
    "$": ("", "$"),
    "\\": ("", "\\"),
    "a*": ("", "a*"),
    "**a": ("", "**a"),
    "~~a": ("", "~~a"),
    "==a": ("", "==a "),
    "`a": ("", "`a"),
    "$a": ("", "$a "),
    "$$": ("", "$$ "),
    "\\[": ("", "\\["),
    "runs of all lengths": ("", "*a**b***c****d*****e"),
    "runs of two marks": ("", "*a _b "),
    "[a][": ("", "[a]["),
    "[a](": ("", "[a]("),
    "![a](": ("", "![a]("),
    "](": ("", "]("),
    "[^": ("", "[^"),
    "long label": ("[", "word "),
    "long address": ("[a](https://e.org/", "abcdefg/"),
    "long bare address": ("https://e.org/", "abcdefg/"),
    "addresses": ("", "https://e.org/a "),
    "e-mail addresses": ("", "a@b.cd "),
    "one long footnote": ("a[^1]\n\n[^1]: ", "words and more words "),
    "footnotes that nobody defines": ("", "words[^{}] "),
    "one footnote that nobody defines": ("", "words and more words [^1] "),
    "links defined below their paragraph": ("", "A word [w][l{}] and more.\n\0\n[l{}]: https://e.org/{}\n"),
    "definitions": ("", "[l{}]: https://example.org/{}\n"),
    "lists in lists": ("", "1. "),
    "lists, eight deep": ("", "".join("  " * depth + f"- {_WORDS}\n" for depth in range(8))),
    "quotes, five deep": ("", f"> > > > > {_WORDS}\n"),
    "rows of many cells": ("|" + "a|" * 100 + "\n|" + "-|" * 100 + "\n", "|" + "c|" * 100 + "\n"),
    "alerts": ("", f"> [!NOTE]\n> {_WORDS}\n\n"),
    "one fold": ("<details>\n<summary>s</summary>\n\n", f"{_WORDS}\n\n"),
    "<b>": ("", "<b>a</b>"),
    "<a": ("", "<a "),
    "entities": ("", "&amp;"),
    "lines of tildes": ("", "~~~ a\n"),
    "formulas, one a line": ("", "$$x_{} = 1$$\n"),
}
"""The same, of what somebody may try who wants it slow."""


def growing(name: str, characters: int) -> str:
    """Return an answer of a kind with so many characters."""
    head, unit = (KINDS | STRANGE_KINDS | HOSTILE_KINDS)[name]
    units = [unit.replace("{}", str(number % 1_000)) for number in range(characters // len(unit) + 1)]
    if "\0" in unit:
        units = [part.split("\0")[half] for half in (0, 1) for part in units]
    return (head + "".join(units))[:characters]


def pieces(text: str) -> list[str]:
    """Return a text as frames bring it."""
    return [text[start : start + FRAME] for start in range(0, len(text), FRAME)]
