"""Readers: functions that parse and check the values of options, one for each kind of value.

A reader takes what was typed and a ``Substitute``, and returns the value or raises ``UsageError``: what was
given, what is wrong with it, what to type.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from ..core.errors import UsageError
from ..providers.urls import mask_and_guess_url

__all__ = [
    "AUTO_SPEED",
    "EFFORTS",
    "MAX_CELLS",
    "CellChoice",
    "Reader",
    "Substitute",
    "many_reader",
    "name_reader",
    "number_reader",
    "path_reader",
    "read_address",
    "read_cell_choice",
    "read_chat_name",
    "read_effort",
    "read_expressions",
    "read_key_env",
    "read_model_name",
    "read_speed",
    "read_text",
]

# What IPython keeps in a notebook's own names, and what calls every magic.
_IPYTHON_NAME = re.compile(r"get_ipython|In|Out|exit|quit|_{1,3}|_i{1,3}|_i?\d+|_[dio]h|__\w+__")
_LIKELY_ADDRESS = re.compile(
    r"https?://(?:localhost|[\w-]+(?:\.[\w-]+)+|[\w-]+(?=:\d))(?::\d+)?(?:/(?!/)\S*)?"
)

EFFORTS = ("none", "minimal", "low", "medium", "high")
"""How much a model may think before it answers."""

AUTO_SPEED: Literal["auto"] = "auto"
"""The pace that is 0 where nobody watches, else 1."""

Substitute: TypeAlias = Callable[[str], str]
"""Replaces ``{{ name }}`` in one value of the line."""

Reader: TypeAlias = Callable[[Any, Substitute], Any]


class CellChoice(NamedTuple):
    """The cells of ``--cells``: how many, ``None`` for all, and whether their pictures go along."""

    number: int | None
    pictures: bool


MAX_CELLS = 50  # of --cells


def read_text(value: str, fill: Substitute) -> str:
    """Return a text as it is."""
    return fill(value)


def read_expressions(values: list[str], _fill: Substitute) -> tuple[str, ...]:
    """Return ``-a``'s expressions as typed: filled in, the text of a variable could choose a file."""
    return tuple(values)


def read_model_name(name: str) -> str:
    """Return a model's name without the blanks around it.

    Raises
    ------
    UsageError
        It is not one word.
    """
    if not name.strip() or re.search(r"\s", name.strip()):
        raise UsageError(
            f"{name!r} is not a model: type provider:name, for example openai:gpt-4.1-mini or demo:tour"
        )
    return name.strip()


def number_reader(flag: str, kind: type[int] | type[float], lowest: float, *, above: bool = False) -> Reader:
    """Return a reader of numbers from ``lowest`` on (or above it).

    Parameters
    ----------
    flag
        The option as it is typed, for messages.
    kind
        ``int`` takes whole numbers only.
    lowest
        The bound, which is a number that is taken.
    above
        Whether the bound itself is refused.

    Returns
    -------
    Reader
        A function of the typed text; it raises a ``UsageError`` that names the option.
    """
    what = f"{'a whole number' if kind is int else 'a number'} {'above' if above else 'from'} {lowest:g}"
    what += "" if above else " on"

    def reader(value: str, fill: Substitute) -> int | float:
        text = fill(value)
        try:
            number = kind(text)
        except ValueError:
            number = kind(-1)
        if not math.isfinite(number) or number < lowest or (above and number == lowest):
            raise UsageError(f"{flag} {text!r} is not {what}")
        return number

    return reader


