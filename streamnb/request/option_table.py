"""The options: one row each, from which parser, keywords, help, Tab and the documentation's table come.

A row says how an option is typed, how its text is read and checked, which field of ``Options`` it fills
and what it is called in Python.  Every reader takes what was typed and a ``Substitute``, and returns the
value or raises ``UsageError``: what was given, what is wrong with it, what to type.
"""

from __future__ import annotations

import json
import keyword
import math
import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias

from ..core.errors import UsageError

__all__ = [
    "AUTO",
    "EFFORTS",
    "OPTIONS",
    "OptionRow",
    "Substitute",
    "Sweep",
    "help_text",
    "markdown_table",
    "read_model",
    "row_of",
]

EFFORTS = ("none", "minimal", "low", "medium", "high")
"""How much a model may think before it answers."""

AUTO: Literal["auto"] = "auto"
"""The pace that is 0 where nobody watches, else 1."""

Substitute: TypeAlias = Callable[[str], str]
"""Replaces ``{{ name }}`` in one value of the line."""

Reader: TypeAlias = Callable[[Any, Substitute], Any]


class Sweep(tuple[Any, ...]):
    """The values of an option that was given several times: a stream with each, side by side."""

    __slots__ = ()


def _text(value: str, fill: Substitute) -> str:
    return fill(value)


def _expressions(values: list[str], _fill: Substitute) -> tuple[str, ...]:
    """Return ``-a``'s expressions as typed: filled in, the text of a variable could choose a file."""
    return tuple(values)


def read_model(name: str) -> str:
    """Return a model's name without the blanks around it; raise ``UsageError`` where it is not one word."""
    if not name.strip() or re.search(r"\s", name.strip()):
        raise UsageError(
            f"{name!r} is not a model: type provider:name, for example openai:gpt-4.1-mini or demo:tour"
        )
    return name.strip()


def _number(flag: str, kind: type[int] | type[float], lowest: float, *, above: bool = False) -> Reader:
    """Return a reader of numbers from ``lowest`` on (or above it)."""
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


def _many(reader: Reader) -> Reader:
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


def _speed(value: str, fill: Substitute) -> float | Literal["auto"]:
    text = fill(value)
    if text == AUTO:
        return AUTO
    try:
        return float(_number("--speed", float, 0)(text, str))
    except UsageError as error:
        raise UsageError(f"{error}, nor auto") from None


