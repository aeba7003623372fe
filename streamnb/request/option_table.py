"""The options that can be typed: one row each, read by the parser, the help and Tab.

What a value means and how it is checked stands in ``options``.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

__all__ = ["OPTIONS", "OptionRow", "help_text"]


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option: its spellings, what it takes, and one sentence about it."""

    names: tuple[str, ...]
    kind: Literal["one", "many", "pair", "switch"]
    metavar: str
    about: str

    @property
    def long(self) -> str:
        """The spelling with two dashes."""
        return self.names[-1]

    @property
    def dest(self) -> str:
        """The name of its field in ``Line``."""
        return self.long[2:].replace("-", "_")


OPTIONS: tuple[OptionRow, ...] = (
    OptionRow(
        ("-m", "--model"),
        "many",
        "MODEL",
        "provider:model; MODEL*N for N tries; repeat it for several side by side",
    ),
    OptionRow(("-o", "--into"), "one", "NAME", "the variable that gets the answer (answer)"),
    OptionRow(("-s", "--system"), "one", "TEXT", "system prompt"),
    OptionRow(("-t", "--temperature"), "one", "X", "0 is steady, higher is freer"),
    OptionRow(("--max-tokens",), "one", "N", "the longest answer, in tokens"),
    OptionRow(
        ("--option",), "pair", "KEY VALUE", "sent to the provider; VALUE read as JSON, else text; repeatable"
    ),
    OptionRow(
        ("-a", "--attach"),
        "many",
        "EXPR",
        "a file, an address or a variable of the notebook, sent along; repeatable",
    ),
    OptionRow(("-c", "--chat"), "one", "NAME", "a conversation that goes on in the next prompt"),
    OptionRow(("-T", "--tool"), "many", "NAME", "a Python function that the model may ask for; repeatable"),
    OptionRow(("--yes",), "switch", "", "run tools without asking"),
    OptionRow(("--schema",), "one", "NAME", "a Pydantic model that the answer is checked against"),
    OptionRow(("--each",), "one", "NAME", "ask once for each element of a variable; {{ it }} in the prompt"),
    OptionRow(("--bg",), "switch", "", "return at once, the answer goes on streaming in this output"),
    OptionRow(("--sync",), "switch", "", "use the SDK's synchronous surface"),
    OptionRow(
        ("--timeout",), "one", "S", "stop after S seconds without content (600 before the first, 60 after)"
    ),
    OptionRow(("--retries",), "one", "N", "tries after the first, while nothing has been received (2)"),
    OptionRow(("--base-url",), "one", "URL", "an OpenAI-compatible or Gemini-compatible endpoint"),
    OptionRow(("--key-env",), "one", "NAME", "the environment variable that holds its key"),
    OptionRow(("--record",), "one", "FILE", "keep the stream with its timing"),
    OptionRow(("--replay",), "one", "FILE", "play a kept stream back; needs no MODEL"),
    OptionRow(("--speed",), "one", "X", "pace of a replay; 0 is without waiting"),
    OptionRow(("--raw",), "switch", "", "send the prompt as typed, {{ }} included"),
    OptionRow(("--no-display",), "switch", "", "show nothing, set the variable"),
    OptionRow(("--dry-run",), "switch", "", "show the request, send nothing"),
    OptionRow(("--xray",), "switch", "", "show what happens on the wire"),
    OptionRow(("-h", "--help"), "switch", "", "show this text"),
)


def help_text(usage: str, about: str, *, without: Container[str] = ()) -> str:
    """Return the help of one door: how it is called, what it does, and every option that it takes.

    >>> help_text("%%stream [MODEL] [options]", "Stream an answer.").splitlines()[0]
    '%%stream [MODEL] [options]'
    """
    taken = [flag for flag in OPTIONS if flag.dest not in without]
    rows = [(", ".join(flag.names) + f" {flag.metavar}".rstrip(), flag.about) for flag in taken]
    width = max(len(left) for left, _ in rows)
    lines = [f"  {left:<{width}}  {right}" for left, right in rows]
    return "\n".join([usage, "", about, "", "Options:", *lines])
