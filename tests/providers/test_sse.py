"""The reader of server-sent events: bytes in, objects out, and no bad line costs its neighbours."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamnb.providers.chunks import ChunkReader


def read(data: bytes, *cuts: int, max_line: int = 1_000_000) -> tuple[list[Any], ChunkReader]:
    """Read ``data``, cut at ``cuts``; return the chunks and the reader."""
    reader, chunks = ChunkReader(max_line), []
    marks = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(marks):
        chunks += reader.feed(data[start:end])
    return chunks + reader.close(), reader


def chunks(text: str | bytes) -> list[Any]:
    return read(text.encode() if isinstance(text, str) else text)[0]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ('data: {"a": 1}\n\ndata: {"a": 2}\n\n', [{"a": 1}, {"a": 2}]),
        ('data: {"a": 1}\r\n\r\ndata: {"a": 2}\r\n\r\n', [{"a": 1}, {"a": 2}]),
        ('data: {"a": 1}\r\rdata: {"a": 2}\r\r', [{"a": 1}, {"a": 2}]),
        ('\ufeffdata: {"a": 1}\n\n', [{"a": 1}]),
        ('data:{"a": 1}\n\n', [{"a": 1}]),
        ('data: {"a": 1}', [{"a": 1}]),  # the last event without its blank line
        ('data: {"a": 1}\ndata: {"a": 2}\n', [{"a": 1}, {"a": 2}]),  # no blank lines at all
        ('data: {"a":\ndata:  1}\n\n', [{"a": 1}]),  # one event in several lines
        ('data: [1,\ndata: {"a": 1},\ndata: 2]\n\n', [{"a": 1}]),
        (': comment\n\n:\n\ndata: {"a": 1}\n: in between\n\n', [{"a": 1}]),
        ('event: message\nid: 7\nretry: 10\nunknown: field\ndata: {"a": 1}\n\n', [{"a": 1}]),
        ('data: {"a": "\u2028\u2029\u0085\x0b\x0c\ttab"}\n\n', [{"a": "\u2028\u2029\u0085\x0b\x0c\ttab"}]),
        ('data: {"a": "\\ud83d"}\n\n', [{"a": "\ud83d"}]),  # half of a pair, the other half comes later
        ('data: [{"a": 1}, {"a": 2}]\n\n', [{"a": 1}, {"a": 2}]),
        ('data: 5\n\ndata: null\n\ndata: "text"\n\ndata: {"a": 1}\n\n', [{"a": 1}]),
        ("data:\n\ndata\n\ndata: \n\n", []),
        ('data: {"a": 1}\n\ndata: [DONE]\n\ndata: {"a": 2}\n\n', [{"a": 1}]),
        ("", []),
    ],
)
def test_events_are_read_as_servers_write_them(stream: str, expected: list[Any]) -> None:
    for cut in range(len(stream.encode()) + 1):
        values, reader = read(stream.encode(), cut)
        assert (values, reader.unreadable_count) == (expected, 0)


def test_bad_utf8_is_replaced_and_the_text_around_it_kept() -> None:
    assert chunks(b'data: {"a": "x\xffy"}\n\n') == [{"a": "x\ufffdy"}]


def test_done_is_told_once_it_was_seen() -> None:
    reader = ChunkReader()
    reader.feed(b"data: [DONE]")
    assert not reader.done
    reader.feed(b"\n")
    assert reader.done


@pytest.mark.parametrize("bad", ['{"a": ', "overloaded", '{"a": 1}}', "[" * 100_000])
def test_a_line_that_cannot_be_read_costs_nothing_around_it(bad: str) -> None:
    stream = f'data: {{"a": 1}}\n\ndata: {bad}\n\ndata: {{"a": 2}}\n\n'
    values, reader = read(stream.encode())
    assert values == [{"a": 1}, {"a": 2}]
    assert reader.unreadable_count == 1
    assert reader.first_unreadable == bad.strip()[:80]


def test_a_half_line_without_its_blank_line_does_not_spoil_the_next() -> None:
    values, reader = read(b'data: {"a": 1}\ndata: {"cut\ndata: {"a": 2}\n\n')
    assert (values, reader.unreadable_count) == ([{"a": 1}, {"a": 2}], 1)


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        ('event: error\ndata: {"message": "no"}\n\n', {"message": "no"}),
        ('event: error\ndata: {"error": {"message": "no"}}\n\n', {"message": "no"}),
        ("event: error\ndata: overloaded\n\n", {"message": "overloaded"}),
        ('event: error\ndata: "overloaded"\n\n', {"message": "overloaded"}),
        ("event: error\ndata: {}\n\n", {"message": ""}),
        ('event:error\r\ndata: {"error": null, "code": 5}\r\n\r\n', {"error": None, "code": 5}),
    ],
)
def test_an_event_called_error_is_delivered_as_an_error(stream: str, error: Any) -> None:
    (chunk,) = chunks(stream)
    assert chunk["error"] == error


def test_the_name_of_an_event_ends_with_the_event() -> None:
    assert chunks('event: error\ndata: {"error": 1}\n\ndata: {"a": 1}\n\n') == [{"error": 1}, {"a": 1}]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('{"error": {"message": "no"}}', [{"error": {"message": "no"}}]),
        ('{\n  "error": {\n    "message": "no"\n  }\n}\n', [{"error": {"message": "no"}}]),
        ('[{"a": 1}\n,\r\n{"a": 2}\n]\n', [{"a": 1}, {"a": 2}]),
        ('{"a": 1}\n{"a": 2}\n', [{"a": 1}, {"a": 2}]),
    ],
)
def test_a_body_that_is_no_event_stream_is_read_as_json(body: str, expected: list[Any]) -> None:
    for cut in range(len(body)):
        assert read(body.encode(), cut)[0] == expected


def test_an_object_between_the_events_is_read_too() -> None:
    assert chunks('data: {"a": 1}\n\n{"error": "no"}\n\ndata: {"a": 2}\n\n') == [
        {"a": 1},
        {"error": "no"},
        {"a": 2},
    ]


def test_a_page_is_one_unreadable_line() -> None:
    values, reader = read(b"<!DOCTYPE html>\n<html>\n<p>Log in: here</p>\n")
    assert (values, reader.unreadable_count, reader.first_unreadable) == ([], 1, "<!DOCTYPE html>")


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize(
    "long", [b"data: " + b"x" * 200, b": " + b"x" * 200, b"x" * 200, b"data: {\ndata: \n" * 60]
)
def test_a_line_over_the_bound_ends_reading_and_keeps_what_was_before(long: bytes, size: int) -> None:
    stream = b'data: {"a": 1}\n\n' + long + b'\n\ndata: {"a": 2}\n\n'
    reader, values = ChunkReader(max_line=100), []
    for start in range(0, len(stream), size):
        values += reader.feed(stream[start : start + size])
    assert values + reader.close() == [{"a": 1}]
    assert reader.is_too_long


def test_a_line_of_the_longest_length_is_read() -> None:
    line = b'data: {"a": 1}'
    assert read(line + b"\n", max_line=len(line))[0] == [{"a": 1}]
    assert read(line + b"\n", max_line=len(line) - 1)[1].is_too_long


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
LINES = st.one_of(
    VALUES.map(lambda value: "data: " + json.dumps(value, ensure_ascii=False)),
    st.sampled_from(
        ["", "", ": ping", "event: error", "event: x", "id: 1", "data: {bad", "data", "{", '{"e": 1}']
    ),
)


def same_for_any_cut(lines: list[str], ends: list[str], cuts: list[int]) -> None:
    stream = "".join(line + ends[number % len(ends)] for number, line in enumerate(lines)).encode(
        "utf-8", "replace"
    )
    whole, reader = read(stream)
    cut, other = read(stream, *cuts)
    assert cut == whole
    assert (other.unreadable_count, other.first_unreadable) == (
        reader.unreadable_count,
        reader.first_unreadable,
    )


ANY_CUT = given(
    st.lists(LINES, max_size=12),
    st.lists(st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n"]), min_size=1, max_size=4),
    st.lists(st.integers(0, 10_000), max_size=20),
)
test_it_does_not_matter_where_the_bytes_are_cut = settings(max_examples=60, deadline=None)(
    ANY_CUT(same_for_any_cut)
)
test_it_really_does_not_matter_where_the_bytes_are_cut = pytest.mark.slow(
    settings(max_examples=3000, deadline=None)(ANY_CUT(same_for_any_cut))
)


def test_a_long_line_in_single_bytes_takes_linear_time() -> None:
    def seconds(size: int) -> float:
        reader, began = ChunkReader(), time.process_time()
        for _ in range(size):
            reader.feed(b"x")
        return time.process_time() - began

    # Ten times the bytes take about ten times as long; a hundred times would be quadratic.
    assert seconds(200_000) < 40 * max(seconds(20_000), 0.002)


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\ud83d"}',
        '{"a": "tab\there"}',
        '{"a": NaN}',
        '{"a": 1e999}',
        '{"a": 0.1, "a": -0}',
        '{"a": ' + "[" * 300 + "]" * 300 + "}",
        '{"a": 123456789012345678901234567890}',
        ' {"\\u0000": "é"}',
    ],
)
def test_what_the_quick_reader_refuses_is_read_all_the_same(text: str) -> None:
    chunks, reader = read(f"data: {text}\n\n".encode())
    assert repr(chunks) == repr([json.JSONDecoder(strict=False).decode(text)])
    assert reader.unreadable_count == 0
