"""The far end of a benchmark: an upstream in a process of its own, so that its work is not counted.

``python -m tests.benchmarks.far_end '{"text": "…", "chunk": 4}'`` serves until its input closes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..support import PROJECT
from ..upstream import Upstream


@contextmanager
def far_end(**says: Any) -> Iterator[dict[str, str]]:
    """Yield the addresses of an upstream that says this: ``openai`` and ``gemini``."""
    command = [sys.executable, "-m", "tests.benchmarks.far_end"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(says) + "\n")
        server.stdin.flush()
        yield json.loads(server.stdout.readline())
        server.stdin.close()


def _serve() -> None:
    with Upstream(**json.loads(sys.stdin.readline())) as upstream:
        print(json.dumps({"openai": upstream.openai_url, "gemini": upstream.gemini_url}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    _serve()
