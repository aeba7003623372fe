"""``%stream continue``: ask the model to go on with an answer that broke off."""

from __future__ import annotations

from ...core.errors import UsageError
from ...core.reply import Reply
from ...streaming.background import BackgroundStream
from ...streaming.continuation import continuation_plan
from ...views.current_cell import current_cell
from ..code_cell import replies_by_name, split_subscript, subscript_text
from ..prepare import cell_run_for_plan
from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Ask for the rest of the answer in a variable; it is shown and kept as a piece of its own.

    Raises
    ------
    UsageError
        The variable has no answer that can go on.
    """
    item = split_subscript(args[0])
    name, variable = (subscript_text(*item), item[0]) if item else (args[0], args[0])
    reply, plan_ = magics.shell.user_ns.get(variable), magics.plans.get(name)
    if item:
        reply = replies_by_name(reply).get(item[1])
    if isinstance(reply, BackgroundStream):
        raise UsageError(f"continue {name!r}: the answer is still coming; %stream wait {name}, then again")
    if isinstance(reply, dict) and (several := replies_by_name(reply)):
        broken = [key for key, answer in several.items() if answer.state != "complete"]
        raise UsageError(
            f"continue {name!r}: it holds answers by name; take one, for example: "
            f"%stream continue {subscript_text(name, [*broken, *several][0])}"
        )
    if not isinstance(reply, Reply) or plan_ is None:
        names = ", ".join(magics.plans) or "none so far"
        raise UsageError(f"continue {name!r}: no stream of this session answered into it; there are: {names}")
    more_plan = continuation_plan(plan_, reply, name, current_cell())
    variable = f"{variable}_more"
    cell_run = cell_run_for_plan(magics, more_plan, variable)
    magics.plans[variable] = more_plan
    cell_run.run(magics.shell.user_ns, magics.frames_per_second)
