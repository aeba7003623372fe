"""How soon there is something: loading, the first stream after it, the command line; beside the bare SDK.

Every try is a process or a kernel of its own; the two sides take turns, and the medians are compared.  All
modules are compiled before, as they are where they were installed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import Any

from .far_end import AS_INSTALLED, far_end
from .figures import Row, answer, middle, show
from .kernels import BARE, Kernel

TRIES = 5
COMMANDS = 15
PAUSE = 3.0  # seconds between loading and the first stream, in which a person types
WORD = answer(4)
SCRIPT = "import sys; from streamnb.__main__ import main; sys.exit(main())"  # as pip writes it

BARE_SCRIPT = {
    "openai": """
from openai import OpenAI
client = OpenAI(base_url={url!r}, api_key="k")
for chunk in client.chat.completions.create(
    model="m", messages=[{{"role": "user", "content": "hi"}}], stream=True,
):
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
""",
    "gemini": """
from google import genai
client = genai.Client(api_key="k", http_options={{"base_url": {url!r}}})
for chunk in client.models.generate_content_stream(model="m", contents="hi"):
    if chunk.text:
        print(chunk.text, end="", flush=True)
""",
}


def loading() -> list[Row]:
    """Measure ``%load_ext`` and ``import openai``, each in a fresh kernel."""
    seconds: dict[str, list[float]] = {"%load_ext streamnb": [], "import openai": []}
    for _ in range(TRIES):
        for code, times in seconds.items():
            times.append(_in_a_fresh_kernel(f"import time\n_began = time.perf_counter()\n{code}"))
    load, sdk = (middle(times) for times in seconds.values())
    detail = f"{1000 * load:.0f} ms, {1000 * sdk:.0f} ms"
    return [
        Row("4", "%load_ext streamnb", load, 0.3, "s"),
        Row("4", "%load_ext streamnb / import openai", load / sdk, 0.5, detail=detail),
    ]


def _in_a_fresh_kernel(code: str) -> float:
    kernel = Kernel()
    try:
        seen = kernel.run(f"{code}\n_took = time.perf_counter() - _began", took="_took")
        return float(seen.values["took"])
    finally:
        kernel.close()


def first_stream(provider: str) -> Row:
    """Measure the first stream of a kernel, some seconds after it was loaded."""
    ours, bare = [], []
    with far_end(text=answer(400), chunk=4, delay=0.002) as urls:
        url = urls[provider]
        printed = "print(parts[0], flush=True) if len(parts) == 1 else None"
        for _ in range(TRIES):
            bare.append(_first("pass", BARE[provider].format(url=url, each=printed), {}))
            model = {"STREAMNB_MODEL": f"{provider}:m"}
            ours.append(_first("%load_ext streamnb", f"%%stream --base-url {url}\nhi", model))
    detail = f"{1000 * middle(ours):.0f} ms, {1000 * middle(bare):.0f} ms"
    what = f"{provider}, first text of the first stream / of the bare SDK"
    return Row("4", what, middle(ours) / middle(bare), 1, detail=detail)


def _first(setup: str, code: str, environ: dict[str, str]) -> float:
    kernel = Kernel(**environ)
    try:
        kernel.run(setup)
        time.sleep(PAUSE)
        first = kernel.run(code, word=WORD, page=True).first
        assert first is not None
        return first
    finally:
        kernel.close()


def command_line(provider: str) -> Row:
    """Measure the first text of ``streamnb "prompt"`` and of a minimal script, since the process began."""
    ours, bare = [], []
    with far_end(text=answer(400), chunk=4, delay=0.002) as urls:
        url = urls[provider]
        script = [sys.executable, "-c", BARE_SCRIPT[provider].format(url=url)]
        command = [sys.executable, "-c", SCRIPT, "hi", "-m", f"{provider}:m", "--base-url", url]
        for _ in range(COMMANDS + 1):
            bare.append(_first_byte(script))
            ours.append(_first_byte(command))
    detail = f"{1000 * middle(ours[1:]):.0f} ms, {1000 * middle(bare[1:]):.0f} ms"
    what = f"{provider}, first text of the command line / of a minimal script"
    ratio = middle(one / other for one, other in zip(ours[1:], bare[1:], strict=True))
    return Row("8", what, ratio, 1.05, detail=detail)


def _first_byte(command: list[str]) -> float:
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | AS_INSTALLED,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(1)
        seconds = time.perf_counter() - began
        process.stdout.read()
    return seconds


def main() -> list[dict[str, Any]]:
    """Measure loading, first streams and the command line."""
    table = show(loading())
    for provider in ("openai", "gemini"):
        table += show([first_stream(provider)]) + show([command_line(provider)])
    return table


if __name__ == "__main__":
    main()
