"""A forked child streams, although its parent's threads, loop and connections are not its own."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable

import pytest

from streamnb.api import stream
from tests.upstream import TEXT, Upstream

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_a_child(work: Callable[[], bool]) -> int:
    """Run ``work`` in a forked child; return its exit status, 0 where it was true."""
    with warnings.catch_warnings():
        # Python 3.12 warns of forking a process that has threads: that is what is tried here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if work() else 2
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def asks(server: Upstream, *, sync: bool) -> bool:
    """Whether one stream from this server comes whole."""
    reply = stream("why?", model="openai:m", base_url=server.openai_url, sync=sync, timeout=5, display=False)
    return reply.state == "complete" and reply == TEXT


@pytest.mark.parametrize("sync", [False, True])
def test_a_child_forked_after_a_stream_streams_and_so_does_its_parent(sync: bool) -> None:
    with Upstream() as server:
        assert asks(server, sync=sync)
        assert in_a_child(lambda: asks(server, sync=sync)) == 0
        assert asks(server, sync=sync), "the child left the parent's connection alone"
        assert server.connections == 2, "one for each process"


@pytest.mark.parametrize("sync", [False, True])
def test_a_child_forked_in_mid_stream_streams(sync: bool) -> None:
    from streamnb.api import stream_events

    with Upstream(delay=0.01) as server:
        running = stream_events("why?", model="openai:m", base_url=server.openai_url, sync=sync)
        first = next(running)
        assert in_a_child(lambda: asks(server, sync=sync)) == 0
        text = "".join(getattr(event, "text", "") for event in [first, *running])
        assert text == TEXT, "the parent's stream goes on"


def test_a_child_forked_before_any_stream_streams() -> None:
    with Upstream() as server:
        assert in_a_child(lambda: asks(server, sync=False)) == 0