def _effort(value: str, fill: Substitute) -> str:
    text = fill(value)
    if text not in EFFORTS:
        raise UsageError(f"--effort {text!r} is none of {', '.join(EFFORTS)}")
    return text


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option.

    Attributes
    ----------
    names
        Its spellings, the long one last.
    kind
        Whether it takes one value, may be repeated, takes a pair, or is a switch.
    metavar
        What the help calls its value; empty for a switch.
    about
        One sentence, for the help.
    reader
        Reads and checks what was typed; ``None`` for a switch.
    field
        The field of ``Options`` that the value goes into as it is; empty where it is looked up first.
    keyword
        Its name in Python; empty where Python has no such keyword.
    alike
        Whether its value reads alike in a line and in Python, so that both are refused in the same words.
    more
        What the documentation's table says beyond the help.
    """

    names: tuple[str, ...]
    kind: Literal["one", "many", "pair", "switch"]
    metavar: str
    about: str
    reader: Reader | None = None
    field: str = ""
    keyword: str = ""
    alike: bool = False
    more: str = ""

    @property
    def long(self) -> str:
        """The spelling with two dashes."""
        return self.names[-1]

    @property
    def dest(self) -> str:
        """The name of its field in ``ParsedLine``."""
        return self.long[2:].replace("-", "_")

    def read(self, value: Any, fill: Substitute = str) -> Any:
        """Return the value that was typed, checked; raise ``UsageError`` where it is none."""
        return value if self.reader is None else self.reader(value, fill)


def _one(
    names: str, metavar: str, reader: Reader, about: str, *, alike: bool = False, more: str = ""
) -> OptionRow:
    """Return the row of an option with one value, which has one name everywhere."""
    row = OptionRow(tuple(names.split()), "one", metavar, about, reader)
    return replace(row, field=row.dest, keyword=row.dest, alike=alike, more=more)


def _switch(names: str, about: str, *, field: str = "", keyword: str = "", more: str = "") -> OptionRow:
    return OptionRow(tuple(names.split()), "switch", "", about, None, field, keyword, more=more)


OPTIONS: tuple[OptionRow, ...] = (
    OptionRow(
        ("-m", "--model"),
        "many",
        "MODEL",
        "provider:model; MODEL*N for N tries; repeat it for several side by side",
        lambda values, fill: tuple(read_model(fill(value)) for value in values),
        "models",
        "model",
        more="without one, the notebook's default, else the demo model; of several the variable is a dict",
    ),
    OptionRow(
        ("-o", "--into"),
        "one",
        "NAME",
        "the variable that gets the answer (answer)",
        _name("--into", "draft_2"),
    ),
    _one("-s --system", "TEXT", _text, "system prompt"),
    _one(
        "-t --temperature",
        "X",
        _number("--temperature", float, 0),
        "0 is steady, higher is freer",
        alike=True,
    ),
    _one("--max-tokens", "N", _number("--max-tokens", int, 1), "the longest answer, in tokens", alike=True),
    _one(
        "--effort",
        "WORD",
        _effort,
        "how much the model may think: none, minimal, low, medium, high",
        alike=True,
        more="the provider's own reasoning effort or thinking budget",
    ),
    _switch(
        "--search",
        "let the model search the web, with the provider's own tool",
        field="search",
        keyword="search",
        more="its sources stand below the answer",
    ),
    OptionRow(
        ("--option",),
        "pair",
        "KEY VALUE",
        "sent to the provider; VALUE read as JSON, else text; repeatable",
        _pairs,
        "options",
        "options",
    ),
    OptionRow(
        ("-a", "--attach"),
        "many",
        "EXPR",
        "a file, an address or a variable of the notebook, sent along; repeatable",
        _expressions,
        keyword="attach",
    ),
    _one(
        "-c --chat",
        "NAME",
        _chat,
        "a conversation that goes on in the next prompt",
        alike=True,
        more="a cell that is run again replaces its turn",
    ),
    OptionRow(
        ("-T", "--tool"),
        "many",
        "NAME",
        "a Python function that the model may ask for; repeatable",
        _many(_name("--tool", "look_up", dotted=True)),
        keyword="tools",
        more="each call is asked for",
    ),
    _switch("--yes", "run tools without asking", keyword="approve"),
    OptionRow(
        ("--schema",),
        "one",
        "NAME",
        "a Pydantic model that the answer is checked against",
        _name("--schema", "Recipe", dotted=True),
        keyword="schema",
        more="the result is in `.parsed`",
    ),
    OptionRow(
        ("--each",),
        "one",
        "NAME",
        "ask once for each element of a variable; {{ it }} in the prompt",
        _name("--each", "reviews", dotted=True),
        more="`{{ it.column }}` is a value of its row; with several `-m` a grid; the variable is a "
        "[`Replies`](python.md)",
    ),
    _switch("--bg", "return at once, the answer goes on streaming in this output"),
    _switch("--sync", "use the SDK's synchronous surface", field="sync", keyword="sync"),
    _one(
        "--timeout",
        "S",
        _number("--timeout", float, 0, above=True),
        "stop after S seconds without content (600 before the first, 60 after)",
        alike=True,
    ),
    _one(
        "--retries",
        "N",
        _number("--retries", int, 0),
        "tries after the first, while nothing has been received (2)",
        alike=True,
    ),
    _one("--base-url", "URL", _address, "an OpenAI-compatible or Gemini-compatible endpoint", alike=True),
    OptionRow(
        ("--key-env",),
        "one",
        "NAME",
        "the environment variable that holds its key",
        _key_env,
        keyword="api_key",
    ),
    _one("--record", "FILE", _path("--record"), "keep the stream with its timing"),
    _one("--replay", "FILE", _path("--replay"), "play a kept stream back; needs no MODEL"),
    _one(
        "--speed",
        "X",
        _speed,
        "pace of a replay; 0 is without waiting",
        alike=True,
        more="4 is four times as fast, `auto` is 0 where nobody watches (nbclient, papermill), else 1",
    ),
    _switch("--raw", "send the prompt as typed, {{ }} included"),
    _switch("--no-display", "show nothing, set the variable", keyword="display"),
    _switch(
        "--dry-run",
        "show the request, send nothing",
        more="the key masked, with an estimate of its tokens; needs no key",
    ),
    _switch(
        "--xray", "show what happens on the wire", field="xray", more="below the answer, to step through"
    ),
    _switch("-h --help", "show this text"),
)


def row_of(dest: str) -> OptionRow:
    """Return the row whose field in ``ParsedLine`` is ``dest``."""
    return next(row for row in OPTIONS if row.dest == dest)


def help_text(
    usage: str, about: str, *, without: Container[str] = (), meaning: Mapping[str, str] | None = None
) -> str:
    """Return the help: how a command is called, what it does, and every option that it takes.

    ``meaning`` has what an option does there, where that is not what it does in a notebook.

    >>> help_text("%%stream [MODEL] [options]", "Stream an answer.").splitlines()[0]
    '%%stream [MODEL] [options]'
    """
    rows = [row for row in OPTIONS if row.dest not in without]
    left = [", ".join(row.names) + f" {row.metavar}".rstrip() for row in rows]
    width = max(map(len, left))
    right = [(meaning or {}).get(row.dest, row.about) for row in rows]
    lines = [f"  {spelling:<{width}}  {text}" for spelling, text in zip(left, right, strict=True)]
    return "\n".join([usage, "", about, "", "Options:", *lines])


def markdown_table() -> str:
    """Return the options as the documentation's table."""
    lines = ["| Option | Meaning |", "|---|---|"]
    for row in OPTIONS:
        first, *others = row.names
        typed = ", ".join(f"`{name}`" for name in (f"{first} {row.metavar}".rstrip(), *others))
        lines.append(f"| {typed} | {row.about}{'; ' + row.more if row.more else ''} |")
    return "\n".join(lines)
