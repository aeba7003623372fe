"""Entries of the log as text lines: time, model, prompt and outcome."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from ..core.text import sanitize_line
from . import comparison, number_format
from .terminal_escape import sanitize_for_terminal

__all__ = ["LoggedAnswer", "entries_to_text", "entry_heading"]

MAX_PROMPT_CHARACTERS = 48  # characters


class LoggedAnswer(Protocol):
    """What the log knows of one answer; ``at`` is when it ended, in seconds since 1970."""

    @property
    def id(self) -> int | None: ...
    @property
    def at(self) -> float: ...
    @property
    def model(self) -> str: ...
    @property
    def system(self) -> str | None: ...
    @property
    def prompt(self) -> str: ...
    @property
    def attachments(self) -> Sequence[str]: ...
    @property
    def state(self) -> str: ...
    @property
    def cost(self) -> float | None: ...


def entries_to_text(entries: Sequence[LoggedAnswer]) -> str:
    """Return a table with a line for each entry, in their order."""
    if not entries:
        return "nothing in the log"
    rows = tuple(
        (
            str(entry.id),
            _format_time(entry.at),
            sanitize_line(entry.model, 30),
            entry.state,
            number_format.format_cost(entry.model, entry.cost),
            sanitize_line(entry.prompt, MAX_PROMPT_CHARACTERS),
        )
        for entry in entries
    )
    table = comparison.ComparisonTable(("id", "ended", "model", "state", "cost", "prompt"), rows, {})
    return sanitize_for_terminal(comparison.table_to_text(table))


def entry_heading(entry: LoggedAnswer) -> str:
    """Return the lines above an answer that is shown again: when, model, system, attachments, prompt."""
    lines = [f"{entry.id} · {_format_time(entry.at)} · {sanitize_line(entry.model)}"]
    lines += [f"system: {entry.system}"] if entry.system else []
    lines += [f"attached: {name}" for name in entry.attachments]
    return sanitize_for_terminal("\n".join([*lines, "", entry.prompt, ""]))


def _format_time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
