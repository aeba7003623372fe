"""Two thousand short requests with ``map`` and its live table, beside a bare ``asyncio.gather`` over the SDK.

Counted are the CPU seconds of the kernel's process, all threads, in the same kernel one after the other; the
server is a process of its own.  Eight requests are under way at a time in both.
"""

from __future__ import annotations

from typing import Any

from .far_end import far_end
from .figures import Row, show
from .kernels import kernel

REQUESTS = 2000
CONCURRENCY = 8
RUNS = 2
LIMIT = 1.2

BARE = """
import asyncio, openai
_client = globals().get("_client") or openai.AsyncOpenAI(base_url={url!r}, api_key="k", max_retries=0)
_few = asyncio.Semaphore({concurrency})
async def _one():
    async with _few:
        parts = []
        asked = _client.chat.completions.create(
            model="m", messages=[{{"role": "user", "content": "hi"}}], stream=True,
            stream_options={{"include_usage": True}},
        )
        async for chunk in await asked:
            if chunk.choices and chunk.choices[0].delta.content:
                parts.append(chunk.choices[0].delta.content)
        return "".join(parts)
replies = await asyncio.gather(*[_one() for _ in range({requests})])
answer = replies[-1]
"""

OURS = """
import streamnb
replies = streamnb.map(["hi"] * {requests}, model="openai:m", base_url={url!r}, concurrency={concurrency})
answer = replies[-1]
"""


def main() -> list[dict[str, Any]]:
    """Measure both ways in turn, the better of some runs each after one to warm up."""
    bare: list[float] = []
    ours: list[float] = []
    with far_end(text="A short answer to it.", chunk=4) as urls, kernel() as started:
        for size in (50, *[REQUESTS] * RUNS):
            arguments = {"url": urls["openai"], "requests": size, "concurrency": CONCURRENCY}
            bare.append(started.cost(BARE.format(**arguments)).cpu)
            seen = started.cost(OURS.format(**arguments), page=True)
            ours.append(seen.cpu)
            done = started.run("", count="sum(reply.state == 'complete' for reply in replies)").values
            assert int(done["count"]) == size
    best, detail = min(ours[1:]), f"bare {min(bare[1:]):.2f} s; {seen.messages} messages, {seen.size:,} bytes"
    what = f"{REQUESTS:,} short requests with a live table: CPU / bare gather"
    return show([Row("18", what, best / min(bare[1:]), LIMIT, detail=detail)])


if __name__ == "__main__":
    main()
