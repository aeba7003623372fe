"""``%stream …``: everything about streams that is not streaming.

One function a command, one row each in ``COMMANDS``; all print or display, none returns.
"""

from __future__ import annotations

import difflib
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from IPython.display import display

from ...core.errors import UsageError
from ...core.reply import Reply
from ...request.checks import model as checked_model
from ...request.options import split_keeping_braces
from ...streaming.background import BackgroundStream
from ...streaming.session import session
from ..state import HELP
from . import log, xray
from .base import Command
from .chats import chats, reset
from .compare import compare
from .models import models
from .replay import cassette, go_on, recover

if TYPE_CHECKING:
    from ..state import MagicState

__all__ = ["COMMANDS", "run"]

DEFAULTS = """
Defaults: %config StreamMagics.model = "openai:gpt-4.1-mini" holds for this session, %config
StreamMagics lists them all. What stands in ipython_config.py holds for every session:
    c.StreamMagics.model = "openai:gpt-4.1-mini"
    c.StreamMagics.aliases = {"fast": "openai:gpt-4.1-nano"}
(ipython profile create makes the file, ipython locate profile says where.)"""


def run(magics: MagicState, line: str) -> None:
    """Run the line of a ``%stream``; raises ``UsageError`` for a line that names no command."""
    name, *words = split_keeping_braces(line) or ["help"]
    command = COMMANDS.get(name)
    if command is None:
        near = difflib.get_close_matches(name, COMMANDS, 1)
        what_to_type = f"Did you mean %stream {near[0]}?" if near else "%stream help lists the commands"
        raise UsageError(f"there is no command {name!r}. {what_to_type}; a prompt goes below %%stream")
    if not command.least <= len(words) <= command.most:
        takes = command.takes or "nothing more"
        raise UsageError(f"{name} takes {takes}, for example: %stream {_example(name)}")
    command.do(magics, words)


def _example(name: str) -> str:
    return {
        "alias": "alias fast openai:gpt-4.1-nano",
        "show": "show answer",
        "xray": "xray answer",
        "stop": "stop answer",
        "continue": "continue answer",
        "chats": "chats save NAME FILE",
        "compare": 'compare "why is the sky blue?" -m openai:gpt-4.1-mini',
    }.get(name, name)


def _help(magics: MagicState, words: list[str]) -> None:
    print(HELP)
    print("\n%stream COMMAND\n")
    rows = [(f"{name} {command.takes}".rstrip(), command.about) for name, command in COMMANDS.items()]
    width = max(len(left) for left, _ in rows)
    for left, about in rows:
        print(f"  {left:<{width}}  {about}")
    print(DEFAULTS)


def _version(magics: MagicState, words: list[str]) -> None:
    print(f"streamnb {_release('streamnb')}, Python {platform.python_version()}")
    names = ("openai", "google-genai", "httpx2", "IPython", "ipykernel", "anywidget")
    print(", ".join(f"{name} {_release(name)}" for name in names))


