"""Parser of the arguments of ``%stream log`` and ``streamnb log``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.errors import UsageError

__all__ = ["LogQuery", "parse_log_args"]

DEFAULT_ENTRIES = 20
MAX_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What is wanted of the log.

    Attributes
    ----------
    action
        Whether entries are listed, one is shown, or some are deleted.
    terms
        Words that each listed entry has; empty for all entries.
    limit
        The most entries that are listed.
    id
        The number of the entry to show or delete, ``None`` to delete all.
    """

    action: Literal["list", "show", "delete"] = "list"
    terms: tuple[str, ...] = ()
    limit: int = DEFAULT_ENTRIES
    id: int | None = None


def parse_log_args(args: Sequence[str]) -> LogQuery:
    """Read the words; a search for "show" alone is ``log -- show``.

    >>> parse_log_args(["rain", "-n", "5"])
    LogQuery(action='list', terms=('rain',), limit=5, id=None)

    Raises
    ------
    UsageError
        A number is missing, or no number.
    """
    match list(args):
        case ["show", number]:
            return LogQuery("show", id=_parse_number(number, "show"))
        case ["delete", "--all"]:
            return LogQuery("delete")
        case ["delete", number]:
            return LogQuery("delete", id=_parse_number(number, "delete"))
        case [("show" | "delete") as action, *_]:
            more = "" if action == "show" else " or --all"
            raise UsageError(f"log {action} takes the ID of one entry{more}, for example: log {action} 12")
        case [*others]:
            return _parse_listing(others)


def _parse_listing(args: list[str]) -> LogQuery:
    terms: list[str] = []
    limit = DEFAULT_ENTRIES
    while args:
        word = args.pop(0)
        if word == "--":
            terms += args
            break
        if word == "-n":
            limit = _parse_number(args.pop(0) if args else "", "-n")
            if not 1 <= limit <= MAX_ENTRIES:
                raise UsageError(f"log -n {limit} is not a number from 1 to {MAX_ENTRIES}")
        elif word.startswith("-") and len(word) > 1:
            raise UsageError(
                f"log has no option {word}: log [WORDS] [-n N], log show ID, log delete ID|--all"
            )
        else:
            terms.append(word)
    return LogQuery(terms=tuple(terms), limit=limit)


def _parse_number(word: str, after: str) -> int:
    if not word.isascii() or not word.isdigit() or len(word) > 18:
        raise UsageError(f"log {after} takes a number, for example: log {after} 12")
    return int(word)
