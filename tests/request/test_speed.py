"""``STREAMNB_SPEED``: the pace of replays and the demo where nothing else was said."""

from __future__ import annotations

import pytest

from streamnb.core.errors import UsageError
from streamnb.request.environment import default_speed
from streamnb.request.keywords import options_from


def test_the_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMNB_SPEED", "0")
    assert options_from({}).speed == 0
    assert options_from({"speed": 2.0}).speed == 2.0
    monkeypatch.delenv("STREAMNB_SPEED")
    assert options_from({}).speed == 1.0


@pytest.mark.parametrize("text", ["fast", "-1", "nan"])
def test_a_wrong_speed_is_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=f"--speed '{text}' is not a number from 0 on"):
        default_speed({"STREAMNB_SPEED": text})
