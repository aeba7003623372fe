"""Running of a model's tool calls between two requests: approval, the call, its result.

All of it happens in a thread of its own, so that the waiting side goes on painting and can stop;
the results arrive in the inbox like any traffic.  In this order for each call: is there such
a tool, do the arguments fit, does the person agree, what does it give.
"""

from __future__ import annotations

import asyncio
import contextvars
import copy
import inspect
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from ..core.content import ToolResultPart
from ..core.notebook_secrets import secret_env_values
from ..core.redaction import ENVIRON, Secrets
from ..core.text import error_line, sanitize_line, with_article
from ..core.tool_calls import ToolCall
from ..views.base import View
from .tool_results import ToolResults
from .tools import Outcome, Toolbox, as_coroutine, call_tool, refused_outcome

__all__ = ["ApprovalCheck", "ToolRunner", "approval_check"]

ApprovalCheck: TypeAlias = "Callable[[ToolCall], str | None]"
"""Says why a call may not run, ``None`` where it may."""

REFUSED_BY_PERSON = "the person said no"
STOPPED_MESSAGE = "not called, the stream was stopped"
NOBODY_TO_ASK = "nobody is here to agree to it; --yes (approve=True) runs tools without asking"


class ToolRunner:
    """Runs the tools of one stream."""

    is_exhausted = False  # there is always somebody who can answer a call; see ``Replay``

    def __init__(self, toolbox: Toolbox, approval_check: ApprovalCheck, secrets: Iterable[str] = ()) -> None:
        self._toolbox = toolbox
        self._approval_check = approval_check
        self._secrets = Secrets((*secrets, *secret_env_values(ENVIRON)))

    def start_calls(
        self, calls: Sequence[ToolCall], put: Callable[[ToolResults], object], is_wanted: Callable[[], bool]
    ) -> None:
        """Answer ``calls`` in the background and put the results."""
        context = contextvars.copy_context()
        work = threading.Thread(
            target=context.run,
            args=(self._answer_calls, tuple(calls), put, is_wanted),
            name="streamnb tools",
            daemon=True,
        )
        work.start()

    def _answer_calls(
        self,
        calls: tuple[ToolCall, ...],
        put: Callable[[ToolResults], object],
        is_wanted: Callable[[], bool],
    ) -> None:
        outcomes = [self._answer_call(call, is_wanted) for call in calls]
        calls_with_results = tuple(
            replace(call, result=outcome.result if outcome.error is None else outcome.error)
            for call, outcome in zip(calls, outcomes, strict=True)
        )
        answers = tuple(
            ToolResultPart(call.id or call.name, call.name, outcome.content)
            for call, outcome in zip(calls, outcomes, strict=True)
        )
        put(
            ToolResults(
                time.perf_counter(), calls_with_results, answers, tuple(outcome.error for outcome in outcomes)
            )
        )

    def _answer_call(self, call: ToolCall, is_wanted: Callable[[], bool]) -> Outcome:
        try:
            return self._mask_outcome(self._approve_and_call(call, is_wanted))
        except BaseException as error:  # nobody is above this thread, and the stream waits for an answer
            return refused_outcome(sanitize_line(f"not called, {error_line(error)}", 400))

    def _mask_outcome(self, outcome: Outcome) -> Outcome:
        """Return an outcome without a key in it: its text in the place of a result that held one."""
        content = self._secrets.mask(outcome.content)
        if content == outcome.content:
            return outcome
        error = outcome.error and self._secrets.mask(outcome.error)
        return Outcome(content, None if error else content, error)

    def _approve_and_call(self, call: ToolCall, is_wanted: Callable[[], bool]) -> Outcome:
        tool = self._toolbox.find_tool(call)
        if isinstance(tool, Outcome):
            return tool
        if tool.needs_approval and is_wanted():
            # A copy: what was approved is what is called.
            refusal = self._approval_check(replace(call, arguments=copy.deepcopy(call.arguments)))
            if refusal is not None:
                return refused_outcome(refusal)
        # Stopped meanwhile, also while somebody thought about it: a yes that comes late runs nothing.
        return call_tool(tool, call.arguments) if is_wanted() else refused_outcome(STOPPED_MESSAGE)


def approval_check(wish: bool | Callable[..., object] | None, view: View | None) -> ApprovalCheck:
    """Return the check before each call: by the option ``approve``, or by asking the person at the view."""
    if callable(wish):
        return lambda call: _refusal_by_function(wish, call)
    if wish is not None:
        return lambda call: None if wish is True else REFUSED_BY_PERSON
    refusals = {True: None, False: REFUSED_BY_PERSON, None: NOBODY_TO_ASK}
    return lambda call: NOBODY_TO_ASK if view is None else refusals[view.ask(call)]


def _refusal_by_function(function: Callable[..., object], call: ToolCall) -> str | None:
    """Ask ``approve=``, awaited where it is asynchronous; only ``True`` is a yes."""
    try:
        answer = function(call)
        if inspect.isawaitable(answer):
            answer = asyncio.run(as_coroutine(answer))
    except BaseException as error:  # raised in a thread of ours it would end nothing but the thread
        return sanitize_line(f"not called, approve failed with {error_line(error)}", 400)
    if answer is True:
        return None
    if answer is False or answer is None:
        return REFUSED_BY_PERSON
    kind = type(answer)
    name = with_article(kind.__name__) if kind.__name__ != "bool" else f"{kind.__module__}.bool"  # numpy's
    return sanitize_line(f"not called, approve gave {name} and only True is a yes")
