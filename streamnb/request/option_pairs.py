"""Reader of ``--option KEY VALUE``, which may be repeated to compare several values of one option."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from ..core.errors import UsageError

__all__ = ["Sweep", "read_pairs"]


class Sweep(tuple[Any, ...]):
    """The values of an option that was given several times: a stream with each, side by side."""

    __slots__ = ()


def read_pairs(pairs: list[list[str]], fill: Callable[[str], str]) -> dict[str, Any]:
    """Read ``--option KEY VALUE``: the value as JSON, else as the text that it is.

    Raises
    ------
    UsageError
        A key is empty, or given twice with one value.
    """
    values: dict[str, list[Any]] = {}
    for key, value in pairs:
        key, value = fill(key), fill(value)
        if not key.strip():
            raise UsageError("--option needs KEY and VALUE, for example --option seed 7")
        values.setdefault(key, []).append(_json_or_text(value))
    for key, repeats in values.items():
        if any(value in repeats[:index] for index, value in enumerate(repeats)):
            raise UsageError(f"--option {key} is given twice with one value: leave one of them out")
    return {key: repeats[0] if len(repeats) == 1 else Sweep(repeats) for key, repeats in values.items()}


def _json_or_text(value: str) -> Any:
    def refuse(
        constant: str,
    ) -> NoReturn:  # NaN and Infinity are Python's, not JSON's, and no server reads them
        raise ValueError(constant)

    try:
        return json.loads(value, parse_constant=refuse)
    except ValueError:
        return value
