"""Plan for continuing an answer that broke off: the same model is asked to go on from where it stopped."""

from __future__ import annotations

from dataclasses import replace

from ..core.content import Text, Turn
from ..core.conversation import CellRunId
from ..core.errors import UsageError
from ..core.reply import Reply
from .plan import Plan
from .session import current_session

__all__ = ["CONTINUE_PROMPT", "continuation_plan"]

CONTINUE_PROMPT = "Go on exactly where you stopped. Repeat nothing and add no introduction."


def continuation_plan(plan: Plan, reply: Reply, name: str, cell_run_id: CellRunId) -> Plan:
    """Return the plan that asks for the rest of ``reply``, which came of ``plan``.

    The text so far is sent as the model's own turn.  What comes is a piece of its own: a schema is
    left out, since the rest of a JSON text fits none.

    Parameters
    ----------
    plan
        What the answer was asked with.
    reply
        The part that has come.
    name
        The variable that holds it, for messages.
    cell_run_id
        Which run of which cell asks for more.

    Returns
    -------
    Plan
        The plan; ``plan`` and ``reply`` stay as they are.

    Raises
    ------
    UsageError
        There is nothing to go on from, or nobody to ask.
    """
    if plan.model is None:
        raise UsageError(
            f"{name} was played from a recording, and no model is asked for more; one can go on: "
            f"%%stream MODEL, and below it: Go on exactly where this stops: {{{{ {name} }}}}"
        )
    if reply.state == "complete":
        raise UsageError(f"{name} is complete; a new cell with -c CHAT asks for more")
    if not reply.text.strip():
        raise UsageError(f"{name} is empty, so there is nothing to go on from: ask again")
    current_session().spending.check_budget()
    turns = (
        *plan.request.turns,
        Turn("assistant", (Text(reply.text),)),
        Turn("user", (Text(CONTINUE_PROMPT),)),
    )
    detail = f"goes on from {name}, after {len(reply):,} characters"
    return replace(
        plan,
        request=replace(plan.request, turns=turns, schema=None),
        options=replace(plan.options, schema=None, record=None, prompt_details=(detail,), sent=()),
        extras=replace(plan.extras, schema=None, cell_run_id=cell_run_id),
    )
