"""An exception as text: whose frames are shown how, without a kernel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamnb.request.traceback_text import cut_middle, error_headline, traceback_text


def raised(code: str, file: str = "/somewhere/else/mine.py") -> BaseException:
    """Return what code raises that was compiled as a file."""
    try:
        exec(compile(code, file, "exec"), {"__name__": "mine", "json": json})
    except BaseException as error:
        return error
    raise AssertionError(code)


def nobody(_file: str) -> None:
    return None


def test_a_file_is_named_from_the_working_folder_or_the_home_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ada")
    assert "  work/mine.py, line 1" in traceback_text(raised("1/0", str(tmp_path / "work/mine.py")), nobody)
    assert "  ~/notes/mine.py, line 1" in traceback_text(raised("1/0", "/home/ada/notes/mine.py"), nobody)
    assert "  /somewhere/else/mine.py, line 1" in traceback_text(raised("1/0"), nobody)
    tmp_path.rmdir()  # with the kernel still in it
    assert "ZeroDivisionError" in traceback_text(raised("1/0"), nobody)


def test_python_s_own_frames_are_named_and_not_quoted() -> None:
    text = traceback_text(raised("json.loads('{')"), nobody)
    assert "  json/__init__.py, line " in text
    assert "_default_decoder" not in text
    assert "JSONDecodeError: Expecting property name" in text


def test_a_circle_of_causes_ends_and_many_are_cut() -> None:
    first, second = ValueError("one"), KeyError("two")
    first.__cause__, second.__cause__ = second, first
    assert traceback_text(first, nobody).count("direct cause") == 1
    error: BaseException = ValueError("last")
    for number in range(50):
        outer = ValueError(str(number))
        outer.__cause__, error = error, outer
    text = traceback_text(error, nobody)
    assert "[earlier causes left out]" in text
    assert text.count("direct cause") < 10


def test_a_group_of_many_and_deep_ones_is_cut() -> None:
    deep: Exception = ValueError("inmost")
    for _ in range(30):
        deep = ExceptionGroup("deeper", [deep])
    many = ExceptionGroup("many", [deep, *(ValueError(str(number)) for number in range(100))])
    text = traceback_text(many, nobody)
    assert "[96 more exceptions of the group left out]" in text
    assert "inmost" not in text
    assert len(text) < 12_100


def test_a_name_is_one_short_line() -> None:
    assert error_headline(ValueError("first\nsecond")) == "ValueError: first"
    assert error_headline(raised("x = ")) == "SyntaxError: invalid syntax"
    assert len(error_headline(ValueError("x" * 500))) == 120
    assert cut_middle("short", 100) == "short"


def test_a_key_in_the_line_of_an_error_is_masked_before_the_line_is_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("A_SERVICE_TOKEN", "c4n4ry-" * 6)
    line = error_headline(RuntimeError("x" * 90 + " " + "c4n4ry-" * 6))
    assert "c4n4ry" not in line
    assert len(line) <= 120
