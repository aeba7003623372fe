"""A structured answer as an HTML table of its fields, also while its JSON is incomplete.

``parse_partial`` makes of the beginning of a JSON text what can be made of it; ``value_to_html`` writes a
value as HTML.  Whether an answer fits its schema is decided elsewhere.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

__all__ = ["GrowthThrottle", "parse_partial", "strip_fence", "value_to_html"]

MAX_ROWS = 200  # of one list or object that are shown
MAX_DEPTH = 6  # levels that are tables of their own; what lies below is shown as JSON


class GrowthThrottle:
    """Lets the fields of a growing answer be sent again only after 2 % more text: they are sent whole."""

    def __init__(self) -> None:
        self._last_length = 0  # characters of the text that they were made of

    def is_due(self, characters: int) -> bool:
        """Say whether a text of so many characters is long enough to be sent again."""
        is_due = characters > 1.02 * self._last_length
        if is_due:
            self._last_length = characters
        return is_due


def parse_partial(text: str) -> Any:
    """Return the value of JSON that may be incomplete, as far as it can be read; ``None`` where it cannot.

    >>> parse_partial('{"name": "Ada", "born": 18')
    {'name': 'Ada', 'born': 18}
    """
    from pydantic_core import from_json  # with pydantic, which whoever has a schema has imported

    try:
        return from_json(strip_fence(text), allow_partial="trailing-strings")
    except ValueError:
        return None


def strip_fence(text: str) -> str:
    """Return JSON without the code fence, and the words around it, that models put it in."""
    text = text.strip()
    before, fence, fenced = text.partition("```")
    if not fence or before.lstrip().startswith(("{", "[")):  # no fence, or one inside the JSON itself
        return text
    fenced = fenced.partition("\n")[2]
    end = fenced.rfind("\n```")
    if end < 0:
        return fenced.rstrip().removesuffix("```")
    return fenced[:end]


def value_to_html(value: Any, level: int = 0) -> str:
    """Return a value as HTML: an object or a list as a table, everything else as text."""
    if isinstance(value, dict) and value and level < MAX_DEPTH:
        return _fields_to_html(list(value.items()), level)
    if isinstance(value, list) and value and level < MAX_DEPTH:
        return _fields_to_html([(str(number), item) for number, item in enumerate(value, 1)], level)
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _fields_to_html(items: list[tuple[str, Any]], level: int) -> str:
    rows = [_row_to_html(escape(name), value_to_html(item, level + 1)) for name, item in items[:MAX_ROWS]]
    if len(items) > MAX_ROWS:
        rows.append(_row_to_html("…", f"{len(items):,} in all"))
    return f'<table class="snb-fields"><tbody>{"".join(rows)}</tbody></table>'


def _row_to_html(name: str, content: str) -> str:
    head = f'<th class="snb-field-name" scope="row">{name}</th>'
    return f'<tr>{head}<td class="snb-field-value">{content}</td></tr>'