def _release(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _status(magics: MagicState, words: list[str]) -> None:
    waiting = (
        "600 s before the first content, 60 s after" if magics.timeout is None else f"{magics.timeout:g} s"
    )
    print(f"model: {magics.default_model()} · into: {magics.into} · retries: {magics.retries}")
    print(f"time-out: {waiting}")
    for name, running in magics.running.items():
        print(f"{name}: {running.model}, {running.state}, {len(running.text):,} characters")
    ledger = session().spending
    for model, account in ledger.accounts.items():
        print(f"{model}: {account}")
    print(ledger.summary())


def _show(magics: MagicState, words: list[str]) -> None:
    (name,) = words
    value = magics.shell.user_ns.get(name)
    match value:
        case Reply():
            _display(value)
        case BackgroundStream():
            print(value.text)
        case dict() if value and all(isinstance(each, Reply) for each in value.values()):
            for each in value.values():
                _display(each)
        case _:
            raise UsageError(
                f"show {name!r}: there is no answer of this name; the answers are {_answers(magics)}"
            )


def _xray(magics: MagicState, words: list[str]) -> None:
    (name,) = words
    xray.show(magics.shell.user_ns.get(name), name)


def _display(reply: Reply) -> None:
    display(reply)  # type: ignore[no-untyped-call]


def _answers(magics: MagicState) -> str:
    names = [
        name for name, value in magics.shell.user_ns.items() if _is_answer(value) and not name.startswith("_")
    ]
    return ", ".join(sorted(names)) or "none so far"


def _is_answer(value: Any) -> bool:
    return isinstance(value, Reply | BackgroundStream)


def _alias(magics: MagicState, words: list[str]) -> None:
    if len(words) == 2:
        name, model = words
        if not name.replace("-", "_").isidentifier():
            raise UsageError(
                f"alias {name!r} is not a short name: letters, digits, _ and -, for example fast"
            )
        magics.aliases = {**magics.aliases, name: checked_model(model)}
        print(
            f"{name} is {model} from now on; for every session: c.StreamMagics.aliases in ipython_config.py"
        )
        return
    shown = {name: magics.aliases.get(name) for name in words} if words else magics.aliases
    for name, found in shown.items():
        print(
            f"{name} is {found}" if found else f"{name} is no alias: %stream alias {name} MODEL makes it one"
        )
    if not shown:
        print("no aliases: %stream alias NAME MODEL makes one")


def _stop(magics: MagicState, words: list[str]) -> None:
    for name, running in _chosen(magics, words):
        running.stop()
        running.wait(5)
        print(f"{name}: {running.state}, {len(running.text):,} characters")


def _wait(magics: MagicState, words: list[str]) -> None:
    for name, running in _chosen(magics, words):
        reply = running.wait()
        print(f"{name}: {reply.state}, {len(reply):,} characters")


def _chosen(magics: MagicState, words: list[str]) -> list[tuple[str, BackgroundStream]]:
    """Return the streams that a command means: one by name, or all."""
    under_way = [(name, each) for name, each in magics.running.items() if each.state == "running"]
    if not words or words == ["--all"]:
        if not under_way:
            print("nothing is streaming in the background")
        return under_way
    chosen = [(name, each) for name, each in under_way if name == words[0]]
    if not chosen and words[0] not in magics.running:
        names = ", ".join(name for name, _ in under_way) or "nothing"
        raise UsageError(f"{words[0]!r} is not streaming in the background; {names} is")
    if not chosen:
        print(f"{words[0]} has ended already: {magics.running[words[0]].state}")
    return chosen


COMMANDS: dict[str, Command] = {
    "help": Command("", "this text", _help),
    "status": Command("", "defaults, what runs, and what the session has cost by model", _status),
    "version": Command("", "versions of streamnb and of what it stands on", _version),
    "show": Command("NAME", "show an answer again", _show, 1, 1),
    "xray": Command("NAME", "what came over the wire for an answer, to step through", _xray, 1, 1),
    "alias": Command("[NAME [MODEL]]", "a short name for a model", _alias, 0, 2),
    "models": Command("[PROVIDER]", "the providers and their keys; what one of them offers", models, 0, 1),
    "chats": Command(
        "[show NAME | save NAME FILE | load FILE [NAME]]", "conversations: list, read, keep", chats, 0, 3
    ),
    "reset": Command("[CHAT]", "forget a conversation, or all", reset, 0, 1),
    "stop": Command("[NAME|--all]", "end a --bg stream, its text is kept", _stop, 0, 1),
    "wait": Command("[NAME|--all]", "wait for a --bg stream", _wait, 0, 1),
    "compare": Command(
        '"PROMPT" [-m MODEL] [options]', "the asynchronous and the synchronous surface", compare, 1, 99
    ),
    "continue": Command("NAME", "ask for the rest of an answer that broke off: NAME_more", go_on, 1, 1),
    "recover": Command("", "play the last stream that a dead kernel cut off: recovered", recover),
    "cassette": Command("[status|refresh|off]", "the folder that answers again", cassette, 0, 1),
    "log": log.COMMAND,
}
