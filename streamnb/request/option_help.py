"""The option table as text: the help of a command."""

from __future__ import annotations

from collections.abc import Container, Mapping

from .option_table import OPTIONS

__all__ = ["help_text"]


def help_text(
    usage: str,
    about: str,
    *,
    without: Container[str] = (),
    meaning: Mapping[str, str] | None = None,
    metavars: Mapping[str, str] | None = None,
) -> str:
    """Return the help: how a command is called, what it does, and every option that it takes.

    Parameters
    ----------
    usage
        The first line.
    about
        The paragraph below it.
    without
        Options that are left out, by field.
    meaning
        What options do there, by field, where that is not what they do in a notebook.
    metavars
        Other names of values, by field.

    Returns
    -------
    str
        Lines of text, the options in one column and their meaning in another.

    Examples
    --------
    >>> help_text("%%stream [MODEL] [options]", "Stream an answer.").splitlines()[0]
    '%%stream [MODEL] [options]'
    """
    rows = [row for row in OPTIONS if row.dest not in without]
    values = [(metavars or {}).get(row.dest, row.metavar) for row in rows]
    spellings = [f"{', '.join(row.names)} {value}".rstrip() for row, value in zip(rows, values, strict=True)]
    width = max(map(len, spellings))
    meanings = [(meaning or {}).get(row.dest, row.help) for row in rows]
    lines = [f"  {spelling:<{width}}  {text}" for spelling, text in zip(spellings, meanings, strict=True)]
    return "\n".join([usage, "", about, "", "Options:", *lines])
