"""No key is kept, wherever the network cut it in two, and nothing else is lost over it."""

from __future__ import annotations

import base64
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core import recording
from streamnb.core.events import Finished, TextDelta, ToolCallDelta
from streamnb.core.recording import Header, RecordingWriter
from streamnb.core.redaction import mask
from streamnb.core.stream_redaction import EventRedactor, WireEventRedactor
from streamnb.core.wire_events import Data, EndOfBody, Fault, RequestSent, WireEvent

KEY = "sk-sk-canary-0123"  # begins twice in the same way
BODY = f"data: sk, {KEY}; s{KEY}s\n\ndata: sk-sk-can\n\n".encode()
STARRED = BODY.replace(KEY.encode(), b"*" * len(KEY))


def blocks(cuts: set[int]) -> list[Data]:
    places = [0, *sorted(cuts), len(BODY)]
    return [Data(start, BODY[start:end]) for start, end in pairwise(places)]


def joined(messages: list[WireEvent]) -> bytes:
    return b"".join(message.data for message in messages if isinstance(message, Data))


@given(cuts=st.sets(st.integers(1, len(BODY) - 1)), ends=st.booleans())
def test_a_key_is_starred_wherever_it_was_cut_and_the_rest_stays(cuts: set[int], ends: bool) -> None:
    redactor = WireEventRedactor([KEY, "another-secret-of-mine"])
    messages: list[WireEvent] = [*blocks(cuts), *([EndOfBody(99)] if ends else [])]
    redacted = [redacted for message in messages for redacted in redactor.feed(message)]
    redacted += redactor.flush()
    assert joined(redacted) == STARRED
    times = [message.at for message in redacted]
    assert times == sorted(times)


@pytest.mark.parametrize("cut", range(1, len(BODY)))
def test_no_file_holds_a_key_that_came_in_two_blocks(cut: int, tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "a", Header("openai", "openai:m"), secrets=[KEY])
    for message in (RequestSent(0), *blocks({cut})):
        writer.feed(message)
        assert KEY.encode() not in (tmp_path / "a").read_bytes()
    writer.close()
    assert joined(list(recording.read(tmp_path / "a").wire_events)) == STARRED


def test_what_ends_like_no_key_waits_for_nothing() -> None:
    redactor = WireEventRedactor([KEY])
    assert redactor.feed(Data(1, b"data: {}\n\n")) == [Data(1, b"data: {}\n\n")]
    assert redactor.feed(Data(2, b"data: s")) == [Data(2, b"data: ")]
    assert redactor.feed(Data(3, b"\n")) == [Data(3, b"s\n")]


def test_a_key_in_the_words_of_a_fault_is_starred() -> None:
    (end,) = WireEventRedactor([KEY]).feed(EndOfBody(1, Fault("error", f"not {KEY}")))
    assert isinstance(end, EndOfBody)
    assert end.fault == Fault("error", "not " + "*" * len(KEY))


