"""Named faults: what a server does wrong, and how a stream over it has to end.

``SCENARIOS`` holds them all by name.  ``before_content`` has what happens before the first content,
``ends`` how a stream stops too early or too late, ``encoding`` what can be wrong with the bytes,
``framing`` with the HTTP around them, ``chunks`` with what they say.
"""

from . import before_content, chunks, encoding, ends, framing
from .scenario import HALF_TEXT, TIMEOUT_S, Scenario

__all__ = ["HALF_TEXT", "SCENARIOS", "TIMEOUT_S", "Scenario"]

SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for module in (before_content, ends, encoding, framing, chunks)
    for scenario in module.SCENARIOS
}
