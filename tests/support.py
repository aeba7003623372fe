"""Where the tests find what is not theirs: shared data, a browser.

``STREAMNB_SHARED`` names a folder of recorded streams, payloads and specification examples;
without it the tests that need it skip.  ``STREAMNB_REQUIRE_ALL=1`` turns every such skip
into a failure, so that a check that silently did nothing cannot pass.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

PROJECT = Path(__file__).resolve().parent.parent

posix_only = pytest.mark.skipif(os.name != "posix", reason="modes, links, pipes and terminals of POSIX")


def missing(what: str) -> NoReturn:
    """Skip the test that needs ``what``, or fail it where everything is required."""
    if os.environ.get("STREAMNB_REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and STREAMNB_REQUIRE_ALL=1 asks for it", pytrace=False)
    pytest.skip(what)


def shared(path: str) -> Path:
    """Return a file or folder of the shared test data."""
    folder = os.environ.get("STREAMNB_SHARED")
    if not folder:
        missing("STREAMNB_SHARED does not name the folder of shared test data")
    file = Path(folder).resolve() / path
    if not file.exists():
        missing(f"{path} is not in STREAMNB_SHARED")
    return file


def chromium() -> str:
    """Return the path of the system's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if executable := shutil.which(name):
            return executable
    missing("no Chromium on PATH (Debian: apt-get install chromium)")