SECRET = "sk-proj-Ab3dEf6hIj9lMn_pQr-tUvWx0123456789"
SHAPES = {
    "as it is": SECRET,
    "capitals": SECRET.upper(),
    "address": "".join(f"%{ord(letter):02X}" for letter in SECRET),
    "json": "".join(f"\\u{ord(letter):04x}" for letter in SECRET),
    "page": "".join(f"&#{ord(letter)};" for letter in SECRET),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 with a user": base64.b64encode(f"me:{SECRET}".encode()).decode(),
    "cut short": SECRET[:25],
    "hexadecimal": SECRET.encode().hex(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_secret_is_masked_in_every_shape_and_the_text_around_it_stays(shape: str) -> None:
    text = f"your key {SHAPES[shape]} is wrong"
    for masked in (
        mask(text, [SECRET]),
        WireEventRedactor([SECRET]).redact_json({"a": [text]})["a"][0],
        joined(
            [*(redactor := WireEventRedactor([SECRET])).feed(Data(0, text.encode())), *redactor.flush()]
        ).decode(),
    ):
        assert masked.startswith("your key ")
        assert masked.endswith(" is wrong")
        assert len(masked) == len(text)
        assert SHAPES[shape][-12:] not in masked


@pytest.mark.parametrize("between", ["\u200b", "\xad", "\x00", "\u2060\ufeff"])
def test_what_nobody_sees_hides_no_secret_from_us(between: str) -> None:
    text = f"your key {between.join(SECRET)} is wrong"
    redactor = WireEventRedactor([SECRET])
    for masked in (
        mask(text, [SECRET]),
        joined([*redactor.feed(Data(0, text.encode())), *redactor.flush()]).decode(),
        joined([*redactor.feed(Data(0, json.dumps(text).encode())), *redactor.flush()]).decode().strip('"'),
    ):
        assert re.fullmatch(r"your key \*+ is wrong", masked)


@pytest.mark.parametrize("shape", [SECRET.upper(), "\u2060".join(SECRET), SECRET.swapcase()])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 40])
def test_a_secret_in_another_case_or_with_what_nobody_sees_is_masked_however_it_is_cut(
    size: int, shape: str
) -> None:
    redactor = EventRedactor([SECRET])
    pieces = [TextDelta(shape[at : at + size]) for at in range(0, len(shape), size)]
    events = [event for piece in pieces for event in redactor.feed([piece])] + redactor.close()
    assert set("".join(event.text for event in events if isinstance(event, TextDelta))) == {"*"}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 50])
def test_a_secret_that_is_escaped_in_the_arguments_of_a_call_is_masked_however_it_is_cut(size: int) -> None:
    text = '{"a": "\\u0041' + SHAPES["json"] + '", "b": "\\n"}'
    redactor = EventRedactor([SECRET])
    pieces = [ToolCallDelta(0, "c", "f", text[at : at + size]) for at in range(0, len(text), size)]
    events = [event for piece in pieces for event in redactor.feed([piece])] + redactor.close()
    arguments = json.loads("".join(event.arguments for event in events if isinstance(event, ToolCallDelta)))
    assert set(arguments["a"]) == {"A", "*"}
    assert arguments["b"] == "\n"


@pytest.mark.parametrize("length", [164, 800, 5_000])
def test_a_key_of_any_length_is_masked(length: int) -> None:
    key = ("aZ3-" * length)[:length]
    assert mask(f"a {key} b", [key]) == f"a {'*' * length} b"
    redactor = WireEventRedactor([key])
    parts = [b'data: {"text": "%b"}\n' % key[at : at + 50].encode() for at in range(0, length, 50)]
    messages = [message for part in parts for message in redactor.feed(Data(0, part))] + redactor.flush()
    assert set(b"".join(re.findall(rb'"text": "([^"]*)"', joined(messages)))) == {ord("*")}


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 30, 200])
def test_a_secret_is_masked_however_the_events_cut_it(size: int) -> None:
    text = f"so {SECRET}s, and sk-pro, sk-proj-Ab3dEf is none; ends in sk"
    redactor = EventRedactor([SECRET])
    events = [
        event
        for at in range(0, len(text), size)
        for event in redactor.feed([TextDelta(text[at : at + size])])
    ]
    redacted_text = "".join(
        event.text for event in [*events, *redactor.close()] if isinstance(event, TextDelta)
    )
    assert len(redacted_text) == len(text)
    assert SECRET[3:] not in redacted_text
    assert redacted_text.endswith("s, and sk-pro, sk-proj-Ab3dEf is none; ends in sk")


def test_a_stand_in_masks_no_word_of_an_answer() -> None:
    for key in ("x", "none", "ollama", "EMPTY", "lm-studio", "12345678"):
        text = f"an answer with {key} in it"
        assert EventRedactor([key]).feed([TextDelta(text)]) == [TextDelta(text)]