def name_reader(flag: str, example: str, *, dotted: bool = False) -> Reader:
    """Return a reader of names of the notebook.

    Parameters
    ----------
    flag
        The option as it is typed, for messages.
    example
        A name, for messages.
    dotted
        Whether names with dots are taken: ``module.function``.

    Returns
    -------
    Reader
        A function of the typed text; it raises a ``UsageError`` that names the option.
    """

    def reader(value: str, fill: Substitute) -> str:
        text = unicodedata.normalize("NFKC", fill(value))  # as Python itself reads a name
        pieces = text.split(".") if dotted else [text]
        if not all(piece.isidentifier() for piece in pieces):
            raise UsageError(
                f"{flag} {text!r} is not a variable name: letters, digits and _, for example {example}"
            )
        if word := next((piece for piece in pieces if keyword.iskeyword(piece)), None):
            raise UsageError(
                f"{flag} {word!r} is a word of Python itself: take another, for example {example}"
            )
        if not dotted and (callable(getattr(builtins, text, None)) or _IPYTHON_NAME.fullmatch(text)):
            raise UsageError(
                f"{flag} {text!r} is a name that Python or IPython needs: take another, for example {example}"
            )
        return text

    return reader


def many_reader(reader: Reader) -> Reader:
    """Return a reader of each value of an option that may be repeated."""
    return lambda values, fill: tuple(reader(value, fill) for value in values)


def read_chat_name(value: str, fill: Substitute) -> str:
    """Return the name of a conversation.

    Raises
    ------
    UsageError
        There is none.
    """
    text = fill(value)
    if not text.strip():
        raise UsageError("--chat needs a name, for example --chat plans")
    return text


def read_key_env(value: str, fill: Substitute) -> str:
    """Return the name of an environment variable.

    Raises
    ------
    UsageError
        It is no such name; the line does not repeat it, since it may be the key.
    """
    text = fill(value)
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        # What was given is not repeated: it may be the key.
        raise UsageError(
            "--key-env takes the name of an environment variable, for example MY_KEY, never the key itself"
        )
    return text


def read_address(value: str, fill: Substitute) -> str:
    """Return an address of http or https.

    Raises
    ------
    UsageError
        It is no such address.
    """
    text = fill(value).strip()
    if not re.match(r"(?i)https?://[^/?#\s]+", text) or re.search(r"\s", text):
        public, likely = mask_and_guess_url(text)
        is_likely = _LIKELY_ADDRESS.fullmatch(likely) and "://" not in public
        example = likely if is_likely else "http://localhost:8000/v1"
        raise UsageError(f"--base-url {public!r} is not an address: for example {example}")
    return text


def path_reader(flag: str) -> Reader:
    """Return a reader of paths."""

    def reader(value: str, fill: Substitute) -> Path:
        text = fill(value)
        if not text.strip():
            raise UsageError(f"{flag} needs the name of a file, for example {flag} first.stream")
        return Path(text).expanduser()

    return reader


def read_speed(value: str, fill: Substitute) -> float | Literal["auto"]:
    """Return the pace of a replay.

    Raises
    ------
    UsageError
        It is neither ``auto`` nor a number from 0 on.
    """
    text = fill(value)
    if text == AUTO_SPEED:
        return AUTO_SPEED
    try:
        return float(number_reader("--speed", float, 0)(text, str))
    except UsageError as error:
        raise UsageError(f"{error}, nor auto") from None


def read_cell_choice(value: str, fill: Substitute) -> CellChoice:
    """Return how many cells are to be sent, with their pictures or without.

    Raises
    ------
    UsageError
        It is no number of cells, or more than are kept.
    """
    text = fill(value)
    match = re.fullmatch(r"(\d{1,9}|all)(\+images)?", text)
    if match is None or match[1].strip("0") == "":
        raise UsageError(
            f"--cells {text!r} is not a number of cells: type --cells 3 or --cells all "
            "(with their pictures: --cells 3+images)"
        )
    number = None if match[1] == "all" else int(match[1])
    if number is not None and number > MAX_CELLS:
        raise UsageError(
            f"--cells {number}: {MAX_CELLS} are the most; --cells all sends the last {MAX_CELLS}"
        )
    return CellChoice(number, bool(match[2]))


def read_effort(value: str, fill: Substitute) -> str:
    """Return one of ``EFFORTS``.

    Raises
    ------
    UsageError
        It is none of them.
    """
    text = fill(value)
    if text not in EFFORTS:
        raise UsageError(f"--effort {text!r} is none of {', '.join(EFFORTS)}")
    return text
