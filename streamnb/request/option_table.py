"""The options: one row each, from which parser, help, Tab, defaults and the documentation's table come.

A row says how an option is typed, how its text is read and checked, what holds without it, which field of
``Options`` it fills and what it is called in Python.  The readers are ``option_readers``'.

What a type checker has to see is written beside the row, and tests compare it: fields of ``ParsedLine`` and
``Options``, a keyword of ``Keywords``, described in the docstring of ``stream``, a trait of ``MagicState``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from .option_pairs import read_pairs
from .option_readers import (
    EFFORTS,
    MAX_CELLS,
    Reader,
    Substitute,
    many_reader,
    name_reader,
    number_reader,
    path_reader,
    read_address,
    read_cell_choice,
    read_chat_name,
    read_effort,
    read_expressions,
    read_key_env,
    read_model_name,
    read_speed,
    read_text,
)

__all__ = ["OPTIONS", "OptionRow", "TimeoutDefaults", "row_by_dest"]


class TimeoutDefaults(NamedTuple):
    """Seconds without content after which a stream ends, where no number was given for both."""

    before_first_s: float
    after_first_s: float

    def __str__(self) -> str:
        return f"{self.before_first_s:g} before the first, {self.after_first_s:g} after"


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
        One sentence, for the help, without the default.
    reader
        Reads and checks what was typed; ``None`` for a switch.
    field
        The field of ``Options`` that the value goes into as it is; empty where it is looked up first.
    keyword
        Its name in Python; empty where Python has no such keyword.
    is_same_in_python
        Whether its value reads alike in a line and in Python, so that both are refused in the same words.
    docs
        What the documentation's table says beyond the help.
    default
        What holds where the option is given nowhere; ``None`` where that is nothing, or the provider's.
    """

    names: tuple[str, ...]
    kind: Literal["one", "many", "pair", "switch"]
    metavar: str
    about: str
    reader: Reader | None = None
    field: str = ""
    keyword: str = ""
    is_same_in_python: bool = False
    docs: str = ""
    default: Any = None

    @property
    def long(self) -> str:
        """The spelling with two dashes."""
        return self.names[-1]

    @property
    def dest(self) -> str:
        """The name of its field in ``ParsedLine``."""
        return self.long[2:].replace("-", "_")

    @property
    def help(self) -> str:
        """What the help says of it, its default included."""
        return self.about if self.default is None else f"{self.about} (default: {self.default})"

    def read(self, value: Any, fill: Substitute = str) -> Any:
        """Return the value that was typed, checked; raise ``UsageError`` where it is none."""
        return value if self.reader is None else self.reader(value, fill)


def _value_row(names: str, metavar: str, reader: Reader, about: str, **others: Any) -> OptionRow:
    """Return the row of an option with one value, which has one name everywhere."""
    row = OptionRow(tuple(names.split()), "one", metavar, about, reader, **others)
    return replace(row, field=row.dest, keyword=row.dest)


def _switch_row(names: str, about: str, *, field: str = "", keyword: str = "", docs: str = "") -> OptionRow:
    return OptionRow(tuple(names.split()), "switch", "", about, None, field, keyword, docs=docs)


