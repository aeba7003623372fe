"""Sixteen streams side by side at 100 chunks a second each, beside sixteen bare loops over the SDK.

Two figures: how late text is sent to the page, counted from its arrival (95th percentile of all), and the
CPU seconds of the kernel's process over those of bare asynchronous loops, measured in the same kernel one
after the other.  The server is a process of its own.
"""

from __future__ import annotations

from typing import Any

from .far_end import far_end
from .figures import Row, answer, show
from .kernels import kernel

STREAMS = 16
RATE = 100
CHUNKS = 500  # of each stream
RUNS = 2

BARE = """
import asyncio, openai
_client = openai.AsyncOpenAI(base_url={url!r}, api_key="k", max_retries=0)
async def _one():
    parts = []
    asked = _client.chat.completions.create(
        model="m", messages=[{{"role": "user", "content": "hi"}}], stream=True,
        stream_options={{"include_usage": True}},
    )
    async for chunk in await asked:
        if chunk.choices and chunk.choices[0].delta.content:
            parts.append(chunk.choices[0].delta.content)
    return "".join(parts)
answer = await asyncio.gather(*[_one() for _ in range({streams})])
"""

WATCH = """
import time
from streamnb.parallel import side_by_side as _side_by_side
from streamnb.streaming import driver as _driver
_came, _late = [], []
class _Watched(_driver.ReplyBuilder):
    def feed(self, events, at):
        events = tuple(events)
        _came.extend(at for event in events if type(event).__name__ == "TextDelta")
        super().feed(events, at)
_driver.ReplyBuilder = _Watched
_beat = _side_by_side.StreamGroup.step
def _watched(self):
    pause = _beat(self)  # what was taken has been sent to the page now
    now = time.perf_counter()
    _late.extend(now - at for at in _came)
    _came.clear()
    return pause
_side_by_side.StreamGroup.step = _watched
"""

P50 = "sorted(_late)[len(_late) // 2] * 1000 if _late else -1"
P95 = "sorted(_late)[int(0.95 * len(_late))] * 1000 if _late else -1"


def main() -> list[dict[str, Any]]:
    """Measure both ways, the better of two runs each, then once more with a watch on the frames."""
    text = answer(4 * CHUNKS)
    with far_end(text=text, chunk=4, delay=1 / RATE) as urls, kernel() as started:
        url = urls["openai"]
        line = f"%%stream -m openai:m*{STREAMS} --base-url {url}\nhi"
        bare, ours = [], []
        for _ in range(RUNS):
            bare.append(started.cost(BARE.format(url=url, streams=STREAMS)).cpu)
            ours.append(started.cost(line, page=True))
        best = min(ours, key=lambda seen: seen.cpu)
        started.run(WATCH)
        started.run(line, page=True)
        late = started.run("", p50=P50, p95=P95, count="len(_late)").values
    assert int(late["count"]) >= STREAMS * CHUNKS * 0.95
    seconds = CHUNKS / RATE
    detail = f"bare {min(bare):.2f} s in {seconds:.0f} s; {best.messages / seconds:.0f} messages/s"
    what = f"{STREAMS} streams at {RATE} chunks/s"
    return show(
        [
            Row("5", f"{what}: CPU / {STREAMS} bare loops", best.cpu / min(bare), 0.8, detail=detail),
            Row(
                "5",
                f"{what}: painted after arrival, p95 (ms)",
                float(late["p95"]),
                100.0,
                detail=f"median {float(late['p50']):.0f} ms",
            ),
        ]
    )


if __name__ == "__main__":
    main()
