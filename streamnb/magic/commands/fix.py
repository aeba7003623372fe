"""``%stream fix``: the last error of the notebook, explained and mended by a model; nothing is run."""

from __future__ import annotations

import shlex
from functools import partial

from ...core.errors import UsageError
from ...core.text import sanitize_line
from ...request import line_parser, template
from ...request.traceback_text import error_headline
from ..notebook_context import FIX_PROMPT, last_failed_cell
from ..state import MagicState

__all__ = ["prepare_fix_line", "run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Send the last error with a prompt of its own, as a ``%%stream --error --code`` cell would."""
    magics.shell.run_cell_magic("stream", prepare_fix_line(magics, args), FIX_PROMPT)


def prepare_fix_line(magics: MagicState, args: list[str]) -> str:
    """Print which error is sent; return the options of the ``%%stream`` line that sends it.

    Raises
    ------
    UsageError
        There is no error, or the arguments are none.
    """
    failed = last_failed_cell(magics)
    if any(word in ("--error", "--cells") for word in args):
        raise UsageError("fix sends the last error and its cell: leave out --error and --cells")
    line_parser.parse_line(
        shlex.join(args), partial(template.render_option_value, names=magics.notebook_variables())
    )
    print(f"{failed.label}: {sanitize_line(error_headline(failed.error))}")
    return shlex.join(["--error", "--code", *args])
