"""Importing ahead of the first stream: in the background, without a connection, and never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from streamnb.magic.background_imports import BackgroundImports
from streamnb.providers.registry import sdk_modules

LOADED = """
import sys, time
from IPython.testing.globalipapp import start_ipython
shell = start_ipython()
shell.run_line_magic("load_ext", "streamnb")
assert "streamnb.streaming.runner" not in sys.modules, "loading waits for what a stream needs"
"""


def in_a_process(code: str, *, before: str = "", **environ: str) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", before + LOADED + code], check=True, env=clean | environ
    )


WAIT = """
end = time.monotonic() + 30
while {module!r} not in sys.modules and time.monotonic() < end:
    time.sleep(0.05)
assert {module!r} in sys.modules
"""


def test_loading_is_light_and_the_rest_comes_by_itself() -> None:
    in_a_process(WAIT.format(module="streamnb.providers.http_client"))


def test_the_sdk_of_the_model_that_is_asked_by_default_comes_ahead() -> None:
    in_a_process(
        WAIT.format(module="google.genai")
        # whole before anybody can have imported openai, and again see the test below
        + 'names = list(sys.modules)\nassert names.index("httpx") < names.index("google.genai")\n',
        STREAMNB_MODEL="gemini:gemini-2.5-flash",
    )


def test_a_person_who_uses_openai_by_himself_never_meets_half_of_httpx() -> None:
    """openai's requests look at httpx in ``sys.modules``, however little of it a thread has imported."""
    in_a_process(
        WAIT.format(module="genai_prices") + 'assert "httpx" not in sys.modules\n',
        STREAMNB_MODEL="openai:gpt-5-mini",
    )


def test_a_person_who_has_imported_openai_never_meets_half_of_httpx_where_gemini_is_the_default() -> None:
    in_a_process(
        WAIT.format(module="genai_prices") + 'assert not {"httpx", "google.genai"} & {*sys.modules}\n',
        before="import openai\n",
        STREAMNB_MODEL="gemini:gemini-2.5-flash",
    )


def test_after_unloading_nothing_more_is_imported() -> None:
    in_a_process(  # half a second is ten of the pauses between two imports
        'shell.run_line_magic("unload_ext", "streamnb")\n'
        "seen = len(sys.modules)\ntime.sleep(0.5)\nassert len(sys.modules) == seen\n"
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_inherits_no_import_under_way() -> None:
    in_a_process(
        WAIT.format(module="openai") + "import os\nchild = os.fork()\n"  # its import has begun
        "if child == 0:\n    import openai\n    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n",
        STREAMNB_MODEL="openai:gpt-5-mini",
    )


def test_what_cannot_be_imported_is_left_out_without_a_word() -> None:
    background_imports = BackgroundImports(("no_such_module_anywhere", "colorsys"), lambda: 1 / 0)  # type: ignore[arg-type,return-value]
    end = time.monotonic() + 10
    while "colorsys" not in sys.modules and time.monotonic() < end:
        time.sleep(0.02)
    background_imports.stop()
    assert "colorsys" in sys.modules


@pytest.mark.parametrize(
    ("model", "environ", "wanted"),
    [
        ("openai:gpt-4.1-mini", {}, ["openai"]),
        ("gpt-4.1-mini", {}, ["openai"]),
        ("gemini-2.5-flash", {}, ["google.genai"]),
        ("ollama:llama3.2", {"GEMINI_API_KEY": "k"}, ["openai", "google.genai"]),
        ("demo", {"GOOGLE_API_KEY": "k"}, ["google.genai"]),
        ("demo:tour", {}, ["openai"]),
        ("no such: thing", {}, ["openai"]),
    ],
)
def test_an_sdk_is_fetched_for_the_model_and_for_every_key(
    model: str, environ: dict[str, str], wanted: list[str]
) -> None:
    assert sdk_modules(model, environ) == wanted
