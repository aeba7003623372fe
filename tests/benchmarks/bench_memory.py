"""What an answer of nearly 10 MB takes in a kernel's process at its peak, as a multiple of the text.

Counted is the growth of the process's own memory: its peak, less what it had before.  In small pieces an
answer has ten times as many chunks, each of which has its time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

from ..support import PROJECT
from .far_end import far_end
from .figures import Row, answer, show

SIZE = 9_900_000  # characters; at 10 million an answer is cut
CHUNKS = (40, 4)  # characters
LIMIT = 5.0

STREAM = """
import gc, resource, sys
from streamnb import stream
stream("warm up", model="demo", speed=0, display=False)
import openai
gc.collect()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reply = stream("hi", model="openai:m", base_url=sys.argv[1], display=False)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024, len(reply))
"""


def memory(chunk: int) -> Row:
    """Measure one long answer in pieces of ``chunk`` characters, without a view."""
    with far_end(text=answer(SIZE), chunk=chunk) as urls:
        command = [sys.executable, "-W", "ignore", "-c", STREAM, urls["openai"]]
        process = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=PROJECT, env=os.environ
        )
    grown, length = json.loads(f"[{process.stdout.strip().replace(' ', ',')}]")
    assert length == SIZE
    return Row("7", f"memory for an answer of 9.9 MB in pieces of {chunk} / its text", grown / length, LIMIT)


def main() -> list[dict[str, Any]]:
    """Measure large pieces and small ones."""
    return show([memory(chunk) for chunk in CHUNKS])


if __name__ == "__main__":
    main()
