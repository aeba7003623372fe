"""What ``--each`` takes apart: lists, columns and DataFrames."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb import UsageError
from streamnb.core.content import Text
from streamnb.request.each_elements import element_parts, elements_of, table_row_values
from streamnb.request.template import render_prompt


def test_a_list_a_tuple_and_a_column_have_elements() -> None:
    pandas = pytest.importorskip("pandas")
    assert elements_of("x", [1, "a"]) == [1, "a"]
    assert elements_of("x", ("a",)) == ["a"]
    assert elements_of("x", pandas.Series(["a", "b"], index=[7, 8])) == ["a", "b"]


def test_a_row_has_its_columns_whatever_they_are_called() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"name": ["Ada"], "the size": [3], "values": [1.5], 2: ["two"]})
    (row,) = elements_of("frame", frame)
    text = '{{ it.name }} {{ it["the size"] }} {{ it.values }} {{ it["2"] }}'
    assert render_prompt(text, {"it": row}).parts == (Text("Ada 3 1.5 two"),)
    assert table_row_values(row) == {"name": "Ada", "the size": 3, "values": 1.5, "2": "two"}


def test_a_whole_row_is_written_as_a_dict() -> None:
    pandas = pytest.importorskip("pandas")
    (row,) = elements_of("frame", pandas.DataFrame({"a": ["x"]}))
    (part,) = render_prompt("{{ it }}", {"it": row}, element_parts).parts
    assert isinstance(part, Text)
    assert '"a": "x"' in part.text


def test_a_column_that_is_not_there_is_one_line_that_names_those_that_are() -> None:
    pandas = pytest.importorskip("pandas")
    (row,) = elements_of("frame", pandas.DataFrame({"a": ["x"]}))
    with pytest.raises(UsageError, match="no column 'b'; the columns are a"):
        render_prompt("{{ it.b }}", {"it": row})


@pytest.mark.parametrize("value", ["a text", b"bytes", {"a": 1}, 7, None, (n for n in range(3))])
def test_what_has_no_elements_is_one_line(value: Any) -> None:
    with pytest.raises(UsageError, match=r"--each x is an? "):
        elements_of("x", value)


def test_nothing_to_ask_about_is_one_line() -> None:
    with pytest.raises(UsageError, match="--each x is empty"):
        elements_of("x", [])


def test_an_element_that_is_no_text_is_told_by_what_it_becomes() -> None:
    assert table_row_values(b"\x89PNG\r\n\x1a\n1234") == {"it": "image/png, 12 bytes"}
