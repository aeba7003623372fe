"""Named faults: what a server does wrong, and how a stream over it has to end.

``SCENARIOS`` holds them all by name.  ``before`` has what happens before the first content,
``ends`` how a stream stops too early or too late, ``encoding`` what can be wrong with the bytes,
``framing`` with the HTTP around them, ``chunks`` with what they say.
"""

from . import before, chunks, encoding, ends, framing
from .scenario import HALF, TIMEOUT, Scenario

__all__ = ["HALF", "SCENARIOS", "TIMEOUT", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for module in (before, ends, encoding, framing, chunks)
    for scenario in module.SCENARIOS
}
