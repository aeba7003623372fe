"""When a kernel receives a page's comm messages while a cell runs, and how a Stop button reaches it.

=====================  ==============  =============
ipykernel              a cell awaits   a cell blocks
=====================  ==============  =============
6                      nothing         nothing
7.0 to 7.3             at once         at once, in a thread of its own, if the page uses subshells
7.4 and later          at once         nothing
=====================  ==============  =============

Where nothing is heard, the page asks the server to interrupt the kernel.  That stops whatever runs, so it
is done only for a cell that lasts as long as its stream.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

__all__ = ["hears_clicks_while_awaiting", "interrupt_delay_ms", "kernel_id"]

NEVER_MS = -1
INTERRUPT_DELAY_MS = 500  # milliseconds; a kernel that hears has answered by then, unless it is far away


def hears_clicks_while_awaiting() -> bool:
    """Say whether a click is heard before a cell that awaits has ended."""
    return _ipykernel_version() >= (7, 0)


def interrupt_delay_ms(*, blocking: bool) -> int:
    """Return the milliseconds after which a Stop that was not heard goes to the server; -1: never."""
    if not blocking:
        return NEVER_MS
    return INTERRUPT_DELAY_MS if (7, 0) <= _ipykernel_version() < (7, 4) else 0


def kernel_id() -> str:
    """Return the id under which the server knows this kernel; empty if there is none."""
    from ipykernel.connect import get_connection_file

    try:
        name = get_connection_file().rpartition("/")[2]
    except RuntimeError:  # not in a kernel
        return ""
    return name.removeprefix("kernel-").removesuffix(".json")


@cache
def _ipykernel_version() -> tuple[int, ...]:
    try:
        numbers = version("ipykernel").split(".")[:2]
    except PackageNotFoundError:  # a kernel of another make, such as a browser's: taken to be like the newest
        return (7, 4)
    return tuple(int(number) if number.isdigit() else 0 for number in numbers)
