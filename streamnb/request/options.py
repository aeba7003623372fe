"""The options of one stream: what a request needs besides the prompt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..core.sent_items import SentItem
from .context_parts import Context
from .option_pairs import Sweep
from .option_table import row_by_dest

__all__ = ["REPEAT_SYNTAX", "Options", "has_variants", "resolve_aliases"]

REPEAT_SYNTAX = re.compile(r"(?P<name>.+?)\*(?P<count>\d*)")  # of a model: A*3 is three tries of A


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for besides the prompt; ``None`` is "not said".

    ``attach``, ``tools`` and ``schema`` hold values, not names: who reads a line looks the names up first.

    Attributes
    ----------
    models
        ``provider:model``, or short names until ``resolve_aliases``; several for streams side by side.
    system
        The system prompt.
    temperature
        From 0 on.
    max_tokens
        The longest answer, in tokens.
    options
        Parameters by the provider's own names; they win over all others.
    attach
        What is sent along, in order.
    chat
        The name of a conversation.
    tools
        Functions that the model may ask for.
    approve
        Whether calls are made: ``True`` all, ``False`` none, a function decides; ``None`` asks the person.
    schema
        A type that the answer is checked against.
    sync
        Whether the SDK's synchronous client is used.
    timeout
        Seconds without content, before the first and after it; ``None`` for ``TimeoutDefaults``.
    retries
        How many more requests may go out after the first.
    base_url
        Another address, for the provider's language; ``None`` for the provider's own.
    api_key
        The key, only for the address asked; ``None`` for that of the environment.
    record, replay
        The file that is written, and the one that is played.
    speed
        A factor of a replay's own pace; 0 does not wait, ``"auto"`` waits where somebody watches.
    display
        Whether the answer is shown; ``None`` where there is a notebook or a terminal.
    prompt_details, sent
        A line on what stood for each ``{{ name }}`` of the prompt, and what that was.
    max_text, max_line
        Characters of an answer, and bytes of one line of its body; ``None`` for those of ``Limits``.
    journal, cassette
        Folders in which streams are kept, ``None`` for none.
    cassette_since
        Recordings from before, in seconds since 1970, are asked anew.
    xray
        Whether the traffic is shown below the answer.
    effort
        How much the model may think: one of ``EFFORTS``.
    search
        Whether the model may search the web.
    plain
        Whether a terminal gets the Markdown as it comes.
    context
        What of the notebook goes before the prompt.
    """

    models: tuple[str, ...] = ()
    system: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    attach: tuple[Any, ...] = ()
    chat: str | None = None
    tools: tuple[Callable[..., Any], ...] = ()
    approve: bool | Callable[..., Any] | None = None
    schema: Any = None
    sync: bool = False
    timeout: float | None = None
    retries: int = row_by_dest("retries").default
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    record: Path | None = None
    replay: Path | None = None
    speed: float | Literal["auto"] = row_by_dest("speed").default
    display: bool | None = None
    prompt_details: tuple[str, ...] = ()
    sent: tuple[SentItem, ...] = ()
    max_text: int | None = None
    max_line: int | None = None
    journal: Path | None = None
    cassette: Path | None = None
    cassette_since: float = 0.0
    xray: bool = False
    effort: str | None = None
    search: bool = False
    plain: bool = False
    context: Context = field(default_factory=Context)


def has_variants(options: Options) -> bool:
    """Say whether options stand for more than one stream."""
    return (
        len(options.models) > 1
        or any(REPEAT_SYNTAX.fullmatch(name) for name in options.models)
        or any(isinstance(value, Sweep) for value in options.options.values())
    )


def resolve_aliases(options: Options, aliases: Mapping[str, str]) -> Options:
    """Return options in which each model that is a short name of ``aliases`` is what it stands for."""
    return replace(options, models=tuple(aliases.get(name, name) for name in options.models))
