"""No looking for garbage while text is parsed.

A parse makes thousands of tokens and drops them all when it is over, without a cycle among them.  While they
live, the collector takes them for objects that last, and looks through everything in the kernel again and
again to find that they have gone: half of what a long answer cost.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["gc_paused"]


@contextmanager
def gc_paused() -> Iterator[None]:
    """Put the collector off until the block has ended; one that is switched off stays so."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()
