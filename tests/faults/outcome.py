"""One scenario, run once through streamnb: what came of it, in figures.

The tests judge it, ``scripts/fault-table`` prints it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from streamnb.api import stream_events
from streamnb.core.events import Event, Finished, Notice, TextDelta, Usage
from tests.upstream import Dialect, Upstream
from tests.upstream.faults import Scenario
from tests.upstream.stream_helpers import base_url_for, stream_keywords

__all__ = ["KEY", "Outcome", "run"]

KEY = "sk-canary-5f1e9d0c7b3a48e2a6d4"


@dataclass(frozen=True)
class Outcome:
    """What came of one run.

    ``seconds`` is from the first request, or the call if the server saw none, to the last event;
    ``left_in`` how long after the return the server was rid of us, ``None`` if not within a second.
    """

    events: tuple[Event, ...]
    requests: int
    seconds: float
    left_in: float | None
    hosts: tuple[str, ...] = ()
    leaked: bool = False
    finished: Finished = field(default=Finished("unfinished"))

    @property
    def text(self) -> str:
        """The answer."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))

    @property
    def notices(self) -> list[str]:
        """What was said while waiting."""
        return [event.text for event in self.events if isinstance(event, Notice)]

    @property
    def usage(self) -> Usage:
        """The last usage."""
        return next((event for event in reversed(self.events) if isinstance(event, Usage)), Usage())


def run(
    scenario: Scenario, dialect: Dialect, *, sync: bool, retries: int, certificate: Path | None = None
) -> Outcome:
    """Stream from a server that misbehaves as ``scenario`` says."""
    tls = certificate if scenario.port_mode == "tls" else None
    with Upstream(scenario.script(), port_mode=scenario.port_mode, certificate=tls) as server:
        where = stream_keywords(server, dialect, sync) | {
            "base_url": scenario.address(base_url_for(server, dialect))
        }
        began = time.monotonic()
        given = where | {"api_key": KEY, "timeout": scenario.timeout, "retries": retries}
        events = tuple(stream_events("why?", **given))
        ended = time.monotonic()
        left = server.wait_until(lambda seen: not seen.busy, 1)
        left_in = time.monotonic() - ended if left else None
        # Building a client for yet another address takes a tenth of a second; that is no waiting.
        seconds = ended - (server.requests[0].at if server.requests else began)
        elsewhere = [request for request in server.requests if not _is_home(request.headers["host"])]
        leaked = any(KEY in f"{request.path} {request.headers}" for request in elsewhere)
        hosts = tuple(request.headers["host"] for request in server.requests)
        assert isinstance(events[-1], Finished)
        return Outcome(events, len(hosts), seconds, left_in, hosts, leaked, events[-1])


def _is_home(host: str) -> bool:
    return host.startswith("127.0.0.1:")
