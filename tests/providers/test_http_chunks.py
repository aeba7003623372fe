"""Reading in lumps: h11 finds the same body in what it is handed, in fewer pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import h11
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamnb.core.wire_events import Data, EndOfBody, WireEvent
from streamnb.providers import http_capture, http_client
from streamnb.providers.http_chunks import HTTPChunkJoiner, ReadPacer

from ..upstream import Upstream

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
MESSAGES: Any = [{"role": "user", "content": "hi"}]


def framed(pieces: Sequence[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)


def cut(data: bytes, at: Sequence[int]) -> list[bytes]:
    places = [0, *sorted({offset % (len(data) + 1) for offset in at}), len(data)]
    return [data[start:end] for start, end in pairwise(places) if start < end]


def reads(joiner: HTTPChunkJoiner, blocks: Sequence[bytes]) -> Iterator[bytes]:
    """What a connection is handed: no empty read before the end, which is one."""
    for block in (*blocks, b"", b""):
        if (data := joiner.feed(block)) or not block:
            yield data


def as_h11_sees(blocks: Iterator[bytes]) -> tuple[list[bytes], str]:
    """The pieces of the body, and how it ended."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="POST", target="/", headers=[("host", "a"), ("content-length", "0")]))
    connection.send(h11.EndOfMessage())
    pieces: list[bytes] = []
    try:
        for block in blocks:
            connection.receive_data(block)
            while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Data):
                    pieces.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    return pieces, "whole"
                elif isinstance(event, h11.ConnectionClosed):
                    return pieces, "closed"
    except h11.RemoteProtocolError as error:
        return pieces, type(error).__name__
    return pieces, "open"


ODD_TAILS = [
    END,
    b"",  # cut off
    b"5;name=value\r\nhello\r\n" + END,  # an extension
    b"00000000005\r\nhello\r\n" + END,  # more digits than anybody needs
    b"5\r\nhello!!" + END,  # a chunk with a wrong end
    b"zz\r\n",
    b"\r\n" + END,
    b"5\r\nhel",
    b"5",
    b"5\r",
    b"0\r\nTrailer: a\r\n\r\n",
]


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.one_of(st.binary(min_size=1, max_size=40), st.just(bytes(20_000))), max_size=12),
    st.sampled_from(ODD_TAILS),
    st.lists(st.integers(0, 40_000), max_size=12),
)
def test_wherever_the_bytes_are_cut_h11_finds_the_same_body_and_the_same_end(
    pieces: list[bytes], tail: bytes, at: list[int]
) -> None:
    blocks = cut(HEAD + framed(pieces) + tail, at)
    plain, joined = as_h11_sees(iter([*blocks, b""])), as_h11_sees(reads(HTTPChunkJoiner(), blocks))
    assert (b"".join(joined[0]), joined[1]) == (b"".join(plain[0]), plain[1])


def test_whole_chunks_of_one_read_are_one_and_the_beginning_of_another_is_not_held_back() -> None:
    joiner = HTTPChunkJoiner()
    joiner.feed(HEAD + framed([bytes(20_000)]))
    assert joiner.feed(framed([b"a", b"bc"]) + b"8\r\nlong") == framed([b"abc"]) + b"8\r\nlong"
    assert joiner.feed(b" one\r\n" + framed([b"d", b"e"])) == b" one\r\n" + framed([b"de"])


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\nX: y\n\nTransfer-Encoding: chunked\r\n\r\n",  # h11 sees its end at the blank line
        b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD,
        b"x" * 70_000,
    ],
)
def test_an_answer_that_is_framed_in_another_way_is_handed_up_as_it_came(head: bytes) -> None:
    joiner, body = HTTPChunkJoiner(), framed([b"a", b"bc"])
    assert b"".join(map(joiner.feed, (head[:20], head[20:], body, body))) == head + body + body
    assert not joiner.is_joining


def test_a_short_answer_keeps_its_chunks_apart_so_that_each_has_its_time() -> None:
    joiner, answer = HTTPChunkJoiner(), framed([b"a", b"b", b"c"]) + END
    assert joiner.feed(HEAD + framed([b"role"])) + joiner.feed(answer) == HEAD + framed([b"role"]) + answer


def test_the_next_answer_of_a_connection_begins_with_its_request() -> None:
    joiner, first = HTTPChunkJoiner(), HEAD + framed([bytes(20_000)])
    for _ in range(2):
        joiner.expect_head()
        assert joiner.feed(first) == first
        assert joiner.feed(framed([b"a", b"b"]) + END) == framed([b"ab"]) + END
        assert not joiner.is_joining


def test_only_a_flood_is_waited_for() -> None:
    pacer = ReadPacer()
    for number in range(100):  # a thousand events a second
        pacer.note_read(number / 1000, 200)
        assert pacer.pause_s(number / 1000) == 0
    pacer.note_read(0.0991, 200)
    assert pacer.pause_s(0.0991) == pytest.approx(0.002)
    assert pacer.pause_s(0.1) == pytest.approx(0.0011)
    pacer.note_read(0.1012, 3_000)  # there was more
    assert pacer.pause_s(0.1012) > 0
    pacer.note_read(0.1032, 400)  # there was not
    assert pacer.pause_s(0.1032) == 0
    pacer.note_read(0.1033, 50_000)  # nor is there anything to gain
    assert pacer.pause_s(0.1033) == 0


def create(sdk: Any) -> Any:
    return sdk.chat.completions.create(model="m", messages=MESSAGES, stream=True)


async def aread_twice(url: str) -> list[list[WireEvent]]:
    answers: list[list[WireEvent]] = []
    async with http_client.AsyncClient(
        http_client.header_stripping_hook(bare=True, unwanted=frozenset())
    ) as http:
        sdk = openai.AsyncOpenAI(base_url=url, api_key="k", http_client=http, max_retries=0)

        async def start() -> None:
            await create(sdk)

        for _ in range(2):
            answers.append([])
            await http_capture.aread_response(start, answers[-1].append)
    return answers


def read_twice(url: str) -> list[list[WireEvent]]:
    answers: list[list[WireEvent]] = []
    with http_client.Client(http_client.header_stripping_hook(bare=True, unwanted=frozenset())) as http:
        sdk = openai.OpenAI(base_url=url, api_key="k", http_client=http, max_retries=0)
        for _ in range(2):
            answers.append([])
            http_capture.read_response(lambda: create(sdk), answers[-1].append)
    return answers


@pytest.mark.parametrize("surface", ["sync", "async"])
def test_a_flood_comes_in_few_blocks_over_one_connection(surface: str) -> None:
    with Upstream(text="hello world " * 1_700) as server:
        answers = (
            read_twice(server.openai_url)
            if surface == "sync"
            else asyncio.run(aread_twice(server.openai_url))
        )
        for answer in answers:
            blocks = [message.data for message in answer if isinstance(message, Data)]
            events = b"".join(blocks).count(b"\n\n")
            assert events > 5_000
            assert len(blocks) < events / 5  # two reads, of 64 KB at most, keep their own
            assert isinstance(answer[-1], EndOfBody)
            assert answer[-1].fault is None
        assert server.connections == 1
