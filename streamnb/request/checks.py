"""The values of the options: how each is read from text, and what is said of one that cannot be.

Every reader takes what was typed and a ``Substitute``, and returns the value or raises
``UsageError``: what was given, what is wrong with it, what to type.  Which option is read
by which stands in ``READERS``, at the end.
"""

from __future__ import annotations

import json
import keyword
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from ..core.errors import UsageError

__all__ = ["READERS", "Substitute", "Sweep", "as_is", "model"]

Substitute: TypeAlias = Callable[[str], str]
"""Replaces ``{{ name }}`` in one value of the line."""

Reader: TypeAlias = Callable[[Any, Substitute], Any]


class Sweep(tuple[Any, ...]):
    """The values of an option that was given several times: a stream with each, side by side."""

    __slots__ = ()


def as_is(value: Any, _fill: Substitute) -> Any:
    """Return a switch as it is."""
    return value


def _text(value: str, fill: Substitute) -> str:
    return fill(value)


def _expressions(values: list[str], _fill: Substitute) -> tuple[str, ...]:
    """Return ``-a``'s expressions as typed: filled in, the text of a variable could choose a file."""
    return tuple(values)


def model(name: str) -> str:
    """Return a model's name, which is one word."""
    if not name.strip() or re.search(r"\s", name.strip()):
        raise UsageError(
            f"{name!r} is not a model: type provider:name, for example openai:gpt-4.1-mini or demo:tour"
        )
    return name.strip()


def _number(flag: str, kind: type[int] | type[float], least: float, *, above: bool = False) -> Reader:
    """Return a reader of numbers from ``least`` on (or above it)."""
    what = f"{'a whole number' if kind is int else 'a number'} {'above' if above else 'from'} {least:g}"
    what += "" if above else " on"

    def reader(value: str, fill: Substitute) -> int | float:
        text = fill(value)
        try:
            number = kind(text)
        except ValueError:
            number = kind(-1)
        if not math.isfinite(number) or number < least or (above and number == least):
            raise UsageError(f"{flag} {text!r} is not {what}")
        return number

    return reader


def _name(flag: str, example: str, *, dotted: bool = False) -> Reader:
    """Return a reader of names of the notebook."""

    def reader(value: str, fill: Substitute) -> str:
        text = fill(value)
        pieces = text.split(".") if dotted else [text]
        if not all(piece.isidentifier() for piece in pieces):
            raise UsageError(
                f"{flag} {text!r} is not a variable name: letters, digits and _, for example {example}"
            )
        if word := next((piece for piece in pieces if keyword.iskeyword(piece)), None):
            raise UsageError(
                f"{flag} {word!r} is a word of Python itself: take another, for example {example}"
            )
        return text

    return reader


def _each(reader: Reader) -> Reader:
    return lambda values, fill: tuple(reader(value, fill) for value in values)


def _not_json(word: str) -> NoReturn:
    raise ValueError(word)


def _chat(value: str, fill: Substitute) -> str:
    text = fill(value)
    if not text.strip():
        raise UsageError("--chat needs a name, for example --chat plans")
    return text


def _pairs(pairs: list[list[str]], fill: Substitute) -> dict[str, Any]:
    """Read ``--option KEY VALUE``: the value as JSON, else as the text that it is."""
    values: dict[str, list[Any]] = {}
    for key, value in pairs:
        key, value = fill(key), fill(value)
        if not key.strip():
            raise UsageError("--option needs KEY and VALUE, for example --option seed 7")
        values.setdefault(key, []).append(_json_or_text(value))
    for key, given in values.items():
        if any(value in given[:index] for index, value in enumerate(given)):
            raise UsageError(f"--option {key} is given twice with one value: leave one of them out")
    return {key: given[0] if len(given) == 1 else Sweep(given) for key, given in values.items()}


def _json_or_text(value: str) -> Any:
    try:
        # NaN and Infinity are Python's, not JSON's, and no server reads them.
        return json.loads(value, parse_constant=_not_json)
    except ValueError:
        return value


def _key_env(value: str, fill: Substitute) -> str:
    text = fill(value)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        # What was given is not repeated: it may be the key.
        raise UsageError(
            "--key-env takes the name of an environment variable, for example MY_KEY, never the key itself"
        )
    return text


def _address(value: str, fill: Substitute) -> str:
    text = fill(value).strip()
    if not re.match(r"https?://[^/?#\s]+", text) or re.search(r"\s", text):
        raise UsageError(f"--base-url {text!r} is not an address: for example http://localhost:8000/v1")
    return text


def _path(flag: str) -> Reader:
    def reader(value: str, fill: Substitute) -> Path:
        text = fill(value)
        if not text.strip():
            raise UsageError(f"{flag} needs the name of a file, for example {flag} first.stream")
        return Path(text).expanduser()

    return reader


READERS: dict[str, Reader] = {
    "model": lambda values, fill: tuple(model(fill(value)) for value in values),
    "into": _name("--into", "draft_2"),
    "system": _text,
    "temperature": _number("--temperature", float, 0),
    "max_tokens": _number("--max-tokens", int, 1),
    "option": _pairs,
    "attach": _expressions,
    "chat": _chat,
    "tool": _each(_name("--tool", "look_up", dotted=True)),
    "each": _name("--each", "reviews", dotted=True),
    "schema": _name("--schema", "Recipe", dotted=True),
    "timeout": _number("--timeout", float, 0, above=True),
    "retries": _number("--retries", int, 0),
    "base_url": _address,
    "key_env": _key_env,
    "record": _path("--record"),
    "replay": _path("--replay"),
    "speed": _number("--speed", float, 0),
}
