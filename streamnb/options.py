"""The options of one stream: the dataclass that every door fills in, and the line it can be read from.

Knows argparse and shlex, and no IPython.  The magic, the command line and the Python
functions all end in the same ``Options``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for besides the prompt; ``None`` is "not said".

    ``attach``, ``tools`` and ``schema`` hold values, not names: whoever reads a line looks
    the names up first.
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
    retries: int = 2
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    record: Path | None = None
    replay: Path | None = None
    speed: float = 1.0
    display: bool | None = None
