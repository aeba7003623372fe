"""A real kernel for the tests of the magic: cells go in, what a front end would see comes out."""

from __future__ import annotations

import os
import queue
import time
from ast import literal_eval
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.manager import start_new_kernel

__all__ = ["CellResult", "Kernel", "kernel"]

SECONDS = 40.0


@dataclass
class CellResult:
    """What came of one cell: the reply, and everything that was published meanwhile."""

    reply: dict[str, Any] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    published: list[dict[str, Any]] = field(default_factory=list)
    stdout: str = ""
    stderr: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.reply.get("status") == "ok")

    @property
    def traceback(self) -> str:
        """The error output as a page would show it."""
        return "\n".join(line for output in self.outputs for line in output.get("traceback", ()))

    @property
    def shown(self) -> str:
        """The plain text of what is displayed in the end."""
        return "\n".join(output["data"].get("text/plain", "") for output in self.outputs if "data" in output)

    @property
    def refusal(self) -> str:
        """The one line of a refused cell; fails for a cell that ran, and for more than a line."""
        assert not self.ok
        (line,) = filter(str.strip, (self.stderr or self.traceback).splitlines())
        return line


class Kernel:
    """One running kernel and the client that talks to it."""

    def __init__(self, manager: Any, client: Any) -> None:
        self._manager = manager
        self._client = client
        self._read: list[dict[str, Any]] = []  # published, and looked at by ``until`` only
        self.elsewhere: list[dict[str, Any]] = []  # published for another cell than the one that was run

    def start(self, code: str, cell: str | None = None, **wanted: Any) -> str:
        """Send a cell and return at once; ``finish`` has the rest. A page would name the ``cell``."""
        if cell is None:
            return str(self._client.execute(code, **({"allow_stdin": False} | wanted)))
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}}
        content |= {"allow_stdin": False, "stop_on_error": True} | wanted
        message = self._client.session.msg("execute_request", content, metadata={"cellId": cell})
        self._client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, cell: str | None = None, **wanted: Any) -> CellResult:
        """Run a cell and wait for its end."""
        return self.finish(self.start(code, cell, **wanted))

    def finish(self, message_id: str, seconds: float = SECONDS) -> CellResult:
        """Collect what belongs to the request ``asked`` until the kernel is idle again."""
        ran, deadline = CellResult(), time.monotonic() + seconds
        while True:
            message = self._read.pop(0) if self._read else self._next(deadline)
            if message["parent_header"].get("msg_id") != message_id:
                self.elsewhere.append(message)
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            ran.published.append(message)
            _publish(ran, message["msg_type"], message["content"])
        while ran.reply == {}:
            reply = self._client.get_shell_msg(timeout=max(0.1, deadline - time.monotonic()))
            if reply["parent_header"].get("msg_id") == message_id:
                ran.reply = reply["content"]
        return ran

    def value(self, expression: str) -> Any:
        """Return what an expression of plain values is worth in the kernel, without a cell of its own."""
        reply: dict[str, Any] = {"status": "aborted"}  # as ipykernel 6.29 does for a moment after an error
        while reply["status"] == "aborted":
            reply = self.finish(self.start("", silent=True, user_expressions={"it": expression})).reply
        value: Mapping[str, Any] = reply["user_expressions"]["it"]
        if value["status"] != "ok":
            raise NameError(value["evalue"])
        return literal_eval(value["data"]["text/plain"])

    def until(self, text: str, seconds: float = SECONDS) -> None:
        """Read on until a published message has ``text`` somewhere."""
        deadline = time.monotonic() + seconds
        while True:
            self._read.append(self._next(deadline))
            if text in str(self._read[-1]["content"]):
                return

    def _next(self, deadline: float) -> dict[str, Any]:
        message: dict[str, Any] = self._client.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
        return message

    def interrupt(self) -> None:
        """Do what the front end's ■ does."""
        self._manager.interrupt_kernel()

    def complete(self, line: str) -> list[str]:
        """Return what Tab offers at the end of ``line``, each as the whole word before the cursor."""
        message_id = self._client.complete(line, len(line))
        while True:
            reply = self._client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == message_id:
                content = reply["content"]
                start = line[: content["cursor_start"]].split(" ")[-1]
                return [start + match for match in content["matches"]]

    def inspect(self, code: str) -> str:
        """Return what Shift-Tab shows for ``code``."""
        message_id = self._client.inspect(code, len(code))
        while True:
            reply = self._client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == message_id:
                return str(reply["content"].get("data", {}).get("text/plain", ""))

    @property
    def alive(self) -> bool:
        return bool(self._manager.is_alive())

    def kill(self) -> None:
        """End the kernel as a crash would: nothing is tidied up."""
        self._manager.shutdown_kernel(now=True)

    def shut_down(self) -> list[dict[str, Any]]:
        """End the kernel in order; return what it still published."""
        self._client.shutdown()
        last: list[dict[str, Any]] = []
        deadline = time.monotonic() + 10
        while self._manager.is_alive() and time.monotonic() < deadline:
            try:
                last.append(self._client.get_iopub_msg(timeout=0.2))
            except queue.Empty:
                continue
        return last


def _publish(ran: CellResult, kind: str, content: dict[str, Any]) -> None:
    match kind:
        case "stream" if content["name"] == "stdout":
            ran.stdout += content["text"]
        case "stream":
            ran.stderr += content["text"]
        case "display_data" | "execute_result" | "error":
            ran.outputs.append(content)
        case "update_display_data":
            wanted = content["transient"]["display_id"]
            for output in ran.outputs:
                if output.get("transient", {}).get("display_id") == wanted:
                    output.update(content)


@contextmanager
def kernel(*first: str, **environ: str) -> Iterator[Kernel]:
    """Start a kernel with ``environ`` added, run the cells ``first``, and end it afterwards."""
    manager, client = start_new_kernel(startup_timeout=60, env=os.environ | environ)
    running = Kernel(manager, client)
    try:
        for code in first:
            ran = running.run(code)
            assert ran.ok, ran.reply
        yield running
    finally:
        client.stop_channels()
        if manager.is_alive():
            manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
