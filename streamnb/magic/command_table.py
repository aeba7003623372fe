"""The table of the commands of ``%stream …``: what each takes and does, for its help, Tab and ``run``.

It imports nothing, so that the reading of a cell may know the names of commands that it serves.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COMMANDS", "Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes
    ----------
    takes
        What follows its name, as the help shows it.
    about
        What it does.
    min_args, max_args
        How many words may follow its name.
    example
        A whole line, for who typed too few or too many; empty where the name is enough.
    """

    takes: str
    about: str
    min_args: int = 0
    max_args: int = 0
    example: str = ""


COMMANDS: dict[str, Command] = {
    "help": Command("", "this text"),
    "status": Command("", "defaults, what runs, and what the session has cost by model"),
    "version": Command("", "versions of streamnb and of what it stands on"),
    "show": Command("NAME", "show an answer again", 1, 1, "show answer"),
    "xray": Command("NAME", "what came over the wire for an answer, to step through", 1, 1, "xray answer"),
    "code": Command(
        "[NAME] [N]", "an answer's code, or its Nth block, into a cell below", 0, 2, "code answer"
    ),
    "alias": Command("[NAME [MODEL]]", "a short name for a model", 0, 2, "alias fast openai:gpt-4.1-nano"),
    "models": Command("[PROVIDER]", "the providers and their keys; what one of them offers", 0, 1),
    "chats": Command(
        "[show NAME | save NAME FILE | load FILE [NAME]]",
        "conversations: list, read, keep",
        0,
        3,
        "chats save NAME FILE",
    ),
    "reset": Command("[CHAT]", "forget a conversation, or all", 0, 1),
    "stop": Command("[NAME|--all]", "end a --bg stream, its text is kept", 0, 1, "stop answer"),
    "wait": Command("[NAME|--all]", "wait for a --bg stream", 0, 1, "wait answer"),
    "compare": Command(
        '"PROMPT" [-m MODEL] [options]',
        "one prompt through the SDK's asynchronous and its synchronous client",
        1,
        99,
        'compare "why is the sky blue?" -m openai:gpt-4.1-mini',
    ),
    "continue": Command(
        "NAME", "ask for the rest of an answer that broke off, into NAME_more", 1, 1, "continue answer"
    ),
    "fix": Command(
        "[MODEL] [options]", "have the last error explained and its cell corrected, in a cell below", 0, 99
    ),
    "recover": Command("", "play the last stream that a dead kernel cut off, into recovered"),
    "cassette": Command(
        "[status|refresh|off]", "the folder that keeps each stream and answers from it", 0, 1
    ),
    "log": Command("[WORDS] [-n N] | show ID | delete ID|--all", "earlier prompts and answers", 0, 99),
}
