"""Real answers are shown as a reader expects: scripts/answers counts, and these are its goals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import shared

SCRIPT = Path(__file__).parent.parent.parent / "scripts" / "answers"


def judge(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), str(shared("answers")), *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=900)


def test_a_few_answers_are_shown_as_meant() -> None:
    ended = judge("--sample", "4", "--only", "formulas", "stars", "lines", "stream")
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr
    assert "typeset, %" in ended.stdout


@pytest.mark.slow
@pytest.mark.timeout(1000)
@pytest.mark.parametrize("part", ["formulas", "stars", "lines", "stream"])
def test_all_answers_are_shown_as_meant(part: str) -> None:
    ended = judge("--only", part)
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr


@pytest.mark.slow
@pytest.mark.timeout(1000)
def test_answers_grow_calmly() -> None:
    ended = judge("--sample", "120", "--only", "calm")
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr
