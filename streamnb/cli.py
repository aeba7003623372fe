"""The command line: ``streamnb "prompt"``, ``streamnb compare "prompt"``, ``streamnb demo``.

Only the answer's text goes to standard output, so that it can be piped; notices, errors and the
footer go to standard error.  The options are those of ``%%stream``; what only a notebook
has (variables, tools) is refused by name.

Every import at the top delays the first text of a plain question, so what only other uses need is
imported in their functions.
"""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import TextIOWrapper
from typing import Any

from .core.errors import StreamInterrupted, UsageError
from .core.events import FAULT_STATES
from .core.reply import Reply
from .providers.compat import assume_single_sdk
from .render import footer
from .request import line_parser, options, template
from .request.environment import key_from_named_variable, load_nearest_dotenv, speed_from_env
from .streaming.planner import make_plan
from .streaming.runner import run_plan
from .views.base import NoView
from .views.terminal import TerminalView

__all__ = ["main"]

Prompt = str | list[Any]

SUCCESS, FAULT, USAGE_ERROR, INTERRUPTED = 0, 1, 2, 130

USAGE = """streamnb "prompt" [-m MODEL] [options]    stream an answer
streamnb compare "prompt" [-m MODEL]      the same through both clients of the SDK, side by side
streamnb log [WORDS] [-n N]               earlier prompts and answers
streamnb demo [--no-browser]              an offline answer, then JupyterLab on the lessons
streamnb --version"""
ABOUT = """Stream a model's answer to standard output; the footer goes to standard error.
In a terminal it is drawn block by block; in a pipe it is the text as it came.
Standard input, where there is some, goes after the prompt; -- ends the options."""

_ABOUT_COMMANDS = {
    "log": """streamnb log [WORDS] [-n N]     the answers with these words, or the last ones
streamnb log show ID            one of them again
streamnb log delete ID|--all    forget one, or all

It has what was asked since %config StreamMagics.log = True was run in a notebook.""",
    "demo": """streamnb demo [--no-browser]

An offline answer in this terminal, which needs no key and no network; then JupyterLab on the first
lesson.  The lessons are copied into the folder streamnb-lessons; what is in it already stays.""",
}
"""The help of the commands that take none of the options."""

_NOTEBOOK_ONLY_OPTIONS = {
    "into": "there are no variables here: streamnb … > file",
    "tool": "tools are functions of a notebook",
    "schema": "a schema is a class of a notebook",
    "each": "the elements are those of a notebook's variable",
    "error": "cat the traceback into streamnb",
    "cells": "the cells are a notebook's; cat a file into streamnb",
    "chat": "a conversation lasts as long as its kernel",
    "code": "the cells are those of a notebook",
    "bg": "a shell has & for that",
    "xray": "--record FILE keeps what came over the wire",
}
"""Options that only a notebook has, and what to do on the command line instead."""

_WITHOUT_EFFECT = ("yes", "raw")
"""Options that change nothing on the command line: no tool is run, a prompt is sent as typed."""

