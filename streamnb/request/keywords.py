"""The keywords of the Python functions -> options: one set for all of them, each named as its option."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypedDict, TypeVar

from ..core.errors import UsageError
from ..core.redaction import Secret
from .environment import speed_from_env
from .option_table import OPTIONS
from .options import Options

__all__ = [
    "Keywords",
    "Prompt",
    "check_prompt",
    "hide_api_key",
    "options_from_keywords",
    "with_keyword_signature",
]

Prompt = str | Sequence[Any]
_F = TypeVar("_F", bound=Callable[..., Any])


class Keywords(TypedDict, total=False):
    """The keywords of all four functions; what is left out is as the option's default."""

    model: str | None
    system: str | None
    temperature: float | None
    max_tokens: int | None
    options: Mapping[str, Any]
    attach: Sequence[Any]
    chat: str | None
    tools: Sequence[Callable[..., Any]]
    approve: bool | Callable[..., Any] | None
    schema: Any
    effort: str | None
    search: bool
    sync: bool
    timeout: float | None
    retries: int
    base_url: str | None
    api_key: str | None
    record: str | os.PathLike[str] | None
    replay: str | os.PathLike[str] | None
    speed: float | Literal["auto"]
    display: bool | None


def with_keyword_signature(function: _F) -> _F:
    """Give ``function`` a signature that names the keywords, for ``?`` and Tab."""
    first, *_ = inspect.signature(function).parameters.values()
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=kind)
        for name, kind in Keywords.__annotations__.items()
    ]
    function.__signature__ = inspect.Signature([first, *keywords])  # type: ignore[attr-defined]
    return function


def options_from_keywords(keywords: Mapping[str, Any]) -> Options:
    """Return the options that keywords stand for.

    Raises
    ------
    TypeError
        A keyword that there is not, with the nearest that there is.
    """
    values = {name: value for name, value in keywords.items() if value is not None}
    for name in values.keys() - Keywords.__annotations__.keys():
        near = get_close_matches(name, Keywords.__annotations__, 1)
        hint = f"; did you mean {near[0]}=?" if near else ""
        raise TypeError(f"there is no keyword {name}={hint}")
    _check_values(values)
    model = values.pop("model", None)
    for name in ("record", "replay"):
        if name in values:
            values[name] = Path(values[name])
    for name in ("attach", "tools"):
        if name in values:
            values[name] = tuple(values[name])
    values.setdefault("speed", speed_from_env())
    return Options(models=(model,) if model else (), **values)


def _check_values(values: dict[str, Any]) -> None:
    """Refuse values that no request can carry, before anything is sent."""
    for name in ("model", "system", "base_url", "chat", "effort"):
        if not isinstance(values.get(name, ""), str):
            raise UsageError(f"{name}= is a text, not {type(values[name]).__name__}")
    for name in ("attach", "tools"):
        if isinstance(values.get(name, ()), str) or not isinstance(values.get(name, ()), Iterable):
            raise UsageError(f"{name}= is a list: write {name}=[…]")
    if not isinstance(values.get("options", {}), Mapping):
        raise UsageError('options= is a dict, for example options={"seed": 7}')
    for row in OPTIONS:
        if row.is_same_in_python and row.keyword in values:
            values[row.keyword] = row.read(str(values[row.keyword]))


def hide_api_key(keywords: Keywords) -> None:
    """Keep the key out of tracebacks that show variables: every frame from here on holds ``keywords``."""
    if key := keywords.get("api_key"):
        keywords["api_key"] = Secret(key)


def check_prompt(prompt: Prompt) -> str | list[Any]:
    """Return a prompt that is a text or a list; anything else is refused in one line.

    Raises
    ------
    UsageError
        It is neither.
    """
    if isinstance(prompt, str):
        return prompt
    if isinstance(prompt, Sequence) and not isinstance(prompt, bytes):
        return list(prompt)
    raise UsageError(f"a prompt is a text or a list of parts, not {type(prompt).__name__}")
