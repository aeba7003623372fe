"""``StreamMagics``: the magics ``%%stream`` and ``%stream``, registered with IPython.

A line that is refused changes nothing.  Once a request was sent the variable is set, however
the stream ends.  All that happens in between is ``plan`` and ``run_plan``, the same as in
Python.
"""

from __future__ import annotations

from IPython.core.magic import line_cell_magic, magics_class, no_var_expand

from .state import HELP, MagicState

__all__ = ["StreamMagics"]


@magics_class
class StreamMagics(MagicState):
    """The magics, and their defaults: ``%config StreamMagics.model = "openai:gpt-4.1-mini"``."""

    @no_var_expand
    @line_cell_magic
    def stream(self, line: str, cell: str | None = None) -> None:
        from . import dispatch  # here and not above: loading is not to wait for all that a stream needs

        if cell is None:
            dispatch.run_command(self, line)
        else:
            dispatch.run_cell(self, line, cell)

    stream.__doc__ = HELP

    async def await_stream(self, line: str, cell: str) -> None:
        """Do what ``stream`` does in a cell that awaits."""
        from . import dispatch

        await dispatch.arun_cell(self, line, cell)

    async def await_fix(self, line: str) -> None:
        """Do what ``%stream fix`` does, in a cell that awaits."""
        from . import dispatch

        await dispatch.arun_fix(self, line)
