"""Extraction of the fenced code blocks of an answer, each with its language, without a Markdown parser."""

from __future__ import annotations

import re

__all__ = ["Code", "code_blocks"]

# Bounded, so that a line of nothing but blanks is looked at once.
_FENCE_OPENING = re.compile(
    r"(?P<indent>[ \t>]{0,99}(?:[-*+]|\d{1,9}[.)])?[ \t]{0,9})(?P<fence>`{3,}|~{3,})(?P<info>[^\n]*)"
)

_LINE_END = re.compile(r"\r\n|\r|\n")  # and no other: a form feed is part of a line


class Code(str):
    """A block of code: its text without the fences, and the language that its fence names.

    Attributes
    ----------
    language
        The first word after the fence, in small letters; ``None`` where there is none.
    """

    __module__ = "streamnb"  # a pickle names the class by where it is public

    language: str | None

    def __new__(cls, text: str = "", language: str | None = None) -> Code:
        """Make a block of ``text``."""
        code = super().__new__(cls, text)
        code.language = language
        return code

    def __reduce__(self) -> tuple[type[Code], tuple[str, str | None]]:
        return type(self), (str.__str__(self), self.language)


def code_blocks(text: str) -> list[Code]:
    """Return the fenced blocks of a Markdown text in order, an unclosed last one included.

    A fence in a list or a quotation loses the indent or the marks that its opening has.

    >>> [(code, code.language) for code in code_blocks("So:\\n```python\\nx = 1\\n```\\nand ~~~")]
    [('x = 1', 'python')]
    """
    blocks: list[Code] = []
    lines: list[str] | None = None
    opening: re.Match[str] | None = None
    for line in _LINE_END.split(text):
        if opening is None:
            opening = _FENCE_OPENING.match(line)
            if opening and opening["fence"][0] == "`" and "`" in opening["info"]:
                opening = None  # code within a line
            lines = []
        elif _is_closing_fence(line, opening["fence"]):
            blocks.append(_make_code(lines or [], opening))
            opening = None
        else:
            assert lines is not None
            lines.append(_strip_fence_indent(line, opening["indent"]))
    if opening is not None and lines is not None:
        if lines and not lines[-1]:  # what stands behind the last line feed is no line
            lines.pop()
        blocks.append(_make_code(lines, opening))
    return blocks


def _is_closing_fence(line: str, fence: str) -> bool:
    text = line.strip(" \t>")
    return len(text) >= len(fence) and not text.strip(fence[0])


def _make_code(lines: list[str], opening: re.Match[str]) -> Code:
    info = opening["info"].split()
    word = (info[1:] if info[:1] == ["{code-cell}"] else info)[:1]  # MyST names it behind
    # Some put the name of a file behind the language: python:main.py
    language = re.split("[:,]", "".join(word).strip("{}."))[0].lower()
    return Code("\n".join(lines), language or None)


def _strip_fence_indent(line: str, indent: str) -> str:
    """Take away as much blank space, or as many marks of a quotation, as stand before the fence."""
    count = 0
    while count < min(len(indent), len(line)) and line[count] in " \t>":
        count += 1
    return line[count:]
