"""Bodies that never end, or swell when uncompressed: what a hostile or broken server can hold us with."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

from tests.upstream import Answer

__all__ = ["FLOODS", "Flood"]

BLOCK_BYTES = 65_536
ZLIB, GZIP = 15, 31  # zlib's names for the two
BOMB_BYTES = 64_000_000  # that 62 KB on the wire become


def _sse(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


EMPTY_DELTA = _sse({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": None}]})
EMPTY_OBJECT = b"data: {}\n\n"
CONTENT = _sse({"choices": [{"index": 0, "delta": {"content": "word "}, "finish_reason": None}]})


@dataclass(frozen=True)
class Flood:
    """One kind of body; ``content`` says whether there is an answer in it."""

    body: Callable[[], Iterable[bytes]]
    encoding: str = ""
    content: bool = False

    def answer(self) -> Answer:
        """Return it as an answer of the test provider."""
        headers = {"content-encoding": self.encoding} if self.encoding else {}
        return Answer(self.body(), headers=headers)


def _endless(unit: bytes) -> Callable[[], Iterator[bytes]]:
    return lambda: repeat(unit * (BLOCK_BYTES // len(unit)))


def _bomb(unit: bytes, wbits: int) -> Callable[[], Iterable[bytes]]:
    def body() -> list[bytes]:
        compressor, block = zlib.compressobj(wbits=wbits), unit * (BLOCK_BYTES // len(unit))
        pieces = [compressor.compress(block) for _ in range(BOMB_BYTES // len(block))]
        return [b"".join([*pieces, compressor.flush()])]

    return body


def _endless_gzip(unit: bytes) -> Callable[[], Iterator[bytes]]:
    def body() -> Iterator[bytes]:
        compressor = zlib.compressobj(wbits=GZIP)
        while True:
            yield compressor.compress(unit * (BLOCK_BYTES * 16 // len(unit))) or b""

    return lambda: filter(None, body())


# 64 MB of line feeds, as brotli's reference encoder writes them.
BROTLI = "y///P/glFOKxQCD3/o///3/wSwDEYRGA7v0f////4JcAiMMCAN37P/7//8EvARCHBQC693/8//+DXwIgDgsAdO//+P//B78EQBw"
BROTLI += "WAOje//H//w9+CYA4LADQvf/L/0co/BIAcVgAoHsIBQ=="
# A frame of Zstandard without sizes: blocks of 128 KB that are one letter, the last of them marked.
ZSTD_START, ZSTD_BLOCK = b"\x28\xb5\x2f\xfd\x00\x58", (131_072 << 3 | 0b010).to_bytes(3, "little") + b"\n"
ZSTD_END = (131_072 << 3 | 0b011).to_bytes(3, "little") + b"\n"
ZSTD = ZSTD_START + ZSTD_BLOCK * (BOMB_BYTES // 131_072) + ZSTD_END

FLOODS: dict[str, Flood] = {
    "line feeds": Flood(_endless(b"\n")),
    "comments": Flood(_endless(b": ping\n\n")),
    "colons": Flood(_endless(b":\n")),
    "empty events": Flood(_endless(b"data:\n\n")),
    "empty objects": Flood(_endless(EMPTY_OBJECT)),
    "empty deltas": Flood(_endless(EMPTY_DELTA)),
    "one line": Flood(_endless(b"x")),
    "text": Flood(_endless(CONTENT), content=True),
    "gzip line feeds": Flood(_bomb(b"\n", GZIP), "gzip"),
    "gzip colons": Flood(_bomb(b":\n", GZIP), "gzip"),
    "gzip empty deltas": Flood(_bomb(EMPTY_DELTA, GZIP), "gzip"),
    "deflate line feeds": Flood(_bomb(b"\n", ZLIB), "deflate"),
    "endless gzip": Flood(_endless_gzip(b"\n"), "gzip"),
    # Not offered, since nothing in the standard library uncompresses them: refused at the first byte.
    "br line feeds": Flood(lambda: [base64.b64decode(BROTLI)], "br"),
    "zstd line feeds": Flood(lambda: [ZSTD], "zstd"),
    "endless zstd": Flood(lambda: chain([ZSTD_START], repeat(ZSTD_BLOCK * 1_000)), "zstd"),
}
