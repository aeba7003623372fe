"""Implementation that ``%stream log`` and ``streamnb log`` share."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.reply import Reply
from ..render import log_table
from ..request.log_query import parse_log_args
from ..storage import log
from .log_entry import reply_from_entry

__all__ = ["run_log_command"]


def run_log_command(args: Sequence[str]) -> tuple[str, Reply | None]:
    """Do what the words after ``log`` ask for; return the text to print and the reply to show below it.

    Raises
    ------
    UsageError
        The words make no sense, there is no log, or it cannot be read.
    """
    query = parse_log_args(args)
    match query.action:
        case "list":
            return log_table.entries_to_text(log.search_entries(query.terms, query.limit)), None
        case "show":
            assert query.id is not None
            entry = log.get_entry(query.id)
            return log_table.entry_heading(entry), reply_from_entry(entry)
        case "delete":
            count = log.delete_entries(query.id)
            return f"{count:,} {'entry' if count == 1 else 'entries'} deleted", None
