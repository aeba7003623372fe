"""``%stream …``: everything about streams that is not streaming.

One function a command, one row each in ``COMMANDS``; all print or display, none returns.
"""

from __future__ import annotations

import difflib
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.display import display

from .. import chats
from ..checks import model as checked_model
from ..errors import UsageError
from ..flags import help_text
from ..options import cut
from ..providers.demo import names as demo_names
from ..providers.models import ROWS
from ..reply import Reply
from ..running import Running
from ..session import session

if TYPE_CHECKING:
    from .magics import StreamMagics

__all__ = ["COMMANDS", "HELP", "run"]

USAGE = "%%stream [MODEL] [options]"
ABOUT = """Stream a model's answer into this cell; the prompt stands on the lines below, as typed.
{{ name }} in it is replaced by a variable of the notebook. The answer goes into a variable
(answer, or -o NAME): a text that also has .usage, .timing, .state. Without MODEL: the demo
model, offline. %stream help has more."""

HELP = help_text(USAGE, ABOUT)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: what it takes, what it does, and the function that does it."""

    takes: str
    about: str
    do: Callable[[StreamMagics, list[str]], None]
    least: int = 0
    most: int = 0


def run(magics: StreamMagics, line: str) -> None:
    """Run the line of a ``%stream``; raises ``UsageError`` for a line that names no command."""
    name, *words = cut(line) or ["help"]
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
    return {"alias": "alias fast openai:gpt-4.1-nano", "show": "show answer", "stop": "stop answer"}.get(
        name, name
    )


def _help(magics: StreamMagics, words: list[str]) -> None:
    print(HELP)
    print("\n%stream COMMAND\n")
    rows = [(f"{name} {command.takes}".rstrip(), command.about) for name, command in COMMANDS.items()]
    width = max(len(left) for left, _ in rows)
    for left, about in rows:
        print(f"  {left:<{width}}  {about}")
    print('\nDefaults: %config StreamMagics.model = "openai:gpt-4.1-mini"; %config StreamMagics lists them.')


def _version(magics: StreamMagics, words: list[str]) -> None:
    print(f"streamnb {_release('streamnb')}, Python {platform.python_version()}")
    names = ("openai", "google-genai", "httpx2", "IPython", "ipykernel", "anywidget")
    print(", ".join(f"{name} {_release(name)}" for name in names))


def _release(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _status(magics: StreamMagics, words: list[str]) -> None:
    waiting = (
        "600 s before the first content, 60 s after" if magics.timeout is None else f"{magics.timeout:g} s"
    )
    print(f"model: {magics.default_model()} · into: {magics.into} · retries: {magics.retries}")
    print(f"time-out: {waiting}")
    for name, running in magics.running.items():
        print(f"{name}: {running.model}, {running.state}, {len(running.text):,} characters")


def _show(magics: StreamMagics, words: list[str]) -> None:
    (name,) = words
    value = magics.shell.user_ns.get(name)
    match value:
        case Reply():
            _display(value)
        case Running():
            print(value.text)
        case dict() if value and all(isinstance(each, Reply) for each in value.values()):
            for each in value.values():
                _display(each)
        case _:
            raise UsageError(
                f"show {name!r}: there is no answer of this name; the answers are {_answers(magics)}"
            )


def _display(reply: Reply) -> None:
    display(reply)  # type: ignore[no-untyped-call]


def _answers(magics: StreamMagics) -> str:
    names = [
        name for name, value in magics.shell.user_ns.items() if _is_answer(value) and not name.startswith("_")
    ]
    return ", ".join(sorted(names)) or "none so far"


def _is_answer(value: Any) -> bool:
    return isinstance(value, Reply | Running)


def _alias(magics: StreamMagics, words: list[str]) -> None:
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


def _stop(magics: StreamMagics, words: list[str]) -> None:
    for name, running in _chosen(magics, words):
        running.stop()
        running.wait(5)
        print(f"{name}: {running.state}, {len(running.text):,} characters")


def _wait(magics: StreamMagics, words: list[str]) -> None:
    for name, running in _chosen(magics, words):
        reply = running.wait()
        print(f"{name}: {reply.state}, {len(reply):,} characters")


def _chats(magics: StreamMagics, words: list[str]) -> None:
    if not words:
        for chat in session().chats.values():
            aside = f", {len(chat.aside)} set aside" if chat.aside else ""
            print(f"{chat.name}: {len(chat.said)} turn{'s' * (len(chat.said) != 1)}{aside}")
        if not session().chats:
            print("no conversations: %%stream -c NAME begins one")
        return
    match words:
        case ["save", name, file]:
            chats.save(_chat(name), Path(file).expanduser())
        case ["load", file]:
            chat = chats.load(Path(file).expanduser())
            session().chats[chat.name] = chat
        case _:
            raise UsageError("chats, chats save NAME FILE, or chats load FILE")


def _reset(magics: StreamMagics, words: list[str]) -> None:
    for name in words or list(session().chats):
        del session().chats[_chat(name).name]


def _chat(name: str) -> chats.Chat:
    try:
        return session().chats[name]
    except KeyError:
        names = ", ".join(session().chats) or "none so far"
        raise UsageError(f"there is no conversation {name!r}; there are: {names}") from None


def _models(magics: StreamMagics, words: list[str]) -> None:
    for provider, row in ROWS.items():
        key = next((name for name in row.keys if os.environ.get(name)), None)
        wanted = (
            f"key in {key}" if key else f"no {' or '.join(row.keys)}" if row.needs_key else "no key needed"
        )
        print(f"{provider + ':':<18} {wanted}")
    print("demo answers:     ", *(f"demo:{name}" for name in demo_names()))


def _chosen(magics: StreamMagics, words: list[str]) -> list[tuple[str, Running]]:
    """Return the streams that a command means: one by name, or all."""
    under_way = [(name, each) for name, each in magics.running.items() if each.state == "running"]
    if not words or words == ["--all"]:
        return under_way
    chosen = [(name, each) for name, each in under_way if name == words[0]]
    if not chosen and words[0] not in magics.running:
        names = ", ".join(name for name, _ in under_way) or "nothing"
        raise UsageError(f"{words[0]!r} is not streaming in the background; {names} is")
    return chosen


COMMANDS: dict[str, Command] = {
    "help": Command("", "this text", _help),
    "status": Command("", "defaults, and what runs in the background", _status),
    "version": Command("", "versions of streamnb and of what it stands on", _version),
    "show": Command("NAME", "show an answer again", _show, 1, 1),
    "alias": Command("[NAME [MODEL]]", "a short name for a model", _alias, 0, 2),
    "models": Command("", "the providers, and which keys are set", _models),
    "chats": Command(
        "[save NAME FILE | load FILE]", "conversations: list, keep, take up again", _chats, 0, 3
    ),
    "reset": Command("[CHAT]", "forget a conversation, or all", _reset, 0, 1),
    "stop": Command("[NAME|--all]", "end a --bg stream, its text is kept", _stop, 0, 1),
    "wait": Command("[NAME|--all]", "wait for a --bg stream", _wait, 0, 1),
}