def test_the_end_of_an_answer_is_masked_too() -> None:
    (end,) = EventRedactor([SECRET]).feed([Finished("error", SECRET, f"no: {SECRET}")])
    assert SECRET not in repr(end)


def test_user_and_password_of_an_address_are_never_kept() -> None:
    assert WireEventRedactor().redact_json("http://me:pw@host/v1?a=b@c") == "http://…@host/v1?a=b@c"


def streams_of(secret: str, size: int) -> dict[str, list[bytes]]:
    """Return answers that repeat a secret in pieces of one size, one event a piece, in four dialects."""
    text = f"My key is {secret}, yes: {secret}"
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    wires: dict[str, list[Any]] = {
        "chat": [{"id": "chatcmpls", "choices": [{"index": 0, "delta": {"content": one}}]} for one in pieces],
        "responses": [
            {"type": "response.output_text.delta", "item_id": "msgs", "delta": one} for one in pieces
        ],
        "gemini": [
            {"candidates": [{"content": {"parts": [{"text": one}], "role": "models"}}]} for one in pieces
        ],
        "arguments": [
            {"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": one}}]}}]}
            for one in pieces
        ],
    }
    return {name: [f"data: {json.dumps(one)}\n\n".encode() for one in wire] for name, wire in wires.items()}


def text_of_wire(data: bytes) -> str:
    texts = re.findall(rb'"(?:content|delta|text|arguments)": "([^"]*)"', data)
    return b"".join(texts).decode()


@pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 40])
@pytest.mark.parametrize("block", [0, 1, 17, 100_000])
@pytest.mark.parametrize("secret", [SECRET, KEY, "sk-canary-0123s"])
def test_a_key_in_pieces_of_a_few_letters_is_in_no_recording(size: int, block: int, secret: str) -> None:
    for wire in streams_of(secret, size).values():
        data = b"".join(wire)
        cut = [data[at : at + block] for at in range(0, len(data), block)] if block else wire
        redactor = WireEventRedactor([secret])
        redacted = [
            message for at, piece in enumerate(cut) for message in redactor.feed(Data(float(at), piece))
        ]
        redacted += redactor.feed(EndOfBody(9e9))
        assert len(joined(redacted)) == len(data)
        assert text_of_wire(joined(redacted)) == text_of_wire(data).replace(secret, "*" * len(secret))
        assert [message.at for message in redacted] == sorted(message.at for message in redacted)
        events = EventRedactor([secret])
        text_events = [event for piece in wire for event in events.feed([TextDelta(text_of_wire(piece))])]
        text = "".join(
            event.text for event in [*text_events, *events.close()] if isinstance(event, TextDelta)
        )
        assert text == text_of_wire(joined(redacted))


def test_no_letter_of_a_key_is_shown_before_it_is_known_to_be_none() -> None:
    redactor = EventRedactor([SECRET])
    assert all(redactor.feed([TextDelta(letter)]) == [] for letter in SECRET[:-1])
    assert redactor.feed([TextDelta(SECRET[-1])]) == [TextDelta("*" * len(SECRET))]
    assert redactor.feed([TextDelta("thi")]) == [TextDelta("thi")]
    assert redactor.feed([TextDelta("s")]) == []
    assert redactor.feed([TextDelta("!")]) == [TextDelta("s!")]


def test_a_block_waits_for_the_next_and_no_longer() -> None:
    redactor = WireEventRedactor([SECRET])
    blocks = [Data(float(n), b'data: {"id": "ends in s", "text": "word"}\n\n') for n in range(5)]
    for n, block in enumerate(blocks):
        assert redactor.feed(block) == blocks[n - 1 : n]
    assert redactor.flush() == [blocks[-1]]


def test_texts_that_never_end_hold_a_bounded_number_of_blocks() -> None:
    redactor, count = WireEventRedactor([SECRET]), 0
    for n in range(3_000):
        count += len(redactor.feed(Data(float(n), f'data: {{"name{n}": "{"x" * 200}s"}}\n\n'.encode())))
    assert count > 1_000
