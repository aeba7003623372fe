"""Every fault on every dialect ends in the state it should, with every character that was sent.

The fast part runs each scenario once a wire (those that take their time on one wire only),
without retries, through the SDK's synchronous and asynchronous surface in turn; the slow part
runs everything on both, with the retries that people have.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.support import missing
from tests.upstream import Dialect
from tests.upstream.faults import SCENARIOS, Scenario
from tests.upstream.http_io import make_self_signed_certificate
from tests.upstream.stream_helpers import warm_up_sdks

from .outcome import KEY, Outcome, run

CASES = [(name, dialect) for name, scenario in SCENARIOS.items() for dialect in scenario.dialects]
IN_TURN = [
    (scenario.dialects[number % len(scenario.dialects)], scenario)
    for number, scenario in enumerate(SCENARIOS.values())
]
ONCE = {scenario.name: dialect for dialect, scenario in IN_TURN if scenario.is_long}
FAST = [
    pytest.param(name, dialect, bool(number % 2), id=f"{name}-{dialect}-{'sync' if number % 2 else 'async'}")
    for number, (name, dialect) in enumerate(CASES)
    if ONCE.get(name, dialect) == dialect and not SCENARIOS[name].slow
]
SLOW = [
    pytest.param(name, dialect, sync, id=f"{name}-{dialect}-{'sync' if sync else 'async'}")
    for name, dialect in CASES
    for sync in (False, True)
]


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    warm_up_sdks()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        missing("no openssl command to make a certificate with")
    return make_self_signed_certificate(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize(("name", "dialect", "sync"), FAST)
def test_a_fault_ends_in_its_state_with_all_that_was_sent(
    name: str, dialect: Dialect, sync: bool, certificate: Path
) -> None:
    scenario = SCENARIOS[name]
    retries = 0 if scenario.retryable else 2
    check(
        scenario,
        dialect,
        run(scenario, dialect, sync=sync, retries=retries, certificate=certificate),
        retries,
    )


@pytest.mark.slow
@pytest.mark.parametrize(("name", "dialect", "sync"), SLOW)
def test_a_fault_ends_so_on_both_surfaces_of_the_sdk_with_retries(
    name: str, dialect: Dialect, sync: bool, certificate: Path
) -> None:
    scenario = SCENARIOS[name]
    check(scenario, dialect, run(scenario, dialect, sync=sync, retries=2, certificate=certificate), 2)


def check(scenario: Scenario, dialect: Dialect, outcome: Outcome, retries: int) -> None:
    """Hold an outcome against its scenario."""
    assert outcome.finished.state == scenario.state_for(dialect), outcome.finished
    if scenario.text is not None:
        assert outcome.text == scenario.text
    if scenario.requests is not None:
        assert outcome.requests == min(scenario.requests, retries + 1 if scenario.retryable else 99)
    if scenario.output_tokens is not False:
        assert outcome.usage.output_tokens == scenario.output_tokens
    waited = scenario.timeout if scenario.state == "timed-out" else 0.0
    assert outcome.seconds < waited + scenario.within
    assert outcome.left_in is not None
    assert outcome.left_in < 0.5, "the server goes on sending"
    assert not outcome.leaked, "the key went to another host"
    check_words(scenario, outcome)


def check_words(scenario: Scenario, outcome: Outcome) -> None:
    """Hold what a person reads against the rules for it."""
    message = outcome.finished.error
    if outcome.finished.state in {"lost", "error", "timed-out", "unfinished", "capped"}:
        assert message, "a fault has a sentence"
        assert scenario.says.lower() in message.lower()
    for line in (message or "", *outcome.notices):
        assert len(line) <= 200
        assert "\n" not in line
        assert not re.search(r"<\w|Traceback|\w+Error\b", line), line
        assert KEY not in line
        assert "sk-canary" not in line
    assert bool(outcome.notices) >= scenario.notice
