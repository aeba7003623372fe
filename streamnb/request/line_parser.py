"""The parser of the line that gives options: what stands after ``%%stream``, or ``streamnb``.

``ParsedLine`` is what a person typed, checked but not looked up: variables are still names, a key is still
the name of its environment variable.  Knows argparse and shlex, and no IPython; which options there are and
how their values read, stands in ``option_table``.  In order: a line is cut into words, options are told from
other words, each value is filled in and checked.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, NoReturn

from ..core.errors import UsageError
from .line_words import split_keeping_braces
from .option_readers import CellChoice, Substitute, read_model_name
from .option_table import OPTIONS
from .options import Options

__all__ = ["ParsedLine", "parse_args", "parse_line"]


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """What was typed, each value checked; the rows of ``option_table`` say what each option means.

    Attributes
    ----------
    positionals
        Words that belong to no option: the MODEL in a cell, the prompt in a terminal.
    model
        Each model that was named, in the order typed.
    into, key_env
        Names of a variable, and of one of the environment.
    attach, tool, schema, each
        Names and expressions, not yet looked up.
    option
        Values by the provider's name; a ``Sweep`` where several were given.
    cells
        How many cells, and whether with pictures.
    system, temperature, max_tokens, effort, chat, timeout, retries, base_url, record, replay, speed
        As in ``Options``; ``None`` where they were not typed.
    search, error, yes, code, bg, sync, raw, no_display, plain, dry_run, xray, help
        Whether the switch was typed.
    """

    positionals: tuple[str, ...] = ()
    model: tuple[str, ...] = ()
    into: str | None = None
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    effort: str | None = None
    search: bool = False
    option: Mapping[str, Any] = field(default_factory=dict)
    attach: tuple[str, ...] = ()
    error: bool = False
    cells: CellChoice | None = None
    chat: str | None = None
    tool: tuple[str, ...] = ()
    yes: bool = False
    schema: str | None = None
    each: str | None = None
    code: bool = False
    bg: bool = False
    sync: bool = False
    timeout: float | None = None
    retries: int | None = None
    base_url: str | None = None
    key_env: str | None = None
    record: Path | None = None
    replay: Path | None = None
    speed: float | Literal["auto"] | None = None
    raw: bool = False
    no_display: bool = False
    plain: bool = False
    dry_run: bool = False
    xray: bool = False
    help: bool = False

    def to_options(self, **values: Any) -> Options:
        """Return the options of this line.

        Parameters
        ----------
        **values
            ``attach``, ``tools``, ``schema`` and ``api_key``, looked up, and for other fields what holds
            where the line says nothing.

        Returns
        -------
        Options
            The options, in which the line wins over the values given here.
        """
        fields = {row.field: getattr(self, row.dest) for row in OPTIONS if row.field}
        fields = {
            name: value for name, value in fields.items() if value or (value == 0 and value is not False)
        }
        return Options(
            **values | fields,
            approve=True if self.yes else None,
            display=False if self.no_display else None,
        )


def parse_line(line: str, fill: Substitute = str) -> ParsedLine:
    """Read the line of a cell: one MODEL at most, and options.

    Raises
    ------
    UsageError
        One line: what was given, what is wrong with it, what to type.
    """
    parsed = parse_args(split_keeping_braces(line), fill)
    positionals = tuple(map(fill, parsed.positionals))
    if len(positionals) > 1:
        raise UsageError(
            f"{positionals[1]!r} is one word too many after the model {positionals[0]!r}: quote a value that "
            "has spaces, name further models with -m, and write the prompt on the lines below"
        )
    if parsed.error and parsed.cells:
        raise UsageError(
            "--error sends the cell that failed, --cells the last ones that ran: leave one of them out"
        )
    if parsed.bg and parsed.xray:
        raise UsageError(
            "--xray shows a stream that has ended: leave out --bg, or type %stream xray NAME later"
        )
    return replace(parsed, positionals=(), model=(*map(read_model_name, positionals), *parsed.model))


_ARGPARSE_KWARGS: dict[str, dict[str, Any]] = {
    "one": {},
    "many": {"action": "append"},
    "pair": {"action": "append", "nargs": 2},
    "switch": {"action": "store_true"},
}
"""What argparse calls each kind of option."""


class _ArgumentParser(argparse.ArgumentParser):
    """argparse without its exits, its usage text and its abbreviations."""

    def error(self, message: str) -> NoReturn:
        name = re.match(r"argument (?:-\w/)?(--[\w-]+): (.*)", message)
        if name is None:
            raise UsageError(message)
        row = next(row for row in OPTIONS if row.long == name[1])
        if row.kind == "switch":
            raise UsageError(f"{row.long} takes no value: write it without '='")
        if row.kind == "pair":
            raise UsageError(f"{row.long} needs two words, {row.metavar}, for example {row.long} seed 7")
        raise UsageError(
            f"{row.long} needs {row.metavar}; a value that begins with a dash is written {row.long}=…"
        )


@cache
def _parser() -> _ArgumentParser:
    parser = _ArgumentParser(prog="streamnb", add_help=False, allow_abbrev=False)
    for row in OPTIONS:
        parser.add_argument(*row.names, dest=row.dest, **_ARGPARSE_KWARGS[row.kind])
    return parser


def parse_args(args: Sequence[str], fill: Substitute = str) -> ParsedLine:
    """Tell options from other words, fill and check every value; ``--`` ends the options.

    Raises
    ------
    UsageError
        One line: what was given, what is wrong with it, what to type.
    """
    args = list(args)
    end = args.index("--") if "--" in args else len(args)
    for word in args[:end]:
        _refuse_single_dash(word)
    namespace, others = _parser().parse_known_args(args[:end])
    for word in others:
        if re.match(r"[-–—]+[A-Za-z][^ =]*(?:=|$)", word):  # words with a blank are a prompt's
            raise UsageError(_unknown_option_message(word))
    values: dict[str, Any] = {}
    for row in OPTIONS:
        value = getattr(namespace, row.dest)
        if value not in (None, False):
            values[row.dest] = row.read(value, fill)
    return ParsedLine(positionals=tuple(others + args[end + 1 :]), **values)


def _refuse_single_dash(word: str) -> None:
    """Refuse ``-model``: argparse would read it as ``-m odel``."""
    name = re.match(r"-([a-z][a-z-]+)(?:=|$)", word)
    if name and any(row.long == f"--{name[1]}" for row in OPTIONS):
        raise UsageError(f"there is no option -{name[1]}. Did you mean --{name[1]}?")


def _nearest_option(typed: str) -> str | None:
    """Return the option that a misspelling stands for: the only one that begins so, else the most alike."""
    longs = [row.long for row in OPTIONS]
    begin_so = [long for long in longs if long.startswith(typed)]
    if len(begin_so) == 1:
        return begin_so[0]
    from difflib import get_close_matches

    # Without the dashes, which are alike in all.
    alike = get_close_matches(typed.lstrip("-"), [long[2:] for long in longs], 1, 0.6)
    return f"--{alike[0]}" if alike else None


_FOREIGN_OPTIONS = {"--api-key": "--key-env", "--key": "--key-env", "--out": "--into", "--outputs": "--into",
              "--tools": "--tool", "--attachment": "--attach", "--param": "--option", "--url": "--base-url",
              "--background": "--bg", "--stop": "--option"}  # fmt: skip
"""Spellings of neighbouring tools, and what they are called here."""


def _unknown_option_message(word: str) -> str:
    # Only the name is repeated: what follows it may be a key.
    name = word.split("=", 1)[0]
    plain = re.sub(r"^[–—]", "--", name)
    near = _FOREIGN_OPTIONS.get(plain) or _nearest_option(plain)
    what_to_type = f"Did you mean {near}?" if near else "--help lists them all"
    return f"there is no option {name}. {what_to_type}"
