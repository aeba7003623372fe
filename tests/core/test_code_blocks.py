"""``reply.code``: the fenced blocks of an answer."""

from __future__ import annotations

import copy
import pickle

import pytest

from streamnb import Code, Reply


def blocks(text: str) -> list[tuple[str, str | None]]:
    return [(str(code), code.language) for code in Reply(text).code]


def test_blocks_come_in_order_with_their_languages() -> None:
    text = "One:\n\n```python\nx = 1\n\nprint(x)\n```\n\nTwo:\n\n~~~ SQL\nselect 1\n~~~\n\n```\nplain\n```\n"
    assert blocks(text) == [("x = 1\n\nprint(x)", "python"), ("select 1", "sql"), ("plain", None)]


def test_the_unclosed_last_block_is_one_too() -> None:
    assert blocks("```py\nx = 1\ny = ") == [("x = 1\ny = ", "py")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- like this:\n\n  ```python\n  if x:\n      y()\n  ```\n", "if x:\n    y()"),
        ("> ```python\n> a\n>   b\n> ```", "a\n  b"),
        ("1. ```python\n   a\n     b\n   ```", "a\n  b"),
    ],
)
def test_an_indented_fence_loses_its_indent_and_no_more(text: str, code: str) -> None:
    assert blocks(text) == [(code, "python")]


def test_a_longer_fence_holds_a_shorter_one() -> None:
    assert blocks("````markdown\n```python\nx\n```\n````") == [("```python\nx\n```", "markdown")]


@pytest.mark.parametrize("text", ["", "no code", "```x``` in a line", "`x`"])
def test_no_block_is_an_empty_list(text: str) -> None:
    assert blocks(text) == []


def test_code_survives_pickle_and_copy() -> None:
    code = Code("x = 1", "python")
    for other in (pickle.loads(pickle.dumps(code)), copy.deepcopy(code)):
        assert (other, other.language, type(other)) == ("x = 1", "python", Code)


def test_only_line_feeds_and_carriage_returns_end_a_line() -> None:
    assert blocks("```python\r\nx = 'a\u2028b\x85'\x0c\r\ny\r\n```\r\n") == [
        ("x = 'a\u2028b\x85'\x0c\ny", "python")
    ]
