"""Data of one row of a ``Replies`` table: what the reply was asked with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["TableRow"]


@dataclass(frozen=True, slots=True)
class TableRow:
    """What a reply was asked with, and how it was scored.

    Attributes
    ----------
    prompt
        The prompt's text; a part that is no text by its kind and name.
    values
        What stood for each name of a template; empty without one.
    scores
        What ``score=`` returned: by ``score``, or by the names of the dict that it returned.
    score_error
        What it raised, ``None`` where it did not.
    """

    prompt: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, Any] = field(default_factory=dict)
    score_error: str | None = None
