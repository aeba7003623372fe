"""The processes around a benchmark: an upstream, so that its work is not counted, and how the others run.

``python -m tests.benchmarks.far_end '{"text": "…", "chunk": 4}'`` serves until its input closes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..support import PROJECT
from ..upstream import Upstream

_COMPILED = tempfile.TemporaryDirectory(prefix="streamnb-bench-")
AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": _COMPILED.name}
"""Variables for a process whose imports are timed: what pip installs is compiled, a checkout may not be."""


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