_CLI_MEANINGS = {"attach": "a file or an address, sent along; repeatable", "no_display": "print nothing"}
"""Help of an option where the command line's differs from the notebook's."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status: 0, 1 for a fault, 2 usage, 130 interrupted."""
    argv = sys.argv[1:] if argv is None else argv
    for name in ("stdout", "stderr"):  # a shell's >&- closes them, and Python has None there
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as we run
    if isinstance(sys.stdout, TextIOWrapper):  # a letter that a console or a file lacks is no traceback
        sys.stdout.reconfigure(errors="replace")
    try:
        match argv:
            case [("demo" | "log") as name, "-h" | "--help"]:
                print(_ABOUT_COMMANDS[name])
                status = SUCCESS
            case ["demo", *more]:
                from . import demo_cli

                status = demo_cli.run(more)
            case ["log", *more]:
                status = _run_log_command(more)
            case ["compare", *more]:
                status = _run_compare_command(more)
            case _:
                status = _run_stream_command(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # streamnb --help | head
        _discard_stdout()
        return SUCCESS
    except UsageError as refused:
        print(f"streamnb: {refused}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:  # before or after a stream
        return INTERRUPTED


def _run_compare_command(argv: Sequence[str]) -> int:
    if not (argv or _is_input_piped()):
        raise UsageError('compare needs a prompt: streamnb compare "prompt" -m MODEL')
    return _run_stream_command(argv, run=_compare_sync_async)


def _run_log_command(argv: Sequence[str]) -> int:
    from .render import snapshot
    from .streaming.log_command import run_log_command

    text, reply = run_log_command(argv)
    print(text)
    if reply is not None:
        print(snapshot.plain_text(reply))
    return SUCCESS


def _run_stream_command(
    argv: Sequence[str], run: Callable[[Prompt, options.Options], int] | None = None
) -> int:
    if note := load_nearest_dotenv():
        print(f"streamnb: {note}", file=sys.stderr)
    if argv and argv[0] == "--version":
        from . import __version__

        print(f"streamnb {__version__}")
        return SUCCESS
    line = line_parser.parse_args(argv)
    if line.help or not (argv or _is_input_piped()):
        from .request.option_help import help_text

        without = {*_NOTEBOOK_ONLY_OPTIONS, *_WITHOUT_EFFECT}
        text = help_text(USAGE, ABOUT, without=without, meaning=_CLI_MEANINGS, metavars={"attach": "FILE"})
        print(text, file=sys.stdout if line.help else sys.stderr)
        return SUCCESS if line.help else USAGE_ERROR
    options_ = _options_of_line(line)
    is_single = not options.has_variants(options_)
    if run is None and is_single:
        options_ = replace(options_, sync=True)  # one answer needs no event loop, and comes sooner without
    prompt = _read_prompt(line.positionals, replaying=line.replay is not None)
    if line.dry_run:
        from .parallel import variants
        from .streaming.dry_run import make_preview_plan, request_preview

        variants_ = {"": variants.Variant(options_)} if is_single else variants.expand_variants(options_)
        plans = variants.plan_variants(prompt, variants_, make=make_preview_plan)
        print("\n\n".join(map(request_preview, plans.values())))
        return SUCCESS
    if run is None:
        run = _stream_one if is_single else _stream_several
    return run(prompt, options_)


def _stream_one(text: Prompt, options_: options.Options) -> int:
    plan_ = make_plan(text, options_)
    view = TerminalView(sys.stdout, sys.stderr, closing=footer.terminal_line, plain=options_.plain)
    try:
        with assume_single_sdk():
            status = _status_of_reply(run_plan(plan_, NoView() if options_.display is False else view))
    except StreamInterrupted:
        status = INTERRUPTED
    return _exit_status(view.write_error, status)


def _compare_sync_async(text: Prompt, options_: options.Options) -> int:
    """Ask through both clients; here the table is what was asked for, so it goes to standard output."""
    from .parallel import sync_async
    from .views.columns import NoColumns, TerminalColumns

    if options.has_variants(options_):
        raise UsageError(
            "compare asks one model, through both clients of its SDK; several models: streamnb … -m A -m B"
        )
    columns = TerminalColumns(
        sys.stdout, sys.stderr, closing=footer.terminal_line, table=sys.stdout, plain=options_.plain
    )
    try:
        replies = sync_async.compare_sync_async(
            text, options_, NoColumns() if options_.display is False else columns
        )
        status = max(map(_status_of_reply, replies.values()))
    except StreamInterrupted:
        status = INTERRUPTED
    return _exit_status(columns.write_error, status)


def _stream_several(text: Prompt, options_: options.Options) -> int:
    from .parallel import side_by_side, variants
    from .views.columns import NoColumns, TerminalColumns

    variants_ = variants.expand_variants(options_)
    plans = variants.plan_variants(text, variants_)
    columns = TerminalColumns(sys.stdout, sys.stderr, closing=footer.terminal_line, plain=options_.plain)
    try:
        replies = side_by_side.run_plans(
            plans, variants_, NoColumns() if options_.display is False else columns
        )
        status = min(map(_status_of_reply, replies.values()))  # one that came is a result
    except StreamInterrupted:
        status = INTERRUPTED
    return _exit_status(columns.write_error, status)


def _exit_status(fault: Exception | None, status: int) -> int:
    """Return the exit status, which also depends on whether the text could be written."""
    if fault is None:
        return status
    _discard_stdout()
    if isinstance(fault, BrokenPipeError):
        return SUCCESS  # whoever read it has had enough
    print(f"streamnb: standard output cannot be written: {fault}", file=sys.stderr)
    return FAULT


def _status_of_reply(reply: Reply) -> int:
    return FAULT if reply.state in FAULT_STATES else SUCCESS


def _options_of_line(line: line_parser.ParsedLine) -> options.Options:
    for name, instead in _NOTEBOOK_ONLY_OPTIONS.items():
        if getattr(line, name):
            raise UsageError(f"--{name.replace('_', '-')} needs a notebook: {instead}")
    return line.to_options(
        speed=speed_from_env(),
        attach=tuple(part for value in line.attach for part in template.parts_of_attach_value(value)),
        api_key=key_from_named_variable(line.key_env, needed=not line.dry_run),
    )


def _is_input_piped() -> bool:
    """Tell whether standard input is something else than a person's keyboard."""
    return sys.stdin is not None and not sys.stdin.isatty()


def _read_prompt(positionals: Sequence[str], *, replaying: bool) -> str | list[Any]:
    """Return the prompt: the words, then standard input; bytes that are no text become a part."""
    arguments = " ".join(positionals)
    piped = _read_stdin(hurried=bool(positionals)) if _is_input_piped() and not replaying else b""
    if not piped.strip():
        return arguments
    try:
        text = piped.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [arguments, piped] if arguments else [piped]
    return f"{arguments}\n\n{text}" if arguments else text


def _read_stdin(*, hurried: bool) -> bytes:
    """Read standard input to its end, and say so where nothing comes and nobody may be writing."""
    if hurried and os.name == "posix" and not select.select([sys.stdin], [], [], 2.0)[0]:
        print("streamnb: reading standard input first; for none: streamnb … < /dev/null", file=sys.stderr)
    return sys.stdin.buffer.read()


def _discard_stdout() -> None:
    """Point standard output at nothing: its reader is gone, and Python would complain at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, sys.stdout.fileno())
    os.close(nothing)
