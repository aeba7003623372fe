"""``%stream continue``, ``recover`` and ``cassette``: what was kept of streams, put to use again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.errors import UsageError
from ...core.reply import Reply
from ...request.options import Options
from ...storage import journal
from ...storage.cassette import Cassette
from ...streaming.background import BackgroundStream
from ...streaming.continuation import continuation_plan
from ...streaming.plan import replay_plan
from ...views.current_cell import current_cell
from ..prepare import cell_run_for

if TYPE_CHECKING:
    from ..state import MagicState

__all__ = ["cassette", "go_on", "recover"]

RECOVERED = "recovered"


def go_on(magics: MagicState, words: list[str]) -> None:
    """Ask for the rest of the answer in a variable; it is shown and kept as a piece of its own."""
    (name,) = words
    reply, asked = magics.shell.user_ns.get(name), magics.plans.get(name)
    if isinstance(reply, BackgroundStream):
        raise UsageError(f"continue {name!r}: the answer is still coming; %stream wait {name}, then again")
    if isinstance(reply, dict) and any(isinstance(each, Reply) for each in reply.values()):
        raise UsageError(
            f"continue {name!r}: it holds answers side by side, and one answer goes on; ask its model alone"
        )
    if not isinstance(reply, Reply) or asked is None:
        known = ", ".join(magics.plans) or "none so far"
        raise UsageError(f"continue {name!r}: no stream of this session answered into it; there are: {known}")
    planned = continuation_plan(asked, reply, name, current_cell())
    more = f"{name}_more"
    order = cell_run_for(magics, planned, more)
    magics.plans[more] = planned
    order.run(magics.shell.user_ns, magics.frames_per_second)


def recover(magics: MagicState, words: list[str]) -> None:
    """Play the last stream of the journal that nobody closed, at once."""
    kept = journal.latest()
    planned = magics.plans[RECOVERED] = replay_plan(kept, Options(speed=0.0))
    cell_run_for(magics, planned, RECOVERED).run(magics.shell.user_ns, magics.frames_per_second)


def cassette(magics: MagicState, words: list[str]) -> None:
    """Say what the cassette holds, have it asked anew, or take it out."""
    match words or ["status"]:
        case ["status"] if not magics.cassette:
            print('no cassette: %config StreamMagics.cassette = "lesson/" puts one in')
        case ["status"]:
            kept = Cassette(Path(magics.cassette).expanduser()).files()
            anew = sum(path.stat().st_mtime < magics.anew_since for path in kept)
            print(
                f"{magics.cassette}: {_streams(len(kept))}" + (f", {anew} to be asked anew" if anew else "")
            )
        case ["refresh"] if magics.cassette:
            magics.anew_since = time.time()
            print(f"what is in {magics.cassette} is asked anew when it is wanted next, and replaced")
        case ["off"]:
            magics.cassette = ""
            print("no cassette: every stream is asked for")
        case ["refresh"]:
            raise UsageError('there is no cassette to refresh: %config StreamMagics.cassette = "lesson/"')
        case _:
            raise UsageError("type %stream cassette status, cassette refresh or cassette off")


def _streams(count: int) -> str:
    return f"{count} stream{'s' * (count != 1)} kept"