OPTIONS: tuple[OptionRow, ...] = (
    OptionRow(
        ("-m", "--model"),
        "many",
        "MODEL",
        "provider:model; MODEL*N for N tries; repeat it for several side by side",
        lambda values, fill: tuple(read_model_name(fill(value)) for value in values),
        "models",
        "model",
        docs="without one, the notebook's default, else the demo model; of several the variable is a dict",
    ),
    OptionRow(
        ("-o", "--into"),
        "one",
        "NAME",
        "the variable that gets the answer",
        name_reader("--into", "draft_2"),
        default="answer",
    ),
    _value_row("-s --system", "TEXT", read_text, "system prompt"),
    _value_row(
        "-t --temperature",
        "X",
        number_reader("--temperature", float, 0),
        "how freely the model chooses its words: 0 is steady, higher is freer",
        is_same_in_python=True,
    ),
    _value_row(
        "--max-tokens",
        "N",
        number_reader("--max-tokens", int, 1),
        "the longest answer, in tokens",
        is_same_in_python=True,
    ),
    _value_row(
        "--effort",
        "WORD",
        read_effort,
        f"how much the model may think: {', '.join(EFFORTS)}",
        is_same_in_python=True,
        docs="the provider's own reasoning effort or thinking budget",
    ),
    _switch_row(
        "--search",
        "let the model search the web, with the provider's own tool",
        field="search",
        keyword="search",
        docs="its sources stand below the answer",
    ),
    OptionRow(
        ("--option",),
        "pair",
        "KEY VALUE",
        "a parameter by the provider's own name; VALUE is JSON, else text; repeatable",
        read_pairs,
        "options",
        "options",
    ),
    OptionRow(
        ("-a", "--attach"),
        "many",
        "EXPR",
        "a file, an address or a variable of the notebook, sent along; repeatable",
        read_expressions,
        keyword="attach",
    ),
    _switch_row(
        "--error",
        "send the last error of the notebook before the prompt",
        docs="with its traceback, its cell, and what the variables in it hold; [more](context.md)",
    ),
    OptionRow(
        ("--cells",),
        "one",
        "N",
        "send the last N cells that ran, with their outputs, before the prompt",
        read_cell_choice,
        docs=f"`all` is up to {MAX_CELLS}, `3+images` sends their pictures too; [more](context.md)",
    ),
    _value_row(
        "-c --chat",
        "NAME",
        read_chat_name,
        "a conversation by its name; the next prompt with this name continues it",
        is_same_in_python=True,
        docs="a cell that is run again replaces its turn",
    ),
    OptionRow(
        ("-T", "--tool"),
        "many",
        "NAME",
        "a Python function that the model may ask for; repeatable",
        many_reader(name_reader("--tool", "look_up", dotted=True)),
        keyword="tools",
        docs="you approve each call",
    ),
    _switch_row("--yes", "run tools without asking", keyword="approve"),
    OptionRow(
        ("--schema",),
        "one",
        "NAME",
        "a Pydantic model that the answer is checked against",
        name_reader("--schema", "Recipe", dotted=True),
        keyword="schema",
        docs="the result is in `.parsed`",
    ),
    OptionRow(
        ("--each",),
        "one",
        "NAME",
        "ask once for each element of a variable; {{ it }} in the prompt",
        name_reader("--each", "reviews", dotted=True),
        docs="`{{ it.column }}` is a value of its row; with several `-m` a grid; the variable is a "
        "[`Replies`](python.md)",
    ),
    _switch_row("--code", "put the answer's code into a cell right below; it is not run"),
    _switch_row("--bg", "return at once, the answer goes on streaming in this output"),
    _switch_row("--sync", "use the SDK's synchronous client", field="sync", keyword="sync"),
    _value_row(
        "--timeout",
        "S",
        number_reader("--timeout", float, 0, above=True),
        "stop after S seconds without content",
        is_same_in_python=True,
        default=TimeoutDefaults(before_first_s=600.0, after_first_s=60.0),
    ),
    _value_row(
        "--retries",
        "N",
        number_reader("--retries", int, 0),
        "tries after the first, while nothing has been received",
        is_same_in_python=True,
        default=2,
    ),
    _value_row(
        "--base-url",
        "URL",
        read_address,
        "an OpenAI-compatible or Gemini-compatible endpoint",
        is_same_in_python=True,
    ),
    OptionRow(
        ("--key-env",),
        "one",
        "NAME",
        "the environment variable that holds the key; with --base-url no other key is sent",
        read_key_env,
        keyword="api_key",
    ),
    _value_row("--record", "FILE", path_reader("--record"), "write the stream to a file, with its timing"),
    _value_row("--replay", "FILE", path_reader("--replay"), "play a recording; needs no MODEL"),
    _value_row(
        "--speed",
        "X",
        read_speed,
        "pace of a replay; 0 does not wait",
        is_same_in_python=True,
        default=1,
        docs="4 is four times as fast, `auto` is 0 where nobody watches (nbclient, papermill), else 1",
    ),
    _switch_row("--raw", "send the prompt as typed, {{ }} included"),
    _switch_row("--no-display", "show nothing, only set the variable", keyword="display"),
    _switch_row(
        "--plain",
        "in a terminal, print the Markdown as it comes, without drawing it",
        field="plain",
        docs="the same as in a pipe, with `NO_COLOR` or with `TERM=dumb`",
    ),
    _switch_row(
        "--dry-run",
        "show the request, send nothing",
        docs="the key masked, with an estimate of its tokens; needs no key",
    ),
    _switch_row(
        "--xray", "show what happens on the wire", field="xray", docs="below the answer, to step through"
    ),
    _switch_row("-h --help", "show this text"),
)


def row_by_dest(dest: str) -> OptionRow:
    """Return the row of an option by its field in ``ParsedLine``."""
    return next(row for row in OPTIONS if row.dest == dest)
