"""The programs of ``scripts/`` that nothing else runs."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support import PROJECT
from tests.upstream import Upstream

KEYS = ("_API_KEY", "_TOKEN", "_BASE_URL")


def live_check(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if not name.endswith(KEYS)}
    return subprocess.run(
        [sys.executable, str(PROJECT / "scripts" / "live-check"), *arguments],
        env=bare | environ,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_live_check_asks_nobody_without_a_key_and_names_the_variables() -> None:
    ran = live_check()
    assert ran.returncode == 2
    assert ran.stderr.startswith("no key is set, so nobody was asked: set one of OPENAI_API_KEY, ")
    assert ran.stdout == ""


def test_the_live_check_asks_through_both_clients_and_says_what_is_missing() -> None:
    with Upstream(text="It scatters.", usage=None) as upstream:
        ran = live_check("openai", OPENAI_API_KEY="key-of-a-test", OPENAI_BASE_URL=upstream.openai_url)
    _, *rows = ran.stdout.splitlines()
    assert [row.split()[:5] for row in rows] == [
        ["openai:gpt-4.1-nano", how, "complete", "It", "scatters."] for how in ("async", "sync")
    ]
    assert all(row.endswith(" <- no usage") for row in rows)
    assert ran.returncode == 1
    assert len(upstream.requests) == 2
