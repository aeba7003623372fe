"""A name in a line: what is said of its value, and what must not run for it."""

from __future__ import annotations

import math
from collections import OrderedDict, namedtuple
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from streamnb.core.notebook_secrets import is_secret_name, mask_notebook_text
from streamnb.request.value_summary import names_in_code, summaries_for_code, summary


class Counting:
    """Counts whatever is asked of it."""

    count = 0

    def __getattribute__(self, name: str) -> Any:
        Counting.count += 1
        raise RuntimeError(name)

    def __repr__(self) -> str:
        Counting.count += 1
        return "asked"


class CountingDict(dict[str, int]):
    def __len__(self) -> int:
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError


Point = namedtuple("Point", "x y")


def plus(a: int, b: "str" = "one", *, c: Any = Counting, **more: Any) -> int:  # noqa: UP037
    return a


class Person:
    def __init__(self, name: str, age: int = 3) -> None:
        self.name = name
        self.age = age
        self.password = "hunter2hunter2"
        self._hidden = 1


SUMMARIES = [
    (None, "None"),
    (True, "bool True"),
    (10**6, "int 1000000"),
    (10**6000, "int of 19,932 bits"),
    (1.5, "float 1.5"),
    ("", "str of 0 characters: ''"),
    ("x" * 100, f"str of 100 characters, beginning {'x' * 80!r}"),
    (b"abc", "bytes, 3 bytes"),
    ([], "empty list"),
    ([1, "a", None, [2]], "list of 4: [1, 'a', None, list]"),
    (list(range(20)), "list of 20: [0, 1, 2, 3, 4, 5, 6, 7, …]"),
    (Point(1, 2), "Point, a tuple of 2: (1, 2)"),
    ({"a": 1, 2: 3}, "dict of 2: keys 'a', 2"),
    (OrderedDict(a=1), "collections.OrderedDict, a dict of 1: keys 'a'"),
    ({3}, "set of 1: {3}"),
    (range(9), "range(0, 9)"),
    (date(2026, 1, 2), "datetime.date(2026, 1, 2)"),
    (Path("a/b"), "PosixPath('a/b')"),
    (math, "module math"),
    (np, f"module numpy {np.__version__}"),
    (len, "built-in len"),
    (np.zeros((2, 3)), "numpy.ndarray, shape (2, 3), float64"),
    (np.float64(2.5), "numpy.float64, a float 2.5"),
    (pd.Series([1, 2], name="n"), "pandas.Series of 2, int64, name 'n'"),
    (pd.DataFrame({"a": [1]}), "pandas.DataFrame, 1 row × 1 column: a int64"),
    (
        pd.DataFrame({"a": [1.5]}, index=pd.to_datetime(["2026-01-02"])),
        "pandas.DataFrame, 1 row × 1 column: a float64; DatetimeIndex",
    ),
]


@pytest.mark.parametrize(("value", "line"), SUMMARIES, ids=lambda value: type(value).__name__)
def test_a_value_is_told_by_its_type_and_what_is_short_of_it(value: Any, line: str) -> None:
    text = summary(value)
    assert text.replace("tests.Point", "Point") == line


def test_functions_and_classes_are_told_by_their_parameters() -> None:
    assert summary(plus) == "def plus(a: int, b: 'str' = 'one', *, c: Any = type, **more: Any) -> int"
    assert summary(Person).endswith("Person(self, name: str, age: int = 3) -> None")


def test_a_wide_frame_says_how_many_columns_are_not_named() -> None:
    wide = pd.DataFrame([range(500)], columns=[f"c{number}" for number in range(500)])
    assert summary(wide).startswith("pandas.DataFrame, 1 row × 500 columns: c0 int64, c1 int64")
    assert len(summary(wide)) <= 400


def test_nothing_of_a_person_s_own_runs() -> None:
    Counting.count = 0
    lines = [summary(value) for value in (Counting(), [Counting()], {Counting: Counting()}, (Counting(),))]
    assert Counting.count == 0
    assert lines[0].endswith("Counting object")
    assert all("Counting" in line or "keys type" in line for line in lines)
    assert "CountingDict, a dict of 1: keys 'a'" in summary(CountingDict(a=1))


def test_an_object_is_told_by_the_attributes_that_it_holds() -> None:
    assert summary(Person("Ada")).endswith("Person object with name='Ada', age=3, password=…")


def test_a_name_like_a_key_is_told_by_its_type_alone() -> None:
    line = summary("c4n4ry-c4n4ry", "openai_api_key")
    assert line == "str, its value is not shown: it is named like a key"
    assert is_secret_name("HF_TOKEN")
    assert not is_secret_name("tokens")
    assert not is_secret_name("token_count")


def test_names_are_those_of_the_code_in_their_order() -> None:
    assert names_in_code("total = sum(prices.values) / n  # not this_one") == ["total", "sum", "prices", "n"]
    names = {"total": 1, "prices": {}, "In": [], "unused": 2}
    assert summaries_for_code("total = sum(prices)\nIn[1]", names) == ["total: int 1", "prices: empty dict"]
    assert summaries_for_code("total = (prices", names) == ["total: int 1", "prices: empty dict"]
    many = {f"n{number}": number for number in range(60)}
    lines = summaries_for_code(" + ".join(many), many)
    assert len(lines) == 41
    assert lines[-1] == "and 20 more names"


KEYS = [
    (
        "404 for url: https://a.example/q?api_key=abcdef1&city=Oslo",
        "404 for url: https://a.example/q?api_key=[key]&city=Oslo",
    ),
    ("f'?api_key={api_key}'", "f'?api_key={api_key}'"),
    ("Authorization: Bearer abcdEFGH12345678", "Authorization: Bearer [key]"),
    ("Bearer certificates, Basic understanding", "Bearer certificates, Basic understanding"),
    ("AccountName=a;AccountKey=abcdefghijklmnopqrstuv==;End=core", "AccountName=a;AccountKey=[key];End=core"),
    ("npm_abcdefghijklmnop123", "[key]"),
    ('api_key = "c4n4ry-c4n4ry"', 'api_key = "[key]"'),
    ("os.environ['MY_API_KEY'] = 'c4n4ry-c4n4ry'", "os.environ['MY_API_KEY'] = '[key]'"),
    ('{"password": "hunter2"}', '{"password": "[key]"}'),
    ("client(api_key='c4n4ry-c4n4ry')", "client(api_key='[key]')"),
    ("ghp_0123456789abcdefghij", "[key]"),
    ("eyJhbGciOiJIUzI1.eyJzdWIiOiIx.SflKxwRJSM", "[key]"),
    ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "[key]"),
    ("http://me:hunter2@host/", "http://…@host/"),
    ("the value is from-the-env-12", "the value is ***************"),
    ('tokens = "a b c"', 'tokens = "a b c"'),
    ('key = "name"', 'key = "name"'),
]


@pytest.mark.parametrize(("text", "masked"), KEYS)
def test_keys_in_a_notebook_s_text_are_masked(text: str, masked: str) -> None:
    assert mask_notebook_text(text, {"A_TOKEN": "from-the-env-12", "HOME": "value"}) == masked
