"""What ``%%stream`` costs a kernel, beside a bare loop over the SDK in the same kernel.

Each way streams the same answer from a server in another process; counted are the kernel
process's CPU seconds (all threads) and the messages and bytes that it sends to the front end.
Every figure is the best of a few runs, and a ratio to the bare loop of the same run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jupyter_client.manager import start_new_kernel

from streamnb.markdown import render

from .far_end import far_end

RUNS = 4
PARAGRAPH = (
    "Streaming sends an answer **piece by piece**: each `chunk` is one server-sent event, and\n"
    "the reader sees the *first words* while the rest is still being written.\n\n"
    "- a list item with some text\n- another one, with `code` in it\n\n"
    "```python\nfor chunk in stream:\n    print(chunk.text, end='')\n```\n\n"
)

BARE = {
    "openai": """
client = __import__("openai").OpenAI(base_url={url!r}, api_key="k")
parts = []
for chunk in client.chat.completions.create(
    model="m", messages=[{{"role": "user", "content": "hi"}}], stream=True,
    stream_options={{"include_usage": True}},
):
    if chunk.choices and chunk.choices[0].delta.content:
        parts.append(chunk.choices[0].delta.content)
answer = "".join(parts)
""",
    "gemini": """
client = __import__("google.genai").genai.Client(api_key="k", http_options={{"base_url": {url!r}}})
parts = []
for chunk in client.models.generate_content_stream(model="m", contents="hi"):
    if chunk.text:
        parts.append(chunk.text)
answer = "".join(parts)
""",
}


@dataclass
class Cost:
    """What one cell cost: CPU seconds, messages and bytes to the front end, its answer's length."""

    cpu: float
    messages: int
    size: int
    length: int


class Kernel:
    """A real kernel whose iopub messages are counted."""

    def __init__(self) -> None:
        self._manager, self._client = start_new_kernel(
            kernel_name="python3", env=os.environ | {"MPLBACKEND": "agg"}
        )

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, code: str, **expressions: str) -> tuple[int, int, dict[str, Any]]:
        """Run a cell; return the messages and bytes it sent, and the values of ``expressions``."""
        sent = self._client.execute(code, user_expressions=expressions, store_history=True)
        messages = size = 0
        while True:
            message = self._client.get_iopub_msg(timeout=120)
            if message["parent_header"].get("msg_id") != sent:
                continue
            content = message["content"]
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                break
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            messages += 1
            size += len(json.dumps(content))
        values = {}
        while not values:
            reply = self._client.get_shell_msg(timeout=120)
            if reply["parent_header"]["msg_id"] == sent:
                found = reply["content"]["user_expressions"]
                values = {name: value["data"]["text/plain"] for name, value in found.items()} or {"": ""}
        return messages, size, values

    def cost(self, code: str) -> Cost:
        """Return the best of a few runs, after one to warm up."""
        costs = []
        for _ in range(RUNS + 1):
            self.run("import time; _before = time.process_time()")
            messages, size, _ = self.run(code)
            _, _, values = self.run(
                "_after = time.process_time()", cpu="_after - _before", length="len(answer)"
            )
            costs.append(Cost(float(values["cpu"]), messages, size, int(values["length"])))
        return min(costs[1:], key=lambda cost: cost.cpu)


@contextmanager
def kernel() -> Iterator[Kernel]:
    """A kernel with streamnb loaded."""
    started = Kernel()
    try:
        started.run("%load_ext streamnb\nimport openai, google.genai")
        yield started
    finally:
        started.close()


def answer(characters: int) -> str:
    """A mixed answer of about this length."""
    return (PARAGRAPH * (characters // len(PARAGRAPH) + 1))[:characters]


def compare(provider: str, characters: int, delay: float = 0.0) -> dict[str, Any]:
    """Measure one answer both ways."""
    text = answer(characters)
    with far_end(text=text, chunk=4, delay=delay) as urls, kernel() as started:
        url = urls[provider]
        bare = started.cost(BARE[provider].format(url=url))
        ours = started.cost(f"%%stream {provider}:m --base-url {url}\nhi")
    assert bare.length == ours.length == len(text)
    return {
        "what": f"{provider}, {characters:,} characters, "
        + (f"{1 / delay:.0f} chunks/s" if delay else "full speed"),
        "cpu of the bare loop (s)": round(bare.cpu, 3),
        "cpu of %%stream / bare loop": round(ours.cpu / bare.cpu, 2),
        "messages": ours.messages,
        "bytes / final HTML": round(ours.size / len(render(text)), 2),
    }


def main() -> list[dict[str, Any]]:
    """Measure 20 KB at full speed on both wires, and at 200 chunks a second."""
    return [compare("openai", 20_000), compare("gemini", 20_000), compare("openai", 4_000, delay=0.005)]


if __name__ == "__main__":
    for row in main():
        print(json.dumps(row))
