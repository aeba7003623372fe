"""A real kernel as a benchmark sees it: cells run, what they sent is counted, when it came is noted.

A kernel is asked as a page asks (with the id of a cell, so that the output is a widget) or as nbclient does.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import start_new_kernel

from .far_end import AS_INSTALLED

__all__ = ["BARE", "CellFigures", "Kernel", "kernel"]

PATIENCE = 300.0  # seconds

BARE = {
    "openai": """
import openai
client = globals().get("client") or openai.OpenAI(base_url={url!r}, api_key="k")
parts = []
for chunk in client.chat.completions.create(
    model="m", messages=[{{"role": "user", "content": "hi"}}], stream=True,
    stream_options={{"include_usage": True}},
):
    if chunk.choices and chunk.choices[0].delta.content:
        parts.append(chunk.choices[0].delta.content)
        {each}
answer = "".join(parts)
""",
    "gemini": """
import google.genai
client = globals().get("client") or google.genai.Client(api_key="k", http_options={{"base_url": {url!r}}})
parts = []
for chunk in client.models.generate_content_stream(model="m", contents="hi"):
    if chunk.text:
        parts.append(chunk.text)
        {each}
answer = "".join(parts)
""",
}
"""The loop that a person would write over each SDK; ``each`` is what it does with a chunk besides."""


@dataclass
class CellFigures:
    """What one cell did: its messages and their bytes, when text first showed, the kernel's CPU seconds."""

    messages: int = 0
    size: int = 0
    seconds: float = 0.0
    first: float | None = None  # seconds from asking to the first message with the word that was waited for
    cpu: float = 0.0
    values: dict[str, Any] = field(default_factory=dict)


class Kernel:
    """A kernel whose messages are counted."""

    def __init__(self, **environ: str) -> None:
        # Every kernel on TCP, which is all that there is here, warns that it is one.
        self._manager, self._client = start_new_kernel(
            kernel_name="python3",
            extra_arguments=["--log-level=ERROR"],
            env=os.environ | AS_INSTALLED | {"MPLBACKEND": "agg"} | environ,
        )

    def close(self) -> None:
        """Shut it down."""
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, code: str, *, word: str = "", page: bool = False, **wanted: str) -> CellFigures:
        """Run a cell, with ``page`` as a page does; ``word`` begins the text, ``wanted`` are expressions."""
        session = self._client.session
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": wanted}
        content |= {"allow_stdin": False, "stop_on_error": True}
        request = session.msg("execute_request", content, metadata={"cellId": "cell-1"} if page else {})
        seen, began = CellFigures(), time.perf_counter()
        self._client.shell_channel.send(request)
        while not self._watch(request["header"]["msg_id"], seen, word, began):
            pass
        seen.seconds = time.perf_counter() - began
        seen.values = self._values(request["header"]["msg_id"])
        return seen

    def cost(self, code: str, *, page: bool = False) -> CellFigures:
        """Run a cell and add the CPU seconds that all threads of the kernel spent on it."""
        self.run("import time; _before = time.process_time()")
        seen = self.run(code, page=page)
        self.run("import time; time.sleep(0.3)")  # what is cleaned up a moment later counts, too
        after = self.run("_after = time.process_time()", cpu="_after - _before", length="len(answer)")
        seen.cpu, seen.values = float(after.values["cpu"]), after.values
        return seen

    def _watch(self, message_id: str, seen: CellFigures, word: str, began: float) -> bool:
        """Count one message of the cell; say whether it was the last."""
        message = self._client.get_iopub_msg(timeout=PATIENCE)
        if message["parent_header"].get("msg_id") != message_id:
            return False
        content = message["content"]
        if message["msg_type"] == "status":
            return bool(content["execution_state"] == "idle")
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        if message["msg_type"] == "execute_input":
            return False  # the code itself
        if message["msg_type"] == "comm_open":
            self._say_here(content["comm_id"])
        text = json.dumps(content, ensure_ascii=False)
        seen.messages += 1
        seen.size += len(text.encode())
        if word and seen.first is None and word in text:
            seen.first = time.perf_counter() - began
        return False

    def _say_here(self, comm: str) -> None:
        """Say what the scripts of an answer and of the page say when they have begun."""
        here = {"kind": "here", "page": "benchmark", "works": True}
        content = {"comm_id": comm, "data": {"method": "custom", "content": here}}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", content))

    def _values(self, message_id: str) -> dict[str, Any]:
        while True:
            reply = self._client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == message_id:
                values = reply["content"].get("user_expressions", {})
                return {name: value["data"]["text/plain"] for name, value in values.items()}


@contextmanager
def kernel(setup: str = "%load_ext streamnb", **environ: str) -> Iterator[Kernel]:
    """A kernel that has run ``setup``."""
    started = Kernel(**environ)
    try:
        if setup:
            started.run(setup)
        yield started
    finally:
        started.close()
