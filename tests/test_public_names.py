"""The public names, pinned, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys

import streamnb

NAMES = {
    "Citation",
    "Code",
    "Event",
    "Finished",
    "Image",
    "Notice",
    "ReasoningDelta",
    "Replies",
    "Reply",
    "StepDelta",
    "StreamError",
    "StreamInterrupted",
    "TextDelta",
    "TextWasReasoning",
    "ToolCallDelta",
    "Usage",
    "UsageError",
    "acompare",
    "agrid",
    "amap",
    "astream",
    "astream_events",
    "compare",
    "grid",
    "map",
    "stream",
    "stream_events",
    "tool",
}


def test_the_public_names_are_these_and_exist() -> None:
    assert set(streamnb.__all__) == NAMES
    assert list(streamnb.__all__) == sorted(streamnb.__all__)
    for name in streamnb.__all__:
        assert getattr(streamnb, name) is not None


def test_the_public_functions_and_classes_have_docstrings() -> None:
    for name in streamnb.__all__:
        assert getattr(streamnb, name).__doc__


def test_importing_imports_neither_sdk_nor_ipython() -> None:
    code = (
        "import sys, streamnb\n"
        "heavy = {'openai', 'google.genai', 'IPython', 'ipywidgets', 'anywidget', 'pydantic.main',\n"
        "         'pygments', 'genai_prices', 'httpx2'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
