"""Exceptions that end a cell whose stream failed or was stopped: one line, without a traceback.

IPython shows an exception by what its ``_render_traceback_`` returns, and the reply to the
front end is an error all the same, so that Run All stops.  Only the magic raises this kind:
from a function of the notebook it would hide which call failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from IPython.core import error as ipython

from ..core.errors import StreamError, StreamInterrupted, UsageError
from ..core.events import FAULT_STATES
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..views.base import NoView
from ..views.choose import current_shell, is_capturing
from ..views.columns import NoColumns

__all__ = ["FailedError", "Stopped", "raise_for_state", "raise_for_states", "usage_errors_for_ipython"]


class Stopped(StreamInterrupted):
    """The cell's stream was stopped by hand."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class FailedError(StreamError):
    """The cell's stream was lost, timed out, or ended in an error.

    ``line`` ends the cell; it leaves the reason out where the footer above has said it.
    """

    def __init__(self, message: str, reply: Reply, line: str = "") -> None:
        super().__init__(message, reply)
        self.line = line or message

    def _render_traceback_(self) -> list[str]:
        return [self.line]


def raise_for_state(reply: Reply, name: str, view: object) -> None:
    """End the cell as the state of its reply asks for.

    Parameters
    ----------
    reply
        What came.
    name
        The variable that holds it.
    view
        Where it was shown: what went wrong is said once, by the footer if there is one.

    Raises
    ------
    Stopped
        The stream was stopped by hand.
    FailedError
        It was lost, timed out, or ended in an error.
    """
    remainder = f"{name} has the {len(reply):,} characters that came" if reply else f"{name} is empty"
    if reply.state == "interrupted":
        raise Stopped(f"Interrupted: {remainder}", reply) from None
    if reply.state in FAULT_STATES:
        message = sanitize_line(
            reply.error or reply.state, max(40, 200 - len(remainder) - len(reply.state) - 4)
        )
        state = reply.state.capitalize()
        line = f"{state}: {message}; {remainder}"
        raise FailedError(
            line, reply, f"{state}: see above; {remainder}" if _is_view_shown(view) else line
        ) from None


def raise_for_states(replies: Mapping[str, Reply], name: str, view: object, *, stopped: bool) -> None:
    """End the cell of several streams: normally, unless all were stopped together or none succeeded.

    Parameters
    ----------
    replies
        What came, by model.
    name
        The variable that holds them.
    view
        What showed them: an error that stands in a footer is not repeated.
    stopped
        Whether all were stopped together by an interrupt.

    Raises
    ------
    Stopped
        They were stopped together.
    FailedError
        None of them succeeded.
    """
    characters = sum(map(len, replies.values()))
    answers = f"all {len(replies)} answers" if len(replies) > 1 else "the one answer"
    remainder = f"{name} has {answers}, {characters:,} characters in all"
    first = next(iter(replies.values()))
    if stopped:
        raise Stopped(f"Interrupted: {remainder}", first) from None
    if all(reply.state in FAULT_STATES for reply in replies.values()):
        message = sanitize_line(f"{first.model}: {first.error or first.state}", 100)
        line = sanitize_line(f"All {len(replies)} failed: {message}; {remainder}")
        short = f"All {len(replies)} failed: see above; {remainder}"
        raise FailedError(line, first, short if _is_view_shown(view) else line) from None


def _is_view_shown(view: object) -> bool:
    """Whether what a view leaves stands before the person: nothing is hidden or being collected."""
    shell = current_shell()
    is_collected = shell is not None and is_capturing(shell)
    return not (isinstance(view, NoView | NoColumns | None) or is_collected)


@contextmanager
def usage_errors_for_ipython(magic: str) -> Iterator[None]:
    """Turn our ``UsageError`` into IPython's, which it shows in one line.

    Raises
    ------
    ipython.UsageError
        The block raised ours.
    """
    try:
        yield
    except UsageError as refused:
        raise ipython.UsageError(f"{magic}: {refused}") from None
