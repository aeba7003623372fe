"""``STREAMNB_SPEED``: the pace of replays and the demo where nothing else was said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamnb.core.errors import UsageError
from streamnb.request.environment import speed_from_env
from streamnb.request.keywords import options_from_keywords
from streamnb.streaming.planner import make_plan


def test_the_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMNB_SPEED", "0")
    assert options_from_keywords({}).speed == 0
    assert options_from_keywords({"speed": 2.0}).speed == 2.0
    monkeypatch.delenv("STREAMNB_SPEED")
    assert options_from_keywords({}).speed == 1.0


@pytest.mark.parametrize("text", ["fast", "-1", "nan"])
def test_a_wrong_speed_is_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=f"--speed '{text}' is not a number from 0 on"):
        speed_from_env({"STREAMNB_SPEED": text})


def test_auto_waits_only_where_somebody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMNB_SPEED", "auto")
    options = options_from_keywords({"model": "demo:haiku"})
    assert options.speed == "auto"
    assert make_plan("hi", options).options.speed == 0  # a test's output goes into no terminal
    assert make_plan("hi", replace(options, display=True)).options.speed == 1
    assert options_from_keywords({"speed": "auto"}).speed == "auto"


def test_auto_is_offered_where_a_wrong_speed_is_refused() -> None:
    with pytest.raises(UsageError, match="--speed 'quick' is not a number from 0 on, nor auto"):
        speed_from_env({"STREAMNB_SPEED": "quick"})
