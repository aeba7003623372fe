"""``%stream recover``: read an answer of a crashed kernel from the journal."""

from __future__ import annotations

from ...request.options import Options
from ...storage import journal
from ...streaming.planner import make_replay_plan
from ..prepare import cell_run_for_plan
from ..state import MagicState

__all__ = ["run"]

RECOVERY_VARIABLE = "recovered"


def run(magics: MagicState, args: list[str]) -> None:
    """Play the last stream of the journal that nobody closed, at once."""
    recording = journal.latest_cut_off_recording()
    plan_ = magics.plans[RECOVERY_VARIABLE] = make_replay_plan(recording, Options(speed=0.0))
    cell_run_for_plan(magics, plan_, RECOVERY_VARIABLE).run(magics.shell.user_ns, magics.frames_per_second)
