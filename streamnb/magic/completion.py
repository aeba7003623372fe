"""Tab in a ``%%stream`` or ``%stream`` line: options, models, aliases, names of the notebook.

A matcher for IPython's completer.  It looks at the word before the cursor and at the option before that.
On the lines below ``%%stream`` it returns nothing: there IPython's own completion of names serves ``{{ }}``.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult

from ..core.reply import Reply
from ..providers.demo import answer_names as demo_names
from ..providers.registry import PROVIDERS, model_prefixes
from ..request.option_readers import AUTO_SPEED, EFFORTS
from ..request.option_table import OPTIONS
from ..streaming.session import current_session
from .code_cell import replies_by_name
from .command_table import COMMANDS
from .state import MagicState

__all__ = ["complete"]


def complete(magics: MagicState, context: CompletionContext) -> SimpleMatcherResult:
    """Return what fits the word before the cursor."""
    # IPython documents cursor_position as the column in this line; a larger number is the line's end.
    line = context.line_with_cursor[: context.cursor_position]
    magic, *args = line.split() + ([""] if line[-1:].isspace() else [])
    if not args or magic not in ("%%stream", "%stream"):
        return SimpleMatcherResult(completions=[])
    candidates = (
        _cell_magic_candidates(magics, args) if magic == "%%stream" else _line_magic_candidates(magics, args)
    )
    return _match_candidates(candidates, args[-1], context.token)


def _match_candidates(candidates: Iterable[str], word: str, token: str) -> SimpleMatcherResult:
    """Return what fits ``word``, less the beginning that IPython does not count to its token."""
    before = word.removesuffix(token) if word.endswith(token) else ""
    matches = sorted({candidate for candidate in candidates if candidate.startswith(word)})
    texts = [candidate[len(before) :] for candidate in matches]
    return SimpleMatcherResult(
        completions=[SimpleCompletion(text, type="magic") for text in texts if text],  # no row without words
        suppress=bool(matches),
    )


def _cell_magic_candidates(magics: MagicState, args: list[str]) -> Iterable[str]:
    return (
        _model_names(magics)
        if len(args) == 1 and not args[0].startswith("-")
        else _option_candidates(magics, args)
    )


def _option_candidates(magics: MagicState, args: list[str]) -> Iterable[str]:
    """Return what may stand where an option, or the value of the one before, is typed."""
    word, before = args[-1], args[-2] if len(args) > 1 else ""
    name, is_joined, _ = word.partition("=")
    for row in OPTIONS:
        if row.kind == "switch":
            continue
        if before in row.names:
            return _option_value_candidates(magics, row.dest)
        if is_joined and name == row.long:
            return [f"{name}={value}" for value in _option_value_candidates(magics, row.dest)]
    if word.startswith("-"):
        return [name for row in OPTIONS for name in row.names if name.startswith("--") or word == "-"]
    return []


def _line_magic_candidates(magics: MagicState, args: list[str]) -> Iterable[str]:
    if len(args) == 1:
        return COMMANDS
    match args[0]:
        case "compare":
            return _option_candidates(magics, args[1:])
        case "fix":
            return _cell_magic_candidates(magics, args[1:])
        case "show" | "xray":
            return _variable_names(magics)
        case "code" if len(args) == 2:
            return _variable_names(
                magics, lambda value: isinstance(value, Reply) or bool(replies_by_name(value))
            )
        case "continue":
            return magics.plans
        case "models" if len(args) == 2:
            return PROVIDERS
        case "cassette" if len(args) == 2:
            return ["status", "refresh", "off"]
        case "chats" if len(args) == 2:
            return ["show", "save", "load"]
        case "chats" if len(args) == 3 and args[1] != "load":
            return current_session().chats
        case "reset":
            return current_session().chats
        case "stop" | "wait":
            return [*magics.running, "--all"]
        case "alias" if len(args) == 3:
            return _model_names(magics)
    return []


def _option_value_candidates(magics: MagicState, option: str) -> Iterable[str]:
    """Return what may stand after an option."""
    match option:
        case "model":
            return _model_names(magics)
        case "into" | "attach" | "each":
            return _variable_names(magics)
        case "effort":
            return EFFORTS
        case "cells":
            return ["all"]
        case "speed":
            return [AUTO_SPEED]
        case "tool":
            return _variable_names(magics, inspect.isroutine)
        case "schema":
            return _variable_names(magics, inspect.isclass)
        case "chat":
            return current_session().chats
        case "key_env":
            return [name for name in os.environ if name.endswith("_KEY")]
    return []


def _model_names(magics: MagicState) -> list[str]:
    demos = [f"demo:{name}" for name in demo_names()]
    candidates = [f"{provider}:{name}" for provider, names in magics.model_names.items() for name in names]
    return [*magics.aliases, *model_prefixes(), *demos, *candidates, *filter(None, [magics.model])]


def _variable_names(magics: MagicState, fitting: Callable[[Any], bool] = lambda value: True) -> list[str]:
    names: Mapping[str, Any] = magics.shell.user_ns
    hidden: Mapping[str, Any] = magics.shell.user_ns_hidden
    return [
        name
        for name, value in names.items()
        if not name.startswith("_") and name not in hidden and not inspect.ismodule(value) and fitting(value)
    ]
